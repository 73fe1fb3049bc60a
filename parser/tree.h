// Looking around in the runtime's tree: what the facts, the classes and the transforms share. Pure.
#pragma once

#include <cstddef>
#include <typeinfo>

#include <antlr4-runtime.h>

#include "parser/parser_base.h"

namespace sluice::parser {

// The node as a rule, or null when it is a token.
[[nodiscard]] inline antlr4::ParserRuleContext* rule(antlr4::tree::ParseTree* node) {
  // Nodes are contexts or such leaves, nothing else (the end of a text is none of a statement). A
  // program has one type_info of a type, so its address decides; a dynamic_cast costs ten times as
  // much, and type_info's == compares the names as text, which was a tenth of a parse.
  if (node == nullptr || &typeid(*node) == &typeid(grammar::SqlLeaf)) return nullptr;
  return static_cast<antlr4::ParserRuleContext*>(node);
}

// The rule that it is a part of, or null: it is the whole. A parent is never a leaf.
[[nodiscard]] inline antlr4::ParserRuleContext* parent_of(
    const antlr4::ParserRuleContext* context) {
  return static_cast<antlr4::ParserRuleContext*>(context->parent);
}

// The first child of that rule, or null.
[[nodiscard]] inline antlr4::ParserRuleContext* child(const antlr4::ParserRuleContext* context,
                                                      std::size_t wanted) {
  for (auto* node : context->children) {
    if (auto* inner = rule(node); inner != nullptr && inner->getRuleIndex() == wanted) return inner;
  }
  return nullptr;
}

// Whether the node is that token.
[[nodiscard]] inline bool is_leaf(antlr4::tree::ParseTree* node, std::size_t type) {
  return rule(node) == nullptr &&
         static_cast<antlr4::tree::TerminalNode*>(node)->getSymbol()->getType() == type;
}

// Whether one of the children is that token.
[[nodiscard]] inline bool has_token(const antlr4::ParserRuleContext* context, std::size_t type) {
  for (auto* node : context->children) {
    if (is_leaf(node, type)) return true;
  }
  return false;
}

}  // namespace sluice::parser

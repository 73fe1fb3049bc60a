// The tables of FROM, UPDATE and DELETE: joins, derived tables, table functions.
#include <utility>

#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

}  // namespace

std::vector<TableReference> Transform::table_references(Context* list) {
  std::vector<TableReference> found;
  for (auto* node : list->children) {
    if (auto* inner = rule(node)) found.push_back(table_reference(inner));
  }
  return found;
}

TableReference Transform::table_reference(Context* reference) {
  const auto& nodes = reference->children;
  auto* first = nodes.empty() ? nullptr : rule(nodes.front());
  if (first == nullptr || first->getRuleIndex() != G::RuleTableFactor) {
    unknown();
    return {};
  }
  if (nodes.size() == 1) return table_factor(first);
  TableReference join;
  join.kind = TableReference::Kind::Join;
  join.of.push_back(table_factor(first));
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) continue;  // ON, USING
    switch (inner->getRuleIndex()) {
      case G::RuleJoinOperator: {
        auto* next = i + 1 < nodes.size() ? rule(nodes[i + 1]) : nullptr;
        if (next == nullptr) {
          unknown();
          return join;
        }
        join.steps.push_back({words(inner), table_factor(next), {}});
        ++i;
        break;
      }
      case G::RuleExpr:
      case G::RuleColumnNames: {
        if (join.steps.empty()) {
          unknown();
          return join;
        }
        JoinCondition condition;
        if (inner->getRuleIndex() == G::RuleExpr)
          condition.on = expression(inner);
        else
          condition.using_columns = names(inner);
        join.steps.back().conditions.push_back(std::move(condition));
        break;
      }
      default: unknown();
    }
  }
  return join;
}

TableReference Transform::table_factor(Context* factor) {
  TableReference table;
  const auto& nodes = factor->children;
  if (auto* base = child(factor, G::RuleBaseTable); base != nullptr && nodes.size() == 1)
    return base_table(base);
  if (depth_ >= kMaxTreeDepth) {
    unknown();
    return table;
  }
  ++depth_;
  std::size_t at = 0;
  if (is_leaf(nodes.front(), G::OP_LBRACE)) {
    table.kind = TableReference::Kind::Odbc;
    auto* word = child(factor, G::RuleIdentifier);
    auto* inner = child(factor, G::RuleTableReference);
    if (word == nullptr || inner == nullptr) {
      unknown();
    } else {
      table.odbc = name(word);
      table.of.push_back(table_reference(inner));
    }
    at = nodes.size();
  } else if (auto* body = child(factor, G::RuleDerivedBody)) {
    table.lateral = child(factor, G::RuleMysqlLateral) != nullptr;
    derived(body, table);
    while (at < nodes.size() && !is_leaf(nodes[at], G::OP_RPAREN)) ++at;
    ++at;
  } else {
    table.kind = TableReference::Kind::Function;
    while (at < nodes.size() && !is_leaf(nodes[at], G::OP_RPAREN)) ++at;
    ++at;
    table.pieces = pieces(nodes, 0, std::min(at, nodes.size()));
  }
  if (auto* time = at < nodes.size() ? rule(nodes[at]) : nullptr;
      time != nullptr && time->getRuleIndex() == G::RuleMariaSystemTimeOf) {
    table.system_time = pieces(time);
    ++at;
  }
  if (at < nodes.size()) table.alias = alias(nodes, at);
  if (at < nodes.size()) {
    auto* columns = rule(nodes[at]);
    if (columns != nullptr && columns->getRuleIndex() == G::RuleMysqlColumnAliases) {
      table.columns = names(rule(columns->children.front()));
      ++at;
    }
  }
  if (at < nodes.size()) unknown();
  --depth_;
  return table;
}

// (query), perhaps in further parentheses, that was read as a table.
QueryBlock Transform::parens_block(TableReference table) {
  QueryBlock block;
  block.kind = QueryBlock::Kind::Parens;
  if (table.alias || table.lateral || !table.system_time.empty()) unknown();
  if (table.kind == TableReference::Kind::Derived) {
    block.inner = std::move(table.query);
  } else if (table.kind == TableReference::Kind::Parens && table.of.size() == 1) {
    Query inner;
    inner.blocks.push_back(parens_block(std::move(table.of.front())));
    block.inner = std::move(inner);
  } else {
    unknown();
    block.inner = Query{};
  }
  return block;
}

// What stands in the parentheses: a query, or tables.
void Transform::derived(Context* body, TableReference& table) {
  auto* tables = child(body, G::RuleTableReferences);
  if (tables == nullptr) {
    table.kind = TableReference::Kind::Derived;
    table.query = query(body);
    return;
  }
  std::vector<TableReference> found = table_references(tables);
  if (body->children.size() == 1) {
    table.kind = TableReference::Kind::Parens;
    table.of = std::move(found);
    return;
  }
  // ((SELECT …) UNION …): what looked like a table is the first block.
  Query whole;
  if (found.size() != 1) return unknown();
  whole.blocks.push_back(parens_block(std::move(found.front())));
  for (std::size_t i = 1; i < body->children.size(); ++i) {
    if (auto* inner = rule(body->children[i])) query_part(inner, whole);
  }
  table.kind = TableReference::Kind::Derived;
  table.query = std::move(whole);
}

TableReference Transform::base_table(Context* context) {
  TableReference table;
  const auto& nodes = context->children;
  std::vector<std::string> hints;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr || inner->getRuleIndex() == G::RuleIdentifier) {
      std::size_t at = i;
      table.alias = alias(nodes, at);
      if (!table.alias) return unknown(), table;
      i = at - 1;
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleReadTable: table.name = qualified(inner); break;
      case G::RulePartitionNames: table.partitions = names(inner); break;
      case G::RuleMariaSystemTimeOf: table.system_time = pieces(inner); break;
      case G::RuleIndexHint: table.words += (table.words.empty() ? "" : " ") + words(inner); break;
      case G::RuleMysqlTableSample: table.pieces = pieces(inner); break;
      default: unknown();
    }
  }
  return table;
}

}  // namespace sluice::parser

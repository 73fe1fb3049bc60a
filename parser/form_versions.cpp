#include "parser/form_versions.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "SluiceParser.h"
#include "parser/parser_state.h"
#include "parser/tree.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

// The versions from `since` up to, but without, `until`.
struct Versions {
  std::uint32_t since = 0;
  std::uint32_t until = UINT32_MAX;
  [[nodiscard]] bool have(std::uint32_t version) const {
    return version >= since && version < until;
  }
};
constexpr Versions kEver{};
constexpr Versions kNever{UINT32_MAX, 0};
constexpr Versions from(std::uint32_t version) {
  return {version, UINT32_MAX};
}
constexpr Versions before(std::uint32_t version) {
  return {0, version};
}

// A child of a rule's node, and what the node begins with, if that matters.
struct Part {
  enum class Kind : std::uint8_t { Whole, Token, Rule };
  Kind kind = Kind::Whole;
  std::size_t which = 0;
  std::size_t first = 0;
};
constexpr Part kWhole{};
constexpr Part token(std::size_t type, std::size_t first = 0) {
  return {Part::Kind::Token, type, first};
}
constexpr Part child_rule(std::size_t index, std::size_t first = 0) {
  return {Part::Kind::Rule, index, first};
}

// A row of a part stands instead of its rule's own where the part is there.
struct Form {
  std::size_t rule;
  Part part;
  Versions mysql, mariadb;
};
constexpr std::array kForms{
#include "parser/form_versions.inc"
};

// The rows of each rule, and the versions of the rule itself.
struct RuleForms {
  Versions mysql, mariadb;
  std::vector<const Form*> parts;
};

std::vector<RuleForms> make_forms(const std::vector<std::string>& rule_names) {
  std::vector<RuleForms> rules(rule_names.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rule_names[i].starts_with("maria")) rules[i].mysql = kNever;
    if (rule_names[i].starts_with("mysql")) rules[i].mariadb = kNever;
  }
  for (const Form& form : kForms) {
    RuleForms& rule = rules[form.rule];
    if (form.part.kind == Part::Kind::Whole) {
      rule.mysql = form.mysql;
      rule.mariadb = form.mariadb;
    } else {
      rule.parts.push_back(&form);
    }
  }
  return rules;
}

// Where the part begins, or null when the node has none.
const antlr4::Token* find(const Part& part, const antlr4::ParserRuleContext& context) {
  if (part.first != 0 && context.start->getType() != part.first) return nullptr;
  for (auto* node : context.children) {
    if (part.kind == Part::Kind::Token && is_leaf(node, part.which))
      return static_cast<antlr4::tree::TerminalNode*>(node)->getSymbol();
    auto* inner = part.kind == Part::Kind::Rule ? rule(node) : nullptr;
    if (inner != nullptr && inner->getRuleIndex() == part.which) return inner->start;
  }
  return nullptr;
}

}  // namespace

const antlr4::Token* version_fault(const antlr4::ParserRuleContext& context,
                                   const Dialect& dialect) {
  static const std::vector<RuleForms> rules = make_forms(thread_parser().rule_names());
  const RuleForms& known = rules[context.getRuleIndex()];
  const bool mysql = dialect.engine == Engine::MySql;
  const std::uint32_t version = dialect.server_version;
  bool taken = (mysql ? known.mysql : known.mariadb).have(version);
  if (context.start == nullptr) return nullptr;
  bool by_part = false;
  for (const Form* form : known.parts) {
    const bool has = (mysql ? form->mysql : form->mariadb).have(version);
    // Most of the time there is nothing to look for.
    if (has && taken) continue;
    const antlr4::Token* place = find(form->part, context);
    if (place == nullptr) continue;
    if (!has) return place;
    by_part = true;
  }
  return taken || by_part ? nullptr : context.start;
}

}  // namespace sluice::parser

// engine.innodb: tables of other engines are neither transactional nor crash-safe, and cannot be
// rolled back. A table that names no engine gets the server's default; SET default_storage_engine
// changes it.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

bool is_engine_variable(const std::string& name) {
  return name.ends_with("default_storage_engine") || name.ends_with(".storage_engine");
}

// The engine's name that a SET gives, when it is written there.
std::string set_engine(const Part& part) {
  bool assigned = false;
  for (const auto& token : part.tokens) {
    if (assigned) return unquoted(token.text(part.text));
    assigned = token.kind == parser::TokenKind::Equal || token.kind == parser::TokenKind::Assign;
  }
  return {};
}

}  // namespace

void engine_innodb(Check& check) {
  const auto server = check.situation().server.resolved();
  const auto allowed = quoted_list(check.list("engines"));
  for (const auto& step : check.steps()) {
    for (const auto& part : step.statement->parts) {
      const auto& set = part.facts->system_variables_set;
      if (!std::ranges::any_of(set, is_engine_variable)) continue;
      const auto engine = set_engine(part);
      if (check.lists("engines", engine)) continue;
      check.report(step, engine,
                   "Tables without ENGINE would get the engine '" + engine + "'; allowed is " +
                       allowed + ".");
    }
    const auto defined = definition(step);
    if (!defined) continue;
    std::string engine;
    bool written = false;
    for (const auto* options : defined->options) {
      if (options->engine.empty()) continue;
      engine = options->engine;
      written = true;
    }
    if (!written && defined->create && defined->change) engine = server.storage_engine;
    if (defined->create && defined->after()) engine = defined->after()->options.engine;
    if (engine.empty() || check.lists("engines", engine)) continue;
    check.report(step, written ? engine : defined->table.name,
                 "Table '" + defined->table.name + "' would be in the engine '" + engine + "'" +
                     (written ? "" : ", the server's default") + "; allowed is " + allowed + ".");
  }
}

}  // namespace sluice::policy::rules

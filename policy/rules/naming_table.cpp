// naming.table: new and renamed tables.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

void look(Check& check, const Step& step, const std::string& name) {
  const auto& pattern = check.pattern("pattern");
  const auto most = static_cast<std::size_t>(check.number("max-length"));
  if (length(name) > most) {
    check.report(step, name,
                 "Table name '" + name + "' has " + std::to_string(length(name)) +
                     " characters, more than " + std::to_string(most) + "; shorten it.");
  } else if (!matches(name, pattern)) {
    check.report(step, name,
                 "Table name '" + name + "' does not match " + pattern + "; choose another name.");
  }
}

}  // namespace

void naming_table(Check& check) {
  for (const auto& step : check.steps()) {
    if (const auto* renames = std::get_if<schema::RenameTables>(&step.statement->ddl.body)) {
      for (const auto& [from, to] : renames->pairs) look(check, step, to.name);
    }
    const auto defined = definition(step);
    if (!defined) continue;
    if (defined->create) look(check, step, defined->table.name);
    if (!defined->actions) continue;
    for (const auto& action : *defined->actions) {
      if (action.kind == schema::AlterAction::Kind::Rename) look(check, step, action.new_name);
    }
  }
}

}  // namespace sluice::policy::rules

// naming.column: new and renamed columns. One that keeps its name is left alone.
#include "policy/rules/defined.h"
#include "policy/rules/pattern.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

void look(Check& check, const Step& step, const std::string& table, const std::string& name) {
  const auto& pattern = check.pattern("pattern");
  const auto most = static_cast<std::size_t>(check.number("max-length"));
  const auto which = "Column name '" + name + "' of table '" + table + "'";
  if (length(name) > most) {
    check.report(step, name,
                 which + " has " + std::to_string(length(name)) + " characters, more than " +
                     std::to_string(most) + "; shorten it.");
  } else if (!matches(name, pattern)) {
    check.report(step, name, which + " does not match " + pattern + "; choose another name.");
  }
}

}  // namespace

void naming_column(Check& check) {
  using Kind = schema::AlterAction::Kind;
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const bool kept = one.action && one.action->kind != Kind::AddColumn &&
                        schema::same_name(one.action->name, one.written->name);
      if (!kept) look(check, step, defined->table.name, one.written->name);
    }
    if (!defined->actions) continue;
    for (const auto& action : *defined->actions) {
      if (action.kind == Kind::RenameColumn)
        look(check, step, defined->table.name, action.new_name);
    }
  }
}

}  // namespace sluice::policy::rules

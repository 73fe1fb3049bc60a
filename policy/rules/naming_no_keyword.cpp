// naming.no-keyword: a name that is a reserved word must be quoted for ever, and a word that is not
// reserved yet may be in the next version.
#include "parser/keywords.h"
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

void look(Check& check, const Step& step, const std::string& what, const std::string& name) {
  const auto dialect = check.situation().server.dialect();
  const auto kind = parser::find_keyword(name, false, dialect);
  if (kind == parser::TokenKind::Identifier) return;
  const bool reserved = parser::keyword_reserved(kind, dialect);
  if (!reserved && !check.flag("all")) return;
  check.report(step, name,
               what + " '" + name + "' is a " + (reserved ? "reserved word" : "keyword") +
                   "; choose another name.");
}

}  // namespace

void naming_no_keyword(Check& check) {
  for (const auto& step : check.steps()) {
    const auto& body = step.statement->ddl.body;
    if (const auto* create = std::get_if<schema::Create>(&body); create && !create->alter)
      look(check, step, "The name", create->name.name);
    if (const auto* renames = std::get_if<schema::RenameTables>(&body)) {
      for (const auto& [from, to] : renames->pairs) look(check, step, "Table name", to.name);
    }
    const auto defined = definition(step);
    if (!defined) continue;
    if (defined->create) look(check, step, "Table name", defined->table.name);
    for (const auto& one : defined->columns) {
      const bool kept = one.action && schema::same_name(one.action->name, one.written->name);
      if (!kept) look(check, step, "Column name", one.written->name);
    }
    for (const auto& index : defined->indexes) {
      if (index.kind != schema::Index::Kind::Primary) look(check, step, "Index name", index.name);
    }
    for (const auto& action :
         defined->actions ? *defined->actions : std::vector<schema::AlterAction>{}) {
      using Kind = schema::AlterAction::Kind;
      const bool renames = action.kind == Kind::Rename || action.kind == Kind::RenameColumn ||
                           action.kind == Kind::RenameIndex;
      if (renames) look(check, step, "The name", action.new_name);
    }
  }
}

}  // namespace sluice::policy::rules

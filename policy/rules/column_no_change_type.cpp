// column.no-change-type: MODIFY and CHANGE keep the type. The present one is the schema's; a
// display width is no part of it.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

// CHARACTER SET is another rule's matter.
bool same_type(schema::DataType a, schema::DataType b) {
  a.charset = a.collation = b.charset = b.collation = "";
  return a == b;
}

}  // namespace

void column_no_change_type(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      if (!one.action || one.action->kind == schema::AlterAction::Kind::AddColumn) continue;
      if (one.before && one.effective && same_type(one.before->type, one.effective->type)) continue;
      const auto which =
          "Column '" + one.written->name + "' of table '" + defined->table.name + "'";
      if (one.before && one.effective) {
        check.report(step, one.written->name,
                     which + " gets another type; add a new column, and move the values.");
      } else if (defined->change && !defined->change->known) {
        check.report(step, one.written->name,
                     which +
                         " may get another type, as the present one is not known; review the "
                         "change against the database.");
      }
    }
  }
}

}  // namespace sluice::policy::rules

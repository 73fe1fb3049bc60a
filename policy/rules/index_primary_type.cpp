// index.primary-type: the types of a primary key's columns; every other index holds the key too.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void index_primary_type(Check& check) {
  const auto allowed = quoted_list(check.list("types"));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& index : defined->indexes) {
      if (index.kind != schema::Index::Kind::Primary) continue;
      for (const auto& part : index.parts) {
        const schema::Column* column =
            defined->after() ? defined->after()->column(part.column) : nullptr;
        for (const auto& one : defined->columns) {
          if (schema::same_name(one.written->name, part.column)) column = one.written;
        }
        if (!column || check.lists("types", column->type.name)) continue;
        check.report(step, part.column,
                     "Column '" + part.column + "' of the primary key of table '" +
                         defined->table.name + "' is " + column->type.name + "; allowed is " +
                         allowed + ".");
      }
    }
  }
}

}  // namespace sluice::policy::rules

// index.no-blob: an index on a TEXT or BLOB column holds a prefix alone, and serves neither order
// nor uniqueness.
#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

void index_no_blob(Check& check) {
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& index : defined->indexes) {
      if (index.kind == schema::Index::Kind::Fulltext) continue;
      for (const auto& part : index.parts) {
        const schema::Column* column =
            defined->after() ? defined->after()->column(part.column) : nullptr;
        for (const auto& one : defined->columns) {
          if (schema::same_name(one.written->name, part.column)) column = one.written;
        }
        if (!column) continue;
        const auto& type = column->type.name;
        if (!type.ends_with("text") && !type.ends_with("blob")) continue;
        check.report(step, part.column,
                     "Column '" + part.column + "' of table '" + defined->table.name + "' is " +
                         type + " and in an index; index a hash of it, or use FULLTEXT.");
      }
    }
  }
}

}  // namespace sluice::policy::rules

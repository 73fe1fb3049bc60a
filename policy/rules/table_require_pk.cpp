// table.require-pk: what a sheet leaves without a primary key at its end. Row-based replication and
// rollbacks find rows by it. A table that had none before is not this sheet's doing.
#include <map>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

using Kind = schema::AlterAction::Kind;

struct Lack {
  const Step* step = nullptr;
  std::string table;
};

// Of a table that the walk does not know: the last word on its key, if any.
void follow_unknown(const Definition& definition, std::map<std::string, Lack>& lacking) {
  if (!definition.actions) return;
  const auto name = definition.table.schema + "." + definition.table.name;
  bool dropped = false;
  for (const auto& action : *definition.actions)
    dropped = dropped || action.kind == Kind::DropPrimaryKey;
  bool added = false;
  for (const auto& index : definition.indexes)
    added = added || index.kind == schema::Index::Kind::Primary;
  if (added)
    lacking.erase(name);
  else if (dropped)
    lacking[name] = {definition.step, definition.table.name};
}

}  // namespace

void table_require_pk(Check& check) {
  std::map<int, Lack> lacking;
  std::map<std::string, Lack> unknown;
  for (const auto& step : check.steps()) {
    for (const auto& change : step.tables) {
      if (!change.known) continue;
      if (!change.after || change.after->primary_key()) {
        lacking.erase(change.id);
      } else if (!change.before || change.before->primary_key() || lacking.contains(change.id)) {
        const auto first = lacking.contains(change.id) ? lacking[change.id].step : &step;
        // A table that is made from another one may have its key from there.
        if (!change.before && change.partial && change.after->columns.empty()) continue;
        lacking[change.id] = {first, change.after->name};
      }
    }
    const auto defined = definition(step);
    if (defined && (!defined->change || !defined->change->known)) follow_unknown(*defined, unknown);
  }
  for (const auto& [id, lack] : lacking) {
    check.report(*lack.step, lack.table,
                 "Table '" + lack.table + "' has no primary key after this sheet; add one.");
  }
  for (const auto& [name, lack] : unknown) {
    check.report(*lack.step, lack.table,
                 "Table '" + lack.table +
                     "' loses its primary key; add the new one in the same "
                     "statement.");
  }
}

}  // namespace sluice::policy::rules

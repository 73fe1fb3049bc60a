// What a statement defines of one table, whether CREATE TABLE, ALTER TABLE or CREATE INDEX says it:
// the rules about columns, indexes and options look at both in one loop. Pure.
#pragma once

#include <optional>
#include <vector>

#include "policy/rules/walk.h"

namespace sluice::policy::rules {

struct DefinedColumn {
  const schema::Column* written = nullptr;      // as the statement says it
  const schema::AlterAction* action = nullptr;  // null: a column of CREATE TABLE
  const schema::Column* effective = nullptr;    // after the statement, resolved; null: not known
  bool primary = false;                         // part of the primary key, as far as is known
  // The column of that name before; null: a new one, or not known.
  const schema::Column* before = nullptr;
  [[nodiscard]] const schema::Column& column() const { return effective ? *effective : *written; }
};

struct Definition {
  const Step* step = nullptr;
  schema::Name table;
  bool create = false;  // CREATE TABLE
  bool temporary = false;
  const TableChange* change = nullptr;  // null: nothing came of it (IF NOT EXISTS, a fault)
  std::vector<DefinedColumn> columns;   // new and redefined ones
  std::vector<schema::Index> indexes;   // new ones; columns' own PRIMARY KEY and UNIQUE too
  std::vector<schema::ForeignKey> foreign_keys;
  std::vector<const schema::TableOptions*> options;
  const std::vector<schema::AlterAction>* actions = nullptr;  // of ALTER TABLE and CREATE INDEX

  // The table afterwards; null when it is not known.
  [[nodiscard]] const schema::Table* after() const {
    return change && change->after ? &*change->after : nullptr;
  }
  [[nodiscard]] const schema::Table* before() const {
    return change && change->before ? &*change->before : nullptr;
  }
};

// Nothing when the statement is no definition of a table. Temporary tables are left out unless
// asked for: nobody else sees them. Points into the step.
[[nodiscard]] std::optional<Definition> definition(const Step& step, bool temporary = false);

// The columns that a table loses, by name: DROP COLUMN, and the old name of a renamed one.
[[nodiscard]] std::vector<std::string> lost_columns(const Definition& definition);

// Whether a literal may be the type's DEFAULT (manual 13.6).
[[nodiscard]] bool takes_default(const schema::DataType& type);

[[nodiscard]] std::string quoted_list(const std::vector<std::string>& names);  // 'a', 'b'

}  // namespace sluice::policy::rules

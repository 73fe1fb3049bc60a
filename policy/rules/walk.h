// The sheet, played statement by statement on the model of the schema: what each one finds and
// leaves, and which one the server would refuse – before anything runs.
//
// Without a model of the database the walk knows what the sheet itself says: a table that it
// created is known from then on, any other may be there with any columns, and nothing is said of
// it. Tables of the walk are canonical (parser/schema/canonical.h), character sets, collations and
// engine resolved against the server. Pure. The sheet must outlive it.
#pragma once

#include <map>
#include <set>

#include "policy/rules/sheet.h"

namespace sluice::policy::rules {

// Everything that is known beside the sheet. Borrowed by the walk and by every rule.
struct Situation {
  Server server;
  std::string database;  // that the sheet is for: its default schema; empty: unknown
  const schema::Schema* schema = nullptr;  // of that database, before the sheet; null: unknown
  // What EXPLAIN says a statement examines or changes, by its index in the sheet; an estimate.
  std::map<std::size_t, std::uint64_t> affected_rows;
  std::map<std::string, std::uint64_t> table_rows;  // by table name, the server's estimate
};

// What one statement did with one table.
struct TableChange {
  std::string schema;  // empty: the default one, whose name is not known
  std::string name;    // before; of a new table, the new one
  int id = -1;         // the same table through all its renames; -1: not known to the walk
  std::optional<schema::Table> before;  // nothing: created by this statement, or not known
  std::optional<schema::Table> after;   // nothing: dropped by this statement, or not known
  bool known = false;                   // false: only the statement's own words are
  bool own = false;                     // an earlier statement of this sheet created it
  bool partial = false;  // it has columns that the walk does not know (CREATE TABLE … SELECT)
};

struct WalkFault {
  schema::Fault fault;
  std::string near;  // the name in the statement that it is about
};

struct DroppedDatabase {
  std::string name;
  bool complete = false;  // all of it was known
  std::size_t tables = 0;
};

struct Step {
  const SheetStatement* statement = nullptr;
  std::size_t index = 0;
  std::string default_schema;
  std::vector<TableChange> tables;
  std::vector<DroppedDatabase> dropped_databases;
  std::vector<WalkFault> faults;
};

struct Walk {
  std::vector<Step> steps;
  // The database after the sheet; nothing when it was not known before.
  std::optional<schema::Schema> schema;
};

[[nodiscard]] Walk walk(const Sheet& sheet, const Situation& situation);

}  // namespace sluice::policy::rules

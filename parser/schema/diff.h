// Two schemas to the DDL that turns the one into the other, in an order that the server takes:
// triggers, events and foreign keys in the way go first, tables are dropped children first and made
// parents first, foreign keys that close a cycle come when all tables are there, then routines,
// views over views, triggers in their order, events. Pure.
#pragma once

#include "parser/schema/canonical.h"

namespace sluice::schema {

// Renames are never guessed: what is not named here is a drop and an add.
struct Renames {
  std::map<std::string, std::string> tables;                           // from -> to
  std::map<std::pair<std::string, std::string>, std::string> columns;  // (new table, from) -> to
};

struct DiffOptions {
  Target target;
  CompareOptions compare;
  Renames renames;
};

struct Change {
  std::string sql;           // one statement, without ";"
  std::string object;        // "TABLE orders"
  bool destructive = false;  // rows or values are lost
  std::string note;          // why it is destructive, or when it will fail; one line; may be empty
  bool program = false;      // the statement may hold ";": print it with a DELIMITER
  std::string sql_mode{};    // what the session has to have when it runs; empty: any
};

[[nodiscard]] std::vector<Change> diff(Schema from, Schema to, const DiffOptions& options);

// The ALTER TABLE statements between two tables of one name. Foreign keys are not in them.
// REQUIRES: both are canonical.
[[nodiscard]] std::vector<Change> diff_table(const Table& from, const Table& to,
                                             const Target& target);
// Why a value may not survive the change of type; empty when every value does.
[[nodiscard]] std::string lossy(const Column& from, const Column& to, const Target& target);

// As a script for the mysql client; destructive statements are comments unless allowed.
[[nodiscard]] std::string print_changes(const std::vector<Change>& changes, bool allow_drop);

}  // namespace sluice::schema

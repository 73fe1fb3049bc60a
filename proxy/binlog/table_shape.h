// What a schema file or snapshot knows of a table that the log does not say: names (metadata
// MINIMAL), generated columns, every unique key, triggers, foreign keys. A value; whoever owns a
// schema model fills it (the log's own room knows no parser).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::binlog {

struct ColumnShape {
  std::string name;
  std::string type;  // lower case, as SHOW CREATE TABLE names it: "int", "varchar", "uuid", "json"
  std::optional<std::uint32_t> length;    // of DECIMAL the digits, of TIME and its kin the fraction
  std::optional<std::uint32_t> decimals;  // of DECIMAL
  bool is_unsigned = false;
  bool nullable = true;
  bool generated = false;            // VIRTUAL or STORED
  bool on_update = false;            // ON UPDATE CURRENT_TIMESTAMP
  bool row_period = false;           // MariaDB: ROW START or ROW END of a system-versioned table
  std::string charset;               // lower case; of character types
  std::vector<std::string> members;  // ENUM, SET
};

struct UniqueKey {
  bool primary = false;
  std::vector<std::uint32_t> columns;  // indexes into TableShape::columns
  bool prefix = false;                 // a part covers only a prefix of its column
  bool functional = false;             // a part is an expression; `columns` are the others
};

// A foreign key of another table (or this one) that refers to this table.
struct Reference {
  std::string schema;
  std::string table;
  std::vector<std::uint32_t> columns;    // of this table
  bool delete_changes = false;           // ON DELETE CASCADE, SET NULL or SET DEFAULT
  bool update_changes = false;           // ON UPDATE the same
  std::vector<std::string> referring{};  // columns of the other table, in the order of `columns`
};

struct TriggerShape {
  enum class Event : std::uint8_t { kInsert, kUpdate, kDelete };
  std::string name;
  Event event = Event::kInsert;  // what it fires on
  friend bool operator==(const TriggerShape&, const TriggerShape&) = default;
};

struct TableShape {
  std::string schema;
  std::string table;
  std::vector<ColumnShape> columns;  // in order
  std::vector<UniqueKey> unique_keys;
  std::vector<Reference> referenced_by;
  std::vector<std::uint32_t> foreign_key_columns;  // of this table, that refer to others
  std::vector<TriggerShape> triggers;
};

}  // namespace sluice::binlog

// Edits of tables as a form gives them, names and short texts, put on a schema model. What a form
// does not show (checks, partitions, engine attributes, an index's parser) stays as it is. What
// cannot be read is a fault with the form's field and a sentence; nothing is guessed. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parser/schema/diff.h"

namespace sluice::schema {

// `was`, everywhere: the name in the schema that is edited; empty: it is new.
struct ColumnEdit {
  std::string was{};
  std::string name{};
  std::string type{};  // "varchar(64)", "int unsigned", "enum('a','b') COLLATE utf8mb4_bin"
  bool nullable = true;
  std::optional<std::string> default_value{};  // SQL: "'a'", "CURRENT_TIMESTAMP", "(uuid())"
  std::optional<std::uint32_t> on_update{};    // ON UPDATE CURRENT_TIMESTAMP(n)
  bool auto_increment = false;
  std::string comment{};
};
struct IndexEdit {
  std::string was{};
  Index::Kind kind = Index::Kind::Key;
  std::string name{};  // empty: the server gives one
  std::vector<IndexPart> parts{};
};
struct ForeignKeyEdit {
  std::string was{};
  ForeignKey key{};  // `match` is not read
};
struct TableEdit {
  std::string was{};
  std::string name{};
  std::string engine{};  // empty: as it is, or the server's default
  std::string comment{};
  std::vector<ColumnEdit> columns{};  // in order
  std::vector<IndexEdit> indexes{};
  std::vector<ForeignKeyEdit> foreign_keys{};
};
struct SchemaEdit {
  std::vector<TableEdit> tables{};     // new and changed ones; the others stay
  std::vector<std::string> dropped{};  // tables
};

struct EditFault {
  std::string field;  // "tables[0].columns[2].type"
  std::string message;
};
struct Edited {
  Schema schema;
  Renames renames;  // for diff(), so that a renamed column keeps its values
  std::vector<EditFault> faults;
};

// REQUIRES: `from` is of one server, `target`. Where there are faults the schema is not to be used.
[[nodiscard]] Edited edit(const Schema& from, const SchemaEdit& wanted, const Target& target);

}  // namespace sluice::schema

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice::parser {

// What a statement may do, from harmless to unknown. The order is that of restriction: of several
// statements the largest value stands for the whole text.
enum class ActionGroup : std::uint8_t {
  Read,
  Session,
  Transaction,
  Dml,
  Ddl,
  Account,
  Server,
  Opaque
};

// "read", "session", …, "opaque": the names of `sluice classify` and of the policy tables.
[[nodiscard]] const char* to_string(ActionGroup group);

enum class ObjectKind : std::uint8_t {
  Table,
  View,
  Schema,
  Routine,  // a procedure or function
  Trigger,
  Event,
  Sequence,
  Library,
  Index,
  User,
  Role,
  ServerLink,  // CREATE SERVER
  Tablespace,
  ResourceGroup,
  Component,
  Plugin,
  Other,
};

[[nodiscard]] const char* to_string(ObjectKind kind);

// How an object is touched; a set of bits.
enum class Access : std::uint8_t {
  None = 0,
  Read = 1,
  Write = 2,
  Create = 4,
  Alter = 8,
  Drop = 16,
  Execute = 32,
};

[[nodiscard]] constexpr Access operator|(Access a, Access b) {
  return static_cast<Access>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
[[nodiscard]] constexpr bool has(Access set, Access bit) {
  return (static_cast<std::uint8_t>(set) & static_cast<std::uint8_t>(bit)) != 0;
}

// One schema object and everything the statement does with it. `schema` is the session's default
// schema when the text names none, and empty when there is none either. Schemas, users and the like
// have an empty `schema`.
struct ObjectUse {
  std::string schema;
  std::string name;
  ObjectKind kind = ObjectKind::Table;
  Access access = Access::None;
  bool temporary = false;  // CREATE or DROP TEMPORARY: surely not a table that others see

  friend bool operator==(const ObjectUse&, const ObjectUse&) = default;
};

// A function that is called. A name that the server does not know by itself (`builtin` false) can
// be a stored or a loadable function; its body decides what the statement does.
struct FunctionUse {
  std::string schema;
  std::string name;
  bool builtin = true;

  friend bool operator==(const FunctionUse&, const FunctionUse&) = default;
};

struct ColumnUse {
  std::string schema;
  std::string table;  // empty when the text leaves open which of several tables has the column
  std::string column;

  friend bool operator==(const ColumnUse&, const ColumnUse&) = default;
};

enum class IntoKind : std::uint8_t { None, Outfile, Dumpfile, Variables };

// What a policy wants to know of one statement, and nothing of its shape. Values; offsets are bytes
// of the text given to parse(), `end` one past the last byte, the terminating `;` not included.
struct StatementFacts {
  std::string class_name;  // the server's: what follows "statement/sql/" in performance_schema;
                           // "error" if unparsed
  ActionGroup group = ActionGroup::Opaque;
  bool implicit_commit = false;  // manual, 15.3.3
  bool has_where = false;        // of an UPDATE or DELETE, or of the outermost block of a query
  bool dynamic = false;          // the effect depends on text or routines that are not in this text
  IntoKind into = IntoKind::None;
  std::optional<std::uint64_t>
      limit;  // a literal row limit of the outermost query or of UPDATE and DELETE
  std::optional<std::uint64_t> inserted_rows;  // of INSERT and REPLACE with VALUES or SET

  std::vector<ObjectUse> objects;
  std::vector<ColumnUse> columns_written;
  std::vector<FunctionUse> functions;
  std::vector<std::string> user_variables_read;     // without @, lower case
  std::vector<std::string> user_variables_written;  // without @, lower case
  std::vector<std::string>
      system_variables_set;  // lower case, with scope: "global.max_connections", "session.sql_mode"
  std::string definer;       // the account text of DEFINER = …, empty without
  std::string prepared_name;     // of PREPARE, EXECUTE and DEALLOCATE PREPARE
  std::string dynamic_text;      // the text of PREPARE … FROM '…' and EXECUTE IMMEDIATE '…'
  std::string dynamic_variable;  // the user variable of PREPARE … FROM @v and EXECUTE IMMEDIATE @v,
                                 // without @

  // The statements of a program's body, of a PREPARE's literal text, or of what EXPLAIN explains,
  // in order.
  std::vector<StatementFacts> nested;

  std::size_t start = 0;
  std::size_t end = 0;
};

}  // namespace sluice::parser

// The statements of a DDL text as values, and their effect on a schema model.
//
// read_statements splits a file as the mysql client does (DELIMITER included; without it, the ends
// of compound statements are found by their words) and reads every statement that changes a schema;
// all others are Other, with their text. apply() runs one on a model: what the server would refuse
// (missing or existing objects, columns, keys) is reported and changes nothing. Pure; any thread.
#pragma once

#include <variant>

#include "parser/schema/read.h"

namespace sluice::schema {

struct Name {
  std::string schema;  // empty: the default one
  std::string name;
  friend bool operator==(const Name&, const Name&) = default;
};

enum class ObjectKind {
  Database,
  Table,
  View,
  Procedure,
  Function,
  Trigger,
  Event,
  Sequence,
  Library,
  Package,
  PackageBody
};
[[nodiscard]] std::string_view to_string(ObjectKind kind);  // "TABLE", "VIEW", …

struct CreateTable {
  Name name;
  Table table;
  bool or_replace = false;
  bool if_not_exists = false;
  std::optional<Name> like;
  bool as_select = false;  // the SELECT's columns are not known to the model
  friend bool operator==(const CreateTable&, const CreateTable&) = default;
};

struct AlterAction {
  enum class Kind {
    AddColumn,
    DropColumn,
    ChangeColumn,
    ModifyColumn,
    RenameColumn,
    SetDefault,
    DropDefault,
    ColumnVisibility,
    MaskingPolicy,
    AddIndex,
    DropIndex,
    DropPrimaryKey,
    RenameIndex,
    IndexVisibility,
    AddForeignKey,
    DropForeignKey,
    AddCheck,
    DropCheck,
    DropConstraint,
    Enforce,
    AddPeriod,
    DropPeriod,
    AddVersioning,
    DropVersioning,
    Rename,
    SetOptions,
    Convert,
    PartitionBy,
    RemovePartitioning,
    AddPartition,
    DropPartition,
    ReorganizePartition,
    CoalescePartition,
    TruncatePartition,
    OtherPartition,
    Other
  };
  Kind kind = Kind::Other;
  std::string name{};      // the column, index or constraint that exists
  std::string new_name{};  // RENAME, CHANGE
  bool if_exists = false;  // IF EXISTS, or IF NOT EXISTS where something is added
  Column column{};
  ColumnExtras extras{};
  bool first = false;
  std::string after{};
  Index index{};
  ForeignKey foreign_key{};
  Check check{};
  Period period{};
  bool flag = false;  // VISIBLE, ENFORCED
  TableOptions options{};
  Partitioning partitioning{};
  std::vector<std::string> names{};  // partitions
  std::uint64_t count = 0;           // ADD PARTITION PARTITIONS n, COALESCE PARTITION n
  std::string text{};                // Other: "ALGORITHM=INSTANT", "FORCE"
  friend bool operator==(const AlterAction&, const AlterAction&) = default;
};

struct AlterTable {  // also CREATE INDEX and DROP INDEX
  Name name;
  bool if_exists = false;
  std::vector<AlterAction> actions;
  std::string index_statement;  // "CREATE INDEX", "DROP INDEX"; empty for ALTER TABLE
  friend bool operator==(const AlterTable&, const AlterTable&) = default;
};

struct Drop {
  ObjectKind kind = ObjectKind::Table;
  std::vector<Name> names;
  bool if_exists = false;
  bool temporary = false;
  friend bool operator==(const Drop&, const Drop&) = default;
};
struct RenameTables {
  std::vector<std::pair<Name, Name>> pairs;
  friend bool operator==(const RenameTables&, const RenameTables&) = default;
};
struct Truncate {
  Name name;
  friend bool operator==(const Truncate&, const Truncate&) = default;
};
struct Create {  // everything but tables and databases
  Name name;
  bool or_replace = false;
  bool if_not_exists = false;
  bool alter = false;  // ALTER VIEW
  std::variant<View, Routine, Trigger, Event, Sequence, Library> object;
  friend bool operator==(const Create&, const Create&) = default;
};
struct Database {
  enum class Verb { Create, Alter, Use };
  Verb verb = Verb::Use;
  std::string name{};
  bool if_not_exists = false;
  std::string charset{};
  std::string collation{};
  friend bool operator==(const Database&, const Database&) = default;
};
struct Other {
  std::string verb;  // upper case: "INSERT", "SET", "ALTER EVENT"
  friend bool operator==(const Other&, const Other&) = default;
};

struct Statement {
  std::variant<Other, CreateTable, AlterTable, Drop, RenameTables, Truncate, Create, Database> body;
  std::size_t begin = 0;  // bytes of the file
  std::size_t end = 0;
  std::uint32_t line = 1;          // of its first token
  std::optional<ReadError> error;  // why it could not be read; the body is then Other
};

[[nodiscard]] std::vector<Statement> read_statements(std::string_view text, const Target& target);

// [begin, end) of each statement of a file, without its delimiter. Statements of blanks and
// comments alone are left out. SET sql_mode = '…' counts for what follows it, as dumps have it
// around stored programs; any other value than a string is the target's own mode again.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string sql_mode{};  // what was set; empty: nothing was
};
// `target` with the parts of a sql_mode that change how text is read.
[[nodiscard]] Target in_mode(Target target, std::string_view sql_mode);
[[nodiscard]] std::vector<Range> split_file(std::string_view text, const Target& target);

[[nodiscard]] std::vector<AlterAction> read_alter_actions(Cursor& in);  // read_alter.cpp
[[nodiscard]] Name read_name(Cursor& in);

struct Fault {
  enum class Code {
    NoSuchTable,
    TableExists,
    NoSuchColumn,
    ColumnExists,
    NoSuchIndex,
    IndexExists,
    NoSuchConstraint,
    ConstraintExists,
    PrimaryKeyExists,
    NoPrimaryKey,
    NoColumns,
    TwoAutoIncrement,
    NoSuchObject,
    ObjectExists,
    NoSuchPartition,
    PartitionExists,
    OtherDatabase,
    NullDefault,
    BadOnUpdate,
    ColumnInUse
  };
  Code code = Code::NoSuchTable;
  std::string message;
};

// REQUIRES: nothing. A statement about another database than schema.name is OtherDatabase when
// schema.name is known; otherwise its qualifier is ignored.
[[nodiscard]] std::vector<Fault> apply(Schema& schema, const Statement& statement,
                                       const Target& target);
// The part of apply() for one table; the first fault ends it.
[[nodiscard]] std::optional<Fault> apply(Table& table, const AlterAction& action,
                                         const Target& target);

struct FileReading {
  Schema schema;
  std::vector<ReadError> errors;  // statements that could not be read or applied, in file order
};
// A DDL file or dump to a model. Statements that are no DDL mean nothing here.
[[nodiscard]] FileReading read(std::string_view text, const Target& target);

}  // namespace sluice::schema

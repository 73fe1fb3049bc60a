// A schema as values: what SHOW CREATE prints of every kind of object, and what a DDL file says.
//
// Everything is copied and compared by value; nothing points at the text it was read from. Names
// are the identifiers themselves, without quotes, in UTF-8. Expressions and bodies are SQL text.
// An empty string is "not said". Two models are compared after canonicalise() (canonical.h), which
// takes out what means nothing. Pure; any thread. Follows MySQL's manual 15.1 (Data Definition
// Statements) and, where the field says so, MariaDB's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::schema {

// Options by upper-case name ("KEY_BLOCK_SIZE"), values as SQL text ("8", "'zlib'").
// In MariaDB also the engine-defined ones, by the name that was written.
using Options = std::map<std::string, std::string>;

// A data type (manual 13). `name` is lower case, the server's own spelling in SHOW CREATE: "int",
// "varchar", "decimal", "geometry", "json", "uuid"; aliases (INTEGER, BOOL, DEC, NCHAR …) are
// resolved when text is read.
struct DataType {
  std::string name;
  std::optional<std::uint32_t> length;    // M: characters, bytes, digits or fractional seconds
  std::optional<std::uint32_t> decimals;  // D
  bool is_unsigned = false;
  bool zerofill = false;
  std::string charset;               // lower case; "binary" is a charset too
  std::string collation;             // lower case
  std::vector<std::string> members;  // ENUM and SET, in order
  std::optional<std::uint32_t> srid;
  friend bool operator==(const DataType&, const DataType&) = default;
};

struct Literal {
  enum class Kind { Text, Bits, Hex, Null };  // Text: strings and numbers alike, DEFAULT '1' = 1
  Kind kind = Kind::Text;
  std::string value;  // Text: the value itself; Bits: "101"; Hex: upper-case digits
  friend bool operator==(const Literal&, const Literal&) = default;
};
struct CurrentTimestamp {
  std::uint32_t precision = 0;  // fractional digits
  friend bool operator==(const CurrentTimestamp&, const CurrentTimestamp&) = default;
};
struct Expression {
  std::string sql;  // without the outer parentheses
  friend bool operator==(const Expression&, const Expression&) = default;
};
// monostate: no DEFAULT clause.
using Default = std::variant<std::monostate, Literal, CurrentTimestamp, Expression>;

struct Generated {
  std::string sql;
  bool stored = false;  // STORED, in MariaDB also PERSISTENT
  friend bool operator==(const Generated&, const Generated&) = default;
};

struct Check {
  std::string name;  // empty: the server gives one
  std::string sql;
  bool enforced = true;  // MySQL
  friend bool operator==(const Check&, const Check&) = default;
};

struct Column {
  std::string name;
  DataType type;
  bool nullable = true;
  bool null_written = false;  // NULL or NOT NULL stood there; otherwise the server's rule applies
  Default default_value;
  std::optional<std::uint32_t> on_update;  // ON UPDATE CURRENT_TIMESTAMP(n)
  std::optional<Generated> generated;
  bool auto_increment = false;
  bool visible = true;
  std::string comment;
  std::string column_format;  // FIXED, DYNAMIC; DEFAULT is not kept
  std::string storage;        // DISK, MEMORY; DEFAULT is not kept
  std::string engine_attribute;
  std::string secondary_engine_attribute;
  bool not_secondary = false;
  std::string masking_policy;             // MySQL 9.7: MASKING POLICY, by name
  std::optional<std::string> compressed;  // MariaDB COMPRESSED[=method]
  enum class RowPeriod { None, Start, End };
  RowPeriod row_period = RowPeriod::None;  // MariaDB GENERATED ALWAYS AS ROW START / END
  std::optional<bool> versioned;           // MariaDB WITH / WITHOUT SYSTEM VERSIONING
  std::optional<Check> check;              // MariaDB keeps a column's own CHECK apart
  Options options;                         // MariaDB engine-defined attributes
  friend bool operator==(const Column&, const Column&) = default;
};

struct IndexPart {
  std::string column;      // empty for an expression
  std::string expression;  // functional key part, without the outer parentheses
  std::optional<std::uint32_t> prefix;
  bool descending = false;
  friend bool operator==(const IndexPart&, const IndexPart&) = default;
};

struct Index {
  enum class Kind { Primary, Unique, Key, Fulltext, Spatial, Vector };
  Kind kind = Kind::Key;
  std::string name;  // "PRIMARY" for the primary key; empty: the server gives one
  std::vector<IndexPart> parts;
  std::string algorithm;  // BTREE, HASH, RTREE; empty: the engine's own
  std::string parser;     // WITH PARSER
  bool visible = true;    // INVISIBLE, in MariaDB IGNORED
  std::string comment;
  std::string engine_attribute;
  std::string secondary_engine_attribute;
  std::string without_overlaps;  // MariaDB: the period's name
  Options options;               // KEY_BLOCK_SIZE, CLUSTERING, engine-defined
  friend bool operator==(const Index&, const Index&) = default;
};

struct ForeignKey {
  std::string name;  // empty: the server gives one
  std::vector<std::string> columns;
  std::string schema;  // of the table referred to; empty: the same
  std::string table;
  std::vector<std::string> referenced;
  std::string match;      // FULL, PARTIAL, SIMPLE
  std::string on_delete;  // upper case: CASCADE, SET NULL …; RESTRICT and NO ACTION are the default
  std::string on_update;
  friend bool operator==(const ForeignKey&, const ForeignKey&) = default;
};

struct Partition {
  std::string name;
  // RANGE: the text between LESS THAN's parentheses, or MAXVALUE. LIST: the text of IN (…).
  // System versioning (MariaDB): "HISTORY" or "CURRENT". HASH and KEY: empty.
  std::string values;
  Options options;  // ENGINE, COMMENT, DATA DIRECTORY, …
  std::vector<Partition> subpartitions;
  friend bool operator==(const Partition&, const Partition&) = default;
};

struct PartitionBy {
  std::string method;         // RANGE, RANGE COLUMNS, LIST, LIST COLUMNS, HASH, LINEAR HASH, KEY,
                              // LINEAR KEY, SYSTEM_TIME; empty: not partitioned
  std::string key_algorithm;  // KEY ALGORITHM = n
  std::string sql;            // expression or column list, without the outer parentheses
  std::string interval;  // MariaDB SYSTEM_TIME: INTERVAL …, LIMIT …, STARTS …, AUTO as text
  std::optional<std::uint32_t> count;  // PARTITIONS n
  friend bool operator==(const PartitionBy&, const PartitionBy&) = default;
};

struct Partitioning {
  PartitionBy by;
  PartitionBy sub;
  std::vector<Partition> partitions;
  friend bool operator==(const Partitioning&, const Partitioning&) = default;
};

struct Period {      // MariaDB
  std::string name;  // SYSTEM_TIME or an application-time period
  std::string start;
  std::string end;
  friend bool operator==(const Period&, const Period&) = default;
};

struct TableOptions {
  std::string engine;
  std::string charset;
  std::string collation;
  std::string comment;
  std::optional<std::uint64_t> auto_increment;
  bool comment_written = false;    // so that ALTER TABLE … COMMENT = '' takes it away
  bool system_versioning = false;  // MariaDB
  Options other;                   // everything else: ROW_FORMAT, STATS_PERSISTENT, UNION, …
  friend bool operator==(const TableOptions&, const TableOptions&) = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;  // in order
  std::vector<Index> indexes;
  std::vector<ForeignKey> foreign_keys;
  std::vector<Check> checks;
  std::vector<Period> periods;
  TableOptions options;
  std::optional<Partitioning> partitioning;
  bool temporary = false;

  // By name, ignoring case; null when there is none. Valid until the table changes.
  [[nodiscard]] const Column* column(std::string_view wanted) const;
  [[nodiscard]] Column* column(std::string_view wanted);
  [[nodiscard]] const Index* index(std::string_view wanted) const;
  [[nodiscard]] Index* index(std::string_view wanted);
  [[nodiscard]] const Index* primary_key() const;
  friend bool operator==(const Table&, const Table&) = default;
};

// Session facts that a stored program or view keeps (sql_mode, character sets); empty: unknown.
struct StoredContext {
  std::string sql_mode{};
  std::string charset_client{};
  std::string collation_connection{};
  std::string database_collation{};
  friend bool operator==(const StoredContext&, const StoredContext&) = default;
};

struct View {
  std::string name{};
  enum class Kind { Plain, JsonDuality, Materialized };
  Kind kind = Kind::Plain;
  std::string algorithm{};  // MERGE, TEMPTABLE; UNDEFINED is not kept
  std::string definer{};    // `user`@`host`, or CURRENT_USER
  std::string security{};   // DEFINER, INVOKER
  std::vector<std::string> columns{};
  std::string select{};  // without a check option
  std::string check{};   // CASCADED, LOCAL
  StoredContext context{};
  friend bool operator==(const View&, const View&) = default;
};

struct Routine {
  enum class Kind { Procedure, Function, Package, PackageBody };
  Kind kind = Kind::Procedure;
  std::string name{};
  std::string definer{};
  bool aggregate = false;    // MariaDB
  std::string parameters{};  // text between the parentheses
  std::string returns{};     // a function's type, as text
  // DETERMINISTIC, "SQL DATA ACCESS", "SQL SECURITY", COMMENT, LANGUAGE, USING
  Options characteristics{};
  std::string body{};
  StoredContext context{};
  friend bool operator==(const Routine&, const Routine&) = default;
};

struct Trigger {
  std::string name{};
  std::string definer{};
  std::string timing{};  // BEFORE, AFTER
  std::string event{};   // INSERT, UPDATE, DELETE
  std::string table{};
  std::string follows{};  // the trigger of the same kind that fires just before; empty: the first
  std::string body{};
  StoredContext context{};
  friend bool operator==(const Trigger&, const Trigger&) = default;
};

struct Event {
  std::string name{};
  std::string definer{};
  std::string schedule{};  // AT … | EVERY … [STARTS …] [ENDS …]
  bool preserve = false;   // ON COMPLETION PRESERVE
  std::string status{};    // ENABLE, DISABLE, DISABLE ON REPLICA
  std::string comment{};
  std::string time_zone{};
  std::string body{};
  StoredContext context{};
  friend bool operator==(const Event&, const Event&) = default;
};

struct Sequence {  // MariaDB
  std::string name{};
  std::optional<std::int64_t> start{}, minimum{}, maximum{}, increment{}, cache{};
  bool cycle = false;
  std::string engine{};
  std::string type{};  // AS <type> (11.5); empty: bigint
  std::string comment{};
  friend bool operator==(const Sequence&, const Sequence&) = default;
};

struct Library {  // MySQL 9.2: CREATE LIBRARY
  std::string name{};
  std::string language{};  // upper case
  std::string comment{};
  std::string body{};
  friend bool operator==(const Library&, const Library&) = default;
};

// Orders names as the server tells columns and routines apart: ASCII case means nothing.
struct NameLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

// One database. Table, view and trigger names are compared exactly (lower_case_table_names = 0);
// whoever fills the model lowers them first where the server does.
struct Schema {
  std::string name;
  std::string charset;
  std::string collation;
  std::map<std::string, Table> tables;
  std::map<std::string, View> views;
  std::map<std::string, Routine, NameLess> procedures;
  std::map<std::string, Routine, NameLess> functions;
  std::map<std::string, Routine, NameLess> packages;  // MariaDB; a body's key is "name body"
  std::map<std::string, Trigger> triggers;
  std::map<std::string, Event, NameLess> events;
  std::map<std::string, Sequence> sequences;
  std::map<std::string, Library, NameLess> libraries;
  friend bool operator==(const Schema&, const Schema&) = default;
};

[[nodiscard]] bool same_name(std::string_view a, std::string_view b);  // ignoring ASCII case

}  // namespace sluice::schema

// The product's tree of a statement: plain values, copied and compared as such. parse() builds it
// when asked (Detail::Tree); print.h gives the SQL text back, token for token but for comments,
// blank space and the case of keywords.
//
// Names are unquoted and in the case of the text; literals keep their spelling. Nothing here refers
// to the text that was parsed. Where a member says "words", it holds keywords in upper case, names
// and literals as spelled, with a blank where the text had one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "parser/facts.h"
#include "parser/schema/ddl.h"

namespace sluice::parser {

// A value on the heap that copies and compares like the value: what makes a recursive tree of
// values possible.
template <class T>
class Box {
 public:
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: a Box is a T
  Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
  Box(Box&&) noexcept = default;
  Box& operator=(const Box& other) {
    if (this != &other) value_ = std::make_unique<T>(*other.value_);
    return *this;
  }
  Box& operator=(Box&&) noexcept = default;
  ~Box() = default;

  [[nodiscard]] T& operator*() { return *value_; }
  [[nodiscard]] const T& operator*() const { return *value_; }
  [[nodiscard]] T* operator->() { return value_.get(); }
  [[nodiscard]] const T* operator->() const { return value_.get(); }
  friend bool operator==(const Box& a, const Box& b) { return *a.value_ == *b.value_; }

 private:
  std::unique_ptr<T> value_;
};

struct Name {
  enum class Spelling : std::uint8_t {
    Plain,    // an identifier, quoted or not: the servers make no difference
    Keyword,  // a word of the grammar without quotes (`date`): another token, another digest
    Text,     // a string literal where a name may be one; `text` is the literal as spelled
  };

  std::string text;
  Spelling spelling = Spelling::Plain;

  friend bool operator==(const Name&, const Name&) = default;
};

struct QualifiedName {
  std::optional<Name> schema;
  Name name;
  bool leading_dot = false;  // .t: the default schema's

  friend bool operator==(const QualifiedName&, const QualifiedName&) = default;
};

struct Query;
struct Piece;
struct WindowSpec;
struct StatementTree;

// An expression. `kind` says which members mean something; operands are in source order.
struct Expression {
  enum class Kind : std::uint8_t {
    Literal,         // text: as spelled, introducer, DATE and the like included
    Parameter,       // ?
    Column,          // name: [[schema,] table,] column; also a local variable
    Star,            // name: [[schema,] table]
    UserVariable,    // text: as spelled, @ included
    SystemVariable,  // text: as spelled, @@ included
    Unary,           // operators before the one operand
    Chain,           // operands joined by left-associative operators of one precedence; an operator
                     // "IS …" has no operand of its own
    Between,         // text: BETWEEN or NOT BETWEEN; value, low, high
    In,              // text: IN or NOT IN; the value and a Row, Parens or Subquery
    Predicate,  // text: [NOT] LIKE, RLIKE, REGEXP, SOUNDS LIKE, MEMBER OF; value, pattern[, escape]
    Collate,    // operators: the collations, nearest first; one operand
    Call,       // name(text operands): text is DISTINCT, ALL or empty; `after` and `over` follow
    Special,    // a function or operand with a grammar of its own: text is its first word, pieces
                // everything, that word included; `over` follows
    Case,       // operands: [subject,] when, then, …[, else]; flags subject and otherwise
    Row,        // (a, b), or with text ROW(…)
    Parens,     // (one operand)
    Subquery,   // (query)
    Exists,     // EXISTS (query)
    Quantified,  // text: ALL, ANY, SOME; (query)
    Interval,    // INTERVAL operand text; without a unit the function INTERVAL and its Row
    Assign,      // operands: user variable, value
    Odbc,        // {name operand}
    Default,     // the word DEFAULT as a value
  };

  Kind kind = Kind::Literal;
  bool leading_dot = false;  // Column: .table.column
  bool subject = false;
  bool otherwise = false;
  std::string text;
  std::string after;  // Call: "RESPECT NULLS", "FROM LAST", … between the arguments and OVER
  // Literals or tuples of the same list that follow and were not read, as spelled: what a list of
  // ten thousand literals is kept as.
  std::string more;
  std::vector<Name> name;
  std::vector<std::string> operators;
  std::vector<Expression> operands;
  std::vector<Piece> pieces;
  std::optional<Box<Query>> query;
  std::optional<Box<WindowSpec>> over;

  friend bool operator==(const Expression&, const Expression&);
};

// A part of something that has no shape here: words, or what has one.
struct Piece {
  std::variant<std::string, Box<Expression>, Box<Query>, Box<StatementTree>> value;

  friend bool operator==(const Piece&, const Piece&);
};

struct OrderItem {
  Expression by;
  std::string direction;  // "", "ASC", "DESC"

  friend bool operator==(const OrderItem&, const OrderItem&) = default;
};

// OVER name, OVER (…), or a window of the WINDOW clause.
struct WindowSpec {
  bool parens = true;        // false: OVER name
  std::optional<Name> base;  // the window that this one refers to
  std::vector<Expression> partition_by;
  std::vector<OrderItem> order_by;
  std::vector<Piece> frame;  // from ROWS, RANGE or GROUPS on

  friend bool operator==(const WindowSpec&, const WindowSpec&) = default;
};

struct Alias {
  bool as = false;  // the word was written
  Name name;

  friend bool operator==(const Alias&, const Alias&) = default;
};

struct Limit {
  std::optional<Expression> offset;
  std::optional<Expression> count;
  bool comma = false;  // LIMIT offset, count
  std::string words;   // MariaDB: "ROWS EXAMINED n", or a whole "[OFFSET …] FETCH …" clause

  friend bool operator==(const Limit&, const Limit&) = default;
};

struct Into {
  IntoKind kind = IntoKind::None;
  std::string file;                   // the literal as spelled
  std::string words;                  // character set, FIELDS and LINES clauses
  std::vector<Expression> variables;  // user variables, or local ones as Column

  friend bool operator==(const Into&, const Into&) = default;
};

struct CommonTable {
  Name name;
  std::vector<Name> columns;
  Box<Query> query;
  std::string cycle;  // MariaDB: "CYCLE …"

  friend bool operator==(const CommonTable&, const CommonTable&) = default;
};

struct With {
  bool recursive = false;
  std::vector<CommonTable> tables;

  friend bool operator==(const With&, const With&) = default;
};

struct SelectItem {
  Expression value;
  std::optional<Alias> alias;

  friend bool operator==(const SelectItem&, const SelectItem&) = default;
};

struct Window {
  Name name;
  WindowSpec spec;

  friend bool operator==(const Window&, const Window&) = default;
};

struct TableReference;

// One SELECT, VALUES, TABLE, or a query in parentheses.
struct QueryBlock {
  enum class Kind : std::uint8_t { Select, Values, Table, Parens };

  Kind kind = Kind::Select;
  std::vector<std::string> options;  // an optimizer hint, DISTINCT, SQL_CALC_FOUND_ROWS, …
  std::vector<SelectItem> items;
  bool from_dual = false;
  std::vector<TableReference> from;
  std::optional<Expression> where;
  std::vector<OrderItem> group_by;
  std::string rollup;  // "", "WITH ROLLUP", or "ROLLUP" and "CUBE" for GROUP BY ROLLUP (…)
  std::vector<Expression> grouping_sets;  // Rows: GROUP BY GROUPING SETS ((a, b), ())
  std::optional<Expression> having;
  std::vector<Window> windows;
  std::optional<Expression> qualify;
  std::vector<Expression> rows;     // Values: Rows
  QualifiedName table;              // Table
  std::optional<Box<Query>> inner;  // Parens
  Into into;                        // written before FROM

  friend bool operator==(const QueryBlock&, const QueryBlock&);
};

struct Lock {
  std::string words;                  // "FOR UPDATE", "FOR SHARE", "LOCK IN SHARE MODE"
  std::vector<QualifiedName> tables;  // OF …
  std::string wait;                   // "NOWAIT", "SKIP LOCKED", "WAIT n"

  friend bool operator==(const Lock&, const Lock&) = default;
};

// A query expression: blocks joined by set operators, and what applies to the whole.
struct Query {
  std::optional<With> with;
  std::vector<QueryBlock> blocks;
  std::vector<std::string> operators;  // one less than blocks: "UNION", "EXCEPT ALL", …
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  std::vector<Piece> procedure;  // MariaDB, MySQL 5.7: PROCEDURE ANALYSE(…)
  std::vector<Lock> locks;
  Into into;
  bool into_before_locks = false;

  friend bool operator==(const Query&, const Query&) = default;
};

struct JoinCondition {
  std::optional<Expression> on;     // ON, or else
  std::vector<Name> using_columns;  // USING

  friend bool operator==(const JoinCondition&, const JoinCondition&) = default;
};

struct JoinStep;

// A table, derived table, table function, or a join of several.
struct TableReference {
  enum class Kind : std::uint8_t { Table, Derived, Function, Parens, Odbc, Join };

  Kind kind = Kind::Table;
  bool lateral = false;             // Derived
  QualifiedName name;               // Table
  std::vector<Name> partitions;     // Table
  std::vector<Piece> system_time;   // Table, Derived; MariaDB: FOR SYSTEM_TIME …
  std::optional<Alias> alias;       // Table, Derived, Function
  std::vector<Name> columns;        // of a derived table's alias
  std::string words;                // Table: index hints
  std::vector<Piece> pieces;        // Function: JSON_TABLE(…); Table: TABLESAMPLE …
  std::optional<Box<Query>> query;  // Derived
  std::vector<TableReference> of;   // Parens, Odbc: what is inside; Join: the first
  std::vector<JoinStep> steps;      // Join
  std::optional<Name> odbc;         // Odbc: the word behind {

  friend bool operator==(const TableReference&, const TableReference&);
};

// A further table of a join. The first condition behind it is its own, each further one that of
// the nearest step before that has none yet: a JOIN b JOIN c ON x ON y is a JOIN (b JOIN c ON x) ON
// y.
struct JoinStep {
  std::string words;  // "JOIN", "LEFT OUTER JOIN", "NATURAL JOIN", "STRAIGHT_JOIN", …
  TableReference table;
  std::vector<JoinCondition> conditions;

  friend bool operator==(const JoinStep&, const JoinStep&) = default;
};

}  // namespace sluice::parser

#include "parser/statement_kinds.h"

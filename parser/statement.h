#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "parser/facts.h"

namespace sluice::parser {

// The product's tree of a statement: plain values, compared and copied as such. Names are unquoted
// and in the case of the text; literals keep their spelling. Nothing here refers to the text that
// was parsed.

// A value on the heap that copies and compares like the value: what makes a recursive tree of
// values possible.
template <class T>
class Box {
 public:
  Box() : value_(std::make_unique<T>()) {}
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

struct QualifiedName {
  std::string schema;  // empty when the text has none
  std::string name;

  friend bool operator==(const QualifiedName&, const QualifiedName&) = default;
};

struct Query;

// An expression. `kind` says which members mean something; operands are in source order.
struct Expression {
  enum class Kind : std::uint8_t {
    Literal,         // text: as spelled, introducer and all
    Parameter,       // ?
    Column,          // schema, table, text
    Star,            // schema, table: [[schema.]table.]*
    UserVariable,    // text without @
    SystemVariable,  // text: as spelled after @@
    Unary,           // text: operator; one operand
    Binary,   // text: operator (upper case); two or more operands of a chain of the same operator
    Between,  // text: BETWEEN or NOT BETWEEN; three operands
    In,  // text: IN or NOT IN; value, then the list; `more`: spelled literals of a collapsed list
    InQuery,     // text: IN or NOT IN; one operand; query
    Like,        // text: LIKE or NOT LIKE; value, pattern, perhaps the escape
    Is,          // text: IS NULL, IS NOT TRUE, …; one operand
    Quantified,  // text: "= ALL", "> ANY", …; one operand; query
    Collate,     // text: the collation; one operand
    Function,    // schema, text: name; pieces
    Case,  // operands: [subject,] when, then, …, [else]; text: "S" with a subject, "E" with an else
    Row,       // ROW(…), or a list in parentheses
    Parens,    // (one operand)
    Subquery,  // (query)
    Exists,    // EXISTS (query)
    Interval,  // INTERVAL operand text (unit)
    Assign,    // user variable := value
    Match,     // MATCH columns AGAINST (value modifiers): pieces
    Odbc,      // {text operand}
    Words,     // keywords between the pieces of a function: text
  };

  Kind kind = Kind::Literal;
  bool builtin = false;  // Function: the server itself knows the name
  std::string schema;
  std::string table;
  std::string text;
  std::string more;
  // Function, Match: expressions and Words (FROM, AS CHAR(3), ",", "ORDER BY", …) in source order,
  // without the parentheses; a window follows as Words "OVER" and more pieces.
  std::vector<Expression> operands;
  std::optional<Box<Query>> query;

  friend bool operator==(const Expression&, const Expression&);
};

struct OrderItem {
  Expression by;
  std::string direction;  // "", "ASC", "DESC"

  friend bool operator==(const OrderItem&, const OrderItem&) = default;
};

struct Limit {
  std::optional<Expression> offset;
  std::optional<Expression> count;
  std::string words;  // MariaDB: "FETCH FIRST … ROWS ONLY" as spelled, "ROWS EXAMINED n"

  friend bool operator==(const Limit&, const Limit&) = default;
};

struct Into {
  IntoKind kind = IntoKind::None;
  std::string file;   // the literal as spelled
  std::string words;  // character set, FIELDS and LINES clauses, one blank between tokens
  std::vector<Expression> variables;  // user variables, or names of local variables as Column

  friend bool operator==(const Into&, const Into&) = default;
};

struct TableReference;

struct CommonTable {
  std::string name;
  std::vector<std::string> columns;
  Box<Query> query;
  std::string words;  // MariaDB's CYCLE clause

  friend bool operator==(const CommonTable&, const CommonTable&);
};

struct With {
  bool recursive = false;
  std::vector<CommonTable> tables;

  friend bool operator==(const With&, const With&) = default;
};

struct SelectItem {
  Expression value;
  std::string alias;

  friend bool operator==(const SelectItem&, const SelectItem&) = default;
};

struct Window {
  std::string name;
  std::vector<Expression> pieces;  // as in Function

  friend bool operator==(const Window&, const Window&) = default;
};

// One SELECT, VALUES, TABLE, or a query in parentheses.
struct QueryBlock {
  enum class Kind : std::uint8_t { Select, Values, Table, Parens };

  Kind kind = Kind::Select;
  std::vector<std::string> options;  // DISTINCT, SQL_CALC_FOUND_ROWS, …
  std::vector<SelectItem> items;
  std::vector<TableReference> from;
  std::optional<Expression> where;
  std::vector<OrderItem> group_by;
  std::string group_words;  // "WITH ROLLUP"
  std::optional<Expression> having;
  std::vector<Window> windows;
  std::optional<Expression> qualify;
  std::string procedure;                      // MariaDB: PROCEDURE ANALYSE(…) as spelled
  std::vector<std::vector<Expression>> rows;  // Values
  std::string more_rows;                      // Values: collapsed rows as spelled
  std::uint64_t collapsed_rows = 0;
  QualifiedName table;              // Table
  std::optional<Box<Query>> inner;  // Parens
  Into into;                        // written before FROM or at the block's end

  friend bool operator==(const QueryBlock&, const QueryBlock&);
};

struct Lock {
  std::string words;  // "FOR UPDATE", "LOCK IN SHARE MODE", "FOR SHARE … SKIP LOCKED"
  std::vector<QualifiedName> tables;  // OF …

  friend bool operator==(const Lock&, const Lock&) = default;
};

// A query expression: blocks joined by set operators, and what applies to the whole.
struct Query {
  std::optional<With> with;
  std::vector<QueryBlock> blocks;
  std::vector<std::string>
      operators;  // one less than blocks: "UNION", "UNION ALL", "EXCEPT DISTINCT", …
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  std::vector<Lock> locks;
  Into into;

  friend bool operator==(const Query&, const Query&) = default;
};

// A table, derived table, table function, or a join of several.
struct TableReference {
  enum class Kind : std::uint8_t { Table, Derived, Function, Join, Parens };

  Kind kind = Kind::Table;
  QualifiedName name;                   // Table
  std::vector<std::string> partitions;  // Table
  std::string words;  // index hints, TABLESAMPLE, FOR SYSTEM_TIME …; as spelled with single blanks
  std::string alias;
  std::vector<std::string> columns;  // of a derived table's alias
  bool lateral = false;
  std::optional<Box<Query>> query;       // Derived
  std::vector<Expression> pieces;        // Function: JSON_TABLE's arguments
  std::string join;                      // Join: "JOIN", "LEFT JOIN", "NATURAL JOIN", …
  std::vector<TableReference> operands;  // Join: two; Parens: one or more
  std::optional<Expression> on;
  std::vector<std::string> using_columns;

  friend bool operator==(const TableReference&, const TableReference&);
};

struct Assignment {
  Expression column;  // Column
  Expression value;   // a Function named DEFAULT without pieces for the bare word

  friend bool operator==(const Assignment&, const Assignment&) = default;
};

struct Select {
  Query query;
  friend bool operator==(const Select&, const Select&) = default;
};

struct Insert {
  bool replace = false;
  std::vector<std::string> options;  // LOW_PRIORITY, DELAYED, HIGH_PRIORITY, IGNORE
  QualifiedName table;
  std::vector<std::string> partitions;
  bool column_list = false;  // "()" is a list too
  std::vector<Expression> columns;
  std::vector<std::vector<Expression>> rows;
  std::string more_rows;             // collapsed rows as spelled: "(3,4),(5,6)"
  std::uint64_t collapsed_rows = 0;  // how many those are
  std::vector<Assignment> set;
  std::optional<Query> query;
  std::string alias;
  std::vector<std::string> alias_columns;
  std::vector<Assignment> on_duplicate;
  std::vector<SelectItem> returning;

  friend bool operator==(const Insert&, const Insert&) = default;
};

struct Update {
  std::optional<With> with;
  std::vector<std::string> options;  // LOW_PRIORITY, IGNORE
  std::vector<TableReference> tables;
  std::string period;  // MariaDB: FOR PORTION OF … as spelled
  std::vector<Assignment> set;
  std::optional<Expression> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;

  friend bool operator==(const Update&, const Update&) = default;
};

struct Delete {
  std::optional<With> with;
  std::vector<std::string> options;    // LOW_PRIORITY, QUICK, IGNORE, HISTORY
  std::vector<QualifiedName> targets;  // of the multi-table forms
  bool target_using = false;           // DELETE FROM targets USING tables
  std::vector<TableReference> tables;  // the one table, or those of FROM / USING
  std::string period;                  // MariaDB: FOR PORTION OF …, BEFORE SYSTEM_TIME …
  std::optional<Expression> where;
  std::vector<OrderItem> order_by;
  std::optional<Limit> limit;
  std::vector<SelectItem> returning;

  friend bool operator==(const Delete&, const Delete&) = default;
};

// CALL, DO and everything else whose shape nobody but the facts needs: its tokens with keywords in
// upper case, names and literals as spelled, one blank between.
struct Other {
  std::string words;
  friend bool operator==(const Other&, const Other&) = default;
};

using StatementBody = std::variant<Other, Select, Insert, Update, Delete>;

struct Statement {
  StatementBody body;
  StatementFacts facts;
};

}  // namespace sluice::parser

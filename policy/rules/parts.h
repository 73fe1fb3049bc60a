// The statements that a statement of a sheet brings, by their tokens: what the rules about DML and
// queries look at. Pure.
#pragma once

#include "policy/rules/sheet.h"

namespace sluice::policy::rules {

// The statement itself first. Empty without facts, which the parts point into. `source` is the
// statement's text, `base` where it begins in the sheet.
[[nodiscard]] std::vector<Part> read_parts(const parser::StatementFacts* facts,
                                           std::string_view source, std::size_t base,
                                           const parser::Dialect& dialect);

[[nodiscard]] bool is_insert(const Part& part);  // INSERT and REPLACE, with rows or a query
[[nodiscard]] bool is_update(const Part& part);
[[nodiscard]] bool is_delete(const Part& part);
[[nodiscard]] bool is_literal(parser::TokenKind kind);

// Where in a statement a token stands.
enum class Clause : std::uint8_t {
  kOther,
  kSelect,  // the select list
  kFrom,    // tables and joins
  kOn,      // a join's condition
  kWhere,
  kGroupBy,
  kHaving,
  kOrderBy,
  kLimit,
  kSet,  // UPDATE's and INSERT's assignments
  kValues
};

struct Placed {
  parser::Token token;
  Clause clause = Clause::kOther;
  std::uint32_t depth = 0;  // of parentheses
  std::uint32_t query = 0;  // which query: 0 is the statement's own, each subquery has a number
  bool first_in_parens = false;
};
// Every token of the part with its clause. A function's parentheses belong to the clause around
// them, a subquery's have clauses of their own.
[[nodiscard]] std::vector<Placed> place(const Part& part);

// INSERT's own shape.
struct InsertShape {
  std::optional<std::vector<std::string>> columns;  // "()" is a list of none
  bool set = false;                                 // INSERT … SET
  bool query = false;                               // INSERT … SELECT, TABLE, VALUES ROW(…)
};
// REQUIRES: is_insert(part).
[[nodiscard]] InsertShape insert_shape(const Part& part);

}  // namespace sluice::policy::rules

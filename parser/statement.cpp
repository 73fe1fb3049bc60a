#include "parser/statement.h"

namespace sluice::parser {

// Written out: clang 14 ends with a fault on the defaulted operator of a type that holds a vector
// of itself.
bool operator==(const Expression& a, const Expression& b) {
  return a.kind == b.kind && a.leading_dot == b.leading_dot && a.subject == b.subject &&
         a.otherwise == b.otherwise && a.text == b.text && a.after == b.after && a.more == b.more &&
         a.name == b.name && a.operators == b.operators && a.operands == b.operands &&
         a.pieces == b.pieces && a.query == b.query && a.over == b.over;
}
bool operator==(const Piece&, const Piece&) = default;
bool operator==(const QueryBlock&, const QueryBlock&) = default;
bool operator==(const TableReference& a, const TableReference& b) {
  return a.kind == b.kind && a.lateral == b.lateral && a.name == b.name &&
         a.partitions == b.partitions && a.system_time == b.system_time && a.alias == b.alias &&
         a.columns == b.columns && a.words == b.words && a.pieces == b.pieces &&
         a.query == b.query && a.of == b.of && a.steps == b.steps && a.odbc == b.odbc;
}

}  // namespace sluice::parser

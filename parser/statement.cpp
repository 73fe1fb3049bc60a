#include "parser/statement.h"

namespace sluice::parser {

bool operator==(const Expression&, const Expression&) = default;
bool operator==(const Piece&, const Piece&) = default;
bool operator==(const QueryBlock&, const QueryBlock&) = default;
bool operator==(const TableReference&, const TableReference&) = default;

}  // namespace sluice::parser

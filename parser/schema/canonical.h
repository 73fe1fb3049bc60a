// The one form of a model that two writings of the same schema have in common.
//
// What the server implies is filled in (names of unnamed keys, the index that a foreign key makes,
// character sets and collations, lengths), what means nothing is taken out (display widths,
// AUTO_INCREMENT counters, the order of indexes and keys, DEFAULT NULL, RESTRICT). Pure.
#pragma once

#include "parser/schema/model.h"
#include "parser/schema/target.h"

namespace sluice::schema {

struct CompareOptions {
  bool definer = false;     // definers are compared
  bool whitespace = false;  // whitespace and comments in bodies are compared
};

void canonicalise(Schema& schema, const Target& target, const CompareOptions& how = {});
void canonicalise(Table& table, const Schema& schema, const Target& target);

// `table` with its expressions in one writing, for ==. Not for printing: quotes are gone.
[[nodiscard]] Table comparable(const Table& table, const Target& target);
// One writing of an expression: case, quotes of identifiers, introducers, blanks and outer
// parentheses mean nothing. `own_schema` is removed in front of names.
[[nodiscard]] std::string normal_expression(std::string_view sql, const Target& target,
                                            std::string_view own_schema = {});
// One writing of a function's type: as normal_expression(), and without what the server adds, the
// display width of an integer and the character set and collation of the schema.
[[nodiscard]] std::string normal_type(std::string_view sql, const Target& target,
                                      std::string_view charset, std::string_view collation);
// One writing of a sql_mode: upper case, sorted. Empty stays empty: not known.
[[nodiscard]] std::string normal_modes(std::string_view sql_mode);
// Whether a session of that server has these modes unless it is told otherwise (manual 7.1.11).
[[nodiscard]] bool default_modes(std::string_view sql_mode, const Target& target);
// One writing of a body: blanks and comments mean nothing.
[[nodiscard]] std::string normal_body(std::string_view sql, const Target& target);

[[nodiscard]] std::string default_collation(std::string_view charset, const Target& target);
[[nodiscard]] bool has_charset(const DataType& type);

}  // namespace sluice::schema

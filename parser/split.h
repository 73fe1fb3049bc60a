// Several statements in one text: of a multi-statement packet by tokens, of a file by its delimiter
// as the `mysql` client does it. Pure; allocates only the list.
//
// The server finds the end of a statement with its grammar, and so does parse.h for the bodies of
// stored programs; a text that begins like one is given as a single piece here.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "parser/dialect.h"

namespace sluice::parser {

// An open version comment at the end is a range of no bytes: the server refuses it, so it is not
// left out.
struct StatementRange {
  std::uint32_t start = 0;  // byte offsets; blanks before and the delimiter behind are left out
  std::uint32_t end = 0;
  std::uint32_t line = 1;  // line of `start`, from 1

  [[nodiscard]] std::string_view text(std::string_view whole) const noexcept {
    return whole.substr(start, end - start);
  }
  friend bool operator==(const StatementRange&, const StatementRange&) = default;
};

// Statements of a packet, ended by `;`. Pieces without a token (blanks, comments) are left out.
// From the first statement that creates a stored program (or is MariaDB's BEGIN NOT ATOMIC) to the
// end of the text is one piece.
[[nodiscard]] std::vector<StatementRange> split_statements(std::string_view sql,
                                                           const Dialect& dialect);

// Statements of a file as the `mysql` client sends them: ended by the delimiter, which a line
// `DELIMITER x` changes; quotes and comments hide it, `/*! … */` does not.
[[nodiscard]] std::vector<StatementRange> split_file(std::string_view text, const Dialect& dialect);

}  // namespace sluice::parser

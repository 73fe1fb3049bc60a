// A sheet: the text of a change, split into statements, each of them read twice – by the parser for
// its facts, by the schema reader for its definitions.
//
// Several statements are separated by `;`, or by what a line `DELIMITER x` says, as the mysql
// client does it; the body of a stored program is found to its end without DELIMITER too. What is
// split here is what is judged and what is run: the runner of a task takes the same pieces.
//
// The text must outlive the sheet. Pure; values that move and are not copied.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "parser/parse.h"
#include "parser/schema/ddl.h"
#include "parser/token.h"
#include "policy/rules/server.h"

namespace sluice::policy::rules {

// Bytes [begin, end) of the sheet: from the statement's first token to its last.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Range&, const Range&) = default;
};

[[nodiscard]] std::vector<Range> split_sheet(std::string_view text, const Server& server);

// How many values the rows of an INSERT have: one entry for each different count.
struct RowWidth {
  std::size_t values = 0;
  std::size_t first_row = 1;  // from 1
  std::uint32_t offset = 0;   // of that row's parenthesis, in the part's text
};

// A statement that will run: one of the sheet, one in the body of a stored program of it, or the
// text of a PREPARE … FROM '…'.
struct Part {
  const parser::StatementFacts* facts = nullptr;  // in the sheet
  std::string_view text;                          // what the facts and tokens count in
  std::size_t base = 0;                           // where `text` begins in the sheet
  bool prepared = false;  // a PREPARE's text: its places are those of the PREPARE
  bool in_program = false;
  // Without those of the statements inside it, and without the rows of an INSERT that are literals
  // alone, but for the first.
  std::vector<parser::Token> tokens;
  std::vector<RowWidth> row_widths;
};

struct SheetStatement {
  Range range;
  parser::Parsed parsed;  // one statement, or the error; offsets count from range.begin
  schema::Statement ddl;  // Other when it defines nothing, or could not be read
  std::vector<Part> parts;

  [[nodiscard]] const parser::StatementFacts* facts() const {
    return parsed.accepted() && !parsed.statements.empty() ? &parsed.statements.front().facts
                                                           : nullptr;
  }
};

class Sheet {
 public:
  // `database` is the default schema at its start; empty: none, or unknown.
  // REQUIRES: text.size() <= parser::kMaxTextBytes.
  Sheet(std::string_view text, const Server& server, std::string_view database);
  Sheet(Sheet&&) = default;
  Sheet& operator=(Sheet&&) = default;
  Sheet(const Sheet&) = delete;
  Sheet& operator=(const Sheet&) = delete;

  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] const std::vector<SheetStatement>& statements() const { return statements_; }
  // Line and column (characters, from 1) of a byte offset; of the end for one behind it.
  [[nodiscard]] std::pair<std::uint32_t, std::uint32_t> place(std::size_t offset) const;
  // The statement's first identifier or string with that name, ignoring case, as bytes of the
  // sheet.
  [[nodiscard]] std::optional<Range> find_name(const SheetStatement& statement,
                                               std::string_view name) const;

 private:
  std::string_view text_;
  std::vector<SheetStatement> statements_;
  std::vector<std::size_t> lines_;  // where each begins
  parser::Dialect dialect_;
};

// An identifier's name without its quotes.
[[nodiscard]] std::string unquoted(std::string_view spelled);

}  // namespace sluice::policy::rules

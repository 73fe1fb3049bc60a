// Law: a payload of COM_STMT_BULK_EXECUTE gives a literal for every parameter of every row or
// nothing; cut short it gives the rows that are whole, and only where a row ends; no more rows than
// allowed; and each literal is read as one value by any server. The first three bytes choose the
// parameters, the flags and the types that were sent before.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "parser/lexer.h"
#include "proxy/session/bound_text.h"

namespace {
using namespace sluice;  // one screen, one subject
using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t kMaxRows = 64;
constexpr std::size_t kMaxCut = 512;  // each prefix is decoded: a square
constexpr std::uint16_t kTypesFollow = 128;

// A name behind it is still a name: nothing was left open, and nothing joined.
void check_literal(const std::string& literal) {
  for (const std::uint32_t mode :
       {0U, std::uint32_t{parser::kAnsiQuotes}, std::uint32_t{parser::kNoBackslashEscapes}}) {
    parser::Dialect dialect;
    dialect.sql_mode = mode;
    dialect.placeholders = true;
    const std::string text = literal + " x9";
    parser::Lexer lexer(text, dialect);
    std::size_t count = 0;
    std::string_view last;
    for (auto token = lexer.next(); token.kind != parser::TokenKind::EndOfText;
         token = lexer.next(), ++count) {
      if (token.kind == parser::TokenKind::Placeholder) std::abort();
      last = token.text(text);
    }
    // A word or a sign, the value, the name.
    if (last != "x9" || count < 2 || count > 3) std::abort();
  }
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::size_t parameters = data[0] % 9U;
  const std::uint16_t flags = data[1];
  const wire::Bytes rest(data + 3, size - 3);
  const std::vector<std::uint16_t> before(parameters, data[2]);
  const auto read = [&](wire::Bytes part, std::size_t most) {
    auto types = before;
    wire::Buffer payload;
    encode(wire::StmtBulkExecute{.statement_id = 7, .flags = flags, .rest = part}, payload);
    const auto command = wire::decode_stmt_bulk_execute(payload);
    if (!command || command->statement_id != 7 || command->flags != flags ||
        !std::ranges::equal(command->rest, part)) {
      std::abort();
    }
    auto rows = session::bulk_rows(*command, parameters, most, types);
    if (rows && types.size() != parameters) std::abort();
    return rows;
  };
  const auto rows = read(rest, kMaxRows);
  if (!rows) return 0;
  if (rows->size() > kMaxRows) std::abort();
  for (const auto& row : *rows) {
    if (row.size() != parameters) std::abort();
    for (const auto& literal : row) check_literal(literal);
  }
  if (!rows->empty() && read(rest, rows->size() - 1)) std::abort();
  if (rest.size() > kMaxCut) return 0;
  std::size_t whole = 0;
  const std::size_t types = (flags & kTypesFollow) != 0 ? 2 * parameters : 0;
  for (std::size_t cut = 0; cut <= rest.size(); ++cut) {
    const auto part = read(rest.first(cut), kMaxRows);
    if (!part) continue;
    if (cut < types || part->size() != whole++) std::abort();
    if (!std::equal(part->begin(), part->end(), rows->begin())) std::abort();
  }
  if (whole != rows->size() + 1) std::abort();
  return 0;
}

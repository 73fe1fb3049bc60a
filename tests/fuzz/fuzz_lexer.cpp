// Laws of the lexer, the digest and the splitter: tokens lie inside the text, in order, and end;
// the digest of a text is the digest of itself again and its storage is in its limits; pieces do
// not overlap. The first two bytes choose the dialect.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "parser/digest.h"
#include "parser/lexer.h"
#include "parser/split.h"

namespace {

void require(bool law) {
  if (!law) std::abort();
}

sluice::parser::Dialect dialect_of(std::uint8_t a, std::uint8_t b) {
  sluice::parser::Dialect dialect;
  dialect.sql_mode = a & 0x3FU;
  if ((a & 0x40U) != 0) {
    dialect.engine = sluice::parser::Engine::MariaDb;
    dialect.server_version = 101119;
  }
  dialect.placeholders = (a & 0x80U) != 0;
  dialect.charset = static_cast<sluice::parser::Charset>(
      b % (static_cast<unsigned>(sluice::parser::Charset::Ujis) + 1));
  return dialect;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice::parser;
  if (size < 2) return 0;
  const Dialect dialect = dialect_of(data[0], data[1]);
  const std::string_view sql(reinterpret_cast<const char*>(data) + 2, size - 2);
  Lexer lexer(sql, dialect);
  std::size_t count = 0;
  std::uint32_t end = 0;
  for (Token token = lexer.next(); token.kind != TokenKind::EndOfText; token = lexer.next()) {
    require(token.start >= end && token.end >= token.start && token.end <= sql.size());
    require(token.kind < TokenKind::Count_);
    end = token.end;
    // Every token has a byte of its own, but for an empty host name after each `@`.
    require(++count <= 2 * sql.size() + 2);
  }
  require(lexer.next().kind == TokenKind::EndOfText);

  static const auto once = std::make_unique<StatementDigest>();
  static const auto again = std::make_unique<StatementDigest>();
  once->read(sql, dialect);
  again->read(sql, dialect);
  require(once->hash() == again->hash() && once->text() == again->text());
  require(once->tokens().size() <= StatementDigest::kKeptBytes);

  for (const auto& pieces : {split_statements(sql, dialect), split_file(sql, dialect)}) {
    std::uint32_t last = 0;
    for (const StatementRange& piece : pieces) {
      require(piece.start >= last && piece.end >= piece.start && piece.end <= sql.size());
      last = piece.end;
    }
  }
  return 0;
}

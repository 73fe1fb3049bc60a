// The law of the statement tree: what is printed is accepted, gives the same tree and the same
// digest. The first two bytes choose the dialect.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "parser/digest.h"
#include "parser/parse.h"
#include "parser/print.h"

namespace {

using namespace sluice::parser;

void require(bool law) {
  if (!law) std::abort();
}

std::string digest(std::string_view sql, const Dialect& dialect) {
  const auto reader = std::make_unique<StatementDigest>();
  reader->read(sql, dialect);
  return reader->text();
}

Dialect dialect_of(std::uint8_t mode, std::uint8_t more) {
  Dialect dialect;
  dialect.sql_mode = mode & 0x3FU;
  if ((mode & 0x40U) != 0) {
    dialect.engine = Engine::MariaDb;
    dialect.server_version = 101119;
  }
  dialect.placeholders = (mode & 0x80U) != 0;
  if ((more & 1U) != 0) dialect.charset = Charset::Gbk;
  return dialect;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Dialect dialect = dialect_of(data[0], data[1]);
  const std::string_view text(reinterpret_cast<const char*>(data + 2),
                              size - 2);  // NOLINT: fuzzer's bytes
  const Parsed first = parse(text, dialect, Detail::Tree);
  if (!first.accepted()) return 0;
  const std::string printed = print(*first.statements.front().tree, dialect);
  const Parsed second = parse(printed, dialect, Detail::Tree);
  require(second.accepted() && second.statements.size() == 1);
  require(*first.statements.front().tree == *second.statements.front().tree);
  require(first.statements.front().facts.class_name == second.statements.front().facts.class_name);
  // A `;` at the end is no part of the tree, and a digest that was cut may end with any.
  if (text.find(';') == std::string_view::npos)
    require(digest(text, dialect) == digest(printed, dialect));
  return 0;
}

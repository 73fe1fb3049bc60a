// Laws of the parser: any text gives statements that lie inside it, in order, or an error inside
// it; a text with an error is opaque. The first two bytes choose the dialect.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "parser/parse.h"

namespace {

void require(bool law) {
  if (!law) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  using namespace sluice::parser;
  Dialect dialect;
  dialect.sql_mode = data[0] & 0x3FU;
  if ((data[0] & 0x40U) != 0) {
    dialect.engine = Engine::MariaDb;
    dialect.server_version = 101119;
  }
  dialect.placeholders = (data[0] & 0x80U) != 0;
  dialect.multi_statements = (data[1] & 1U) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 2),
                              size - 2);  // NOLINT: fuzzer's bytes
  const Parsed parsed = parse(text, dialect);
  std::size_t last = 0;
  for (const auto& statement : parsed.statements) {
    require(statement.facts.start >= last && statement.facts.end >= statement.facts.start);
    require(statement.facts.end <= text.size());
    require(!statement.facts.class_name.empty());
    last = statement.facts.end;
  }
  require(parsed.accepted() || parsed.group() == ActionGroup::Opaque);
  require(!parsed.error ||
          (parsed.error->offset <= text.size() && parsed.error->near.size() <= 80));
  require(dialect.multi_statements || parsed.statements.size() <= 1 || parsed.error);
  return 0;
}

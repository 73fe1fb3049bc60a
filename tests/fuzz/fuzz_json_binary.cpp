// Law: any bytes are a JSON value or refused; what is one prints, the same with and without a tree
// in between, and differences apply to it or
// are refused. The first two bytes split the input into value and differences.
#include <algorithm>
#include <cstdlib>

#include "proxy/binlog/json.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  if (size < 2) return 0;
  const wire::Bytes all(data + 2, size - 2);
  const std::size_t split = std::min<std::size_t>(data[0] | std::size_t{data[1]} << 8U, all.size());
  auto json = binlog::decode_json(all.first(split));
  std::string direct;
  if (binlog::append_json_text(all.first(split), direct).has_value() != json.has_value())
    std::abort();
  if (!json) return 0;
  std::string text;
  binlog::append_json_text(*json, text);
  if (direct != text) std::abort();
  std::string sql;
  binlog::append_json_sql(*json, sql);
  if (text.empty() || sql.empty()) std::abort();
  if (binlog::apply_json_diffs(*json, all.subspan(split))) {
    std::string after;
    binlog::append_json_text(*json, after);
  }
  return 0;
}

#include "parser/builtin_functions.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "parser/words.h"

namespace sluice::parser {
namespace {

constexpr std::uint32_t kNever = 0;
constexpr std::uint32_t kEver = UINT32_MAX;

struct Native {
  std::string_view name;
  std::uint32_t since;  // MySQL's: from `since` to below `until`
  std::uint32_t until;
  bool mariadb;
};

constexpr Native kNatives[] = {
#include "parser/builtin_functions.inc"
};

static_assert(std::is_sorted(std::begin(kNatives), std::end(kNatives),
                             [](const Native& a, const Native& b) { return a.name < b.name; }));

}  // namespace

bool is_builtin_function(std::string_view name, const Dialect& dialect) {
  const std::string wanted = lower_case(name);
  const auto* found = std::lower_bound(
      std::begin(kNatives), std::end(kNatives), wanted,
      [](const Native& native, std::string_view key) { return native.name < key; });
  if (found == std::end(kNatives) || found->name != wanted) return false;
  if (dialect.engine == Engine::MariaDb) return found->mariadb;
  return dialect.server_version >= found->since && dialect.server_version < found->until;
}

}  // namespace sluice::parser

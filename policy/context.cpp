#include "policy/context.h"

namespace sluice::policy {
namespace {

constexpr std::string_view kMariadbPrefix = "5.5.5-";  // before replication from MariaDB was known

}  // namespace

std::uint32_t version_number(std::string_view version) noexcept {
  if (version.starts_with(kMariadbPrefix) && version.find("MariaDB") != std::string_view::npos) {
    version.remove_prefix(kMariadbPrefix.size());
  }
  std::uint32_t parts[3]{};
  std::size_t at = 0;
  for (std::uint32_t& part : parts) {
    while (at < version.size() && version[at] >= '0' && version[at] <= '9' && part < 1000) {
      part = part * 10 + static_cast<std::uint32_t>(version[at++] - '0');
    }
    if (at == version.size() || version[at] != '.') break;
    ++at;
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

parser::Dialect dialect(const Context& context, bool placeholders) {
  parser::Dialect made;
  made.engine =
      context.engine == Engine::kMariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
  if (context.server_version != 0) made.server_version = context.server_version;
  made.sql_mode = context.session.sql_mode;
  made.charset = context.session.charset;
  made.placeholders = placeholders;
  made.multi_statements = context.session.multi_statements;
  made.lower_case_table_names = context.lower_case_table_names;
  return made;
}

}  // namespace sluice::policy

#include "proxy/backend/session_report.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "proxy/wire/session_track.h"

namespace sluice::backend {

std::optional<SessionReport> parse_report(std::string_view text) {
  std::array<std::string_view, 8> lines;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t end = text.find('\n');
    // Only the last of them may be that of the text: no default schema.
    if (end == std::string_view::npos && i + 1 != lines.size()) return std::nullopt;
    lines[i] = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  SessionReport report;
  const auto number = std::from_chars(lines[4].data(), lines[4].data() + lines[4].size(),
                                      report.lower_case_table_names);
  if (lines[1].empty() || number.ec != std::errc{}) return std::nullopt;
  report.sql_mode = lines[0];
  report.charset = lines[1];
  report.default_charsets = lines[2] == "1";
  report.collation = lines[3];
  report.track_schema = lines[5] == "1" || lines[5] == "ON";  // as MariaDB writes it
  report.variables = lines[6];
  report.gtids = lines[7];
  report.schema = text;
  return report;
}

std::string tracked_variables(std::string_view clients, bool mariadb) {
  std::string list(clients);
  if (list == "*") return list;
  for (const std::string_view name :
       {std::string_view("sql_mode"), std::string_view("character_set_client"),
        std::string_view("session_track_system_variables"), std::string_view("last_gtid")}) {
    if (wire::lists_name(clients, name) || (name == "last_gtid" && !mariadb)) continue;
    if (!list.empty()) list += ',';
    list += name;
  }
  return list;
}

bool same_names(std::string_view a, std::string_view b) {
  const auto within = [](std::string_view names, std::string_view list) {
    while (!names.empty()) {
      const std::size_t comma = std::min(names.find(','), names.size());
      std::string_view name = names.substr(0, comma);
      while (name.starts_with(' ')) name.remove_prefix(1);
      while (name.ends_with(' ')) name.remove_suffix(1);
      if (!wire::lists_name(list, name)) return false;
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
    return true;
  };
  return a == b || (within(a, b) && within(b, a));
}

}  // namespace sluice::backend

// What a server says of a session of its own: the part that changes the meaning of texts, and what
// it tracks. Asked with policy::Control::kAsk…, which gives one text of lines:
//
//   sql_mode | character_set_client | character sets as the server's own (0, 1) |
//   collation_connection | lower_case_table_names | session_track_schema |
//   session_track_system_variables | session_track_gtids | default schema (absent: none)
//
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::backend {

struct SessionReport {
  std::string sql_mode;
  std::string charset;    // character_set_client
  std::string collation;  // collation_connection
  std::string schema;     // empty: none
  // The trackers, as the client has them: ours are not in it.
  std::string variables;
  std::string gtids;  // "OFF", "OWN_GTID", "ALL_GTIDS"; "0" where the server has no such variable
  bool track_schema = true;
  // All character sets of the session are those of character_set_server: the session is as a login
  // with the greeting's collation makes it.
  bool default_charsets = false;
  std::uint8_t lower_case_table_names = 0;

  friend bool operator==(const SessionReport&, const SessionReport&) = default;
};
[[nodiscard]] std::optional<SessionReport> parse_report(std::string_view text);

// The list that a client's becomes so that Sluice hears what it must: the same, and what is missing
// in it of sql_mode, character_set_client, the list itself and, for MariaDB, last_gtid. MySQL
// refuses a name that is listed twice.
[[nodiscard]] std::string tracked_variables(std::string_view clients, bool mariadb);

// Whether two lists have the same names: servers give a list back in an order of their own.
[[nodiscard]] bool same_names(std::string_view a, std::string_view b);

}  // namespace sluice::backend

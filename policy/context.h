// Who asks, from where, on which target and in which session: everything a verdict depends on
// beside the statement itself. Views live as long as the call they are given to.
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/dialect.h"
#include "policy/account.h"

namespace sluice::policy {

enum class Engine : std::uint8_t { kMysql, kMariadb };

// What in a session changes the meaning of a text, as the server says it. For a text that was
// prepared earlier: as it was when it was prepared.
struct SessionFacts {
  std::string_view schema;                             // default schema; empty: none
  std::uint32_t sql_mode = 0;                          // parser::SqlMode bits
  parser::Charset charset = parser::Charset::Utf8mb4;  // character_set_client
  bool autocommit = true;
  bool in_transaction = false;
  bool multi_statements = false;
  // False: the server could not be asked what it makes of texts now, and the rest is the last that
  // was known. In doubt the gate refuses.
  bool certain = true;
  // The session was granted break_glass(): what would wait for somebody runs at once, and whatever
  // it changes is recorded.
  bool break_glass = false;
  // The text is an XA COMMIT of a transaction that was prepared where nobody saw it: what it
  // commits is a change of data.
  bool unknown_xa = false;
};

struct Context {
  const Account* account = nullptr;
  std::string_view instance;
  Engine engine = Engine::kMysql;
  std::uint32_t server_version = 0;  // as version comments count: 90704 is 9.7.4
  std::uint8_t lower_case_table_names = 0;
  SessionFacts session;
};

// "9.7.4-2" is 90704, "5.5.5-10.11.19-MariaDB" is 101119; 0 when there is no number in it.
[[nodiscard]] std::uint32_t version_number(std::string_view version) noexcept;

// How the server reads a text in this session. `placeholders`: the text is prepared. The schema is
// left out: it changes no token.
[[nodiscard]] parser::Dialect dialect(const Context& context, bool placeholders);

}  // namespace sluice::policy

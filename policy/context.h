// Who asks, from where, on which target and in which session: everything a verdict depends on
// beside the statement itself. Views live as long as the call they are given to.
#pragma once

#include <cstdint>
#include <string_view>

#include "policy/account.h"

namespace sluice::policy {

enum class Engine : std::uint8_t { kMysql, kMariadb };

// What a session changed that changes the meaning of a text.
struct SessionFacts {
  std::string_view schema;      // default schema; empty: none
  std::uint16_t collation = 0;  // of character_set_client, as the login named it
  bool ansi_quotes = false;
  bool no_backslash_escapes = false;
  bool pipes_as_concat = false;
  bool autocommit = true;
  bool in_transaction = false;
  bool multi_statements = false;
};

struct Context {
  const Account* account = nullptr;
  std::string_view instance;
  std::string_view server_version;
  Engine engine = Engine::kMysql;
  SessionFacts session;
};

}  // namespace sluice::policy

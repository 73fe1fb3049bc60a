// What a live server makes of a sheet: its versions, defaults and modes, for the parser and the
// review rules. Blocking; over a control connection.
#pragma once

#include "admin/mysql/connection.h"
#include "policy/rules/server.h"

namespace sluice::change {

[[nodiscard]] mysql::Result<policy::rules::Server> read_server_facts(mysql::Connection& connection);

// Text as UTF-8: what a server says of a value may quote any bytes, and the store keeps text only.
[[nodiscard]] std::string clean_text(std::string_view text);

}  // namespace sluice::change

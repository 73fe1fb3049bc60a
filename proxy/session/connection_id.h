// CONNECTION_ID() within a text: the greeting's id in its place, so that what a client compares
// agrees. The server's own id stays where it is compared with the server's other ids, and in what
// the server keeps (definitions of views and routines). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parser/dialect.h"
#include "proxy/wire/answer_follower.h"

namespace sluice::session {

struct WithSessionId {
  std::string text;
  wire::Renaming renaming;  // gives the columns the names that they would have had
};
// The text with the id in place of each call; nothing when no call is to be replaced.
[[nodiscard]] std::optional<WithSessionId> with_session_id(std::string_view sql,
                                                           const parser::Dialect& dialect,
                                                           std::uint32_t id);

}  // namespace sluice::session

// What Sluice answers itself: the few texts that are about the connection between client and proxy,
// and not about the server behind it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proxy/session/registry.h"
#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"

namespace sluice::session {

// Ids of greetings come from a range of their own, above what servers count to and positive in
// clients that read a signed number.
inline constexpr std::uint32_t kFirstSessionId = 0x40000000;
[[nodiscard]] constexpr bool is_session_id(std::uint64_t id) noexcept {
  return id >= kFirstSessionId && id < 0x80000000U;
}

// `SELECT CONNECTION_ID()` or `SELECT @@pseudo_thread_id`, in any case and spacing, alone in the
// text: the column's name as the server would give it. The greeting's id is the answer, so that
// what a client compares agrees. Inside larger statements the server's own id is seen, which KILL
// understands too.
[[nodiscard]] std::optional<std::string_view> asks_connection_id(std::string_view sql) noexcept;

struct Kill {
  KillScope scope = KillScope::kConnection;
  std::uint64_t id = 0;
};
// `KILL [HARD | SOFT] [CONNECTION | QUERY] number`, alone in the text.
[[nodiscard]] std::optional<Kill> parse_kill(std::string_view sql) noexcept;

// A result set of one row with one unsigned number, as the server frames it.
void append_number_result(std::string_view column, std::uint64_t value,
                          wire::Capabilities capabilities, std::uint16_t status,
                          std::uint8_t sequence, wire::Buffer& out);

}  // namespace sluice::session

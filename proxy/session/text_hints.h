// What a text may do to the session's meaning, seen from its words alone: fast, before any lexer
// knows the session, and never too little. A word in a string or a comment counts too; the price of
// that is a question to the server where nothing had changed. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace sluice::session {

// The facts of a session that change how texts are read.
namespace fact {
inline constexpr std::uint8_t kSchema = 1;
inline constexpr std::uint8_t kSqlMode = 2;
inline constexpr std::uint8_t kCharset = 4;
inline constexpr std::uint8_t kAll = 7;
}  // namespace fact

struct TextHints {
  // Facts that it may change. The server's trackers are to confirm each of them; what they leave
  // out is asked for.
  std::uint8_t changes = 0;
  // Whatever the trackers say, it must be asked: they may be switched off by it, or speak of what
  // ends with the statement.
  bool ask = false;
  // It names a session_track_ variable: the client is to see its own values.
  bool names_trackers = false;
  // The word CONNECTION_ID is in it.
  bool connection_id = false;
};
[[nodiscard]] TextHints look_at(std::string_view text) noexcept;

// Whether a text only reads what the statement before it left (its warnings, its row count), and is
// read alike in every session: then nothing may be asked of the server in between.
[[nodiscard]] bool reads_diagnostics(std::string_view text) noexcept;

}  // namespace sluice::session

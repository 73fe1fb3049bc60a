#include "proxy/session/local_answers.h"

#include <charconv>
#include <string>

#include "proxy/wire/columns.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

// Longer texts are none of these.
constexpr std::size_t kLongest = 64;

bool is_space(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

std::string_view trim(std::string_view sql) noexcept {
  while (!sql.empty() && is_space(sql.front())) sql.remove_prefix(1);
  while (!sql.empty() && (is_space(sql.back()) || sql.back() == ';')) sql.remove_suffix(1);
  return sql;
}

bool equals(std::string_view text, std::string_view word) noexcept {
  if (text.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (upper(text[i]) != word[i]) return false;
  }
  return true;
}

// The next word, ended by a blank.
std::string_view take_word(std::string_view& text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && !is_space(text[size])) ++size;
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return word;
}

}  // namespace

std::optional<std::string_view> asks_connection_id(std::string_view sql) noexcept {
  if (sql.size() > kLongest || sql.size() < 22) return std::nullopt;
  sql = trim(sql);
  if (sql.empty() || upper(sql.front()) != 'S' || !equals(take_word(sql), "SELECT")) {
    return std::nullopt;
  }
  if (equals(sql, "CONNECTION_ID()") || equals(sql, "@@PSEUDO_THREAD_ID") ||
      equals(sql, "@@SESSION.PSEUDO_THREAD_ID")) {
    return sql;
  }
  return std::nullopt;
}

std::optional<Kill> parse_kill(std::string_view sql) noexcept {
  if (sql.size() > kLongest) return std::nullopt;
  sql = trim(sql);
  if (sql.empty() || upper(sql.front()) != 'K' || !equals(take_word(sql), "KILL")) {
    return std::nullopt;
  }
  Kill kill;
  std::string_view word = take_word(sql);
  if (equals(word, "HARD") || equals(word, "SOFT")) word = take_word(sql);
  if (equals(word, "QUERY")) {
    kill.scope = KillScope::kQuery;
    word = take_word(sql);
  } else if (equals(word, "CONNECTION")) {
    word = take_word(sql);
  }
  const auto result = std::from_chars(word.data(), word.data() + word.size(), kill.id);
  if (word.empty() || result.ec != std::errc{} || result.ptr != word.data() + word.size() ||
      !sql.empty()) {
    return std::nullopt;
  }
  return kill;
}

void append_number_result(std::string_view column, std::uint64_t value,
                          wire::Capabilities capabilities, std::uint16_t status,
                          std::uint8_t sequence, wire::Buffer& out) {
  const bool deprecate_eof = capabilities.has(wire::cap::kDeprecateEof);
  const auto end = [&](wire::Buffer& to, bool last) {
    if (deprecate_eof && last) {
      wire::OkPacket ok;
      ok.header = wire::kEofHeader;
      ok.status = status;
      encode(ok, capabilities, to);
    } else {
      encode(wire::EofPacket{.warnings = 0, .status = status}, to);
    }
  };
  sequence = wire::append_packet_with(out, sequence, [&](wire::Buffer& to) {
    wire::Writer writer(to);
    if (capabilities.has(wire::cap::kOptionalMetadata) ||
        capabilities.has(wire::cap::kMariadbCacheMetadata)) {
      // MySQL: 1 byte "metadata follows", then the count; MariaDB: the count, then the byte.
      writer.u8(1);
      writer.u8(1);
    } else {
      writer.u8(1);
    }
  });
  sequence = wire::append_packet_with(out, sequence, [&](wire::Buffer& to) {
    wire::ColumnDefinition definition;
    definition.name = column;
    definition.charset = 63;  // binary: a number
    definition.length = 21;
    definition.type = wire::ColumnType::kLongLong;
    definition.flags =
        wire::column_flag::kNotNull | wire::column_flag::kUnsigned | wire::column_flag::kBinary;
    encode(definition, capabilities, to);
  });
  if (!deprecate_eof) {
    sequence = wire::append_packet_with(out, sequence, [&](wire::Buffer& to) { end(to, false); });
  }
  sequence = wire::append_packet_with(out, sequence, [&](wire::Buffer& to) {
    wire::Writer(to).text_lenenc(std::to_string(value));
  });
  wire::append_packet_with(out, sequence, [&](wire::Buffer& to) { end(to, true); });
}

}  // namespace sluice::session

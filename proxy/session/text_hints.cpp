#include "proxy/session/text_hints.h"

#include <algorithm>
#include <array>

namespace sluice::session {
namespace {

// The longest word that is looked for; longer ones are compared by their beginning only.
constexpr std::size_t kLongest = 32;

enum Class : std::uint8_t { kOther, kWord, kFirst, kEnd };

// Bytes above 0x7F are no part of a word: in some character sets they are blanks.
constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 32] = kWord;
  for (std::size_t c = '0'; c <= '9'; ++c) classes[c] = kWord;
  classes['_'] = classes['$'] = kWord;
  // First letters of the words that matter; a digit may stand before a word in `/*!50000SET`.
  for (const char c : {'s', 'u', 'e', 'c', 'n'}) {
    classes[static_cast<std::size_t>(c)] = classes[static_cast<std::size_t>(c - 32)] = kFirst;
  }
  classes[';'] = kEnd;
  return classes;
}
constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_word(char c) noexcept {
  const std::uint8_t kind = kClasses[static_cast<std::uint8_t>(c)];
  return kind == kWord || kind == kFirst;
}

// The word in capitals, cut to kLongest.
struct Word {
  explicit Word(std::string_view from) noexcept : size(std::min(from.size(), kLongest)) {
    for (std::size_t i = 0; i < size; ++i) {
      text[i] = from[i] >= 'a' && from[i] <= 'z' ? static_cast<char>(from[i] - 32) : from[i];
    }
  }
  [[nodiscard]] std::string_view view() const noexcept { return {text.data(), size}; }
  std::array<char, kLongest> text{};
  std::size_t size;
};

// Whether the text begins with a word whose statements have a SET of their own, or none.
bool begins_with_dml(std::string_view word) noexcept {
  return word == "UPDATE" || word == "INSERT" || word == "REPLACE" || word == "SELECT" ||
         word == "DELETE" || word == "WITH" || word == "LOAD";
}

// What was met so far; hints() says what it comes to.
struct Seen {
  std::uint8_t named = 0;  // facts whose names SET would use
  std::uint8_t changes = 0;
  bool set = false;
  bool dml = false;
  bool ended = false;
  bool transient = false;
  TextHints hints;

  void word(std::string_view word, std::string_view next) noexcept {
    switch (word.front()) {
      case 'S':
        if (word == "SET") set = true;
        if (word == "SQL_MODE") named |= fact::kSqlMode;
        if (word == "STATEMENT") transient = true;
        if (word.starts_with("SESSION_TRACK_")) hints.ask = hints.names_trackers = true;
        return;
      case 'U':
        if (word == "USE" && next != "INDEX" && next != "KEY") changes |= fact::kSchema;
        return;
      case 'E':
        if (word == "EXECUTE") hints.ask = true;
        return;
      case 'C':
        if (word == "CONNECTION_ID") hints.connection_id = true;
        if (word == "CHARSET" || word == "CHARACTER" || word == "CHARACTER_SET_CLIENT") {
          named |= fact::kCharset;
        }
        return;
      case 'N':
        if (word == "NAMES") named |= fact::kCharset;
        return;
      default: return;
    }
  }
  [[nodiscard]] TextHints result() noexcept {
    hints.changes = changes;
    if (set && named != 0 && (!dml || ended)) {
      hints.changes |= named;
      if (transient) hints.ask = true;
    }
    if (hints.ask) hints.changes = fact::kAll;
    return hints;
  }
};

std::string_view word_at(std::string_view text, std::size_t at) noexcept {
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(at, end - at);
}

std::string_view next_word(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && is_blank(text[at])) ++at;
  return word_at(text, at);
}

}  // namespace

TextHints look_at(std::string_view text) noexcept {
  Seen seen;
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  const Word first(word_at(text, at));
  seen.dml = begins_with_dml(first.view());
  while (at < text.size()) {
    const std::uint8_t kind = kClasses[static_cast<std::uint8_t>(text[at])];
    if (kind == kEnd) seen.ended = true;
    if (kind == kOther || kind == kEnd || is_digit(text[at])) {
      ++at;
      continue;
    }
    const std::string_view word = word_at(text, at);
    at += word.size();
    if (kind != kFirst || word.size() < 3) continue;
    const Word upper(word);
    seen.word(upper.view(), Word(next_word(text, at)).view());
  }
  return seen.result();
}

bool reads_diagnostics(std::string_view text) noexcept {
  constexpr std::size_t kMax = 128;
  if (text.size() > kMax) return false;
  // Letters, digits, blanks and what such a statement is made of: the same tokens everywhere.
  const auto plain = [](char c) {
    return is_word(c) || is_blank(c) || c == '(' || c == ')' || c == '@' || c == ',' || c == '*' ||
           c == '.' || c == '=';
  };
  while (!text.empty() && (is_blank(text.back()) || text.back() == ';')) text.remove_suffix(1);
  if (!std::ranges::all_of(text, plain)) return false;
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  const Word first(word_at(text, at));
  const std::size_t after = at + first.size;
  const Word second(next_word(text, after));
  if (first.view() == "GET") return true;
  if (first.view() == "SHOW") {
    return second.view() == "WARNINGS" || second.view() == "ERRORS" || second.view() == "COUNT";
  }
  if (first.view() != "SELECT") return false;
  bool found = false;
  for (at = after; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    const std::string_view word = word_at(text, at);
    at += word.size();
    const Word upper(word);
    if (upper.view() == "FROM" || upper.view() == "INTO") return false;
    found = found || upper.view() == "ROW_COUNT" || upper.view() == "FOUND_ROWS" ||
            upper.view() == "WARNING_COUNT" || upper.view() == "ERROR_COUNT";
  }
  return found;
}

}  // namespace sluice::session

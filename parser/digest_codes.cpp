#include "parser/digest_codes.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sluice::parser::digest_codes {
namespace {

constexpr Known kTokens[] = {
    {0, ""},
#define SLUICE_DIGEST(kind, number, text) {number, text},
#include "parser/digest_numbers.inc"
#undef SLUICE_DIGEST
};
static_assert(sizeof(kTokens) / sizeof(kTokens[0]) == kTokenKinds);

constexpr Known kCollapsed[] = {
    {1100, "?"},        {1101, "?, ..."},
    {1102, "(?)"},      {1103, "(?) /* , ... */"},
    {1104, "(...)"},    {1105, "(...) /* , ... */"},
    {1110, "IN (...)"}, {1111, ""},
    {1108, "/*+"},      {1109, "*/"},
};

struct HintWord {
  std::string_view word;
  std::uint16_t number;
};
constexpr HintWord kHints[] = {
#include "parser/hint_numbers.inc"
};
constexpr std::size_t kHintCount = sizeof(kHints) / sizeof(kHints[0]);

constexpr auto make_characters() {
  std::array<char, 128> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<char>(i);
  return all;
}
constexpr auto kCharacters = make_characters();

constexpr TokenKind kStarters[] = {
    TokenKind::LeftParen,    TokenKind::Comma,         TokenKind::Every,
    TokenKind::At,           TokenKind::Starts,        TokenKind::Ends,
    TokenKind::Default,      TokenKind::Return,        TokenKind::If,
    TokenKind::Elseif,       TokenKind::Case,          TokenKind::When,
    TokenKind::While,        TokenKind::Until,         TokenKind::Select,
    TokenKind::Or,           TokenKind::DoublePipe,    TokenKind::ConcatPipes,
    TokenKind::Xor,          TokenKind::And,           TokenKind::DoubleAmpersand,
    TokenKind::Not,          TokenKind::Between,       TokenKind::Like,
    TokenKind::Regexp,       TokenKind::Rlike,         TokenKind::Pipe,
    TokenKind::Ampersand,    TokenKind::ShiftLeft,     TokenKind::ShiftRight,
    TokenKind::Plus,         TokenKind::Dash,          TokenKind::Interval,
    TokenKind::Star,         TokenKind::Slash,         TokenKind::Percent,
    TokenKind::Div,          TokenKind::Mod,           TokenKind::Caret,
    TokenKind::Equal,        TokenKind::NullSafeEqual, TokenKind::NotEqual,
    TokenKind::LessThan,     TokenKind::LessEqual,     TokenKind::GreaterThan,
    TokenKind::GreaterEqual, TokenKind::Then,          TokenKind::Else,
};

constexpr auto make_starters() {
  std::array<bool, kTokenKinds> starters{};
  for (const TokenKind kind : kStarters) starters[static_cast<std::size_t>(kind)] = true;
  return starters;
}
constexpr auto kStartTable = make_starters();

}  // namespace

Known known(std::uint16_t code) noexcept {
  if (code < kBase) return kTokens[code];
  if (code >= kHintCharacter && code < kHintCharacter + kCharacters.size()) {
    const auto byte = static_cast<std::uint16_t>(code - kHintCharacter);
    return {byte, {kCharacters.data() + byte, 1}};
  }
  if (code == kIdentifierAt) return {1107, ""};
  const std::size_t index = code - std::size_t{kBase};
  constexpr std::size_t kFixed = sizeof(kCollapsed) / sizeof(kCollapsed[0]);
  if (index < kFixed) return kCollapsed[index];
  const HintWord& word = kHints[std::min(index - kFixed, kHintCount - 1)];
  return {word.number, word.word};
}

std::uint16_t hint_word(std::string_view word) noexcept {
  for (std::size_t i = 0; i < kHintCount; ++i) {
    const bool equal = std::equal(
        word.begin(), word.end(), kHints[i].word.begin(), kHints[i].word.end(),
        [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b; });
    if (equal) return static_cast<std::uint16_t>(kHintWord + i);
  }
  return kNothing;
}

bool starts_expression(std::uint16_t code) noexcept {
  return code < kBase && kStartTable[code];
}

}  // namespace sluice::parser::digest_codes

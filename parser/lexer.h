// SQL text to tokens, by the servers' own rules (manual 11.1 to 11.7; MariaDB where it differs).
// One lexer feeds the digest, the splitter and the grammar.
//
// What must outlive it: the text and the dialect. Thread: one at a time; a Lexer is a small value
// that can be copied to look ahead. It never allocates, never fails and never reads past the text:
// what the server's lexer refuses is a token of kind Unterminated or Invalid, after which comes
// End.
//
// Comments are skipped; `/*! … */` is code when the server would run it. An optimizer hint after
// SELECT, INSERT, REPLACE, UPDATE or DELETE is one token Hint (MySQL only; elsewhere a comment).
#pragma once

#include <cstdint>
#include <string_view>

#include "parser/dialect.h"
#include "parser/token.h"

namespace sluice::parser {

class Lexer {
 public:
  // Texts above 4 GiB - 1 are cut there by the caller: offsets are 32 bits wide.
  // REQUIRES: text.size() <= UINT32_MAX.
  Lexer(std::string_view text, const Dialect& dialect) noexcept;

  // The next token; EndOfText again and again at the end. `WITH ROLLUP` is two tokens here.
  [[nodiscard]] Token next() noexcept;

  // Goes on at that byte. REQUIRES: a token's start, or a byte of a number.
  void resume(std::uint32_t offset) noexcept {
    at_ = offset;
    state_ = State::Start;
  }

  // Whether something of the text was taken in or left out by a version comment so far: then the
  // tokens depend on the server's version.
  [[nodiscard]] bool saw_version_comment() const noexcept { return version_comment_; }

 private:
  enum class State : std::uint8_t {
    Start,
    IdentStart,
    IdentSeparator,
    Hostname,
    SystemVariable,
    Word
  };

  [[nodiscard]] std::uint8_t peek(std::uint32_t ahead = 0) const noexcept {
    return at_ + ahead < size_ ? static_cast<std::uint8_t>(text_[at_ + ahead]) : std::uint8_t{0};
  }
  [[nodiscard]] std::uint8_t map(std::uint8_t byte) const noexcept { return map_[byte]; }
  [[nodiscard]] bool maria() const noexcept { return dialect_->engine == Engine::MariaDb; }
  [[nodiscard]] bool is_name_byte(std::uint8_t byte) const noexcept;
  [[nodiscard]] std::uint32_t multi_byte() const noexcept;
  void skip_name() noexcept;
  [[nodiscard]] Token make(TokenKind kind) noexcept;
  [[nodiscard]] Token fail(TokenKind kind) noexcept;
  [[nodiscard]] Token single(TokenKind kind) noexcept;
  [[nodiscard]] Token after_word(TokenKind kind) noexcept;
  [[nodiscard]] Token name_after_dot() noexcept;
  [[nodiscard]] Token word() noexcept;
  [[nodiscard]] Token system_variable_word() noexcept;
  [[nodiscard]] Token hostname() noexcept;
  [[nodiscard]] Token number() noexcept;
  [[nodiscard]] Token real() noexcept;
  [[nodiscard]] Token lone_character() noexcept;
  [[nodiscard]] Token radix(TokenKind kind) noexcept;
  [[nodiscard]] Token string(std::uint8_t quote, TokenKind kind) noexcept;
  [[nodiscard]] Token quoted_name(std::uint8_t quote) noexcept;
  [[nodiscard]] bool dollar_string(Token& token) noexcept;
  [[nodiscard]] Token operator_(std::uint8_t byte) noexcept;
  [[nodiscard]] Token compare(std::uint8_t byte) noexcept;
  [[nodiscard]] Token at_sign() noexcept;
  // Blank space and comments. False when a comment does not end.
  [[nodiscard]] bool skip_blank(Token& hint) noexcept;
  [[nodiscard]] bool comment() noexcept;
  [[nodiscard]] bool version_comment() noexcept;
  [[nodiscard]] bool close_comment(int nested) noexcept;
  void line_comment() noexcept;

  const char* text_;
  std::uint32_t size_;
  std::uint32_t at_ = 0;
  std::uint32_t start_ = 0;
  const std::uint8_t* map_;  // 256 character classes
  const Dialect* dialect_;
  State state_ = State::Start;
  bool in_version_comment_ = false;
  bool version_comment_ = false;
  bool hint_allowed_ = false;
};

}  // namespace sluice::parser

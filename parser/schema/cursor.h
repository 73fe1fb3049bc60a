// A place in a token list, for readers written as recursive descent. The first failure is kept and
// moves the cursor to the end, so that a reader checks once, when it is done. Pure; the text and
// the tokens must outlive it.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "parser/schema/scan.h"

namespace sluice::schema {

struct ReadError {
  std::size_t offset = 0;  // bytes from the start of the text
  std::uint32_t line = 0;  // from 1
  std::uint32_t column = 0;
  std::string near;  // at most 40 bytes of the text from there
  std::string message;
  friend bool operator==(const ReadError&, const ReadError&) = default;
};

class Cursor {
 public:
  // REQUIRES: tokens.back().kind == End.
  Cursor(std::string_view text, std::span<const Token> tokens, const Target& target)
      : text_(text), tokens_(tokens), target_(&target) {}

  [[nodiscard]] const Token& token(std::size_t ahead = 0) const {
    const auto i = at_ + ahead;
    return i < tokens_.size() ? tokens_[i] : tokens_.back();
  }
  [[nodiscard]] std::string_view raw(std::size_t ahead = 0) const {
    const auto& t = token(ahead);
    return text_.substr(t.begin, t.end - t.begin);
  }
  [[nodiscard]] bool done() const { return token().kind == Token::Kind::End; }
  [[nodiscard]] const Target& target() const { return *target_; }
  [[nodiscard]] std::size_t position() const { return at_; }
  void seek(std::size_t position) { at_ = position; }
  void skip() {
    if (!done()) ++at_;
  }

  // Keywords and symbols; several words are several tokens.
  [[nodiscard]] bool is(std::string_view word, std::size_t ahead = 0) const;
  [[nodiscard]] bool is_any(std::initializer_list<std::string_view> words) const;
  bool accept(std::string_view words);
  bool expect(std::string_view words);

  std::string identifier();
  std::string string();
  std::string word();  // a word or identifier, upper case
  std::uint64_t number();
  // An identifier, string or word that stands for an option's value, as it is meant.
  std::string name_or_string();
  // The text between balanced parentheses, single-spaced and without comments.
  std::string parenthesised();
  // Token positions [from, to) as text, single-spaced and without comments.
  [[nodiscard]] std::string slice(std::size_t from, std::size_t to) const;
  // The source from a token to the last one, as it was written.
  [[nodiscard]] std::string rest_as_written() const;
  std::vector<std::string> name_list();  // (a, b, c)

  void fail(std::string message);
  [[nodiscard]] bool failed() const { return error_.has_value(); }
  [[nodiscard]] const std::optional<ReadError>& error() const { return error_; }

 private:
  std::string_view text_;
  std::span<const Token> tokens_;
  const Target* target_;
  std::size_t at_ = 0;
  std::optional<ReadError> error_;
};

[[nodiscard]] std::string upper(std::string_view s);  // ASCII only
[[nodiscard]] std::string lower(std::string_view s);

}  // namespace sluice::schema

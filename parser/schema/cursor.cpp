#include "parser/schema/cursor.h"

#include <algorithm>
#include <charconv>

#include "parser/schema/model.h"

namespace sluice::schema {

std::string upper(std::string_view s) {
  std::string out(s);
  for (auto& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool Cursor::is(std::string_view wanted, std::size_t ahead) const {
  const auto kind = token(ahead).kind;
  if (kind != Token::Kind::Word && kind != Token::Kind::Symbol) return false;
  return same_name(raw(ahead), wanted);
}

bool Cursor::is_any(std::initializer_list<std::string_view> words) const {
  return std::any_of(words.begin(), words.end(), [&](auto w) { return is(w); });
}

bool Cursor::accept(std::string_view words) {
  std::size_t count = 0;
  while (!words.empty()) {
    const auto space = words.find(' ');
    if (!is(words.substr(0, space), count)) return false;
    ++count;
    words = space == std::string_view::npos ? std::string_view{} : words.substr(space + 1);
  }
  at_ += count;
  return true;
}

bool Cursor::expect(std::string_view words) {
  if (accept(words)) return true;
  fail("expected " + std::string(words));
  return false;
}

std::string Cursor::identifier() {
  const auto kind = token().kind;
  if (kind != Token::Kind::Word && kind != Token::Kind::Quoted) {
    fail("expected a name");
    return {};
  }
  auto name = unquote(raw(), kind, *target_);
  skip();
  return name;
}

std::string Cursor::string() {
  if (token().kind != Token::Kind::String) {
    fail("expected a string");
    return {};
  }
  auto value = unquote(raw(), Token::Kind::String, *target_);
  skip();
  return value;
}

std::string Cursor::word() {
  return upper(identifier());
}

std::uint64_t Cursor::number() {
  const auto text = raw();
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (token().kind != Token::Kind::Number || fault != std::errc{} ||
      end != text.data() + text.size()) {
    fail("expected a number");
    return 0;
  }
  skip();
  return value;
}

std::string Cursor::name_or_string() {
  return token().kind == Token::Kind::String ? string() : identifier();
}

std::string Cursor::parenthesised() {
  if (!expect("(")) return {};
  const auto from = at_;
  for (std::size_t depth = 1; !done(); ++at_) {
    if (token().kind != Token::Kind::Symbol) continue;
    if (is("(")) ++depth;
    if (is(")") && --depth == 0) {
      auto text = slice(from, at_);
      skip();
      return text;
    }
  }
  fail("expected )");
  return {};
}

std::string Cursor::slice(std::size_t from, std::size_t to) const {
  std::string out;
  for (auto i = from; i < to && i < tokens_.size(); ++i) {
    const auto& t = tokens_[i];
    if (i > from && tokens_[i - 1].end != t.begin) out += ' ';
    out += text_.substr(t.begin, t.end - t.begin);
  }
  return out;
}

std::string Cursor::rest_as_written() const {
  if (done()) return {};
  const auto end = tokens_[tokens_.size() - 2].end;
  return std::string(text_.substr(token().begin, end - token().begin));
}

std::vector<std::string> Cursor::name_list() {
  std::vector<std::string> names;
  expect("(");
  do {
    names.push_back(identifier());
  } while (accept(","));
  expect(")");
  return names;
}

void Cursor::fail(std::string message) {
  if (error_) return;
  const auto offset = token().begin;
  const auto before = text_.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const auto newline = before.rfind('\n');
  const auto column = newline == std::string_view::npos ? offset : offset - newline - 1;
  error_ = ReadError{offset, static_cast<std::uint32_t>(line + 1),
                     static_cast<std::uint32_t>(column + 1), std::string(text_.substr(offset, 40)),
                     std::move(message)};
  at_ = tokens_.size() - 1;
}

}  // namespace sluice::schema

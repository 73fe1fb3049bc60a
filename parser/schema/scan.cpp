#include "parser/schema/scan.h"

#include <algorithm>
#include <array>

namespace sluice::schema {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
         u >= 0x80;
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class Scanner {
 public:
  Scanner(std::string_view text, const Target& target) : text_(text), target_(target) {}

  std::vector<Token> run() {
    while (skip_blank(), at_ < text_.size()) {
      const auto begin = at_;
      const auto kind = next();
      out_.push_back({kind, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_)});
    }
    const auto size = static_cast<std::uint32_t>(text_.size());
    out_.push_back({Token::Kind::End, size, size});
    return std::move(out_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool starts(std::string_view s) const { return text_.substr(at_).starts_with(s); }

  void skip_line() {
    while (at_ < text_.size() && text_[at_] != '\n') ++at_;
  }
  void skip_comment() {
    const auto end = text_.find("*/", at_ + 2);
    at_ = end == std::string_view::npos ? text_.size() : end + 2;
  }

  // At "/*!" or "/*M!": steps inside when the target executes it, over it when not.
  void enter_version_comment(std::size_t mark) {
    if (starts("/*M!") && !target_.mariadb) return skip_comment();
    auto at = at_ + mark;
    std::uint32_t version = 0;
    std::size_t digits = 0;
    while (digits < 6 && at + digits < text_.size() && is_digit(text_[at + digits])) {
      version = version * 10 + static_cast<std::uint32_t>(text_[at + digits] - '0');
      ++digits;
    }
    if (digits < 5) digits = 0, version = 0;
    // MySQL 5.7's and 8's numbers are not meant for MariaDB 10 and later.
    const bool foreign = target_.mariadb && mark == 3 && version >= 50700 && version <= 99999;
    if (version > target_.version || foreign) return skip_comment();
    at_ = at + digits;
    ++open_;
  }

  void skip_blank() {
    while (at_ < text_.size()) {
      if (is_space(peek())) {
        ++at_;
      } else if (peek() == '#') {
        skip_line();
      } else if (starts("--") && (at_ + 2 >= text_.size() || is_space(peek(2)))) {
        skip_line();
      } else if (starts("/*!")) {
        enter_version_comment(3);
      } else if (starts("/*M!")) {
        enter_version_comment(4);
      } else if (starts("/*")) {
        skip_comment();
      } else if (open_ > 0 && starts("*/")) {
        at_ += 2;
        --open_;
      } else {
        return;
      }
    }
  }

  Token::Kind quoted(Token::Kind kind) {
    const char quote = text_[at_++];
    const bool escapes = kind == Token::Kind::String && !target_.no_backslash_escapes;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && escapes) {
        if (at_ < text_.size()) ++at_;
      } else if (c == quote) {
        if (peek() != quote) return kind;
        ++at_;
      }
    }
    return Token::Kind::Error;
  }

  Token::Kind number_or_word() {
    const auto begin = at_;
    while (is_digit(peek())) ++at_;
    if (peek() == '.' && is_digit(peek(1))) {
      ++at_;
      while (is_digit(peek())) ++at_;
    } else if (peek() == '.' && at_ > begin && !is_word(peek(1))) {
      ++at_;
    }
    if ((peek() == 'e' || peek() == 'E') &&
        (is_digit(peek(1)) || ((peek(1) == '-' || peek(1) == '+') && is_digit(peek(2))))) {
      at_ += 2;
      while (is_digit(peek())) ++at_;
    }
    if (!is_word(peek())) return Token::Kind::Number;
    while (is_word(peek())) ++at_;
    const auto all = text_.substr(begin, at_ - begin);
    if (all.starts_with("0x")) return Token::Kind::Hex;
    if (all.starts_with("0b")) return Token::Kind::Bits;
    return Token::Kind::Word;
  }

  Token::Kind next() {
    const char c = peek();
    if (c == '\'') return quoted(Token::Kind::String);
    if (c == '"') return quoted(target_.ansi_quotes ? Token::Kind::Quoted : Token::Kind::String);
    if (c == '`') return quoted(Token::Kind::Quoted);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !after_name())) return number_or_word();
    if (peek(1) == '\'' && (c == 'x' || c == 'X')) return ++at_, hex_or_error(Token::Kind::Hex);
    if (peek(1) == '\'' && (c == 'b' || c == 'B')) return ++at_, hex_or_error(Token::Kind::Bits);
    if (peek(1) == '\'' && (c == 'n' || c == 'N')) return ++at_, quoted(Token::Kind::String);
    if (c == '$' && !target_.mariadb && dollar_quoted()) return Token::Kind::String;
    if (is_word(c)) {
      while (is_word(peek())) ++at_;
      return Token::Kind::Word;
    }
    if (c == '@') return variable();
    static constexpr std::array<std::string_view, 12> kLong = {
        "<=>", "->>", "->", "<=", ">=", "<>", "!=", "<<", ">>", "||", "&&", ":="};
    for (const auto symbol : kLong) {
      if (starts(symbol)) return at_ += symbol.size(), Token::Kind::Symbol;
    }
    ++at_;
    return Token::Kind::Symbol;
  }

  Token::Kind hex_or_error(Token::Kind kind) {
    return quoted(Token::Kind::Quoted) == Token::Kind::Error ? Token::Kind::Error : kind;
  }
  [[nodiscard]] bool after_name() const {
    return !out_.empty() && out_.back().end == at_ &&
           (out_.back().kind == Token::Kind::Word || out_.back().kind == Token::Kind::Quoted);
  }
  Token::Kind variable() {
    while (peek() == '@') ++at_;
    if (peek() == '`' || peek() == '\'' || peek() == '"') {
      return quoted(Token::Kind::Quoted) == Token::Kind::Error ? Token::Kind::Error
                                                               : Token::Kind::Variable;
    }
    while (is_word(peek()) || peek() == '.') ++at_;
    return Token::Kind::Variable;
  }
  // $$text$$ or $tag$text$tag$ (MySQL 9, manual 11.1.1), passed over when its end is there.
  bool dollar_quoted() {
    auto tag_end = at_ + 1;
    while (tag_end < text_.size() && text_[tag_end] != '$' && is_word(text_[tag_end])) ++tag_end;
    if (tag_end >= text_.size() || text_[tag_end] != '$') return false;
    const auto tag = text_.substr(at_, tag_end + 1 - at_);
    const auto end = text_.find(tag, tag_end + 1);
    if (end == std::string_view::npos) return false;
    at_ = end + tag.size();
    return true;
  }

  std::string_view text_;
  const Target& target_;
  std::size_t at_ = 0;
  std::size_t open_ = 0;  // version comments entered and not left
  std::vector<Token> out_;
};

char escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '0': return '\0';
    case 'b': return '\b';
    case 'Z': return '\x1A';
    default: return c;
  }
}

}  // namespace

std::vector<Token> scan(std::string_view text, const Target& target) {
  return Scanner(text, target).run();
}

std::string unquote(std::string_view raw, Token::Kind kind, const Target& target) {
  if (kind == Token::Kind::String && raw.starts_with('$')) {
    const auto tag = raw.find('$', 1) + 1;
    return std::string(raw.substr(tag, raw.size() - 2 * tag));
  }
  if (kind == Token::Kind::String && (raw.starts_with('n') || raw.starts_with('N'))) {
    raw.remove_prefix(1);
  }
  if ((kind != Token::Kind::String && kind != Token::Kind::Quoted) || raw.size() < 2) {
    return std::string(raw);
  }
  const char quote = raw.front();
  const bool escapes = kind == Token::Kind::String && !target.no_backslash_escapes;
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    if (raw[i] == '\\' && escapes) {
      ++i;
      if (raw[i] == '%' || raw[i] == '_') out += '\\';
      out += escaped(raw[i]);
    } else {
      if (raw[i] == quote) ++i;
      out += raw[i];
    }
  }
  return out;
}

}  // namespace sluice::schema

#include "parser/redact.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "parser/lexer.h"

namespace sluice::parser {
namespace {

using Ranges = std::vector<std::pair<std::size_t, std::size_t>>;

// Places where a text cannot be read, beyond which the rest is not tried.
constexpr int kMaxFaults = 32;
// Texts within strings within texts.
constexpr int kMaxDepth = 3;
// Shorter ones are in every message.
constexpr std::size_t kMinQuoted = 3;
constexpr std::array<std::string_view, 4> kHints{"IDENTIFIED", "PASSWORD", "RDS_SET_EXTERNAL_",
                                                 "RDS_IMPORT_BINLOG_SSL"};

char capital(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), capital);
  return out;
}

// Most texts have none of these words, and are not read at all.
bool may_hide(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const std::string_view hint : kHints) {
      if (capital(text[i]) != hint.front() || text.size() - i < hint.size()) continue;
      if (std::ranges::equal(text.substr(i, hint.size()), hint, {}, capital)) return true;
    }
  }
  return false;
}

template <std::size_t Size>
bool is_one_of(std::string_view word, const std::array<std::string_view, Size>& words) noexcept {
  return std::ranges::find(words, word) != words.end();
}

bool is_string(const Token& token, std::string_view text) noexcept {
  switch (token.kind) {
    case TokenKind::TextString:
    case TokenKind::NationalString:
    case TokenKind::DollarString:
    case TokenKind::HexNumber:
    case TokenKind::BitNumber: return true;
    // A name under ANSI_QUOTES; what cannot be read is a string whose end is missing.
    case TokenKind::QuotedIdentifier:
    case TokenKind::Unterminated: return !text.empty() && text.front() != '`';
    default: return false;
  }
}

// What a string says, as far as the search for words in it goes.
std::string content_of(std::string_view literal) {
  const std::size_t quote = literal.find_first_of("'\"");
  if (quote == std::string_view::npos) return std::string(literal);
  const char mark = literal[quote];
  std::string out;
  for (std::size_t i = quote + 1; i < literal.size(); ++i) {
    const bool more = i + 1 < literal.size();
    if (more && (literal[i] == '\\' || (literal[i] == mark && literal[i + 1] == mark))) ++i;
    if (!more && literal[i] == mark) break;
    out += literal[i];
  }
  return out;
}

// The literal without its quotes, as it is written.
std::string_view written_in(std::string_view literal) noexcept {
  const std::size_t quote = literal.find_first_of("'\"");
  if (quote == std::string_view::npos) return literal;
  const char mark = literal[quote];
  literal.remove_prefix(quote + 1);
  if (!literal.empty() && literal.back() == mark) literal.remove_suffix(1);
  return literal;
}

Ranges ranges_of(std::string_view text, int depth);

// One reading of a text. What stands before a literal decides; the verb of its statement where that
// is not enough.
class Reading {
 public:
  Reading(std::string_view text, const Dialect& dialect, int depth)
      : text_(text), dialect_(dialect), depth_(depth) {}

  Ranges run() {
    std::size_t from = 0;
    for (int faults = 0; from < text_.size(); ++faults) {
      if (faults > kMaxFaults) {
        ranges_.emplace_back(from, text_.size());
        break;
      }
      from = read_from(from);
    }
    return std::move(ranges_);
  }

 private:
  // Gives where to go on: behind what could not be read, or the end.
  std::size_t read_from(std::size_t from) {
    const std::string_view rest = text_.substr(from);
    Lexer lexer(rest, dialect_);
    while (true) {
      const Token token = lexer.next();
      if (token.kind == TokenKind::EndOfText) return text_.size();
      const bool fault = token.kind == TokenKind::Unterminated || token.kind == TokenKind::Invalid;
      const std::size_t begin = from + token.start;
      const std::size_t end =
          token.kind == TokenKind::Unterminated ? text_.size() : from + token.end;
      const bool hidden = take(token, begin, end);
      if (fault) return hidden ? end : begin + 1;
    }
  }

  // True: it is a secret, and kept as one.
  bool take(const Token& token, std::size_t begin, std::size_t end) {
    const std::string_view own = text_.substr(begin, end - begin);
    if (token.kind == TokenKind::CharsetIntroducer) return false;
    if (token.kind == TokenKind::Semicolon) {
      begin_statement();
      return false;
    }
    if (is_string(token, own)) return take_string(own, begin, end);
    // A name in quotes is no keyword; what it ends with may still tell of a password.
    std::string word = capitals(own);
    if (own.size() > 1 && own.front() == '`') word.pop_back();
    if (authenticates_ && last_ == "BY" && word != "RANDOM" && word != "PASSWORD") {
      // A password without quotes: the server will refuse it, and its log would hide it.
      const std::size_t stop = std::min(text_.find_first_of(" \t\r\n,;)", begin), text_.size());
      ranges_.emplace_back(begin, std::max(stop, end));
      follow("'");
      return true;
    }
    take_word(word);
    follow(std::move(word));
    return false;
  }

  bool take_string(std::string_view own, std::size_t begin, std::size_t end) {
    // 'one' 'two' is one string.
    const bool secret = (last_ == "'" && last_hidden_) || is_place() || holds_text(own);
    if (secret) ranges_.emplace_back(begin, end);
    follow("'");
    last_hidden_ = secret;
    return secret;
  }

  void take_word(const std::string& word) {
    constexpr std::array<std::string_view, 5> kBefore{"BEGIN", "THEN", "ELSE", "DO", "LOOP"};
    if (at_start_) {
      verb_ = word;
      second_.clear();
      at_start_ = false;
    } else if (second_.empty()) {
      second_ = word;
    }
    if (is_one_of(word, kBefore)) at_start_ = true;
    if (word == "IDENTIFIED") authenticates_ = true;
    if (verb_ == "CALL" && (word.starts_with(kHints[2]) || word.starts_with(kHints[3]))) {
      calls_rds_ = true;
    }
  }

  [[nodiscard]] bool is_place() const {
    constexpr std::array<std::string_view, 5> kBehind{"BY", "AS", "USING", "REPLACE", "PASSWORD"};
    constexpr std::array<std::string_view, 6> kVerbs{"CREATE", "ALTER", "CHANGE",
                                                     "START",  "GRANT", "SET"};
    const bool assigned = last_ == "=" || last_ == ":=";
    if (authenticates_ && is_one_of(last_, kBehind)) return true;
    if (last_ == "(" && (before_ == "PASSWORD" || before_ == "OLD_PASSWORD")) return true;
    if (calls_rds_) return true;
    if (verb_ == "SET" && second_ == "PASSWORD" &&
        (assigned || last_ == "(" || last_ == "REPLACE")) {
      return true;
    }
    if (!is_one_of(verb_, kVerbs)) return false;
    return assigned ? before_.ends_with("PASSWORD") : last_.ends_with("PASSWORD");
  }

  [[nodiscard]] bool holds_text(std::string_view literal) const {
    constexpr std::array<std::string_view, 4> kVerbs{"PREPARE", "EXECUTE", "SET", "CALL"};
    if (depth_ >= kMaxDepth || !is_one_of(verb_, kVerbs) || !may_hide(literal)) return false;
    return !ranges_of(content_of(literal), depth_ + 1).empty();
  }

  void begin_statement() {
    at_start_ = true;
    authenticates_ = calls_rds_ = false;
    verb_.clear();
    second_.clear();
    follow(";");
  }
  void follow(std::string word) {
    before_ = std::move(last_);
    last_ = std::move(word);
  }

  std::string_view text_;
  const Dialect& dialect_;
  int depth_;
  Ranges ranges_;
  std::string verb_;
  std::string second_;
  std::string last_;    // the token before, in capitals; "'" for a string
  std::string before_;  // that before it
  bool at_start_ = true;
  bool authenticates_ = false;  // behind IDENTIFIED
  bool calls_rds_ = false;
  bool last_hidden_ = false;
};

// In every way in which a session may read it.
Ranges ranges_of(std::string_view text, int depth) {
  if (!may_hide(text)) return {};
  std::vector<Dialect> ways(1);
  ways.front().placeholders = true;
  ways.front().server_version = 999999;
  if (text.find("/*") != std::string_view::npos) {
    ways.push_back(ways.front());
    ways.back().engine = Engine::MariaDb;
  }
  if (text.find('\\') != std::string_view::npos) {
    for (std::size_t i = 0, count = ways.size(); i < count; ++i) {
      ways.push_back(ways[i]);
      ways.back().sql_mode |= kNoBackslashEscapes;
    }
  }
  Ranges all;
  for (const Dialect& way : ways) {
    const auto found = Reading(text, way, depth).run();
    all.insert(all.end(), found.begin(), found.end());
  }
  std::ranges::sort(all);
  Ranges merged;
  for (const auto& range : all) {
    if (!merged.empty() && range.first <= merged.back().second) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

void replace_all(std::string& message, std::string_view what) {
  if (what.size() < kMinQuoted) return;
  for (auto at = message.find(what); at != std::string::npos;
       at = message.find(what, at + kSecretMark.size())) {
    message.replace(at, what.size(), kSecretMark);
  }
}

// A range may be the whole rest of a text that cannot be read, with any number of literals in it.
void replace_pieces(std::string& message, std::string_view range) {
  while (!range.empty()) {
    const std::size_t quote = std::min(range.find_first_of("'\""), range.size());
    replace_all(message, range.substr(0, quote));
    range.remove_prefix(std::min(quote + 1, range.size()));
  }
}

}  // namespace

Secrets::Secrets(std::string_view text)
    : text_(text.substr(0, std::min<std::size_t>(text.size(), UINT32_MAX))),
      ranges_(ranges_of(text_, 0)) {}

std::string Secrets::shown() const {
  std::string out;
  std::size_t at = 0;
  for (const auto& [begin, end] : ranges_) {
    out += text_.substr(at, begin - at);
    out += kSecretMark;
    at = end;
  }
  out += text_.substr(at);
  return out;
}

// A server quotes the text from where it could not go on, cut at any byte: all of that goes.
std::string Secrets::hide(std::string message) const {
  if (ranges_.empty()) return message;
  constexpr std::string_view kNear = " near ";
  if (const auto near = message.find(kNear); near != std::string::npos) {
    const auto line = message.rfind(" at line ");
    const std::string tail =
        line != std::string::npos && line > near ? message.substr(line) : std::string();
    message = message.substr(0, near + kNear.size()) + std::string(kSecretMark) + tail;
  }
  for (const auto& [begin, end] : ranges_) {
    const std::string_view literal = text_.substr(begin, end - begin);
    replace_all(message, written_in(literal));
    replace_all(message, content_of(literal));
    replace_pieces(message, literal);
  }
  return message;
}

std::string without_secrets(std::string_view text) {
  return Secrets(text).shown();
}

}  // namespace sluice::parser

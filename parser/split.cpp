#include "parser/split.h"

#include <algorithm>
#include <string>

#include "parser/charset.h"
#include "parser/lexer.h"

namespace sluice::parser {
namespace {

std::uint32_t lines(std::string_view text) {
  return static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n'));
}

// Whether the statement that begins with `lexer`'s next token has a body in which `;` is not its
// end.
bool has_body(Lexer lexer) {
  const Token first = lexer.next();
  if (first.kind == TokenKind::Begin) return lexer.next().kind == TokenKind::Not;
  if (first.kind != TokenKind::Create && first.kind != TokenKind::Alter) return false;
  // CREATE [OR REPLACE] [DEFINER = …] [AGGREGATE] PROCEDURE: within a dozen tokens or not at all.
  for (int i = 0; i < 14; ++i) {
    switch (lexer.next().kind) {
      case TokenKind::Procedure:
      case TokenKind::Function:
      case TokenKind::Trigger:
      case TokenKind::Event:
      case TokenKind::Package: return true;
      case TokenKind::Table:
      case TokenKind::View:
      case TokenKind::LeftBrace:
      case TokenKind::Semicolon:
      case TokenKind::EndOfText: return false;
      default: break;
    }
  }
  return false;
}

bool is_blank(char byte) {
  return byte == ' ' || (byte >= 9 && byte <= 13);
}

bool same_word(std::string_view text, std::string_view upper) {
  return text.size() >= upper.size() &&
         std::equal(upper.begin(), upper.end(), text.begin(), [](char a, char b) {
           return a == (b >= 'a' && b <= 'z' ? static_cast<char>(b - 32) : b);
         });
}

// One pass over a file, as the client's reader.
class FileReader {
 public:
  FileReader(std::string_view text, const Dialect& dialect) : text_(text), dialect_(dialect) {}

  std::vector<StatementRange> read() {
    while (at_ < text_.size()) {
      if (!begun_ && is_blank(text_[at_])) {
        line_ += text_[at_] == '\n' ? 1 : 0;
        ++at_;
      } else if (!begun_ && delimiter_command()) {
        continue;
      } else if (text_.substr(at_, delimiter_.size()) == delimiter_) {
        finish();
        at_ += delimiter_.size();
      } else {
        begin();
        step();
      }
    }
    finish();
    return std::move(pieces_);
  }

 private:
  bool delimiter_command() {
    const std::string_view rest = text_.substr(at_);
    if (!same_word(rest, "DELIMITER") || rest.size() < 10 || !is_blank(rest[9])) return false;
    const std::size_t line_end = std::min(rest.find('\n'), rest.size());
    std::string_view word = rest.substr(9, line_end - 9);
    while (!word.empty() && is_blank(word.front())) word.remove_prefix(1);
    word = word.substr(0, static_cast<std::size_t>(
                              std::find_if(word.begin(), word.end(), is_blank) - word.begin()));
    if (!word.empty()) delimiter_ = word;
    at_ += line_end;
    return true;
  }

  void begin() {
    if (begun_) return;
    begun_ = true;
    start_ = at_;
    start_line_ = line_;
  }

  // Over one character, one quoted text or one comment.
  void step() {
    const char byte = text_[at_];
    const std::string_view rest = text_.substr(at_);
    if (byte == '\'' || byte == '"' || byte == '`') return advance(quoted(byte));
    const bool dashes = rest.starts_with("--") && (rest.size() == 2 || is_blank(rest[2]));
    if (byte == '#' || dashes) return advance(std::min(rest.find('\n'), rest.size()));
    if (rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!")) {
      const std::size_t end = rest.find("*/", 2);
      return advance(end == std::string_view::npos ? rest.size() : end + 2);
    }
    content_ = content_ || !is_blank(byte);
    advance(character());
  }

  // Bytes of the character here: a tail byte is no quote and no delimiter.
  [[nodiscard]] std::size_t character() const {
    const auto* p = reinterpret_cast<const unsigned char*>(text_.data());
    const std::uint32_t length = multi_byte_length(dialect_.charset, p + at_, p + text_.size());
    return length == 0 ? 1 : length;
  }

  [[nodiscard]] std::size_t quoted(char quote) {
    content_ = true;
    const bool escapes = quote != '`' && !dialect_.has(kNoBackslashEscapes);
    const std::size_t from = at_;
    std::size_t end = at_ + 1;
    while (end < text_.size()) {
      at_ = end;
      const std::size_t length = character();
      const char byte = text_[end];
      end += length;
      if (length > 1) continue;
      if (byte == '\\' && escapes && end < text_.size()) {
        ++end;
      } else if (byte == quote) {
        break;
      }
    }
    at_ = from;
    return end - from;
  }

  void advance(std::size_t bytes) {
    line_ += lines(text_.substr(at_, bytes));
    at_ += bytes;
  }

  void finish() {
    std::size_t end = at_;
    while (begun_ && end > start_ && is_blank(text_[end - 1])) --end;
    if (begun_ && content_ && end > start_) {
      pieces_.push_back(
          {static_cast<std::uint32_t>(start_), static_cast<std::uint32_t>(end), start_line_});
    }
    begun_ = content_ = false;
  }

  std::string_view text_;
  const Dialect& dialect_;
  std::string_view delimiter_ = ";";
  std::vector<StatementRange> pieces_;
  std::size_t at_ = 0, start_ = 0;
  std::uint32_t line_ = 1, start_line_ = 1;
  bool begun_ = false, content_ = false;
};

}  // namespace

std::vector<StatementRange> split_statements(std::string_view sql, const Dialect& dialect) {
  std::vector<StatementRange> pieces;
  Lexer lexer(sql, dialect);
  std::uint32_t line = 1;
  std::uint32_t counted = 0;
  for (;;) {
    const Lexer before = lexer;
    Token token = lexer.next();
    if (token.kind == TokenKind::EndOfText) return pieces;
    if (token.kind == TokenKind::Semicolon) continue;
    line += lines(sql.substr(counted, token.start - counted));
    counted = token.start;
    StatementRange piece{token.start, token.end, line};
    const bool body = has_body(before);
    while (token.kind != TokenKind::EndOfText && (body || token.kind != TokenKind::Semicolon)) {
      piece.end = token.end;
      token = lexer.next();
    }
    pieces.push_back(piece);
  }
}

std::vector<StatementRange> split_file(std::string_view text, const Dialect& dialect) {
  return FileReader(text, dialect).read();
}

}  // namespace sluice::parser

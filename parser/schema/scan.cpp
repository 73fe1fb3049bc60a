#include "parser/schema/scan.h"

#include "parser/lexer.h"
#include "parser/token.h"

namespace sluice::schema {
namespace {

bool is_name_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || u >= 0x80;
}

parser::Dialect dialect_of(const Target& target) {
  parser::Dialect dialect;
  dialect.engine = target.mariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
  dialect.server_version = target.version;
  dialect.sql_mode = (target.ansi_quotes ? parser::kAnsiQuotes : 0U) |
                     (target.no_backslash_escapes ? parser::kNoBackslashEscapes : 0U);
  return dialect;
}

Token::Kind kind_of(parser::TokenKind kind) {
  using parser::TokenKind;
  switch (kind) {
    case TokenKind::QuotedIdentifier: return Token::Kind::Quoted;
    case TokenKind::TextString:
    case TokenKind::NationalString:
    case TokenKind::DollarString: return Token::Kind::String;
    case TokenKind::IntegerNumber:
    case TokenKind::LongNumber:
    case TokenKind::UnsignedLongNumber:
    case TokenKind::DecimalNumber:
    case TokenKind::FloatNumber: return Token::Kind::Number;
    case TokenKind::HexNumber: return Token::Kind::Hex;
    case TokenKind::BitNumber: return Token::Kind::Bits;
    case TokenKind::Unterminated: return Token::Kind::Error;
    case TokenKind::Identifier:
    case TokenKind::CharsetIntroducer: return Token::Kind::Word;
    default: return parser::is_keyword(kind) ? Token::Kind::Word : Token::Kind::Symbol;
  }
}

// Where the variable or the host that begins with `@` ends: one token here.
std::size_t variable_end(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == '@') ++at;
  if (at < text.size() && (text[at] == '`' || text[at] == '\'' || text[at] == '"')) {
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
      if (text[at] != quote) continue;
      if (at + 1 >= text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
    return std::string_view::npos;
  }
  while (at < text.size() && (is_name_byte(text[at]) || text[at] == '.')) ++at;
  return at;
}

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
  const parser::Dialect dialect = dialect_of(target);
  const auto size = static_cast<std::uint32_t>(text.size());
  parser::Lexer lexer(text, dialect);
  std::vector<Token> out;
  for (;;) {
    const parser::Token token = lexer.next();
    if (token.kind == parser::TokenKind::EndOfText) break;
    if (token.kind == parser::TokenKind::Hint) continue;  // a comment to the model
    if (token.kind != parser::TokenKind::AtSign) {
      out.push_back({kind_of(token.kind), token.start, token.end});
      continue;
    }
    const std::size_t end = variable_end(text, token.start);
    const bool ends = end != std::string_view::npos;
    const std::uint32_t until = ends ? static_cast<std::uint32_t>(end) : size;
    out.push_back({ends ? Token::Kind::Variable : Token::Kind::Error, token.start, until});
    lexer.resume(until);
  }
  out.push_back({Token::Kind::End, size, size});
  return out;
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

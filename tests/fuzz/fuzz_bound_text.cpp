// Law: a value written as a literal is that one value to every server, whatever its sql_mode; and a
// text with its parameters written in has the tokens of the text, a literal's in each one's place.
#include <cstdlib>
#include <string>

#include "parser/lexer.h"
#include "parser/literal.h"
#include "proxy/session/bound_text.h"

namespace {
using namespace sluice;  // one screen, one subject

std::vector<std::string> tokens_of(std::string_view text, const parser::Dialect& dialect) {
  std::vector<std::string> all;
  parser::Lexer lexer(text, dialect);
  for (auto token = lexer.next(); token.kind != parser::TokenKind::EndOfText;
       token = lexer.next()) {
    all.push_back(std::to_string(static_cast<int>(token.kind)) + ' ' +
                  std::string(token.text(text)));
  }
  return all;
}

void check_literal(const std::string& value, const std::string& literal) {
  for (const std::uint32_t mode :
       {0U, std::uint32_t{parser::kAnsiQuotes}, std::uint32_t{parser::kNoBackslashEscapes}}) {
    parser::Dialect dialect;
    dialect.sql_mode = mode;
    parser::Lexer lexer(literal, dialect);
    auto token = lexer.next();
    if (token.kind == parser::TokenKind::Dash) token = lexer.next();
    const bool text = token.kind == parser::TokenKind::TextString;
    const bool number = token.kind == parser::TokenKind::IntegerNumber ||
                        token.kind == parser::TokenKind::LongNumber ||
                        token.kind == parser::TokenKind::UnsignedLongNumber ||
                        token.kind == parser::TokenKind::DecimalNumber;
    if (!text && !number && token.kind != parser::TokenKind::HexNumber) std::abort();
    if (lexer.next().kind != parser::TokenKind::EndOfText) std::abort();
    if (text && parser::string_value(token.text(literal), dialect) != value) std::abort();
    if (number && literal != value) std::abort();
  }
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  // A mode, a text, and values with zero bytes between.
  parser::Dialect dialect;
  dialect.sql_mode = data[0] & (parser::kAnsiQuotes | parser::kNoBackslashEscapes);
  dialect.placeholders = true;
  std::string_view rest(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string text(rest.substr(0, rest.find('\0')));
  rest.remove_prefix(text.size());
  std::vector<std::string> literals;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string value(rest.substr(0, rest.find('\0')));
    rest.remove_prefix(value.size());
    literals.push_back(session::literal_of_text(value));
    check_literal(value, literals.back());
  }
  const auto bound = session::bind_literals(text, dialect, literals);
  if (!bound) return 0;
  const std::string mark = std::to_string(static_cast<int>(parser::TokenKind::Placeholder)) + " ?";
  std::vector<std::string> expected;
  std::size_t used = 0;
  for (auto& token : tokens_of(text, dialect)) {
    // Behind these a server reads a name: no parameter can stand there.
    const bool named =
        !expected.empty() && (expected.back().ends_with(" .") || expected.back().ends_with(" @"));
    if (token == mark && named) return 0;
    if (token != mark) {
      expected.push_back(std::move(token));
      continue;
    }
    for (auto& own : tokens_of(literals.at(used), dialect)) expected.push_back(std::move(own));
    ++used;
  }
  if (tokens_of(*bound, dialect) != expected) std::abort();
  return 0;
}

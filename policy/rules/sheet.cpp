#include "policy/rules/sheet.h"

#include <algorithm>

#include "parser/lexer.h"
#include "parser/split.h"
#include "policy/rules/parts.h"

namespace sluice::policy::rules {
namespace {

using parser::Lexer;
using parser::Token;
using parser::TokenKind;

// From the first token to the last one; nothing when there is none.
std::optional<Range> trimmed(std::string_view text, std::size_t begin, std::size_t end,
                             const parser::Dialect& dialect) {
  Lexer lexer(text.substr(begin, end - begin), dialect);
  const Token first = lexer.next();
  if (first.kind == TokenKind::EndOfText) return std::nullopt;
  Token last = first;
  for (Token token = first; token.kind != TokenKind::EndOfText; token = lexer.next()) last = token;
  // A version comment that is code ends behind its last token.
  std::size_t stop = begin + last.end;
  if (lexer.saw_version_comment()) {
    const auto rest = text.substr(stop, end - stop);
    const auto close = rest.find_first_not_of(" \t\r\n");
    if (close != std::string_view::npos && rest.substr(close).starts_with("*/")) stop += close + 2;
  }
  std::size_t start = begin + first.start;
  if (lexer.saw_version_comment()) {
    const auto open = text.substr(begin, start - begin).rfind("/*");
    const auto close = text.substr(begin, start - begin).rfind("*/");
    if (open != std::string_view::npos && (close == std::string_view::npos || close < open))
      start = begin + open;
  }
  return Range{start, std::max(start, stop)};
}

bool begins_program(std::string_view text, const parser::Dialect& dialect) {
  Lexer lexer(text, dialect);
  const auto first = lexer.next().kind;
  if (first == TokenKind::Begin) return lexer.next().kind == TokenKind::Not;
  if (first != TokenKind::Create && first != TokenKind::Alter) return false;
  constexpr int kHead = 14;  // CREATE OR REPLACE DEFINER = `a`@`b` AGGREGATE FUNCTION
  for (int i = 0; i < kHead; ++i) {
    switch (lexer.next().kind) {
      case TokenKind::Procedure:
      case TokenKind::Function:
      case TokenKind::Trigger:
      case TokenKind::Event:
      case TokenKind::Package: return true;
      case TokenKind::EndOfText: return false;
      default: break;
    }
  }
  return false;
}

// USE and SET sql_mode change how the rest of the sheet is read.
void follow_session(const SheetStatement& statement, std::string_view source,
                    parser::Dialect& dialect) {
  if (const auto* use = std::get_if<schema::Database>(&statement.ddl.body);
      use && use->verb == schema::Database::Verb::Use) {
    dialect.schema = use->name;
  }
  const auto* facts = statement.facts();
  // SET STATEMENT sets for one statement only.
  if (!facts || facts->class_name != "set_option") return;
  for (const auto& variable : facts->system_variables_set) {
    if (!variable.ends_with("sql_mode") || variable.starts_with("global")) continue;
    Lexer lexer(source, dialect);
    for (Token token = lexer.next(); token.kind != TokenKind::EndOfText; token = lexer.next()) {
      if (token.kind == TokenKind::TextString)
        dialect.sql_mode = parser::sql_mode_bits(unquoted(token.text(source)));
    }
  }
}

schema::Statement read_ddl(std::string_view source, const parser::Dialect& dialect) {
  schema::Target target;
  target.mariadb = dialect.engine == parser::Engine::MariaDb;
  target.version = dialect.server_version;
  target.ansi_quotes = dialect.has(parser::kAnsiQuotes);
  target.no_backslash_escapes = dialect.has(parser::kNoBackslashEscapes);
  target.lower_case_names = dialect.lower_case_table_names != 0;
  auto read = schema::read_statements(source, target);
  if (read.size() == 1) return std::move(read.front());
  return {};
}

}  // namespace

std::string unquoted(std::string_view spelled) {
  if (spelled.size() < 2) return std::string(spelled);
  const char quote = spelled.front();
  if (quote != '`' && quote != '"' && quote != '\'') return std::string(spelled);
  std::string name;
  for (std::size_t i = 1; i + 1 < spelled.size(); ++i) {
    name += spelled[i];
    if (spelled[i] == quote) ++i;
  }
  return name;
}

std::vector<Range> split_sheet(std::string_view text, const Server& server) {
  const auto dialect = server.dialect();
  const auto pieces = parser::split_file(text, dialect);
  const bool programs =
      std::any_of(pieces.begin(), pieces.end(), [&](const parser::StatementRange& piece) {
        return begins_program(piece.text(text), dialect);
      });
  // Where a program's body ends when no DELIMITER says it.
  const auto bodies =
      programs ? schema::split_file(text, server.target()) : std::vector<schema::Range>{};
  std::vector<Range> out;
  auto body = bodies.begin();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::size_t begin = pieces[i].start;
    std::size_t end = pieces[i].end;
    if (programs && begins_program(pieces[i].text(text), dialect)) {
      while (body != bodies.end() && body->end <= begin) ++body;
      const bool same = body != bodies.end() && body->begin <= begin;
      while (same && i + 1 < pieces.size() && pieces[i + 1].start < body->end)
        end = pieces[++i].end;
    }
    if (const auto range = trimmed(text, begin, end, dialect)) out.push_back(*range);
  }
  return out;
}

Sheet::Sheet(std::string_view text, const Server& server, std::string_view database)
    : text_(text), dialect_(server.dialect()) {
  lines_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') lines_.push_back(i + 1);
  }
  dialect_.schema = database;
  auto dialect = dialect_;
  const auto ranges = split_sheet(text, server);
  statements_.reserve(ranges.size());  // parts point into the statements
  for (const auto& range : ranges) {
    auto& statement = statements_.emplace_back();
    statement.range = range;
    const auto source = text.substr(range.begin, range.end - range.begin);
    statement.parsed = parser::parse(source, dialect);
    statement.ddl = read_ddl(source, dialect);
    statement.parts = read_parts(statement.facts(), source, range.begin, dialect);
    follow_session(statement, source, dialect);
  }
}

std::pair<std::uint32_t, std::uint32_t> Sheet::place(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin();
  const auto start = lines_[static_cast<std::size_t>(line - 1)];
  const auto before = text_.substr(start, offset - start);
  const auto column = std::count_if(before.begin(), before.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return {static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column + 1)};
}

std::optional<Range> Sheet::find_name(const SheetStatement& statement,
                                      std::string_view name) const {
  if (name.empty()) return std::nullopt;
  const auto source =
      text_.substr(statement.range.begin, statement.range.end - statement.range.begin);
  Lexer lexer(source, dialect_);
  for (Token token = lexer.next(); token.kind != TokenKind::EndOfText; token = lexer.next()) {
    if (schema::same_name(unquoted(token.text(source)), name))
      return Range{statement.range.begin + token.start, statement.range.begin + token.end};
    if (token.kind == TokenKind::Unterminated || token.kind == TokenKind::Invalid) break;
  }
  return std::nullopt;
}

}  // namespace sluice::policy::rules

#include "proxy/session/connection_id.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "parser/lexer.h"

namespace sluice::session {
namespace {

using parser::Token;
using parser::TokenKind;

bool same_word(std::string_view text, std::string_view upper) noexcept {
  return std::ranges::equal(
      text, upper, {}, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

// Where one of these is named, the ids of the server's own threads are at stake, or the text is one
// that the server keeps.
constexpr std::array<std::string_view, 17> kServersOwn{"ALTER",
                                                       "CREATE",
                                                       "EVENTS_STATEMENTS_CURRENT",
                                                       "INNODB_LOCKS",
                                                       "INNODB_TRX",
                                                       "IS_USED_LOCK",
                                                       "KILL",
                                                       "METADATA_LOCKS",
                                                       "PERFORMANCE_SCHEMA",
                                                       "PREPARE",
                                                       "PROCESSLIST",
                                                       "PROCESSLIST_ID",
                                                       "PS_THREAD_ID",
                                                       "SYS",
                                                       "THREADS",
                                                       "TRX_MYSQL_THREAD_ID",
                                                       "METADATA_LOCK_INFO"};

bool servers_own(std::string_view word) noexcept {
  if (word.size() > 2 && word.front() == '`') word = word.substr(1, word.size() - 2);
  return std::ranges::any_of(kServersOwn,
                             [word](std::string_view name) { return same_word(word, name); });
}

}  // namespace

std::optional<WithSessionId> with_session_id(std::string_view sql, const parser::Dialect& dialect,
                                             std::uint32_t id) {
  if (sql.size() > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  const std::string made = "CAST(" + std::to_string(id) + " AS UNSIGNED)";
  WithSessionId result;
  std::size_t copied = 0;
  parser::Lexer lexer(sql, dialect);
  Token before;
  Token token = lexer.next();
  while (token.kind != TokenKind::EndOfText) {
    const std::string_view text = token.text(sql);
    if (token.kind == TokenKind::Unterminated || token.kind == TokenKind::Invalid) {
      return std::nullopt;
    }
    if (servers_own(text)) return std::nullopt;
    const bool call = token.kind == TokenKind::Identifier && same_word(text, "CONNECTION_ID") &&
                      before.kind != TokenKind::Dot && before.kind != TokenKind::AtSign;
    before = token;
    const std::uint32_t start = token.start;
    token = lexer.next();
    if (!call || token.kind != TokenKind::LeftParen) continue;
    before = token;
    token = lexer.next();
    if (token.kind != TokenKind::RightParen) continue;
    result.text.append(sql.substr(copied, start - copied)).append(made);
    copied = token.end;
    if (result.renaming.original.empty()) {
      result.renaming = {made, std::string(sql.substr(start, token.end - start))};
    }
  }
  if (copied == 0) return std::nullopt;
  result.text.append(sql.substr(copied));
  return result;
}

}  // namespace sluice::session

#include "proxy/session/named_texts.h"

#include <algorithm>
#include <utility>

#include "parser/lexer.h"

namespace sluice::session {
namespace {

using parser::ActionGroup;
using parser::StatementFacts;
using parser::TokenKind;

// The server compares names of prepared statements without case. Beyond ASCII that is a matter of
// its collation: such names are left unknown.
std::string key_of(std::string_view name) {
  std::string key;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) >= 0x80) return {};
    key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return key;
}

bool is_prepared_sql(const StatementFacts& facts) {
  return facts.class_name == "prepare_sql" || facts.class_name == "dealloc_sql" ||
         facts.class_name == "execute_sql";
}

// Whether it may prepare something that is not seen here.
bool hides_prepare(const StatementFacts& facts) {
  return facts.class_name == "call_procedure" || facts.class_name == "compound_sql" ||
         facts.class_name == "execute_immediate";
}

}  // namespace

const NamedText* NamedTexts::executed_by(const policy::Judged& judged) const {
  if (!judged.accepted || judged.statements.size() != 1) return nullptr;
  const StatementFacts& facts = judged.statements.front();
  if (facts.class_name != "execute_sql") return nullptr;
  const auto found = texts_.find(key_of(facts.prepared_name));
  return found == texts_.end() ? nullptr : &found->second;
}

bool NamedTexts::concerns(const policy::Judged& judged) const {
  if (judged.accepted && judged.statements.size() == 1 &&
      judged.statements.front().class_name == "prepare_sql") {
    return true;
  }
  if (texts_.empty()) return false;
  return !judged.accepted || std::ranges::any_of(judged.statements, [](const auto& facts) {
    return is_prepared_sql(facts) || hides_prepare(facts);
  });
}

void NamedTexts::ended(const policy::Judged& judged, bool failed,
                       const std::shared_ptr<const Facts>& facts) {
  const bool alone = judged.accepted && judged.statements.size() == 1;
  if (!alone || hides_prepare(judged.statements.front())) return clear();
  const StatementFacts& only = judged.statements.front();
  if (only.class_name == "execute_sql" || !is_prepared_sql(only)) return;
  const std::string key = key_of(only.prepared_name);
  // A PREPARE that fails has freed what had the name before.
  texts_.erase(key);
  if (only.class_name != "prepare_sql" || failed || key.empty()) return;
  if (only.dynamic_text.empty() || texts_.size() >= limit_) return;
  if (!only.system_variables_set.empty()) return;  // read under a sql_mode of its own
  texts_.emplace(key, NamedText{only.dynamic_text, facts});
}

std::optional<std::vector<std::string>> used_variables(std::string_view execute,
                                                       const parser::Dialect& dialect) {
  std::vector<std::string> names;
  parser::Lexer lexer(execute, dialect);
  auto token = lexer.next();
  // EXECUTE and the name, which may be any word: USING is the third.
  for (int i = 0; i < 2; ++i) token = lexer.next();
  if (token.kind == TokenKind::EndOfText || token.kind == TokenKind::Semicolon) return names;
  for (;;) {
    token = lexer.next();
    if (token.kind != TokenKind::AtSign) return std::nullopt;
    token = lexer.next();
    std::string_view name = token.text(execute);
    if (name.empty() || token.kind == TokenKind::Unterminated) return std::nullopt;
    const char quote = name.front();
    std::string plain;
    if (quote == '`' || quote == '\'' || quote == '"') {
      // A quote within the name is rare enough to be left to the server.
      name = name.substr(1, name.size() - 2);
      if (name.find(quote) != std::string_view::npos || name.find('\\') != std::string_view::npos) {
        return std::nullopt;
      }
    }
    names.emplace_back(name);
    token = lexer.next();
    if (token.kind == TokenKind::EndOfText || token.kind == TokenKind::Semicolon) return names;
    if (token.kind != TokenKind::Comma) return std::nullopt;
  }
}

std::optional<std::string> text_for_prepare(std::string_view value, const Facts& facts) {
  using parser::Charset;
  const bool tails = facts.charset == Charset::Big5 || facts.charset == Charset::Cp932 ||
                     facts.charset == Charset::Sjis || facts.charset == Charset::Gbk ||
                     facts.charset == Charset::Gb18030;
  const bool ascii =
      std::ranges::all_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (tails && !ascii) return std::nullopt;
  const bool escapes = (facts.sql_mode & parser::kNoBackslashEscapes) == 0;
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || (c == '\\' && escapes)) out += c;
    out += c;
  }
  return out + "'";
}

}  // namespace sluice::session

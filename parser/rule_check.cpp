#include "parser/rule_check.h"

#include <algorithm>
#include <array>
#include <string>

#include "SluiceParser.h"
#include "parser/check_numbers.h"
#include "parser/keywords.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

// A branch qualifier of a transaction: at most 64 bytes each part.
const Token* xid(G::XidContext& xid, const SqlTokenStream& tokens, const Dialect& dialect) {
  constexpr std::size_t kMost = 64;
  for (auto* part : xid.xidText()) {
    const Token* token = part->getStart();
    std::size_t bytes = text_of(token, tokens).size();
    if (token->getType() == G::TEXT_STRING) {
      bytes -= 2;
    } else {
      bytes = token->getType() == G::HEX_NUM ? bytes / 2 - 1 : bytes / 8;
    }
    if (bytes > kMost) return token;
  }
  // What MySQL keeps of the format is all that it looks at.
  const std::uint64_t highest = dialect.engine == Engine::MySql ? UINT64_MAX - 1 : INT32_MAX;
  const bool format = xid.xidText().size() == 2 && xid.children.size() == 5;
  if (format && !within(xid.getStop(), tokens, 0, highest)) return xid.getStop();
  return nullptr;
}

bool naming(const Token* word, const Dialect& dialect, bool KeywordNaming::*use) {
  const auto kind = static_cast<TokenKind>(word->getType());
  return !is_keyword(kind) || keyword_naming(kind, dialect.engine).*use;
}

// Words that cannot be a label, a role or a variable's name.
const Token* named(Context& context, const Dialect& dialect, bool KeywordNaming::*use) {
  return naming(context.getStart(), dialect, use) ? nullptr : context.getStart();
}

// The lexer takes a word before or after a dot for a name.
bool is_scope(const Token* word, const SqlTokenStream& tokens) {
  const std::string text = upper_case(text_of(word, tokens));
  return text == "GLOBAL" || text == "LOCAL" || text == "SESSION";
}

// @@GLOBAL and its kin need a name after them, and one that is no scope. MySQL's names have two
// parts at most, and DEFAULT is the first of one where it is set alone.
const Token* system_variable(G::SystemVariableContext& variable, const SqlTokenStream& tokens,
                             const Dialect& dialect) {
  const auto parts = variable.identifier();
  const Token* first = parts.front()->getStart();
  const bool scope = is_scope(first, tokens);
  const bool persists = first->getType() == G::PERSIST || first->getType() == G::PERSIST_ONLY;
  const auto connections = variable.mariaConnectionName();
  if (parts.size() == 1 && connections.empty() && (scope || persists)) return variable.getStop();
  // The name of a connection comes before a variable's.
  if (!connections.empty() && connections.back()->getStop() == variable.getStop())
    return variable.getStop();
  if (parts.size() > 1 && scope && is_scope(parts[1]->getStart(), tokens))
    return parts[1]->getStart();
  const bool scoped = scope || persists;
  const bool mariadb = dialect.engine == Engine::MariaDb;
  if (parts.size() > 2 && (!scoped || (mariadb && !scope))) return parts[2]->getStart();
  const bool set = dynamic_cast<G::SetItemContext*>(variable.parent) != nullptr;
  return variable.DEFAULT() != nullptr && !set ? variable.DEFAULT()->getSymbol() : nullptr;
}

// MySQL: SET GLOBAL x and SET @@GLOBAL.x have a scope, SET global.x has none.
const Token* variable_name(G::VariableNameContext& name, const SqlTokenStream& tokens,
                           const Dialect& dialect) {
  if (name.getStart()->getType() == G::DEFAULT) return nullptr;
  const bool scope = name.identifier().size() > 1 && is_scope(name.getStart(), tokens);
  if (scope && dialect.engine == Engine::MySql) return name.getStart();
  return named(name, dialect, &KeywordNaming::variable);
}

// MariaDB has no user variable without a name.
const Token* user_variable(Context& variable, const SqlTokenStream& tokens,
                           const Dialect& dialect) {
  if (dialect.engine == Engine::MySql || variable.parent == nullptr) return nullptr;
  if (dynamic_cast<G::MariaBinlogFragmentsContext*>(variable.parent) != nullptr) return nullptr;
  const Token* name = variable.getStop();
  const bool quoted = name->getType() == G::TEXT_STRING || name->getType() == G::IDENT_QUOTED;
  const std::size_t bytes = text_of(name, tokens).size();
  const bool empty = name == variable.getStart() || bytes == 0 || (quoted && bytes == 2);
  return empty ? name : nullptr;
}

// READ ONLY and READ WRITE exclude each other.
const Token* access_modes(G::TransactionStatementContext& statement) {
  bool only = false;
  bool write = false;
  for (auto* mode : statement.transactionMode()) {
    only = only || mode->ONLY() != nullptr;
    write = write || mode->WRITE() != nullptr;
  }
  return only && write ? statement.getStop() : nullptr;
}

// The tables of SHOW and FLUSH that the server brings.
constexpr std::array<std::string_view, 5> kShown{"CLIENT_STATISTICS", "INDEX_STATISTICS",
                                                 "TABLE_STATISTICS", "USER_STATISTICS",
                                                 "USER_VARIABLES"};
constexpr std::array<std::string_view, 8> kFlushed{
    "CLIENT_STATISTICS", "INDEX_STATISTICS", "TABLE_STATISTICS",  "USER_STATISTICS",
    "USER_VARIABLES",    "THREADS",          "THREAD_POOL_STATS", "THREAD_POOL_WAITS"};

template <std::size_t N>
const Token* known_word(const Token* word, const SqlTokenStream& tokens,
                        const std::array<std::string_view, N>& known) {
  const std::string upper = upper_case(text_of(word, tokens));
  return std::find(known.begin(), known.end(), upper) == known.end() ? word : nullptr;
}

// Only a literal value may be of adjacent parts: 'a' 'b'.
const Token* joined_text(Context& context, const SqlTokenStream& tokens, const Dialect& dialect) {
  const std::size_t rule = context.getRuleIndex();
  if (rule == G::RuleLiteral || rule == G::RuleMariaTextExpression) return nullptr;
  if (rule == G::RulePrepareStatement && dialect.engine == Engine::MariaDb) return nullptr;
  if (rule == G::RuleText && context.parent != nullptr &&
      dynamic_cast<G::LiteralContext*>(context.parent) != nullptr) {
    return nullptr;
  }
  for (auto* node : context.children) {
    auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(node);
    if (leaf == nullptr) continue;
    const Token* token = leaf->getSymbol();
    if (token->getType() == G::TEXT_STRING && tokens.at(token->getTokenIndex()).joined)
      return token;
  }
  return nullptr;
}

}  // namespace

const antlr4::Token* rule_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                                const Dialect& dialect) {
  if (const antlr4::Token* fault =
          tokens.any_joined() ? joined_text(context, tokens, dialect) : nullptr)
    return fault;
  if (const antlr4::Token* fault = query_fault(context, tokens, dialect)) return fault;
  if (const antlr4::Token* fault = call_fault(context, tokens, dialect)) return fault;
  if (const antlr4::Token* fault = name_fault(context, tokens, dialect)) return fault;
  switch (context.getRuleIndex()) {
    case G::RuleXid: return xid(static_cast<G::XidContext&>(context), tokens, dialect);
    case G::RuleLabelBegin: return named(context, dialect, &KeywordNaming::label);
    case G::RuleRole:
      if (context.getStart()->getType() != G::CURRENT_ROLE)
        return named(context, dialect, &KeywordNaming::role);
      // To be set it has to have a name.
      return dynamic_cast<G::SetRoleContext*>(context.parent->parent) != nullptr
                 ? context.getStart()
                 : nullptr;
    case G::RuleSystemVariable:
      return system_variable(static_cast<G::SystemVariableContext&>(context), tokens, dialect);
    case G::RuleUserVariable: return user_variable(context, tokens, dialect);
    case G::RuleTransactionStatement:
      return access_modes(static_cast<G::TransactionStatementContext&>(context));
    case G::RuleVariableName:
      return variable_name(static_cast<G::VariableNameContext&>(context), tokens, dialect);
    case G::RuleExplainStatement: {
      // MySQL: the number of a connection, no expression.
      auto* connection = static_cast<G::ExplainStatementContext&>(context).expr();
      if (connection == nullptr || dialect.engine == Engine::MariaDb) return nullptr;
      const std::size_t type = connection->getStart()->getType();
      const bool whole =
          type == G::INT_NUM || type == G::LONG_NUM || type == G::ULONG_NUM || type == G::HEX_NUM;
      return whole && connection->getStart() == connection->getStop() ? nullptr
                                                                      : connection->getStart();
    }
    case G::RuleMariaShowReplication: {
      // SHOW SLAVE 'connection' STATUS, which no MySQL had.
      auto* second = rule(context.children[1]);
      const bool named = second != nullptr && second->getRuleIndex() == G::RuleText;
      return named && dialect.engine == Engine::MySql ? second->getStart() : nullptr;
    }
    case G::RuleFlushWord: return known_word(context.getStart(), tokens, kFlushed);
    case G::RuleMariaShowOther: {
      auto* word = static_cast<G::MariaShowOtherContext&>(context).identifier();
      return word == nullptr ? nullptr : known_word(word->getStart(), tokens, kShown);
    }
    default: return server_fault(context, tokens, dialect);
  }
}

}  // namespace sluice::parser

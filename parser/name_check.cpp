// Names that the grammar takes and a server's parser does not: a word that means something else
// where it stands, a dot before it, too few parts.
#include "SluiceParser.h"
#include "parser/check_numbers.h"
#include "parser/keywords.h"
#include "parser/rule_check.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

bool starts_with(Context& context, std::size_t type) {
  return context.getStart()->getType() == type;
}

// ROLLBACK TO SAVEPOINT a: on MySQL the word is never the name.
const Token* rollback(G::TransactionStatementContext& statement, const SqlTokenStream& tokens,
                      const Dialect& dialect) {
  auto* name = statement.identifier();
  if (dialect.engine == Engine::MariaDb || name == nullptr || statement.TO() == nullptr)
    return nullptr;
  const bool second = tokens.at(name->getStart()->getTokenIndex() - 1).type == G::SAVEPOINT;
  return starts_with(*name, G::SAVEPOINT) && !second ? name->getStop() : nullptr;
}

// In a program BEGIN opens a block, and a transaction is begun by START TRANSACTION.
const Token* begin(G::TransactionStatementContext& statement) {
  if (!starts_with(statement, G::BEGIN)) return nullptr;
  auto* outer = parent_of(parent_of(parent_of(&statement)));
  const bool program = outer != nullptr && outer->getRuleIndex() == G::RuleProgramStatement;
  return program ? statement.getStop() : nullptr;
}

// KILL QUERY: the word is no column's name.
const Token* kill(G::KillContext& kill, const Dialect& dialect) {
  if (kill.expr() == nullptr || kill.CONNECTION() != nullptr || kill.QUERY() != nullptr)
    return nullptr;
  switch (kill.expr()->getStart()->getType()) {
    case G::CONNECTION:
    case G::QUERY: return kill.expr()->getStop();
    case G::HARD:
    case G::SOFT: return dialect.engine == Engine::MariaDb ? kill.expr()->getStop() : nullptr;
    default: return nullptr;
  }
}

// Behind an expression these begin an operator, so that they are aliases only after AS. The token
// source has made names of them.
const Token* bare_alias(Context& alias, const SqlTokenStream& tokens, const Dialect& dialect) {
  if (alias.getStart()->getType() != G::IDENT) return nullptr;
  const std::string word = upper_case(text_of(alias.getStart(), tokens));
  const bool operates = word == "SOUNDS" || (word == "MEMBER" && dialect.engine == Engine::MySql);
  return operates ? alias.getStart() : nullptr;
}

// MariaDB: WINDOW can name a column, but not a table.
const Token* table_alias(Context& holder, const Dialect& dialect) {
  auto* alias = child(&holder, G::RuleIdentifier);
  const bool word = alias != nullptr && alias->getStart()->getType() == G::WINDOW;
  return word && dialect.engine == Engine::MariaDb ? alias->getStart() : nullptr;
}

// MariaDB: WITH CUBE and WITH SYSTEM are words of other clauses.
const Token* common_table(G::CommonTableContext& table, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  const Token* name = table.getStart();
  if (dialect.engine == Engine::MySql || name->getTokenIndex() == 0) return nullptr;
  const bool first = tokens.at(name->getTokenIndex() - 1).type == G::WITH;
  const bool word = name->getType() == G::CUBE || name->getType() == G::SYSTEM;
  return first && word ? name : nullptr;
}

// MariaDB: INSERT INTO VALUE (1) has a row and no table.
const Token* inserted_table(G::InsertStatementContext& statement, const Dialect& dialect) {
  const Token* table = statement.writtenTable()->getStart();
  return dialect.engine == Engine::MariaDb && table->getType() == G::VALUE ? table : nullptr;
}

// MariaDB: the word says what kind of object the grant is on.
const Token* granted(G::GrantNameContext& name, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql || name.identifier().empty()) return nullptr;
  return starts_with(name, G::FUNCTION) ? name.getStop() : nullptr;
}

// MariaDB's `.t` is a table of the default schema; no other object's name begins with a dot.
const Token* leading_dot(G::MariaLeadingDotContext& dot) {
  auto* name = parent_of(&dot);
  if (auto* column = dynamic_cast<G::ColumnRefContext*>(name))
    return column->identifier().size() < 2 ? column->getStop() : nullptr;
  auto* use = parent_of(name);
  if (name->getRuleIndex() != G::RuleQualifiedName || use == nullptr) return nullptr;
  switch (use->getRuleIndex()) {
    case G::RuleNewRoutine:
    case G::RuleAlteredRoutine:
    case G::RuleDroppedRoutine:
    case G::RuleNewTrigger:
    case G::RuleDroppedTrigger:
    case G::RuleNewEvent:
    case G::RuleAlteredEvent:
    case G::RuleRenamedEvent:
    case G::RuleDroppedEvent:
    case G::RuleMariaShowPackage: return dot.getStart();
    case G::RuleMariaShowCreate: return has_token(use, G::SEQUENCE) ? nullptr : dot.getStart();
    case G::RuleShowStatement: {
      const bool program = has_token(use, G::EVENT) || has_token(use, G::FUNCTION) ||
                           has_token(use, G::PROCEDURE) || has_token(use, G::TRIGGER);
      return program ? dot.getStart() : nullptr;
    }
    case G::RuleWrittenTable: {  // DELETE t FROM …: one of the tables that follow
      auto* erase = dynamic_cast<G::DeleteStatementContext*>(parent_of(parent_of(use)));
      const bool target = parent_of(use)->getRuleIndex() == G::RuleDeleteTarget;
      return target && erase != nullptr && erase->tableReferences() != nullptr ? dot.getStart()
                                                                               : nullptr;
    }
    default: return nullptr;
  }
}

// Variables of a component: GLOBAL and its kin are no part of the name.
const Token* component_variable(G::ComponentVariableContext& variable,
                                const SqlTokenStream& tokens) {
  const Token* first = variable.identifier(0)->getStart();
  // The lexer takes a word before a dot for a name.
  const std::string word = upper_case(text_of(first, tokens));
  return word == "GLOBAL" || word == "LOCAL" || word == "SESSION" ? first : nullptr;
}

// A list of roles, on MySQL written by the rule of accounts.
const Token* role_list(G::UserListContext& roles, const Dialect& dialect) {
  switch (parent_of(&roles)->getRuleIndex()) {
    case G::RuleMysqlDefaultRoles:
    case G::RuleMysqlDefaultRole:
    case G::RuleMysqlToUsers:
    case G::RuleMysqlRoles:
    case G::RuleMysqlGrantAs: break;
    default: return nullptr;
  }
  for (auto* role : roles.user()) {
    const auto kind = static_cast<TokenKind>(role->getStart()->getType());
    if (is_keyword(kind) && !keyword_naming(kind, dialect.engine).role) return role->getStart();
  }
  return nullptr;
}

// MySQL: NEW and OLD are the rows of a trigger, no scopes of a variable.
const Token* row_variable(G::SystemVariableContext& variable, const SqlTokenStream& tokens) {
  if (variable.identifier().size() != 2 || parent_of(&variable) == nullptr ||
      parent_of(&variable)->getRuleIndex() != G::RuleSetItem) {
    return nullptr;
  }
  const std::string row = upper_case(text_of(variable.identifier(0)->getStart(), tokens));
  if (row != "NEW" && row != "OLD") return nullptr;
  for (auto* at = parent_of(&variable); at != nullptr; at = parent_of(at)) {
    if (at->getRuleIndex() == G::RuleCreateTrigger) return variable.getStop();
  }
  return nullptr;
}

// MariaDB: the type of a parameter is that of a column, with its table; that of a variable can be
// another variable's.
const Token* type_of(G::MariaTypeOfContext& type) {
  auto* column = type.columnRef();
  if (column == nullptr || column->identifier().size() > 1) return nullptr;
  const auto holder = parent_of(parent_of(&type))->getRuleIndex();
  const bool parameter = holder == G::RuleParameter || holder == G::RuleFunctionParameter;
  return parameter ? column->getStop() : nullptr;
}

}  // namespace

const antlr4::Token* name_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                                const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RuleTransactionStatement: {
      auto& statement = static_cast<G::TransactionStatementContext&>(context);
      const antlr4::Token* fault = rollback(statement, tokens, dialect);
      return fault != nullptr ? fault : begin(statement);
    }
    case G::RuleKill: return kill(static_cast<G::KillContext&>(context), dialect);
    case G::RuleSelectAlias:
    case G::RuleArgumentAlias: return bare_alias(context, tokens, dialect);
    case G::RuleBaseTable:
    case G::RuleTableFactor:
    case G::RuleLockItem: return table_alias(context, dialect);
    case G::RuleCommonTable:
      return common_table(static_cast<G::CommonTableContext&>(context), tokens, dialect);
    case G::RuleInsertStatement:
      return inserted_table(static_cast<G::InsertStatementContext&>(context), dialect);
    case G::RuleGrantName: return granted(static_cast<G::GrantNameContext&>(context), dialect);
    case G::RuleMariaLeadingDot:
      return leading_dot(static_cast<G::MariaLeadingDotContext&>(context));
    case G::RuleComponentVariable:
      return component_variable(static_cast<G::ComponentVariableContext&>(context), tokens);
    case G::RuleUserList: return role_list(static_cast<G::UserListContext&>(context), dialect);
    case G::RuleSystemVariable:
      return dialect.engine == Engine::MySql
                 ? row_variable(static_cast<G::SystemVariableContext&>(context), tokens)
                 : nullptr;
    case G::RuleMariaTypeOf: return type_of(static_cast<G::MariaTypeOfContext&>(context));
    default: return nullptr;
  }
}

}  // namespace sluice::parser

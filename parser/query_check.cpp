#include "SluiceParser.h"
#include "parser/rule_check.h"
#include "parser/tree.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

bool is_query(G::DerivedBodyContext& body);
bool is_query(G::ParenBodyContext& body);

// `((SELECT 1))`: nothing but a query in parentheses.
bool wraps_query(G::TableReferencesContext& tables) {
  if (tables.tableReference().size() != 1 || tables.tableReference(0)->children.size() != 1)
    return false;
  auto* factor = tables.tableReference(0)->tableFactor(0);
  return factor->derivedBody() != nullptr && factor->children.size() == 3 &&
         is_query(*factor->derivedBody());
}

bool is_query(G::DerivedBodyContext& body) {
  return body.tableReferences() == nullptr || wraps_query(*body.tableReferences());
}

bool wraps_query(G::ExprContext& expression) {
  if (expression.children.size() != 1) return false;
  auto* operand = expression.operand(0);
  if (operand->children.size() != 1) return false;
  auto* parentheses = operand->primary()->parenthesised();
  return parentheses != nullptr && is_query(*parentheses->parenBody());
}

bool is_query(G::ParenBodyContext& body) {
  const auto expressions = body.expr();
  return expressions.empty() || (expressions.size() == 1 && wraps_query(*expressions.front()));
}

// What follows a first block in parentheses needs that block to be a query.
const Token* derived_body(G::DerivedBodyContext& body) {
  const bool goes_on = body.setOperation() != nullptr || body.queryEnd() != nullptr;
  if (body.tableReferences() == nullptr || !goes_on || wraps_query(*body.tableReferences()))
    return nullptr;
  return body.setOperation() != nullptr ? body.setOperation()->getStart()
                                        : body.queryEnd()->getStart();
}

const Token* paren_body(G::ParenBodyContext& body) {
  const bool goes_on = body.setOperation() != nullptr || body.queryEnd() != nullptr;
  if (body.expr().empty() || !goes_on || is_query(body)) return nullptr;
  return body.setOperation() != nullptr ? body.setOperation()->getStart()
                                        : body.queryEnd()->getStart();
}

// The parentheses are those of an outer query's: the alias comes after the outer ones.
bool inside_wrapper(const G::TableFactorContext& factor) {
  auto* reference = parent_of(&factor);
  auto* tables = dynamic_cast<G::TableReferencesContext*>(parent_of(reference));
  if (tables == nullptr || !wraps_query(*tables)) return false;
  return dynamic_cast<G::DerivedBodyContext*>(parent_of(tables)) != nullptr;
}

// MySQL does not take one derived table with its alias in parentheses of its own.
bool lone_derived(G::DerivedBodyContext& body) {
  auto* tables = body.tableReferences();
  if (tables == nullptr || tables->tableReference().size() != 1) return false;
  auto* reference = tables->tableReference(0);
  if (reference->children.size() != 1) return false;
  auto* factor = reference->tableFactor(0);
  if (factor->derivedBody() == nullptr) return false;
  return factor->identifier() != nullptr;
}

const Token* table_factor(G::TableFactorContext& factor, const Dialect& dialect) {
  auto* body = factor.derivedBody();
  if (body == nullptr) return nullptr;
  const bool query = is_query(*body);
  if (!query) {
    if (factor.mysqlLateral() != nullptr) return body->getStart();
    if (factor.identifier() != nullptr) return factor.identifier()->getStart();
    if (factor.mariaSystemTimeOf() != nullptr) return factor.mariaSystemTimeOf()->getStart();
  }
  if (dialect.engine == Engine::MySql) return lone_derived(*body) ? factor.getStop() : nullptr;
  const bool named = factor.identifier() != nullptr || inside_wrapper(factor);
  return query && !named ? factor.getStop() : nullptr;
}

// The last block of a set operation, or the only block of its query.
bool is_last_block(const Context* start) {
  auto* holder = parent_of(start);
  if (auto* operation = dynamic_cast<G::SetOperationContext*>(holder))
    return operation->children.back() == start;
  for (auto* node : holder->children) {
    auto* tail = dynamic_cast<G::QueryTailContext*>(node);
    if (tail != nullptr && tail->setOperation() != nullptr) return false;
  }
  return true;
}

const Token* into_clause(G::IntoClauseContext& into, const Dialect& dialect) {
  const bool mariadb = dialect.engine == Engine::MariaDb;
  for (Context* at = &into; at != nullptr; at = parent_of(at)) {
    auto* holder = parent_of(at);
    switch (at->getRuleIndex()) {
      case G::RuleStatement: return nullptr;
      case G::RuleQuerySpec: {
        // MariaDB takes it in a set operation's last block when nothing of the block follows.
        const bool arm = holder->parent != nullptr &&
                         parent_of(parent_of(holder))->getRuleIndex() == G::RuleSetOperation;
        if (mariadb && arm && at->children.back() != &into) return into.getStart();
        break;
      }
      case G::RuleTableQueryStart:
      case G::RuleQueryStart:
        if (!is_last_block(at)) return into.getStart();
        break;
      case G::RuleInsertQuery:
        if (mariadb) return into.getStart();
        break;
      case G::RuleQueryExpression:
        if (mariadb && holder->getRuleIndex() != G::RuleExplained) return into.getStart();
        break;
      case G::RuleExpr:
      case G::RulePrimary:
      case G::RuleQuantified:
      case G::RuleParenBody:
      case G::RuleDerivedBody:
      case G::RuleCommonTable:
      case G::RuleViewQuery: return into.getStart();
      default: break;
    }
  }
  return nullptr;
}

const Token* query_end(G::QueryEndContext& end, const Dialect& dialect) {
  std::size_t locks = 0;
  std::size_t intos = 0;
  for (auto* ending : end.queryEnding()) {
    if (ending->intoClause() != nullptr && ++intos > 1) return ending->getStart();
    if (dialect.engine == Engine::MySql) continue;
    if (ending->lockClause() != nullptr && ++locks > 1) return ending->getStart();
  }
  return nullptr;
}

// Where an expression is, a query may not be.
const Token* any_query(Context& context) {
  if (context.getRuleIndex() == G::RuleQueryStart || context.getRuleIndex() == G::RulePlainQuery)
    return context.getStart();
  for (auto* node : context.children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (const Token* found = any_query(*inner)) return found;
  }
  return nullptr;
}

// MariaDB: PROCEDURE ANALYSE() ends a statement that is one block without INTO.
const Token* procedure_clause(G::MariaProcedureClauseContext& clause) {
  auto* end = dynamic_cast<G::QueryEndContext*>(parent_of(parent_of(&clause)));
  auto* tail = end == nullptr ? nullptr : dynamic_cast<G::QueryTailContext*>(parent_of(end));
  if (tail == nullptr || tail->setOperation() != nullptr) return clause.getStart();
  auto* holder = parent_of(tail);
  // A statement of its own, or the query of a cursor.
  const bool cursor = holder->getRuleIndex() == G::RuleQueryExpression &&
                      parent_of(holder)->getRuleIndex() == G::RuleDeclaration;
  if (!cursor && holder->getRuleIndex() != G::RuleQueryStatement) return clause.getStart();
  auto* start = dynamic_cast<G::QueryStartContext*>(child(holder, G::RuleQueryStart));
  auto* block = start == nullptr ? nullptr : start->plainQuery();
  auto* spec = block == nullptr ? nullptr : block->querySpec();
  if (spec != nullptr && spec->intoClause() != nullptr) return clause.getStart();
  for (auto* ending : end->queryEnding()) {
    if (ending->intoClause() != nullptr) return clause.getStart();
  }
  return nullptr;
}

// One INTO a statement.
const Token* second_into(G::QueryStatementContext& statement) {
  auto* block = statement.queryStart()->plainQuery();
  auto* spec = block == nullptr ? nullptr : block->querySpec();
  auto* end = statement.queryTail()->queryEnd();
  if (spec == nullptr || spec->intoClause() == nullptr || end == nullptr) return nullptr;
  for (auto* ending : end->queryEnding()) {
    if (ending->intoClause() != nullptr) return ending->getStart();
  }
  return nullptr;
}

const Token* common_table(G::CommonTableContext& table) {
  auto* clause = dynamic_cast<G::WithClauseContext*>(parent_of(&table));
  auto* cycle = table.mariaCycle();
  return cycle != nullptr && clause->RECURSIVE() == nullptr ? cycle->getStart() : nullptr;
}

// MySQL: VALUES (1), (2) ends an INSERT; VALUES ROW(1), ROW(2) is a query, which may go on and
// whose row has no name.
const Token* rows(G::InsertSourceContext& source, G::MysqlRowAliasContext* alias) {
  const bool query = source.insertRow(0)->mysqlRowWord() != nullptr;
  for (auto* row : source.insertRow()) {
    if ((row->mysqlRowWord() != nullptr) != query) return row->getStart();
  }
  if (query && source.VALUE() != nullptr) return source.insertRow(0)->getStart();
  if (query) return alias != nullptr ? alias->getStart() : nullptr;
  const bool goes_on = !source.queryTail()->children.empty();
  return goes_on ? source.queryTail()->getStart() : nullptr;
}

// A name for the new row goes with VALUES and SET, not with a query.
const Token* insert(G::InsertStatementContext& statement, bool mysql) {
  auto* alias = statement.mysqlRowAlias();
  auto* source = statement.insertBody()->insertSource();
  if (source == nullptr) return nullptr;
  if (source->insertQuery() != nullptr) return alias != nullptr ? alias->getStart() : nullptr;
  if (mysql) return rows(*source, alias);
  auto* end = source->queryTail()->queryEnd();
  if (end == nullptr) return nullptr;
  for (auto* ending : end->queryEnding()) {
    if (ending->intoClause() != nullptr) return ending->getStart();
  }
  return nullptr;
}

// DELETE FROM t.* names no table to delete from beside others.
const Token* erase(G::DeleteStatementContext& statement) {
  if (statement.tableReferences() != nullptr || statement.deleteTarget().empty()) return nullptr;
  auto* star = statement.deleteTarget(0)->OP_STAR();
  return star != nullptr ? star->getSymbol() : nullptr;
}

// MariaDB's queries in parentheses begin without WITH, but for that of CREATE TABLE t (…).
const Token* query_start(G::QueryStartContext& start) {
  auto* inner = start.queryExpression();
  if (inner == nullptr || inner->withClause() == nullptr) return nullptr;
  auto* holder = parent_of(&start);
  const bool table =
      holder->parent != nullptr && parent_of(holder)->getRuleIndex() == G::RuleTableQuery;
  return table ? nullptr : inner->getStart();
}

}  // namespace

const antlr4::Token* query_fault(antlr4::ParserRuleContext& context,
                                 const SqlTokenStream& /*tokens*/, const Dialect& dialect) {
  const bool mysql = dialect.engine == Engine::MySql;
  switch (context.getRuleIndex()) {
    case G::RuleDerivedBody: return derived_body(static_cast<G::DerivedBodyContext&>(context));
    case G::RuleParenBody: return paren_body(static_cast<G::ParenBodyContext&>(context));
    case G::RuleTableFactor:
      return table_factor(static_cast<G::TableFactorContext&>(context), dialect);
    case G::RuleIntoClause:
      return into_clause(static_cast<G::IntoClauseContext&>(context), dialect);
    case G::RuleQueryEnd: return query_end(static_cast<G::QueryEndContext&>(context), dialect);
    case G::RuleQueryStart:
      return mysql ? nullptr : query_start(static_cast<G::QueryStartContext&>(context));
    case G::RuleQueryStatement: return second_into(static_cast<G::QueryStatementContext&>(context));
    case G::RuleMariaProcedureClause:
      return procedure_clause(static_cast<G::MariaProcedureClauseContext&>(context));
    case G::RuleCommonTable: return common_table(static_cast<G::CommonTableContext&>(context));
    case G::RuleInsertStatement:
      return insert(static_cast<G::InsertStatementContext&>(context), mysql);
    case G::RuleDeleteStatement: return erase(static_cast<G::DeleteStatementContext&>(context));
    case G::RuleMariaPortion: {
      auto* period = static_cast<G::MariaPortionContext&>(context).identifier();
      const bool system = period->getStart()->getType() == G::SYSTEM_TIME;
      return system ? period->getStart() : nullptr;
    }
    case G::RulePurge:
    case G::RuleHandlerStatement:
    case G::RuleComponentVariable: return mysql ? any_query(context) : nullptr;
    default: return nullptr;
  }
}

}  // namespace sluice::parser

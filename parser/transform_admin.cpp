// Transactions, SET, prepared statements, CALL, DO, HANDLER, locks, SHOW, EXPLAIN.
#include <utility>

#include "parser/transform.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

}  // namespace

StatementBody Transform::simple(Context* statement) {
  auto* inner = rule(statement->children.front());
  switch (inner == nullptr ? 0 : inner->getRuleIndex()) {
    case G::RuleTransactionStatement: return transaction(inner);
    case G::RuleSetStatement: return set(inner);
    case G::RuleUseStatement: return Use{name(child(inner, G::RuleIdentifier))};
    case G::RuleCallStatement: return call(inner);
    case G::RuleDoStatement: return do_items(inner);
    case G::RuleHandlerStatement: return handler(inner);
    case G::RulePrepareStatement:
    case G::RuleExecuteStatement:
    case G::RuleDeallocateStatement: return prepared(inner);
    case G::RuleLockStatement: return lock_tables(inner);
    case G::RuleShowStatement: return show(inner);
    case G::RuleExplainStatement: return explain(inner);
    default: return Other{pieces(statement)};
  }
}

Call Transform::call(Context* statement) {
  Call result;
  auto* routine = child(statement, G::RuleExecutedRoutine);
  if (child(statement, G::RuleMariaPackageRoutine) != nullptr) unknown();
  if (routine == nullptr) return unknown(), result;
  result.procedure = qualified(routine);
  result.parens = has_token(statement, G::OP_LPAREN);
  if (auto* list = child(statement, G::RuleExprList)) result.arguments = expressions(list);
  return result;
}

Do Transform::do_items(Context* statement) {
  Do result;
  if (auto* list = child(statement, G::RuleExprList)) {
    for (auto& one : expressions(list)) {
      SelectItem item;
      item.value = std::move(one);
      result.items.push_back(std::move(item));
    }
  } else if (auto* items = child(statement, G::RuleMysqlDoItems)) {
    result.items = returning(items);
  }
  return result;
}

Handler Transform::handler(Context* statement) {
  Handler result;
  const auto& nodes = statement->children;
  auto* table = child(statement, G::RuleReadTable);
  if (table == nullptr) table = child(statement, G::RuleOpenHandler);
  if (table == nullptr) return unknown(), result;
  result.table = qualified(table);
  std::size_t i = 2;
  if (i < nodes.size() && is_leaf(nodes[i], G::OPEN)) {
    result.action = "OPEN";
    ++i;
    if (i < nodes.size()) result.alias = alias(nodes, i);
    if (i < nodes.size()) unknown();
    return result;
  }
  const std::size_t from = i;
  const auto clause = [&](std::size_t at) {
    auto* inner = rule(nodes[at]);
    return inner != nullptr && (inner->getRuleIndex() == G::RuleRowOfValues ||
                                inner->getRuleIndex() == G::RuleWhereClause ||
                                inner->getRuleIndex() == G::RuleLimitClause);
  };
  while (i < nodes.size() && !clause(i)) ++i;
  result.action = words(nodes, from, i);
  if (auto* row = child(statement, G::RuleRowOfValues)) {
    if (auto* list = child(row, G::RuleExprList))
      result.key = expressions(list);
    else
      unknown();
  }
  if (auto* where = child(statement, G::RuleWhereClause))
    result.where = expression(child(where, G::RuleExpr));
  if (auto* count = child(statement, G::RuleLimitClause)) result.limit = limit(count);
  return result;
}

Transaction Transform::transaction(Context* statement) {
  using Verb = Transaction::Verb;
  Transaction result;
  const auto& nodes = statement->children;
  std::size_t end = nodes.size();
  auto* last = rule(nodes.back());
  if (last != nullptr && last->getRuleIndex() == G::RuleIdentifier) {
    result.savepoint = name(last);
    --end;
  }
  result.words = words(nodes, 0, end);
  switch (statement->start->getType()) {
    case G::COMMIT: result.verb = Verb::Commit; break;
    case G::ROLLBACK: result.verb = result.savepoint ? Verb::RollbackTo : Verb::Rollback; break;
    case G::SAVEPOINT: result.verb = Verb::Savepoint; break;
    case G::RELEASE: result.verb = Verb::Release; break;
    default: break;
  }
  return result;
}

StatementBody Transform::set(Context* statement) {
  if (child(statement, G::RuleSetTransaction) != nullptr) return Other{pieces(statement)};
  SetVariables result;
  for (auto* node : statement->children) {
    if (auto* item = rule(node)) result.items.push_back(set_item(item));
  }
  return result;
}

SetItem Transform::set_item(Context* item) {
  SetItem result;
  const auto& nodes = item->children;
  std::size_t at = 0;
  if (is_leaf(nodes.front(), G::NAMES)) {
    result.kind = SetItem::Kind::Names;
  } else if (auto* first = rule(nodes.front())) {
    if (first->getRuleIndex() == G::RuleUserVariable) result.kind = SetItem::Kind::UserVariable;
    if (first->getRuleIndex() == G::RuleCharsetWords) result.kind = SetItem::Kind::CharacterSet;
    if (first->getRuleIndex() == G::RuleMysqlPersist) {
      result.scope = words(first);
      at = 1;
    }
  } else {
    result.scope = words(nodes.front());
    at = 1;
  }
  if (at >= nodes.size()) return unknown(), result;
  result.target = words(nodes[at++]);
  if (at < nodes.size() && (is_leaf(nodes[at], G::OP_EQ) || is_leaf(nodes[at], G::OP_ASSIGN)))
    result.op = words(nodes[at++]);
  result.value = pieces(nodes, at, nodes.size());
  return result;
}

// SET STATEMENT a = 1, b = 2 FOR statement
StatementBody Transform::set_for(Context* context) {
  SetVariables result;
  const auto& nodes = context->children;
  for (std::size_t i = 2; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() == G::RuleStatement) {
      result.statement = statement(inner);
      continue;
    }
    // A variable, `=`, its value.
    if (inner->children.size() != 3) return unknown(), result;
    SetItem item;
    item.target = words(inner->children[0]);
    item.op = words(inner->children[1]);
    item.value = pieces(inner->children, 2, 3);
    result.items.push_back(std::move(item));
  }
  if (!result.statement) unknown();
  return result;
}

Expression Transform::user_variable(Context* context) {
  Expression result;
  result.kind = Expression::Kind::UserVariable;
  result.text = words(context);
  return result;
}

// The words, then a name, FROM or IMMEDIATE and a text, USING and arguments.
Prepared Transform::prepared(Context* statement) {
  Prepared result;
  const auto& nodes = statement->children;
  std::size_t i = 0;
  while (i < nodes.size() && rule(nodes[i]) == nullptr) ++i;
  result.words = words(nodes, 0, i);
  for (; i < nodes.size(); ++i) {
    auto* inner = rule(nodes[i]);
    if (inner == nullptr) {
      if (is_leaf(nodes[i], G::TEXT_STRING)) {
        Expression text;
        text.text = words(nodes[i]);
        result.text = std::move(text);
      }
      continue;
    }
    switch (inner->getRuleIndex()) {
      case G::RuleIdentifier: result.name = name(inner); break;
      case G::RuleMariaImmediate:
        result.words += " " + words(inner->children.front());
        result.text = expression(child(inner, G::RuleExpr));
        break;
      case G::RuleMariaTextExpression: result.text = expression(child(inner, G::RuleExpr)); break;
      case G::RuleUserVariable: result.text = user_variable(inner); break;
      case G::RuleExecuteArgument: {
        auto* one = rule(inner->children.front());
        result.arguments.push_back(one->getRuleIndex() == G::RuleUserVariable
                                       ? user_variable(one)
                                       : expression(child(one, G::RuleExpr)));
        break;
      }
      default: unknown();
    }
  }
  return result;
}

LockTables Transform::lock_tables(Context* statement) {
  LockTables result;
  const auto& nodes = statement->children;
  std::size_t i = 0;
  const auto is_word = [&](std::size_t at) {
    auto* inner = rule(nodes[at]);
    return inner == nullptr || inner->getRuleIndex() == G::RuleMysqlInstanceWord;
  };
  while (i < nodes.size() && is_word(i)) ++i;
  result.words = words(nodes, 0, i);
  for (; i < nodes.size(); ++i) {
    auto* item = rule(nodes[i]);
    if (item == nullptr) continue;
    auto* table = child(item, G::RuleReadTable);
    if (table == nullptr) return unknown(), result;
    TableLock one{qualified(table), {}, {}};
    std::size_t at = 1;
    one.alias = alias(item->children, at);
    one.words = words(item->children, at, item->children.size());
    result.tables.push_back(std::move(one));
  }
  return result;
}

Show Transform::show(Context* statement) {
  Show result;
  const auto& nodes = statement->children;
  std::size_t end = nodes.size();
  if (auto* filter = child(statement, G::RuleShowFilter)) {
    --end;
    if (auto* where = child(filter, G::RuleWhereClause)) {
      result.where = expression(child(where, G::RuleExpr));
    } else {
      result.like = words(filter->children.back());
    }
  }
  result.words = words(nodes, 0, end);
  return result;
}

Explain Transform::explain(Context* context) {
  Explain result;
  const auto& nodes = context->children;
  std::size_t end = nodes.size();
  auto* explained = child(context, G::RuleExplained);
  if (explained != nullptr) {
    // The explained statement has the shape of the grammar's `statement`.
    result.statement = statement(explained);
    if (nodes.back() != explained) unknown();
    --end;
  }
  result.words = words(nodes, 0, end);
  return result;
}

}  // namespace sluice::parser

#include <algorithm>

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

// Before MySQL 8.0 more words were functions than are today.
constexpr std::uint32_t kWordsKnownSince = 80000;

bool callable(const Token* word, std::size_t arguments, const Dialect& dialect) {
  const auto kind = static_cast<TokenKind>(word->getType());
  if (!is_keyword(kind)) return true;
  if (dialect.engine == Engine::MySql && dialect.server_version < kWordsKnownSince) return true;
  return keyword_naming(kind, dialect.engine).callable(arguments);
}

std::size_t listed(G::SpecialCallContext& call) {
  return call.exprList() == nullptr ? 0 : call.exprList()->expr().size();
}

std::size_t arguments_of(G::CallArgumentsContext& call) {
  return call.argument().size();
}

// A lone primary without sign: what the servers call a simple argument.
G::PrimaryContext* lone_primary(G::ExprContext* expression) {
  if (expression == nullptr || expression->children.size() != 1) return nullptr;
  auto* operand = expression->operand(0);
  return operand != nullptr && operand->children.size() == 1 ? operand->primary() : nullptr;
}

// VALUE(column).
bool one_column(G::CallArgumentsContext& call) {
  if (call.argument().size() != 1 || call.argument(0)->argumentAlias() != nullptr) return false;
  auto* primary = lone_primary(call.argument(0)->expr());
  return primary != nullptr && primary->nameOrCall() != nullptr &&
         primary->nameOrCall()->callArguments() == nullptr;
}

// Only functions that are no words of the server's have names for their arguments. SOUNDS is the
// name of no function at all.
const Token* named_argument(const Token* word, G::CallArgumentsContext& call,
                            const SqlTokenStream& tokens, const Dialect& dialect) {
  if (word->getType() == G::IDENT && upper_case(text_of(word, tokens)) == "SOUNDS")
    return call.getStart();
  const bool known = is_keyword(static_cast<TokenKind>(word->getType()));
  if (!known || (dialect.engine == Engine::MariaDb && word->getType() != G::ROW)) return nullptr;
  for (auto* argument : call.argument()) {
    if (argument->argumentAlias() != nullptr) return argument->argumentAlias()->getStart();
  }
  return nullptr;
}

const Token* name_or_call(G::NameOrCallContext& call, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  auto* package = call.mariaPackageArguments();
  auto* arguments = package != nullptr ? package->callArguments() : call.callArguments();
  if (arguments == nullptr) return nullptr;
  if (call.identifier().size() != 1) {
    // Only a loadable function, which is in no schema, has names for its arguments.
    for (auto* argument : arguments->argument()) {
      if (argument->argumentAlias() != nullptr) return argument->argumentAlias()->getStart();
    }
    return nullptr;
  }
  const Token* word = call.identifier(0)->getStart();
  if (const Token* fault = named_argument(word, *arguments, tokens, dialect)) return fault;
  const std::size_t count = arguments_of(*arguments);
  switch (word->getType()) {
    case G::NEXTVAL:
    case G::LASTVAL:  // of a sequence's name: facts_walk.cpp looks at it
      if (dialect.engine == Engine::MySql) break;
      return count == 1 ? nullptr : arguments->getStop();
    case G::SETVAL:
      if (dialect.engine == Engine::MySql) break;
      return count >= 2 && count <= 4 ? nullptr : arguments->getStop();
    case G::VALUE:  // VALUES() by another name
      if (dialect.engine == Engine::MariaDb)
        return one_column(*call.callArguments()) ? nullptr : call.callArguments()->getStart();
      break;
    case G::SYSDATE:  // what it may be called with has a rule of its own
      return call.callArguments()->getStart();
    default: break;
  }
  return callable(word, count, dialect) ? nullptr : call.callArguments()->getStart();
}

bool whole_number(const Token* token) {
  switch (token->getType()) {
    case G::INT_NUM:
    case G::LONG_NUM:
    case G::ULONG_NUM: return true;
    default: return false;
  }
}

// What MySQL takes for the offset of LEAD, the buckets of NTILE and the like: a whole number, a
// parameter or a variable.
bool stable_integer(G::ExprContext* expression) {
  auto* primary = lone_primary(expression);
  if (primary == nullptr) return false;
  const Token* first = primary->getStart();
  if (primary->userVariable() != nullptr || first->getType() == G::OP_QUESTION) return true;
  if (primary->getStop() != first) return false;
  return whole_number(first) || primary->nameOrCall() != nullptr;
}

// NTILE(…), and the second argument of LEAD and LAG, on MySQL.
const Token* window_argument(G::SpecialCallContext& call) {
  const std::size_t which = call.getStart()->getType() == G::NTILE ? 0 : 1;
  const auto arguments = call.expr();
  // Any value without an operator for the row of NTH_VALUE.
  if (call.getStart()->getType() == G::NTH_VALUE) {
    auto* row = arguments.back();
    return row->children.size() == 1 ? nullptr : row->getStop();
  }
  if (arguments.size() <= which || stable_integer(arguments[which])) return nullptr;
  return arguments[which]->getStop();
}

const Token* last_value(G::SpecialCallContext& call, const Dialect& dialect) {
  const std::size_t arguments = listed(call);
  const bool over = call.overClause() != nullptr;
  const bool taken = dialect.engine == Engine::MySql ? over && arguments == 1
                     : over                          ? arguments == 1
                                                     : arguments >= 1;
  return taken ? nullptr : call.getStop();
}

// ON EMPTY and ON ERROR once each; JSON_VALUE wants them in this order.
const Token* json_responses(const std::vector<G::OnEmptyErrorContext*>& responses, bool ordered) {
  if (responses.size() < 2) return nullptr;
  const bool first_is_error = responses[0]->getStop()->getType() == G::ERROR;
  const bool second_is_error = responses[1]->getStop()->getType() == G::ERROR;
  const bool right =
      responses.size() == 2 && first_is_error != second_is_error && !(ordered && first_is_error);
  return right ? nullptr : responses.back()->getStart();
}

// The path of JSON_VALUE is a text literal on MySQL.
const Token* json_value(G::SpecialCallContext& call, const Dialect& dialect) {
  if (dialect.engine == Engine::MariaDb) return nullptr;
  auto* path = lone_primary(call.expr(1));
  auto* literal = path == nullptr ? nullptr : path->literal();
  const bool text = literal != nullptr && literal->getStop()->getType() == G::TEXT_STRING;
  if (!text) return call.expr(1)->getStart();
  auto* errors = call.mysqlJsonErrors();
  return errors == nullptr ? nullptr : json_responses(errors->onEmptyError(), true);
}

const Token* json_array(G::SpecialCallContext& call, const Dialect& dialect) {
  const bool mysql = dialect.engine == Engine::MySql;
  const bool ordered = call.DISTINCT() != nullptr || call.orderClause() != nullptr;
  if (mysql ? ordered : call.ALL() != nullptr) return call.getStart();
  return nullptr;
}

// COLUMN_CREATE and its kin take pairs, each value with a type or without.
const Token* dynamic_columns(G::SpecialCallContext& call, const Dialect& dialect) {
  const auto items = call.columnItem();
  if (dialect.engine == Engine::MySql) {  // not its own: any function's call, without types
    for (auto* item : items) {
      if (item->columnType() != nullptr) return item->columnType()->getStart();
    }
    return nullptr;
  }
  const std::size_t arguments = items.size();
  const Token* odd = nullptr;
  const std::size_t first = call.getStart()->getType() == G::COLUMN_ADD ? 1 : 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto* type = items[i]->columnType();
    if (type != nullptr && (i < first || (i + 1 - first) % 2 != 0)) odd = type->getStart();
  }
  const bool pairs = arguments >= first + 2 && (arguments - first) % 2 == 0;
  return odd == nullptr && !pairs ? call.getStop() : odd;
}

// A row has two values or more, and so has the list of the function INTERVAL(); INTERVAL without a
// list needs its unit.
const Token* short_list(G::PrimaryContext& primary, const SqlTokenStream& tokens) {
  const Token* first = primary.getStart();
  if (primary.ROW() != nullptr)
    return primary.exprList()->expr().size() < 2 ? primary.getStop() : nullptr;
  if (first->getType() != G::INTERVAL || primary.intervalUnit() != nullptr) return nullptr;
  if (tokens.at(first->getTokenIndex() + 1).type != G::OP_LPAREN) return primary.getStop();
  auto* list = primary.expr(0)->operand(0)->primary()->parenthesised();
  return list->parenBody()->expr().size() < 2 ? list->getStop() : nullptr;
}

const Token* special_call(G::SpecialCallContext& call, const Dialect& dialect) {
  const bool mysql = dialect.engine == Engine::MySql;
  switch (call.getStart()->getType()) {
    case G::LEAD:
    case G::LAG:
    case G::NTH_VALUE:
    case G::NTILE: return mysql ? window_argument(call) : nullptr;
    case G::LAST_VALUE: return last_value(call, dialect);
    case G::JSON_VALUE: return json_value(call, dialect);
    case G::JSON_ARRAYAGG: return json_array(call, dialect);
    case G::COLUMN_CREATE:
    case G::COLUMN_ADD: return dynamic_columns(call, dialect);
    case G::IF:
    case G::LEFT:
    case G::RIGHT:
    case G::REPLACE:
    case G::INSERT:
    case G::REPEAT:
    case G::MOD:
    case G::GROUPING:
    case G::COLLATION:
    case G::TRUNCATE:
    case G::FORMAT: {
      const std::size_t arguments = listed(call);
      return callable(call.getStart(), arguments, dialect) ? nullptr : call.getStop();
    }
    default: return nullptr;
  }
}

// A number, and on MySQL an interval or a parameter: how far a window's frame reaches.
const Token* frame_bound(G::FrameBoundContext& bound, const Dialect& dialect) {
  const bool alone = dynamic_cast<G::FrameContext*>(bound.parent)->frameBound().size() == 1;
  if (alone && bound.FOLLOWING() != nullptr) return bound.getStop();
  if (bound.expr() == nullptr) return nullptr;
  const bool mysql = dialect.engine == Engine::MySql;
  const auto operands = bound.expr()->operand();
  auto* primary = operands.size() == 1 && bound.expr()->children.size() == 1
                      ? operands.front()->primary()
                      : nullptr;
  if (primary == nullptr) return bound.expr()->getStart();
  const bool sign = operands.front()->children.size() > 1;
  if (auto* literal = primary->literal()) {
    const bool number = literal->number() != nullptr;
    return !sign && (number || !mysql) ? nullptr : literal->getStart();
  }
  const auto first = primary->getStart()->getType();
  if (mysql && !sign && (first == G::INTERVAL || first == G::OP_QUESTION)) return nullptr;
  return primary->getStart();
}

// MariaDB: what an INSERT would have put in, where it finds a duplicate. VALUE() may be anywhere.
const Token* values_call(antlr4::ParserRuleContext& call) {
  for (auto* at = &call; at != nullptr; at = parent_of(at)) {
    switch (at->getRuleIndex()) {
      case G::RuleOnDuplicate:
      case G::RulePartitionMethod: return nullptr;
      case G::RuleQueryStart:
      case G::RulePlainQuery:
      case G::RuleStatement: return call.getStart();
      default: break;
    }
  }
  return call.getStart();
}

// DEFAULT and IGNORE as values: only as a whole, where a row or a variable gets them.
const Token* whole_value(antlr4::ParserRuleContext& word) {
  auto* primary = parent_of(&word);
  auto* operand = parent_of(primary);
  auto* expression = parent_of(operand);
  if (operand->children.size() != 1 || expression->children.size() != 1) return word.getStart();
  auto* holder = parent_of(expression);
  switch (holder->getRuleIndex()) {
    case G::RuleInsertRow:
    case G::RuleAssignment:
    case G::RuleMariaArgument: return nullptr;
    case G::RuleSetValue:
      return word.getRuleIndex() == G::RuleDefaultWord ? nullptr : word.getStart();
    case G::RuleExprList: {
      auto* row = parent_of(holder);
      const bool values = row->getRuleIndex() == G::RuleMysqlRowConstructor ||
                          row->getRuleIndex() == G::RuleMariaRow;
      return values ? nullptr : word.getStart();
    }
    default: return word.getStart();
  }
}

}  // namespace

const antlr4::Token* call_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                                const Dialect& dialect) {
  const bool mysql = dialect.engine == Engine::MySql;
  switch (context.getRuleIndex()) {
    case G::RuleNameOrCall:
      return name_or_call(static_cast<G::NameOrCallContext&>(context), tokens, dialect);
    case G::RulePrimary: return short_list(static_cast<G::PrimaryContext&>(context), tokens);
    case G::RuleSpecialCall:
      return special_call(static_cast<G::SpecialCallContext&>(context), dialect);
    case G::RuleJsonColumn:
      return json_responses(static_cast<G::JsonColumnContext&>(context).onEmptyError(), false);
    case G::RuleValuesCall: return mysql ? nullptr : values_call(context);
    case G::RuleFrameBound:
      return frame_bound(static_cast<G::FrameBoundContext&>(context), dialect);
    case G::RuleDefaultWord:
    case G::RuleMariaIgnoreWord: return whole_value(context);
    default: return nullptr;
  }
}

}  // namespace sluice::parser

#include "parser/facts_walk.h"

#include <algorithm>
#include <array>

#include "parser/builtin_functions.h"
#include "parser/charset.h"
#include "parser/expression_check.h"
#include "parser/form_versions.h"
#include "parser/keywords.h"
#include "parser/literal.h"
#include "parser/name_charset.h"
#include "parser/parser_state.h"
#include "parser/rule_check.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;

const ObjectRule& object_rule_of(const antlr4::ParserRuleContext* context) {
  static const std::vector<ObjectRule> rules = object_rules(thread_parser().rule_names());
  return rules[context->getRuleIndex()];
}

// EXPLAIN runs nothing; MariaDB's ANALYZE does.
bool is_plan(const antlr4::ParserRuleContext& statement) {
  const std::size_t first = statement.start->getType();
  return first == G::EXPLAIN || first == G::DESCRIBE || first == G::DESC;
}

}  // namespace

bool open_join(const antlr4::ParserRuleContext* context) {
  const auto* last = context->children.size() < 2
                         ? nullptr
                         : rule(context->children[context->children.size() - 2]);
  return last != nullptr && last->getRuleIndex() == G::RuleJoinOperator &&
         last->start->getType() != G::NATURAL;
}

// An outer join needs its ON or USING, and none may be without a join.
bool joins_complete(const antlr4::ParserRuleContext* context) {
  std::size_t joins = 0;
  std::size_t outer = 0;
  std::size_t conditions = 0;
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() == G::RuleJoinOperator) {
      ++joins;
      if (inner->start->getType() == G::LEFT || inner->start->getType() == G::RIGHT) ++outer;
    } else if (inner->getRuleIndex() == G::RuleExpr ||
               inner->getRuleIndex() == G::RuleColumnNames) {
      ++conditions;
      if (conditions > joins) return false;
    }
  }
  return conditions >= outer;
}

std::string_view FactsWalk::source(const antlr4::Token* token) const {
  return tokens_.text().substr(token->getStartIndex(),
                               token->getStopIndex() - token->getStartIndex());
}

std::string FactsWalk::unquoted(const antlr4::Token* token) const {
  const std::string_view spelled = source(token);
  if (spelled.size() < 2 ||
      (spelled.front() != '`' && spelled.front() != '"' && spelled.front() != '\'')) {
    return without_supplementary(name_in_utf8(spelled, dialect_.charset));
  }
  const char quote = spelled.front();
  const auto* bytes = reinterpret_cast<const unsigned char*>(spelled.data());
  const auto* end = bytes + spelled.size() - 1;
  std::string name;
  for (std::size_t i = 1; i + 1 < spelled.size();) {
    // A quote's byte can be the tail of a character.
    const std::size_t length =
        std::max<std::size_t>(multi_byte_length(dialect_.charset, bytes + i, end), 1);
    name += spelled.substr(i, length);
    i += length == 1 && spelled[i] == quote ? 2 : length;
  }
  return without_supplementary(name_in_utf8(name, dialect_.charset));
}

// The identifiers of a qualified name, column or the like, in order.
std::vector<std::string> FactsWalk::names(Context* context) const {
  std::vector<std::string> found;
  if (context->getRuleIndex() == G::RuleIdentifier) {
    found.push_back(unquoted(context->getStart()));
    return found;
  }
  for (auto* node : context->children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (inner->getRuleIndex() == G::RuleIdentifier) {
      found.push_back(unquoted(inner->getStart()));
    } else if (inner->getRuleIndex() == G::RuleQualifiedName ||
               inner->getRuleIndex() == G::RuleColumnRef) {
      for (auto& name : names(inner)) found.push_back(std::move(name));
    }
  }
  return found;
}

void FactsWalk::add(std::string schema, std::string name, ObjectKind kind, Access access) {
  for (auto& use : facts_.objects) {
    if (use.kind == kind && use.name == name && use.schema == schema) {
      use.access = use.access | access;
      return;
    }
  }
  facts_.objects.push_back({std::move(schema), std::move(name), kind, access, false});
}

void FactsWalk::function(std::string schema, std::string name, bool builtin) {
  FunctionUse use{std::move(schema), std::move(name), builtin};
  if (!builtin) facts_.dynamic = true;
  if (std::find(facts_.functions.begin(), facts_.functions.end(), use) == facts_.functions.end()) {
    facts_.functions.push_back(std::move(use));
  }
}

void FactsWalk::variable(Context* context, bool written) {
  if (context->children.size() < 2) return;
  const auto* name = context->getStop();
  auto& list = written ? facts_.user_variables_written : facts_.user_variables_read;
  std::string text = lower_case(unquoted(name));
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

void FactsWalk::run(Context* statement) {
  children(statement);
  if (open_block_) facts_.has_where = false;
  facts_.start = statement->start->getStartIndex();
  const SqlToken& last = tokens_.at(statement->stop->getTokenIndex());
  facts_.end = last.collapsed > 0 ? last.collapsed_stop : last.stop;
  prepared(statement);
  classify(statement, tokens_, dialect_, facts_);
  if (sets_sequence_ && facts_.group < ActionGroup::Dml && !is_plan(*statement))
    facts_.group = ActionGroup::Dml;
  if (facts_.class_name.empty() && reserved_ == nullptr) reserved_ = statement->start;
}

void FactsWalk::program_statement(Context* statement) {
  StatementFacts inner;
  FactsWalk walk(tokens_, dialect_, inner);
  walk.run(statement);
  if (walk.reserved_ != nullptr) reserved_ = walk.reserved_;
  facts_.nested.push_back(std::move(inner));
}

// The name of PREPARE and its kin, and where the text comes from.
void FactsWalk::prepared(Context* statement) {
  Context* at = child(statement, G::RuleSimpleStatement);
  at = at == nullptr || at->children.empty() ? nullptr : rule(at->children.front());
  if (at == nullptr) return;
  const std::size_t index = at->getRuleIndex();
  if (index != G::RulePrepareStatement && index != G::RuleExecuteStatement &&
      index != G::RuleDeallocateStatement)
    return;
  if (auto* name = child(at, G::RuleIdentifier)) facts_.prepared_name = unquoted(name->start);
  if (index == G::RuleDeallocateStatement) return;
  facts_.dynamic = true;
  auto* immediate = child(at, G::RuleMariaImmediate);
  if (index == G::RuleExecuteStatement && immediate == nullptr) return;
  // The text is a literal, the value of a user variable, or unknown here.
  const antlr4::Token* first = nullptr;
  const antlr4::Token* last = nullptr;
  if (immediate != nullptr) {
    first = rule(immediate->children.back())->start;
    last = immediate->stop;
  } else {
    auto* from = at->children.back();
    auto* leaf = dynamic_cast<antlr4::tree::TerminalNode*>(from);
    first = leaf != nullptr ? leaf->getSymbol() : rule(at->children.back())->start;
    last = at->stop;
  }
  if (first == last && first->getType() == G::TEXT_STRING) {
    facts_.dynamic_text = string_value(source(first), dialect_);
    facts_.dynamic = false;
  } else if (first->getType() == G::OP_AT && last->getTokenIndex() == first->getTokenIndex() + 1) {
    facts_.dynamic_variable = lower_case(unquoted(last));
  }
}

void FactsWalk::children(Context* context) {
  for (auto* node : context->children) {
    if (auto* inner = rule(node)) walk(inner);
  }
}

// What the grammar lets pass and this server does not: a form of the other server or of another
// version, a word that it reserves, and the rules of rule_check.h.
void FactsWalk::check(Context* context) {
  if (const auto* fault = version_fault(*context, dialect_)) reserved_ = fault;
  if (context->getRuleIndex() == G::RuleKeywordName) {
    const auto kind = static_cast<TokenKind>(context->getStart()->getType());
    // A word that touches the dot before it is a name to the lexer; `a . group` is none.
    const auto index = context->getStart()->getTokenIndex();
    const bool after_dot = index > 0 && tokens_.at(index - 1).type == G::OP_DOT;
    const bool function =
        kind == TokenKind::Sysdate && keyword_use(kind, dialect_.engine) == KeywordUse::Function;
    if (keyword_reserved(kind, dialect_) || (function && !after_dot))
      reserved_ = context->getStart();
  }
  if (const auto* fault = rule_fault(*context, tokens_, dialect_)) reserved_ = fault;
  switch (context->getRuleIndex()) {
    case G::RuleExpr: {
      auto* parent = static_cast<Context*>(context->parent);
      const bool position =
          parent->start->getType() == G::POSITION && parent->getRuleIndex() == G::RuleSpecialCall;
      if (const auto* wrong = misplaced(*static_cast<G::ExprContext*>(context), position,
                                        dialect_.engine == Engine::MariaDb))
        reserved_ = wrong;
      if (const auto* wrong = beyond_arithmetic(*static_cast<G::ExprContext*>(context)))
        reserved_ = wrong;
      return;
    }
    case G::RuleTableReference:
      if (!joins_complete(context)) reserved_ = context->stop;
      // The server takes the ON of ON DUPLICATE KEY for that of an open join.
      if (tokens_.at(context->stop->getTokenIndex() + 1).type == G::ON_DUPLICATE &&
          open_join(context)) {
        reserved_ = context->stop;
      }
      return;
    default: return;
  }
}

// The same of everything below, where the facts are taken in another way.
void FactsWalk::check_all(Context* context) {
  check(context);
  for (auto* node : context->children) {
    if (auto* inner = rule(node)) check_all(inner);
  }
}

void FactsWalk::walk(Context* context) {
  check(context);
  switch (context->getRuleIndex()) {
    case G::RuleProgramStatement:
    case G::RuleStatement: {
      // The statements of a program are its own.
      if (context->getRuleIndex() == G::RuleProgramStatement &&
          child(context, G::RuleStatement) == nullptr) {
        return children(context);
      }
      auto* inner =
          context->getRuleIndex() == G::RuleStatement ? context : child(context, G::RuleStatement);
      return program_statement(inner);
    }
    case G::RuleDefiner: return definer(context);
    case G::RuleMysqlExplainFor:  // comes before what is explained
      explained_in_ = names(context).front();
      return children(context);
    case G::RuleKeywordName: return;
    case G::RuleWithStatement:
    case G::RuleInsertSource: {
      // VALUES … UNION … is a query.
      auto* tail = child(context, G::RuleQueryTail);
      return tail != nullptr && !tail->children.empty() ? query(context) : children(context);
    }
    case G::RuleInsertQuery:
    case G::RuleQueryExpression:
    case G::RuleQueryStatement:
    case G::RuleDerivedBody: return query(context);
    case G::RuleCommonTable: {
      const bool recursive = has_token(static_cast<Context*>(context->parent), G::RECURSIVE);
      std::string name = names(context).front();
      if (recursive) common_.push_back(name);
      children(context);
      if (!recursive) common_.push_back(std::move(name));
      return;
    }
    case G::RuleParenBody:
      if (child(context, G::RuleExpr) == nullptr) return query(context);
      return children(context);
    case G::RuleExpr:
    case G::RulePrimary:
    case G::RuleTableReference: return children(context);
    case G::RuleNameOrCall: return name_or_call(context);
    case G::RuleSpecialCall: return special_call(context);
    case G::RuleUserVariable: return variable(context, false);
    case G::RuleIntoTarget: {
      auto* inner = child(context, G::RuleUserVariable);
      return inner != nullptr ? variable(inner, true) : children(context);
    }
    case G::RuleQuerySpec: return block(context);
    case G::RuleWhereClause:
      if (depth_ <= 1) facts_.has_where = true;
      return children(context);
    case G::RuleCountLimit:
    case G::RuleLimitClause: return limit(context);
    case G::RuleGroupingCall:
      // On MariaDB a function of the schema.
      if (dialect_.engine == Engine::MariaDb)
        function(default_schema(), std::string(source(context->start)), false);
      return children(context);
    case G::RuleMariaNextValue: return next_value(context);
    case G::RuleIntoClause: return into(context);
    case G::RuleInsertStatement:
    case G::RuleLoadStatement: return insert(context);
    case G::RuleUpdateStatement: return update(context);
    case G::RuleDeleteStatement: return erase(context);
    case G::RuleStatementVariable:  // of MariaDB's SET STATEMENT
    case G::RuleSetItem: return set_item(context);
    default: return object_rule(context);
  }
}

// The name of a common table is compared as those of tables are: where the server tells cases
// apart, Q is another table than q.
bool FactsWalk::is_common(const std::string& name) const {
  const bool exact = dialect_.lower_case_table_names == 0;
  return std::any_of(common_.begin(), common_.end(), [&](const std::string& one) {
    return exact ? one == name : lower_case(one) == lower_case(name);
  });
}

void FactsWalk::definer(Context* context) {
  if (auto* who = rule(context->children.back())) {
    facts_.definer = tokens_.text().substr(who->start->getStartIndex(),
                                           who->stop->getStopIndex() - who->start->getStartIndex());
  }
  children(context);
}

void FactsWalk::query(Context* context) {
  const std::size_t visible = common_.size();
  ++depth_;
  children(context);
  --depth_;
  common_.resize(visible);
}

void FactsWalk::name_or_call(Context* context) {
  auto* arguments = child(context, G::RuleCallArguments);
  if (arguments != nullptr) {
    auto parts = names(context);
    const bool qualified = parts.size() > 1;
    const std::string name = parts.back();
    // VALUE(column) is MariaDB's VALUES(column).
    const bool value = dialect_.engine == Engine::MariaDb && context->start->getType() == G::VALUE;
    const bool builtin = !qualified && (value || is_builtin_function(name, dialect_));
    function(qualified ? parts.front() : (builtin ? std::string() : default_schema()), name,
             builtin);
    // A sequence's functions write it.
    if (dialect_.engine == Engine::MariaDb && !qualified) {
      const std::string word = lower_case(name);
      if (word == "nextval" || word == "setval" || word == "lastval") sequence_call(context, word);
    }
  }
  children(context);
}

void FactsWalk::special_call(Context* context) {
  function({}, std::string(source(context->getStart())), true);
  children(context);
}

// A name that is not of identifiers alone: an account with its host, a name in quotes of text.
std::string FactsWalk::spelled(const Context* context) const {
  // Whoever it is: one name, however it was written.
  const std::size_t type = context->start->getType();
  if (type == G::CURRENT_USER || type == G::CURRENT_ROLE) return upper_case(source(context->start));
  if (context->start == context->stop) return unquoted(context->start);
  // u @localhost is u@localhost.
  std::string name;
  for (std::size_t i = context->start->getTokenIndex(); i <= context->stop->getTokenIndex(); ++i)
    name += source(&tokens_.at(i));
  return name;
}

// Whatever is named after what happens to an object.
void FactsWalk::object_rule(Context* context) {
  const ObjectRule& known = object_rule_of(context);
  children(context);
  if (known.access == Access::None) return;
  if (const auto* text = misread_text(context)) reserved_ = text;
  auto parts = names(context);
  if (parts.empty()) parts.push_back(spelled(context));
  std::string name = parts.back();
  if (known.kind == ObjectKind::Table && known.access == Access::Read && parts.size() == 1 &&
      is_common(name)) {
    return;
  }
  std::string schema;
  if (known.in_schema) schema = parts.size() > 1 ? parts.front() : default_schema();
  add(std::move(schema), std::move(name), known.kind, known.access);
}

}  // namespace sluice::parser

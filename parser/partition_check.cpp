// What the grammar takes of PARTITION BY and a server's parser does not: functions that may not be
// in a partition's expression (manual 26.6.3), rows of values, counts.
#include <algorithm>
#include <array>
#include <optional>

#include "SluiceParser.h"
#include "parser/builtin_functions.h"
#include "parser/check_numbers.h"
#include "parser/expression_check.h"
#include "parser/rule_check.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

// Functions whose value depends on more than their arguments, as both servers were asked. Sorted.
constexpr std::array<std::string_view, 37> kUnstable{"benchmark",
                                                     "connection_id",
                                                     "curdate",
                                                     "current_date",
                                                     "current_role",
                                                     "current_time",
                                                     "current_timestamp",
                                                     "current_user",
                                                     "curtime",
                                                     "database",
                                                     "found_rows",
                                                     "get_lock",
                                                     "is_free_lock",
                                                     "is_used_lock",
                                                     "last_insert_id",
                                                     "load_file",
                                                     "localtime",
                                                     "localtimestamp",
                                                     "master_pos_wait",
                                                     "now",
                                                     "ps_current_thread_id",
                                                     "ps_thread_id",
                                                     "rand",
                                                     "random_bytes",
                                                     "release_all_locks",
                                                     "release_lock",
                                                     "row_count",
                                                     "schema",
                                                     "session_user",
                                                     "sleep",
                                                     "sysdate",
                                                     "system_user",
                                                     "user",
                                                     "utc_date",
                                                     "utc_time",
                                                     "utc_timestamp",
                                                     "uuid"};

bool unstable(std::string_view name, const Dialect& dialect) {
  if (std::binary_search(kUnstable.begin(), kUnstable.end(), name)) return true;
  if (name == "uuid_short") return true;
  return dialect.engine == Engine::MySql &&
         (name == "aes_decrypt" || name == "aes_encrypt" || name == "source_pos_wait" ||
          name == "wait_for_executed_gtid_set");
}

const Token* called(Context& call, const SqlTokenStream& tokens, const Dialect& dialect) {
  const std::string name = lower_case(text_of(call.getStart(), tokens));
  if (call.getRuleIndex() == G::RuleSpecialCall)
    return unstable(name, dialect) ? call.getStart() : nullptr;
  auto& named = static_cast<G::NameOrCallContext&>(call);
  auto* arguments = named.callArguments();
  if (arguments == nullptr) return nullptr;
  const bool clock = name == "unix_timestamp" && arguments->argument().empty();
  const bool native = named.identifier().size() == 1 && is_builtin_function(name, dialect);
  return !native || clock || unstable(name, dialect) ? call.getStart() : nullptr;
}

// The first thing in an expression that a partition may not depend on.
const Token* dependent(Context& context, const SqlTokenStream& tokens, const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RuleUserVariable: return context.getStart();
    case G::RuleQueryStart: return dialect.engine == Engine::MySql ? context.getStart() : nullptr;
    case G::RulePlainQuery: return dialect.engine == Engine::MySql ? context.getStart() : nullptr;
    case G::RuleSpecialCall:
    case G::RuleNameOrCall:
      if (const Token* fault = called(context, tokens, dialect)) return fault;
      break;
    default: break;
  }
  for (auto* node : context.children) {
    auto* inner = rule(node);
    if (inner == nullptr) continue;
    if (const Token* fault = dependent(*inner, tokens, dialect)) return fault;
  }
  return nullptr;
}

const Token* dependent(G::ExprContext* expression, const SqlTokenStream& tokens,
                       const Dialect& dialect) {
  if (expression == nullptr) return nullptr;
  // Arithmetic, as far as there are no parentheses around.
  for (auto* node : expression->children) {
    auto* part = rule(node);
    if (part == nullptr) continue;
    auto* infix = dynamic_cast<G::InfixContext*>(part);
    if (part->getRuleIndex() == G::RuleIsTest || (infix != nullptr && compares(*infix)))
      return part->getStart();
  }
  return dependent(static_cast<Context&>(*expression), tokens, dialect);
}

// How many values `(a, b)` has; nothing for what is no row.
std::optional<std::size_t> row_size(G::PartitionValueContext& value) {
  auto* expression = value.bitExpr() == nullptr ? nullptr : value.bitExpr()->expr();
  if (expression == nullptr || expression->children.size() != 1) return std::nullopt;
  auto* operand = expression->operand(0);
  if (operand->children.size() != 1 || operand->primary()->parenthesised() == nullptr)
    return std::nullopt;
  return operand->primary()->parenthesised()->parenBody()->expr().size();
}

// VALUES IN: literals, or rows of equally many. `columns` is how many the table is partitioned by,
// 0 when that is not in the statement.
const Token* values_in(G::PartitionValuesContext& values, std::size_t columns,
                       const Dialect& dialect) {
  const std::size_t most = dialect.engine == Engine::MySql ? 16 : SIZE_MAX;
  const auto lists = values.partitionValueList();
  std::vector<std::pair<std::size_t, const Token*>> rows;
  const bool plain = values.children.size() == 3;  // VALUES IN (…), no list of lists
  for (auto* list : lists) {
    for (auto* value : list->partitionValue()) {
      if (value->MAXVALUE() != nullptr) return value->getStart();
    }
    if (!plain) rows.emplace_back(list->partitionValue().size(), list->getStop());
  }
  if (plain && lists.front()->partitionValue(0)->getStart()->getType() == G::OP_LPAREN) {
    for (auto* value : lists.front()->partitionValue()) {
      const auto size = row_size(*value);
      if (!size) return value->getStop();
      rows.emplace_back(*size, value->getStop());
    }
  }
  if (rows.empty()) return columns > 1 ? values.getStop() : nullptr;
  const std::size_t wanted = columns == 0 ? rows.front().first : columns;
  for (const auto& [size, end] : rows) {
    if (size != wanted || size < 2 || size > most) return end;
  }
  return nullptr;
}

// PARTITION BY KEY ALGORITHM=n: 1 or 2.
template <class Method>
const Token* key_algorithm(Method& method, const SqlTokenStream& tokens) {
  if (method.ALGORITHM() == nullptr) return nullptr;
  for (auto* node : method.children) {
    if (auto* found = dynamic_cast<G::WholeContext*>(node))
      return number_within(found, tokens, 1, 2);
  }
  return nullptr;
}

// The values of one partition of the statement that partitions the table.
const Token* values_of(G::PartitionDefinitionContext& partition, G::PartitionMethodContext& method,
                       const Dialect& dialect) {
  const std::size_t columns = method.COLUMNS() != nullptr ? method.identifier().size() : 1;
  auto* values = partition.partitionValues();
  const bool ranges = method.RANGE() != nullptr || method.LIST() != nullptr;
  if (values == nullptr)
    return ranges && dialect.engine == Engine::MySql ? partition.getStop() : nullptr;
  if (values->IN() != nullptr) return values_in(*values, columns, dialect);
  if (values->LESS() == nullptr) return nullptr;
  const auto lists = values->partitionValueList();
  if (lists.empty()) return columns > 1 ? values->getStop() : nullptr;
  return lists.front()->partitionValue().size() == columns ? nullptr : lists.front()->getStop();
}

// As many partitions and subpartitions as were announced; subpartitions in all or in none.
const Token* partition_by(G::PartitionByContext& by, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  auto* list = by.partitionList();
  if (list == nullptr) return nullptr;
  const auto partitions = list->partitionDefinition();
  if (const Token* fault = number_within(by.whole(), tokens, partitions.size(), partitions.size()))
    return fault;
  auto* below = by.subpartitionBy();
  const std::size_t each = partitions.front()->subpartitionDefinition().size();
  if (below != nullptr && below->SUBPARTITIONS() != nullptr && each > 0) {
    auto* announced = static_cast<G::WholeContext*>(rule(below->children.back()));
    if (const Token* fault = number_within(announced, tokens, each, each)) return fault;
  }
  for (auto* partition : partitions) {
    const auto subpartitions = partition->subpartitionDefinition();
    if (subpartitions.size() != each)
      return subpartitions.empty() ? partition->getStop() : subpartitions.front()->getStart();
    if (const Token* fault = values_of(*partition, *by.partitionMethod(), dialect)) return fault;
  }
  return nullptr;
}

}  // namespace

const antlr4::Token* partition_fault(antlr4::ParserRuleContext& context,
                                     const SqlTokenStream& tokens, const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RulePartitionMethod: {
      auto& method = static_cast<G::PartitionMethodContext&>(context);
      if (const antlr4::Token* fault = dependent(method.expr(), tokens, dialect)) return fault;
      return key_algorithm(method, tokens);
    }
    case G::RuleSubpartitionBy: {
      auto& below = static_cast<G::SubpartitionByContext&>(context);
      if (const antlr4::Token* fault = dependent(below.expr(), tokens, dialect)) return fault;
      // MariaDB: what a subpartition's key is of has to be said.
      if (below.KEY() != nullptr && below.identifier().empty() && dialect.engine == Engine::MariaDb)
        return below.OP_RPAREN()->getSymbol();
      return key_algorithm(below, tokens);
    }
    case G::RulePartitionValue: {
      auto* value = static_cast<G::PartitionValueContext&>(context).bitExpr();
      return value == nullptr ? nullptr : dependent(value->expr(), tokens, dialect);
    }
    case G::RulePartitionValues: {
      // Where the method is not in the statement; with it, partition_by() knows more.
      auto& values = static_cast<G::PartitionValuesContext&>(context);
      return values.IN() == nullptr ? nullptr : values_in(values, 0, dialect);
    }
    case G::RulePartitionBy:
      return partition_by(static_cast<G::PartitionByContext&>(context), tokens, dialect);
    default: return nullptr;
  }
}

}  // namespace sluice::parser

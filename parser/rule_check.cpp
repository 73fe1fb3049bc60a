#include "parser/rule_check.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "SluiceParser.h"
#include "parser/keywords.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

std::string_view text_of(const Token* token, const SqlTokenStream& tokens) {
  return tokens.text().substr(token->getStartIndex(),
                              token->getStopIndex() - token->getStartIndex());
}

// A whole number from lowest to highest, both taken.
bool within(const Token* token, const SqlTokenStream& tokens, std::uint64_t lowest,
            std::uint64_t highest) {
  const std::string_view text = text_of(token, tokens);
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && value >= lowest &&
         value <= highest;
}

const Token* number_within(G::NumberContext* number, const SqlTokenStream& tokens,
                           std::uint64_t lowest, std::uint64_t highest) {
  if (number == nullptr || within(number->getStart(), tokens, lowest, highest)) return nullptr;
  return number->getStart();
}

// 1.36 Table options whose numbers the parser itself looks at.
const Token* table_option(G::TableOptionContext& option, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  constexpr std::uint64_t kMost = 65535;
  switch (option.getStart()->getType()) {
    case G::PACK_KEYS:
    case G::STATS_AUTO_RECALC:
    case G::STATS_PERSISTENT: return number_within(option.number(), tokens, 0, 1);
    case G::STATS_SAMPLE_PAGES: return number_within(option.number(), tokens, 1, kMost);
    case G::KEY_BLOCK_SIZE: {
      auto* size = option.sizeNumber();
      if (dialect.engine == Engine::MariaDb || size == nullptr) return nullptr;
      return number_within(size->number(), tokens, 0, kMost);
    }
    default: return nullptr;
  }
}

// PARTITION BY KEY ALGORITHM=n: 1 or 2.
template <class Method>
const Token* key_algorithm(Method& method, const SqlTokenStream& tokens) {
  if (method.ALGORITHM() == nullptr) return nullptr;
  G::NumberContext* number = nullptr;
  for (auto* node : method.children) {
    if (auto* found = dynamic_cast<G::NumberContext*>(node); found != nullptr && number == nullptr)
      number = found;
  }
  return number_within(number, tokens, 1, 2);
}

// MariaDB takes SIGNED alone, and UNSIGNED and ZEROFILL once each.
const Token* data_type(G::DataTypeContext& type, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  std::array<std::size_t, 3> seen{};
  for (auto* flag : type.numericFlag()) {
    const std::size_t kind = flag->getStart()->getType();
    const std::size_t which = kind == G::SIGNED ? 0 : kind == G::UNSIGNED ? 1 : 2;
    ++seen[which];
    if (seen[which] > 1 || (seen[0] > 0 && seen[1] + seen[2] > 0)) return flag->getStart();
  }
  return nullptr;
}

// MariaDB: a column's CHECK comes last and once.
const Token* field(G::FieldDefinitionContext& field, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  const auto attributes = field.columnAttribute();
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i]->checkConstraint() != nullptr && i + 1 < attributes.size())
      return attributes[i + 1]->getStart();
  }
  if (field.generatedAs() != nullptr && field.references() != nullptr)
    return field.references()->getStart();
  return nullptr;
}

// As many values as columns in RANGE COLUMNS and LIST COLUMNS; subpartitions in every partition or
// in none.
const Token* partition_by(G::PartitionByContext& by) {
  auto* list = by.partitionList();
  if (list == nullptr) return nullptr;
  const bool columns = by.partitionMethod()->COLUMNS() != nullptr;
  const std::size_t wanted = columns ? by.partitionMethod()->identifier().size() : 1;
  const auto partitions = list->partitionDefinition();
  const std::size_t below = partitions.front()->subpartitionDefinition().size();
  for (auto* partition : partitions) {
    if (partition->subpartitionDefinition().size() != below)
      return partition->subpartitionDefinition().empty()
                 ? partition->getStop()
                 : partition->subpartitionDefinition(0)->getStart();
    auto* values = partition->partitionValues();
    if (values == nullptr || values->LESS() == nullptr) continue;
    for (auto* row : values->partitionValueList()) {
      if (row->partitionValue().size() != wanted) return row->getStop();
    }
  }
  return nullptr;
}

// A branch qualifier of a transaction: at most 64 bytes each part.
const Token* xid(G::XidContext& xid, const SqlTokenStream& tokens) {
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
  return nullptr;
}

const Token* create_view(G::CreateViewContext& view) {
  if (view.REPLACE() == nullptr || view.ifNotExists() == nullptr) return nullptr;
  return view.ifNotExists()->getStart();
}

// A body in another language is a text, a body in SQL is not.
template <class Routine>
const Token* routine(Routine& routine, const SqlTokenStream& tokens) {
  bool foreign = false;
  std::size_t libraries = 0;
  for (auto* option : routine.routineOption()) {
    if (option->LANGUAGE() != nullptr) foreign = option->SQL() == nullptr;
    if (option->mysqlUsing() != nullptr && ++libraries > 1) return option->getStart();
  }
  static_cast<void>(tokens);
  const bool text = routine.routineBody()->mysqlForeignBody() != nullptr;
  return text == foreign ? nullptr : routine.routineBody()->getStart();
}

// MariaDB: ACCOUNT and PASSWORD EXPIRE once each.
const Token* user_options(const std::vector<G::PasswordOrLockContext*>& options,
                          const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  std::size_t accounts = 0;
  std::size_t passwords = 0;
  for (auto* option : options) {
    std::size_t& count = option->ACCOUNT() != nullptr ? accounts : passwords;
    if (++count > 1) return option->getStart();
  }
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

// @@GLOBAL and its kin need a name after them.
const Token* scope_alone(G::SystemVariableContext& variable) {
  if (variable.identifier().size() != 1) return nullptr;
  switch (variable.identifier(0)->getStart()->getType()) {
    case G::GLOBAL:
    case G::LOCAL:
    case G::SESSION: return variable.getStop();
    default: return nullptr;
  }
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

// The tables of SHOW and FLUSH that the server brings, and those that plugins of its own packages
// add.
constexpr std::array<std::string_view, 11> kShown{
    "CLIENT_STATISTICS", "INDEX_STATISTICS",    "LOCALES",          "METADATA_LOCK_INFO",
    "QUERY_CACHE_INFO",  "QUERY_RESPONSE_TIME", "TABLE_STATISTICS", "USER_STATISTICS",
    "USER_VARIABLES",    "WSREP_MEMBERSHIP",    "WSREP_STATUS"};
constexpr std::array<std::string_view, 6> kFlushed{"CLIENT_STATISTICS", "INDEX_STATISTICS",
                                                   "TABLE_STATISTICS",  "USER_STATISTICS",
                                                   "USER_VARIABLES",    "THREADS"};

template <std::size_t N>
const Token* known_word(const Token* word, const SqlTokenStream& tokens,
                        const std::array<std::string_view, N>& known) {
  const std::string upper = upper_case(text_of(word, tokens));
  return std::find(known.begin(), known.end(), upper) == known.end() ? word : nullptr;
}

// Only a literal value may be of adjacent parts: 'a' 'b'.
const Token* joined_text(Context& context, const SqlTokenStream& tokens) {
  const std::size_t rule = context.getRuleIndex();
  if (rule == G::RuleLiteral || rule == G::RuleMariaTextExpression) return nullptr;
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

const Token* ddl_fault(Context& context, const SqlTokenStream& tokens, const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RuleTableOption:
      return table_option(static_cast<G::TableOptionContext&>(context), tokens, dialect);
    case G::RulePartitionMethod:
      return key_algorithm(static_cast<G::PartitionMethodContext&>(context), tokens);
    case G::RuleSubpartitionBy:
      return key_algorithm(static_cast<G::SubpartitionByContext&>(context), tokens);
    case G::RulePartitionBy: return partition_by(static_cast<G::PartitionByContext&>(context));
    case G::RuleDataType: return data_type(static_cast<G::DataTypeContext&>(context), dialect);
    case G::RuleFieldDefinition:
      return field(static_cast<G::FieldDefinitionContext&>(context), dialect);
    case G::RuleCreateView: return create_view(static_cast<G::CreateViewContext&>(context));
    case G::RuleCreateProcedure:
      return routine(static_cast<G::CreateProcedureContext&>(context), tokens);
    case G::RuleCreateFunction:
      return routine(static_cast<G::CreateFunctionContext&>(context), tokens);
    case G::RuleMysqlReadOnly:
      return number_within(static_cast<G::MysqlReadOnlyContext&>(context).number(), tokens, 0, 1);
    case G::RuleCreateUser:
      return user_options(static_cast<G::CreateUserContext&>(context).passwordOrLock(), dialect);
    case G::RuleAlterUser:
      return user_options(static_cast<G::AlterUserContext&>(context).passwordOrLock(), dialect);
    default: return nullptr;
  }
}

}  // namespace

const antlr4::Token* rule_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                                const Dialect& dialect) {
  if (const antlr4::Token* fault = tokens.any_joined() ? joined_text(context, tokens) : nullptr)
    return fault;
  if (const antlr4::Token* fault = query_fault(context, tokens, dialect)) return fault;
  if (const antlr4::Token* fault = call_fault(context, tokens, dialect)) return fault;
  switch (context.getRuleIndex()) {
    case G::RuleXid: return xid(static_cast<G::XidContext&>(context), tokens);
    case G::RuleLabelBegin: return named(context, dialect, &KeywordNaming::label);
    case G::RuleRole: return named(context, dialect, &KeywordNaming::role);
    case G::RuleSystemVariable: return scope_alone(static_cast<G::SystemVariableContext&>(context));
    case G::RuleTransactionStatement:
      return access_modes(static_cast<G::TransactionStatementContext&>(context));
    case G::RuleBaseTable: {
      // On MariaDB WINDOW can name a column, but not a table.
      auto* alias = static_cast<G::BaseTableContext&>(context).identifier();
      return alias != nullptr && alias->getStart()->getType() == G::WINDOW ? alias->getStart()
                                                                           : nullptr;
    }
    case G::RuleVariableName:
      return context.getStart()->getType() == G::DEFAULT
                 ? nullptr
                 : named(context, dialect, &KeywordNaming::variable);
    case G::RuleFlushWord: return known_word(context.getStart(), tokens, kFlushed);
    case G::RuleMariaShowOther: {
      auto* word = static_cast<G::MariaShowOtherContext&>(context).identifier();
      return word == nullptr ? nullptr : known_word(word->getStart(), tokens, kShown);
    }
    default: return ddl_fault(context, tokens, dialect);
  }
}

}  // namespace sluice::parser

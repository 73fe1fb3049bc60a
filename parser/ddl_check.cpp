// What the grammar takes of columns, keys, options and routines and a server's parser does not.
#include <algorithm>
#include <array>

#include "SluiceParser.h"
#include "parser/check_numbers.h"
#include "parser/rule_check.h"
#include "parser/tree.h"
#include "parser/words.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

const Token* table_option(G::TableOptionContext& option, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  constexpr std::uint64_t kMost = 65535;
  const bool mysql = dialect.engine == Engine::MySql;
  switch (option.getStart()->getType()) {
    case G::PACK_KEYS:
    case G::STATS_AUTO_RECALC:
    case G::STATS_PERSISTENT: return number_within(option.lenient(), tokens, 0, 1);
    case G::STATS_SAMPLE_PAGES: return number_within(option.lenient(), tokens, 1, kMost);
    case G::KEY_BLOCK_SIZE: {
      if (!mysql) return nullptr;
      const Token* size = option.lenient()->getStart();
      return size->getType() == G::HEX_NUM ? size
                                           : number_within(option.lenient(), tokens, 0, kMost);
    }
    case G::AVG_ROW_LENGTH:
      return mysql ? number_within(option.number(), tokens, 0, UINT32_MAX) : nullptr;
    default: return nullptr;
  }
}

bool is_text_type(const G::DataTypeContext& type) {
  switch (type.start->getType()) {
    case G::CHAR:
    case G::CHARACTER:
    case G::VARCHAR:
    case G::VARCHARACTER:
    case G::NCHAR:
    case G::NATIONAL:
    case G::NVARCHAR:
    case G::TEXT:
    case G::TINYTEXT:
    case G::MEDIUMTEXT:
    case G::LONGTEXT:
    case G::LONG:
    case G::ENUM:
    case G::SET: return true;
    default: return false;
  }
}

// MariaDB: a collation goes with a type that has a character set and no BINARY.
bool takes_collation(const G::DataTypeContext& type) {
  if (!is_text_type(type)) return false;
  auto* flags = const_cast<G::DataTypeContext&>(type).charsetFlags();
  return flags == nullptr || (flags->BINARY() == nullptr && flags->BYTE() == nullptr);
}

// The COLLATE of a parameter or a variable.
const Token* collation_of(G::DeclaredTypeContext* declared, antlr4::tree::TerminalNode* collate,
                          const Dialect& dialect) {
  if (dialect.engine == Engine::MySql || collate == nullptr || declared == nullptr) return nullptr;
  auto* type = declared->dataType();
  return type != nullptr && takes_collation(*type) ? nullptr : collate->getSymbol();
}

// Types of which MariaDB can keep values compressed.
bool can_compress(const G::DataTypeContext& type) {
  switch (type.start->getType()) {
    case G::CHAR:
    case G::CHARACTER:
    case G::NCHAR:
    case G::NATIONAL: return const_cast<G::DataTypeContext&>(type).VARYING() != nullptr;
    case G::VARCHAR:
    case G::VARCHARACTER:
    case G::NVARCHAR:
    case G::VARBINARY:
    case G::BLOB:
    case G::TINYBLOB:
    case G::MEDIUMBLOB:
    case G::LONGBLOB:
    case G::TEXT:
    case G::TINYTEXT:
    case G::MEDIUMTEXT:
    case G::LONGTEXT:
    case G::LONG:
    case G::JSON: return true;
    default: return false;
  }
}

// MariaDB: a column of JSON_TABLE has a number, a date or a text for its type.
const Token* json_column(G::JsonColumnContext& column, const SqlTokenStream& tokens,
                         const Dialect& dialect) {
  auto* type = column.dataType();
  if (dialect.engine == Engine::MySql || type == nullptr) return nullptr;
  // Its geometries are names to the lexer.
  constexpr std::array<std::string_view, 8> kGeometries{
      "GEOMETRY",   "GEOMETRYCOLLECTION", "POINT",        "MULTIPOINT",
      "LINESTRING", "MULTILINESTRING",    "MULTIPOLYGON", "POLYGON"};
  const std::string name = upper_case(text_of(type->getStart(), tokens));
  if (std::find(kGeometries.begin(), kGeometries.end(), name) != kGeometries.end())
    return type->getStart();
  switch (type->getStart()->getType()) {
    case G::ENUM:
    case G::SET: return type->getStart();
    default: break;
  }
  if (column.COLLATE() == nullptr) return nullptr;
  return takes_collation(*type) ? nullptr : column.COLLATE()->getSymbol();
}

// MariaDB takes SIGNED alone, and UNSIGNED and ZEROFILL once each; SERIAL is a column's alone.
const Token* data_type(G::DataTypeContext& type, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql) return nullptr;
  std::array<std::size_t, 3> seen{};
  for (auto* flag : type.numericFlag()) {
    const std::size_t kind = flag->getStart()->getType();
    const std::size_t which = kind == G::SIGNED ? 0 : kind == G::UNSIGNED ? 1 : 2;
    ++seen[which];
    if (seen[which] > 1 || (seen[0] > 0 && seen[1] + seen[2] > 0)) return flag->getStart();
  }
  const bool column = parent_of(&type)->getRuleIndex() == G::RuleFieldDefinition;
  return type.SERIAL() != nullptr && !column ? type.getStart() : nullptr;
}

// SERIAL stands for more than a type; what contradicts it MariaDB refuses.
const Token* serial_attribute(G::ColumnAttributeContext& attribute) {
  const std::size_t first = attribute.getStart()->getType();
  const bool contradicts = first == G::NULL_ || first == G::DEFAULT || first == G::AUTO_INCREMENT ||
                           first == G::SERIAL || first == G::COLLATE;
  return contradicts ? attribute.getStart() : nullptr;
}

// How many of the column's attributes have COMPRESSED in them.
const Token* compression(G::FieldDefinitionContext& field) {
  std::size_t compressed = 0;
  for (auto* attribute : field.columnAttribute()) {
    auto* of_maria = attribute->mariaColumnAttribute();
    if (of_maria == nullptr || of_maria->COMPRESSED() == nullptr) continue;
    if (++compressed > 1 || !can_compress(*field.dataType())) return attribute->getStart();
  }
  return nullptr;
}

const Token* mariadb_field(G::FieldDefinitionContext& field) {
  const auto attributes = field.columnAttribute();
  // A column's CHECK comes last and once.
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    if (attributes[i]->checkConstraint() != nullptr && i + 1 < attributes.size())
      return attributes[i + 1]->getStart();
    auto* collation = attributes[i]->collationName();
    if (collation != nullptr && collation->BINARY() != nullptr && !is_text_type(*field.dataType()))
      return collation->getStart();
    if (field.dataType()->SERIAL() == nullptr) continue;
    if (const Token* fault = serial_attribute(*attributes[i])) return fault;
  }
  if (const Token* fault = compression(field)) return fault;
  if (field.generatedAs() == nullptr) return nullptr;
  if (field.references() != nullptr) return field.references()->getStart();
  if (field.dataType()->SERIAL() != nullptr) return field.generatedAs()->getStart();
  if (field.COLLATE() != nullptr && !is_text_type(*field.dataType()))
    return field.COLLATE()->getSymbol();
  for (auto* attribute : field.generatedAttribute()) {
    auto* of_maria = attribute->mariaColumnAttribute();
    if (of_maria != nullptr && of_maria->VERSIONING() != nullptr) return attribute->getStart();
  }
  return nullptr;
}

const Token* field(G::FieldDefinitionContext& field, const Dialect& dialect) {
  // CHANGE and MODIFY define no foreign key.
  auto* item = dynamic_cast<G::AlterItemContext*>(field.parent);
  const bool changes = item != nullptr && (item->CHANGE() != nullptr || item->MODIFY() != nullptr);
  if (changes && field.references() != nullptr) return field.references()->getStart();
  if (dialect.engine == Engine::MariaDb) return mariadb_field(field);
  std::size_t collations = 0;
  for (auto* attribute : field.columnAttribute()) {
    if (attribute->getStart()->getType() == G::COLLATE && ++collations > 1)
      return attribute->getStart();
  }
  return nullptr;
}

// A column's name has the table's before it where a column is defined, not where one is renamed or
// makes a period.
const Token* own_table(G::MariaOwnTableContext& table) {
  auto* holder = parent_of(parent_of(&table));
  auto* item = dynamic_cast<G::AlterItemContext*>(holder);
  const bool renames = item != nullptr && item->getStart()->getType() == G::RENAME;
  const bool period = holder->getRuleIndex() == G::RuleMariaPeriod;
  return renames || period ? table.getStart() : nullptr;
}

// MariaDB: ADD PERIOD and ADD SYSTEM begin clauses of their own, so that a column of that name
// needs the word COLUMN.
const Token* bare_column(G::AlterItemContext& item, const Dialect& dialect) {
  if (dialect.engine == Engine::MySql || item.columnName().empty()) return nullptr;
  const std::size_t verb = item.getStart()->getType();
  if (verb != G::ADD && verb != G::DROP) return nullptr;
  auto* second = dynamic_cast<Context*>(item.children[1]);
  if (second == nullptr || second->getRuleIndex() != G::RuleColumnName) return nullptr;
  const std::size_t type = second->getStart()->getType();
  return type == G::PERIOD || type == G::SYSTEM ? second->getStop() : nullptr;
}

// MySQL says ALTER INDEX and not ALTER KEY.
const Token* altered_index(G::AlterItemContext& item, const Dialect& dialect) {
  auto* word = item.alterIndex() == nullptr ? nullptr : item.keyOrIndex();
  const bool refused = word != nullptr && word->KEY() != nullptr && dialect.engine == Engine::MySql;
  return refused ? word->getStart() : nullptr;
}

// ALTER SCHEMA CHARSET …: without the schema's name its first option is no word that could be that.
const Token* altered_schema(G::AlterSchemaContext& statement) {
  if (statement.alteredSchema() != nullptr || statement.schemaAlterOption().empty()) return nullptr;
  const Token* first = statement.schemaAlterOption(0)->getStart();
  const std::size_t type = first->getType();
  return type == G::CHARSET || type == G::ENCRYPTION ? first : nullptr;
}

// Only a primary or unique key can be WITHOUT OVERLAPS.
const Token* without_overlaps(G::MariaWithoutOverlapsContext& part) {
  auto* holder = parent_of(parent_of(&part));
  bool unique = false;
  if (auto* constraint = dynamic_cast<G::TableConstraintContext*>(holder))
    unique = constraint->PRIMARY() != nullptr || constraint->UNIQUE() != nullptr;
  if (auto* index = dynamic_cast<G::CreateIndexContext*>(holder))
    unique = index->UNIQUE() != nullptr;
  return unique ? nullptr : part.getStop();
}

const Token* create_view(G::CreateViewContext& view) {
  if (view.REPLACE() == nullptr || view.ifNotExists() == nullptr) return nullptr;
  return view.ifNotExists()->getStart();
}

// At most one list of libraries.
const Token* libraries(const std::vector<G::RoutineOptionContext*>& options) {
  std::size_t lists = 0;
  for (auto* option : options) {
    if (option->mysqlUsing() != nullptr && ++lists > 1) return option->getStart();
  }
  return nullptr;
}

// A new routine that says USING says which; ALTER can say that there are none.
const Token* new_libraries(const std::vector<G::RoutineOptionContext*>& options) {
  for (auto* option : options) {
    auto* list = option->mysqlUsing();
    if (list != nullptr && list->usedLibrary().empty()) return list->getStop();
  }
  return libraries(options);
}

// A body in another language is a text, a body in SQL is not.
template <class Routine>
const Token* routine(Routine& routine) {
  bool foreign = false;
  for (auto* option : routine.routineOption()) {
    if (option->LANGUAGE() != nullptr) foreign = option->SQL() == nullptr;
  }
  if (const Token* fault = new_libraries(routine.routineOption())) return fault;
  const bool text = routine.routineBody()->mysqlForeignBody() != nullptr;
  return text == foreign ? nullptr : routine.routineBody()->getStart();
}

// What is in parentheses behind these words is their length.
bool takes_length(std::size_t word) {
  switch (word) {
    case G::INT:
    case G::INTEGER:
    case G::TINYINT:
    case G::SMALLINT:
    case G::MEDIUMINT:
    case G::BIGINT:
    case G::INT1:
    case G::INT2:
    case G::INT3:
    case G::INT4:
    case G::INT8:
    case G::MIDDLEINT:
    case G::DECIMAL:
    case G::NUMERIC:
    case G::FIXED:
    case G::DEC:
    case G::FLOAT:
    case G::FLOAT4:
    case G::FLOAT8:
    case G::REAL:
    case G::DOUBLE:
    case G::PRECISION:
    case G::BIT:
    case G::BINARY:
    case G::BLOB:
    case G::CHAR:
    case G::CHARACTER:
    case G::NCHAR:
    case G::YEAR:
    case G::SQL_TSI_YEAR:
    case G::TIME:
    case G::TIMESTAMP:
    case G::DATETIME:
    case G::TEXT:
    case G::VECTOR: return true;
    default: return false;
  }
}

// RETURNS INT (SELECT 1): no body.
bool body_is_length(G::CreateFunctionContext& function) {
  const Token* body = function.routineBody()->getStart();
  const Token* type = function.dataType()->getStop();
  return body->getType() == G::OP_LPAREN && takes_length(type->getType()) &&
         body->getTokenIndex() == type->getTokenIndex() + 1;
}

const Token* returned_type(G::CreateFunctionContext& function, const Dialect& dialect) {
  if (body_is_length(function)) return function.routineBody()->getStop();
  const bool mariadb = dialect.engine == Engine::MariaDb;
  if (mariadb && function.COLLATE() != nullptr && !takes_collation(*function.dataType()))
    return function.COLLATE()->getSymbol();
  // MariaDB: a body of one statement is a RETURN or has statements in it.
  auto* body = function.routineBody()->programStatement();
  if (mariadb && body != nullptr && body->statement() != nullptr) return body->getStart();
  return routine(function);
}

// Nobody makes a routine deterministic later.
const Token* altered_routine(const std::vector<G::RoutineOptionContext*>& options) {
  for (auto* option : options) {
    if (option->DETERMINISTIC() != nullptr) return option->getStart();
  }
  return libraries(options);
}

}  // namespace

const antlr4::Token* ddl_fault(antlr4::ParserRuleContext& context, const SqlTokenStream& tokens,
                               const Dialect& dialect) {
  switch (context.getRuleIndex()) {
    case G::RuleTableOption:
      return table_option(static_cast<G::TableOptionContext&>(context), tokens, dialect);
    case G::RuleDataType: return data_type(static_cast<G::DataTypeContext&>(context), dialect);
    case G::RuleFieldDefinition:
      return field(static_cast<G::FieldDefinitionContext&>(context), dialect);
    case G::RuleJsonColumn:
      return json_column(static_cast<G::JsonColumnContext&>(context), tokens, dialect);
    case G::RuleMariaWithoutOverlaps:
      return without_overlaps(static_cast<G::MariaWithoutOverlapsContext&>(context));
    case G::RuleParameter: {
      auto& parameter = static_cast<G::ParameterContext&>(context);
      return collation_of(parameter.declaredType(), parameter.COLLATE(), dialect);
    }
    case G::RuleFunctionParameter: {
      auto& parameter = static_cast<G::FunctionParameterContext&>(context);
      return collation_of(parameter.declaredType(), parameter.COLLATE(), dialect);
    }
    case G::RuleDeclaration: {
      auto& variable = static_cast<G::DeclarationContext&>(context);
      return collation_of(variable.declaredType(), variable.COLLATE(), dialect);
    }
    case G::RuleMariaOwnTable: return own_table(static_cast<G::MariaOwnTableContext&>(context));
    case G::RuleAlterItem: {
      auto& item = static_cast<G::AlterItemContext&>(context);
      const antlr4::Token* column = bare_column(item, dialect);
      return column != nullptr ? column : altered_index(item, dialect);
    }
    case G::RuleAlterSchema: return altered_schema(static_cast<G::AlterSchemaContext&>(context));
    case G::RuleCreateView: return create_view(static_cast<G::CreateViewContext&>(context));
    case G::RuleCreateProcedure: return routine(static_cast<G::CreateProcedureContext&>(context));
    case G::RuleCreateFunction:
      return returned_type(static_cast<G::CreateFunctionContext&>(context), dialect);
    case G::RuleCreateLoadableFunction: {
      // It belongs to no schema.
      auto* name = static_cast<G::CreateLoadableFunctionContext&>(context).newRoutine();
      return name->getStart() == name->getStop() ? nullptr : name->getStop();
    }
    case G::RuleAlterProcedure:
      return altered_routine(static_cast<G::AlterProcedureContext&>(context).routineOption());
    case G::RuleAlterFunction:
      return altered_routine(static_cast<G::AlterFunctionContext&>(context).routineOption());
    case G::RuleMysqlReadOnly:
      return number_within(static_cast<G::MysqlReadOnlyContext&>(context).lenient(), tokens, 0, 1);
    default: return partition_fault(context, tokens, dialect);
  }
}

}  // namespace sluice::parser

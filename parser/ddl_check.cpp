// What the grammar takes of columns, keys, options and routines and a server's parser does not.
#include <algorithm>
#include <array>

#include "SluiceParser.h"
#include "parser/check_numbers.h"
#include "parser/rule_check.h"

namespace sluice::parser {
namespace {

using G = grammar::SluiceParser;
using antlr4::Token;
using Context = antlr4::ParserRuleContext;

Context* parent_of(const Context& context) {
  return dynamic_cast<Context*>(context.parent);
}

const Token* table_option(G::TableOptionContext& option, const SqlTokenStream& tokens,
                          const Dialect& dialect) {
  constexpr std::uint64_t kMost = 65535;
  const bool mysql = dialect.engine == Engine::MySql;
  switch (option.getStart()->getType()) {
    case G::PACK_KEYS:
    case G::STATS_AUTO_RECALC:
    case G::STATS_PERSISTENT: return number_within(option.lenient(), tokens, 0, 1);
    case G::STATS_SAMPLE_PAGES: return number_within(option.lenient(), tokens, 1, kMost);
    case G::KEY_BLOCK_SIZE:
    case G::AVG_ROW_LENGTH: {
      auto* size = option.sizeNumber();
      if (!mysql || size == nullptr) return nullptr;
      const bool block = option.getStart()->getType() == G::KEY_BLOCK_SIZE;
      return number_within(size->number(), tokens, 0, block ? kMost : UINT32_MAX);
    }
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
const Token* json_column(G::JsonColumnContext& column, const Dialect& dialect) {
  auto* type = column.dataType();
  if (dialect.engine == Engine::MySql || type == nullptr) return nullptr;
  switch (type->getStart()->getType()) {
    case G::ENUM:
    case G::SET:
    case G::GEOMETRY:
    case G::GEOMETRYCOLLECTION:
    case G::POINT:
    case G::MULTIPOINT:
    case G::LINESTRING:
    case G::MULTILINESTRING:
    case G::POLYGON:
    case G::MULTIPOLYGON: return type->getStart();
    default: break;
  }
  if (column.COLLATE() == nullptr) return nullptr;
  auto* flags = type->charsetFlags();
  const bool binary = flags != nullptr && flags->BINARY() != nullptr;
  return is_text_type(*type) && !binary ? nullptr : column.COLLATE()->getSymbol();
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
  const bool column = parent_of(type)->getRuleIndex() == G::RuleFieldDefinition;
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

// Only a primary or unique key can be WITHOUT OVERLAPS.
const Token* without_overlaps(G::MariaWithoutOverlapsContext& part) {
  auto* holder = parent_of(*parent_of(part));
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

// A body in another language is a text, a body in SQL is not.
template <class Routine>
const Token* routine(Routine& routine) {
  bool foreign = false;
  for (auto* option : routine.routineOption()) {
    if (option->LANGUAGE() != nullptr) foreign = option->SQL() == nullptr;
  }
  if (const Token* fault = libraries(routine.routineOption())) return fault;
  const bool text = routine.routineBody()->mysqlForeignBody() != nullptr;
  return text == foreign ? nullptr : routine.routineBody()->getStart();
}

const Token* returned_type(G::CreateFunctionContext& function, const Dialect& dialect) {
  const bool mariadb = dialect.engine == Engine::MariaDb;
  if (mariadb && function.COLLATE() != nullptr && !is_text_type(*function.dataType()))
    return function.COLLATE()->getSymbol();
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
      return json_column(static_cast<G::JsonColumnContext&>(context), dialect);
    case G::RuleMariaWithoutOverlaps:
      return without_overlaps(static_cast<G::MariaWithoutOverlapsContext&>(context));
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

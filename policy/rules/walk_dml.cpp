#include "policy/rules/walk_dml.h"

#include <algorithm>

#include "policy/rules/parts.h"

namespace sluice::policy::rules {
namespace {

using Code = schema::Fault::Code;
using parser::Access;

bool is_system_schema(const std::string& name) {
  for (const auto* const known : {"information_schema", "performance_schema", "mysql", "sys"}) {
    if (schema::same_name(name, known)) return true;
  }
  return false;
}

struct Target {
  const schema::Table* table = nullptr;  // null: not a table whose columns are known
  bool missing = false;
};

Target find(World& world, const std::string& schema, const std::string& name) {
  if (is_system_schema(schema)) return {};
  auto* database = world.find(schema);
  if (!database) return {};
  const auto key = world.key(name);
  if (database->temporary.contains(key) || database->model.views.contains(key) ||
      database->model.sequences.contains(key)) {
    return {};
  }
  const auto found = database->model.tables.find(key);
  if (found == database->model.tables.end())
    return {nullptr, database->complete || database->gone.contains(key)};
  return {database->memory[key].partial ? nullptr : &found->second, false};
}

void check_insert(const Part& part, const schema::Table& table, std::vector<WalkFault>& faults) {
  const auto shape = insert_shape(part);
  if (shape.set || shape.query) return;
  std::size_t expected = 0;
  if (shape.columns) {
    expected = shape.columns->size();
    for (const auto& column : *shape.columns) {
      if (std::count_if(shape.columns->begin(), shape.columns->end(),
                        [&](const auto& x) { return schema::same_name(x, column); }) > 1) {
        faults.push_back({{Code::ColumnExists, "column '" + column + "' is given twice"}, column});
        return;
      }
    }
  } else {
    expected = static_cast<std::size_t>(
        std::count_if(table.columns.begin(), table.columns.end(), [](const schema::Column& column) {
          return column.visible && column.row_period == schema::Column::RowPeriod::None;
        }));
  }
  for (const auto& row : part.row_widths) {
    if (row.values == expected || row.values == 0) continue;  // () means every default
    faults.push_back(
        {{Code::NoSuchColumn,
          "row " + std::to_string(row.first_row) + " has " + std::to_string(row.values) +
              " values for " + std::to_string(expected) + " columns of table '" + table.name + "'"},
         table.name});
    return;
  }
}

void check_columns(const parser::StatementFacts& facts, World& world,
                   std::vector<WalkFault>& faults) {
  for (const auto& written : facts.columns_written) {
    if (written.table.empty()) continue;
    const auto target = find(world, written.schema, written.table);
    if (!target.table || target.table->column(written.column)) continue;
    faults.push_back({{Code::NoSuchColumn, "column '" + written.column +
                                               "' does not exist in table '" + written.table + "'"},
                      written.column});
  }
}

// A definition's own objects are the DDL walk's; what its query reads is looked at here.
bool defines(const SheetStatement& statement) {
  if (const auto* create = std::get_if<schema::CreateTable>(&statement.ddl.body))
    return !create->as_select;
  if (const auto* create = std::get_if<schema::Create>(&statement.ddl.body))
    return !std::holds_alternative<schema::View>(create->object);
  return !std::holds_alternative<schema::Other>(statement.ddl.body);
}

// CREATE OR REPLACE VIEW v … FROM v: while a view is made there is none of its name.
bool reads_itself(const SheetStatement& statement, const parser::ObjectUse& use, World& world) {
  const auto* create = std::get_if<schema::Create>(&statement.ddl.body);
  if (!create || !std::holds_alternative<schema::View>(create->object)) return false;
  const auto& schema = create->name.schema.empty() ? world.default_schema() : create->name.schema;
  return world.key(create->name.name) == world.key(use.name) &&
         world.key(schema) == world.key(use.schema);
}

}  // namespace

void check_queries(const SheetStatement& statement, World& world, std::vector<WalkFault>& faults) {
  const auto* facts = statement.facts();
  if (!facts || defines(statement)) return;
  const auto group = facts->group;
  const bool runs = group == parser::ActionGroup::Read || group == parser::ActionGroup::Dml ||
                    group == parser::ActionGroup::Ddl;
  if (!runs || facts->class_name.starts_with("show") || facts->class_name.starts_with("check") ||
      !facts->nested.empty()) {
    return;
  }
  for (const auto& use : facts->objects) {
    if (use.kind != parser::ObjectKind::Table || use.temporary) continue;
    if (!has(use.access, Access::Read | Access::Write)) continue;
    // A table may not be made of itself: the one that is read is there before.
    if (has(use.access, Access::Create) && !has(use.access, Access::Read)) continue;
    if (!find(world, use.schema, use.name).missing && !reads_itself(statement, use, world))
      continue;
    faults.push_back({{Code::NoSuchTable, "table '" + use.name + "' does not exist"}, use.name});
  }
  if (!faults.empty()) return;
  check_columns(*facts, world, faults);
  for (const auto& part : statement.parts) {
    if (!is_insert(part) || part.row_widths.empty()) continue;
    for (const auto& use : facts->objects) {
      if (!has(use.access, Access::Write) || use.kind != parser::ObjectKind::Table) continue;
      if (const auto target = find(world, use.schema, use.name); target.table)
        check_insert(part, *target.table, faults);
      break;
    }
  }
}

}  // namespace sluice::policy::rules

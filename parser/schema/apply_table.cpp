// One action of ALTER TABLE on a table.
#include <algorithm>

#include "parser/schema/ddl.h"

namespace sluice::schema {
namespace {

using Code = Fault::Code;
using Kind = AlterAction::Kind;
using Outcome = std::optional<Fault>;

Outcome missing_column(const Table& table, const std::string& name) {
  return Fault{Code::NoSuchColumn,
               "column '" + name + "' does not exist in table '" + table.name + "'"};
}

// Where FIRST or AFTER puts a column; size() when neither was said; nothing when AFTER names none.
std::optional<std::size_t> place(const Table& table, const AlterAction& action,
                                 std::size_t otherwise) {
  if (action.first) return 0;
  if (action.after.empty()) return otherwise;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (same_name(table.columns[i].name, action.after)) return i + 1;
  }
  return std::nullopt;
}

Outcome add(Table& table, const AlterAction& action, const Target& target) {
  if (table.column(action.column.name)) {
    if (action.if_exists) return {};
    return Fault{Code::ColumnExists,
                 "column '" + action.column.name + "' exists in table '" + table.name + "'"};
  }
  const auto at = place(table, action, table.columns.size());
  if (!at) return missing_column(table, action.after);
  if (action.extras.primary && table.primary_key()) {
    return Fault{Code::PrimaryKeyExists, "table '" + table.name + "' has a primary key"};
  }
  add_column(table, action.column, action.extras, *at, target.mariadb);
  return {};
}

Outcome drop_column(Table& table, const AlterAction& action) {
  const auto* column = table.column(action.name);
  if (!column) return action.if_exists ? Outcome{} : missing_column(table, action.name);
  if (table.columns.size() == 1) {
    return Fault{Code::NoColumns,
                 "a table must have at least one column; drop table '" + table.name + "' instead"};
  }
  for (const auto& key : table.foreign_keys) {
    for (const auto& name : key.columns) {
      if (same_name(name, action.name)) {
        return Fault{Code::ColumnInUse,
                     "column '" + action.name + "' is needed by foreign key '" + key.name + "'"};
      }
    }
  }
  for (auto& index : table.indexes) {
    std::erase_if(index.parts,
                  [&](const IndexPart& part) { return same_name(part.column, action.name); });
  }
  std::erase_if(table.indexes, [](const Index& index) { return index.parts.empty(); });
  table.columns.erase(table.columns.begin() + (column - table.columns.data()));
  return {};
}

void rename_in_keys(Table& table, const std::string& from, const std::string& to) {
  for (auto& index : table.indexes) {
    for (auto& part : index.parts) {
      if (same_name(part.column, from)) part.column = to;
    }
  }
  for (auto& key : table.foreign_keys) {
    std::replace_if(
        key.columns.begin(), key.columns.end(), [&](auto& x) { return same_name(x, from); }, to);
  }
  for (auto& period : table.periods) {
    if (same_name(period.start, from)) period.start = to;
    if (same_name(period.end, from)) period.end = to;
  }
}

Outcome change(Table& table, const AlterAction& action, const Target& target) {
  const auto* column = table.column(action.name);
  if (!column) return action.if_exists ? Outcome{} : missing_column(table, action.name);
  const bool renamed = !same_name(action.name, action.column.name);
  if (renamed && table.column(action.column.name)) {
    return Fault{Code::ColumnExists,
                 "column '" + action.column.name + "' exists in table '" + table.name + "'"};
  }
  const auto was = static_cast<std::size_t>(column - table.columns.data());
  if (renamed) rename_in_keys(table, action.name, action.column.name);
  table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(was));
  const auto at = place(table, action, was);
  if (!at) return missing_column(table, action.after);
  add_column(table, action.column, action.extras, *at, target.mariadb);
  const auto autos = std::count_if(table.columns.begin(), table.columns.end(),
                                   [](auto& x) { return x.auto_increment; });
  if (autos > 1)
    return Fault{Code::TwoAutoIncrement, "there can be only one AUTO_INCREMENT column"};
  return {};
}

Outcome alter_column(Table& table, const AlterAction& action) {
  auto* column = table.column(action.name);
  if (!column) return action.if_exists ? Outcome{} : missing_column(table, action.name);
  if (action.kind == Kind::SetDefault) {
    const auto* literal = std::get_if<Literal>(&action.column.default_value);
    if (literal && literal->kind == Literal::Kind::Null && !column->nullable) {
      return Fault{Code::NullDefault,
                   "NULL is no default of the NOT NULL column '" + action.name + "'"};
    }
    column->default_value = action.column.default_value;
  } else if (action.kind == Kind::DropDefault) {
    column->default_value = std::monostate{};
  } else if (action.kind == Kind::ColumnVisibility) {
    column->visible = action.flag;
  } else if (action.kind == Kind::MaskingPolicy) {
    column->masking_policy = action.new_name;
  } else {  // RENAME COLUMN
    if (!same_name(action.name, action.new_name) && table.column(action.new_name)) {
      return Fault{Code::ColumnExists,
                   "column '" + action.new_name + "' exists in table '" + table.name + "'"};
    }
    rename_in_keys(table, action.name, action.new_name);
    column->name = action.new_name;
  }
  return {};
}

Outcome add_index(Table& table, const AlterAction& action) {
  const auto& index = action.index;
  if (index.kind == Index::Kind::Primary && table.primary_key()) {
    return Fault{Code::PrimaryKeyExists, "table '" + table.name + "' has a primary key"};
  }
  if (!index.name.empty() && table.index(index.name)) {
    if (action.if_exists) return {};
    return Fault{Code::IndexExists,
                 "index '" + index.name + "' exists on table '" + table.name + "'"};
  }
  for (const auto& part : index.parts) {
    if (!part.column.empty() && !table.column(part.column))
      return missing_column(table, part.column);
  }
  table.indexes.push_back(index);
  return {};
}

Outcome change_index(Table& table, const AlterAction& action) {
  const bool primary = action.kind == Kind::DropPrimaryKey;
  const auto* found = primary ? table.primary_key() : table.index(action.name);
  if (!found) {
    if (action.if_exists) return {};
    if (primary) return Fault{Code::NoPrimaryKey, "table '" + table.name + "' has no primary key"};
    return Fault{Code::NoSuchIndex,
                 "index '" + action.name + "' does not exist on table '" + table.name + "'"};
  }
  auto& index = table.indexes[static_cast<std::size_t>(found - table.indexes.data())];
  if (action.kind == Kind::RenameIndex) {
    if (!same_name(action.name, action.new_name) && table.index(action.new_name)) {
      return Fault{Code::IndexExists,
                   "index '" + action.new_name + "' exists on table '" + table.name + "'"};
    }
    index.name = action.new_name;
  } else if (action.kind == Kind::IndexVisibility) {
    index.visible = action.flag;
  } else {
    table.indexes.erase(table.indexes.begin() + (found - table.indexes.data()));
  }
  return {};
}

template <class List>
bool erase_named(List& list, const std::string& name) {
  return std::erase_if(list, [&](const auto& x) { return same_name(x.name, name); }) > 0;
}

Outcome change_constraint(Table& table, const AlterAction& action) {
  const auto duplicate = [&](const auto& list, const std::string& name) -> Outcome {
    const bool there = !name.empty() && std::any_of(list.begin(), list.end(), [&](auto& x) {
      return same_name(x.name, name);
    });
    if (!there || action.if_exists) return {};
    return Fault{Code::ConstraintExists,
                 "constraint '" + name + "' exists on table '" + table.name + "'"};
  };
  if (action.kind == Kind::AddForeignKey) {
    for (const auto& name : action.foreign_key.columns) {
      if (!table.column(name)) return missing_column(table, name);
    }
    if (auto bad = duplicate(table.foreign_keys, action.foreign_key.name)) return bad;
    table.foreign_keys.push_back(action.foreign_key);
    return {};
  }
  if (action.kind == Kind::AddCheck) {
    if (auto bad = duplicate(table.checks, action.check.name)) return bad;
    table.checks.push_back(action.check);
    return {};
  }
  if (action.kind == Kind::Enforce) {
    for (auto& check : table.checks) {
      if (same_name(check.name, action.name)) return check.enforced = action.flag, Outcome{};
    }
  }
  const bool any = action.kind == Kind::DropConstraint;
  bool gone = false;
  if (any || action.kind == Kind::DropForeignKey)
    gone = erase_named(table.foreign_keys, action.name);
  if (!gone && (any || action.kind == Kind::DropCheck))
    gone = erase_named(table.checks, action.name);
  if (!gone && any) gone = erase_named(table.indexes, action.name);
  if (gone || action.if_exists) return {};
  return Fault{Code::NoSuchConstraint,
               "constraint '" + action.name + "' does not exist on table '" + table.name + "'"};
}

void set_options(TableOptions& into, const TableOptions& from) {
  if (!from.engine.empty()) into.engine = from.engine;
  if (!from.charset.empty()) into.charset = from.charset, into.collation.clear();
  if (!from.collation.empty()) into.collation = from.collation;
  if (from.comment_written) into.comment = from.comment;
  if (from.auto_increment) into.auto_increment = from.auto_increment;
  for (const auto& [name, value] : from.other) into.other[name] = value;
}

// Columns keep the character set they have when the table's default changes.
void pin_charsets(Table& table) {
  for (auto& column : table.columns) {
    const auto& name = column.type.name;
    const bool text =
        name.ends_with("char") || name.ends_with("text") || name == "enum" || name == "set";
    if (!text || !column.type.charset.empty()) continue;
    if (column.type.collation.empty()) column.type.collation = table.options.collation;
    column.type.charset = table.options.charset;
  }
}

Outcome change_partitions(Table& table, const AlterAction& action) {
  if (!table.partitioning) {
    return Fault{Code::NoSuchPartition, "table '" + table.name + "' is not partitioned"};
  }
  auto& parts = table.partitioning->partitions;
  auto& count = table.partitioning->by.count;
  if (action.kind == Kind::AddPartition) {
    if (action.count > 0)
      count = static_cast<std::uint32_t>(count.value_or(parts.size()) + action.count);
    parts.insert(parts.end(), action.partitioning.partitions.begin(),
                 action.partitioning.partitions.end());
    return {};
  }
  if (action.kind == Kind::CoalescePartition) {
    const auto have = count.value_or(static_cast<std::uint32_t>(parts.size()));
    if (action.count >= have) return Fault{Code::NoSuchPartition, "cannot remove all partitions"};
    count = static_cast<std::uint32_t>(have - action.count);
    if (parts.size() > *count) parts.resize(*count);
    return {};
  }
  std::optional<std::size_t> first;
  for (const auto& name : action.names) {
    const auto at =
        std::find_if(parts.begin(), parts.end(), [&](auto& x) { return same_name(x.name, name); });
    if (at == parts.end()) {
      if (action.if_exists) continue;
      return Fault{Code::NoSuchPartition,
                   "partition '" + name + "' does not exist in table '" + table.name + "'"};
    }
    if (action.kind != Kind::DropPartition && action.kind != Kind::ReorganizePartition) continue;
    if (!first) first = static_cast<std::size_t>(at - parts.begin());
    parts.erase(at);
  }
  if (action.kind == Kind::ReorganizePartition && first) {
    parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(*first),
                 action.partitioning.partitions.begin(), action.partitioning.partitions.end());
  }
  return {};
}

Outcome change_table(Table& table, const AlterAction& action) {
  switch (action.kind) {
    case Kind::SetOptions:
      if (!action.options.charset.empty() || !action.options.collation.empty()) pin_charsets(table);
      set_options(table.options, action.options);
      break;
    case Kind::Convert:
      for (auto& column : table.columns) {
        if (column.type.charset != "binary") column.type.charset = column.type.collation = "";
      }
      set_options(table.options, action.options);
      break;
    case Kind::AddPeriod: table.periods.push_back(action.period); break;
    case Kind::DropPeriod: erase_named(table.periods, action.name); break;
    case Kind::AddVersioning: table.options.system_versioning = true; break;
    case Kind::DropVersioning:
      table.options.system_versioning = false;
      erase_named(table.periods, "SYSTEM_TIME");
      std::erase_if(table.columns, [](auto& x) { return x.row_period != Column::RowPeriod::None; });
      break;
    case Kind::PartitionBy: table.partitioning = action.partitioning; break;
    case Kind::RemovePartitioning: table.partitioning.reset(); break;
    default: break;
  }
  return {};
}

}  // namespace

std::optional<Fault> apply(Table& table, const AlterAction& action, const Target& target) {
  switch (action.kind) {
    case Kind::AddColumn: return add(table, action, target);
    case Kind::DropColumn: return drop_column(table, action);
    case Kind::ChangeColumn:
    case Kind::ModifyColumn: return change(table, action, target);
    case Kind::RenameColumn:
    case Kind::SetDefault:
    case Kind::DropDefault:
    case Kind::MaskingPolicy:
    case Kind::ColumnVisibility: return alter_column(table, action);
    case Kind::AddIndex: return add_index(table, action);
    case Kind::DropIndex:
    case Kind::DropPrimaryKey:
    case Kind::RenameIndex:
    case Kind::IndexVisibility: return change_index(table, action);
    case Kind::AddForeignKey:
    case Kind::DropForeignKey:
    case Kind::AddCheck:
    case Kind::DropCheck:
    case Kind::DropConstraint:
    case Kind::Enforce: return change_constraint(table, action);
    case Kind::AddPartition:
    case Kind::DropPartition:
    case Kind::ReorganizePartition:
    case Kind::CoalescePartition:
    case Kind::TruncatePartition: return change_partitions(table, action);
    default: return change_table(table, action);
  }
}

}  // namespace sluice::schema

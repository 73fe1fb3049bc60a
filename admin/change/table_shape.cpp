#include "admin/change/table_shape.h"

#include <algorithm>

#include "parser/schema/canonical.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using binlog::ColumnShape;
using binlog::Reference;
using binlog::TableShape;
using binlog::UniqueKey;

std::optional<std::uint32_t> index_of(const schema::Table& table, std::string_view column) {
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (schema::same_name(table.columns[i].name, column)) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

ColumnShape column_shape(const schema::Column& column) {
  ColumnShape shape;
  shape.name = column.name;
  shape.type = column.type.name;
  shape.length = column.type.length;
  shape.decimals = column.type.decimals;
  shape.is_unsigned = column.type.is_unsigned || column.type.zerofill;
  shape.nullable = column.nullable;
  shape.generated = column.generated.has_value();
  shape.on_update = column.on_update.has_value();
  shape.row_period = column.row_period != schema::Column::RowPeriod::None;
  shape.charset = column.type.charset;
  shape.members = column.type.members;
  return shape;
}

std::optional<UniqueKey> unique_key(const schema::Table& table, const schema::Index& index) {
  if (index.kind != schema::Index::Kind::Primary && index.kind != schema::Index::Kind::Unique) {
    return std::nullopt;
  }
  UniqueKey key;
  key.primary = index.kind == schema::Index::Kind::Primary;
  for (const auto& part : index.parts) {
    const auto column = index_of(table, part.column);
    if (!column) {
      key.functional = true;
      continue;
    }
    key.columns.push_back(*column);
    key.prefix = key.prefix || part.prefix.has_value();
  }
  return key;
}

// Whether the referential action changes rows of the table that refers.
bool changes(const std::string& action) {
  return action == "CASCADE" || action == "SET NULL" || action == "SET DEFAULT";
}

void add_references(const schema::Schema& from, const schema::Schema& schema,
                    const schema::Table& table, TableShape& shape) {
  for (const auto& [name, other] : from.tables) {
    for (const auto& key : other.foreign_keys) {
      const std::string& to = key.schema.empty() ? from.name : key.schema;
      if (to != schema.name || key.table != table.name) continue;
      Reference reference;
      reference.schema = from.name;
      reference.table = name;
      reference.delete_changes = changes(key.on_delete);
      reference.update_changes = changes(key.on_update);
      reference.referring = key.columns;
      for (const auto& column : key.referenced) {
        if (const auto at = index_of(table, column)) reference.columns.push_back(*at);
      }
      shape.referenced_by.push_back(std::move(reference));
    }
  }
}

std::string type_text(const schema::DataType& type) {
  std::string text = type.name;
  if (type.length) {
    text += "(" + std::to_string(*type.length);
    if (type.decimals) text += "," + std::to_string(*type.decimals);
    text += ")";
  }
  if (type.is_unsigned) text += " unsigned";
  if (!type.charset.empty()) text += " character set " + type.charset;
  if (!type.members.empty()) {
    std::string members;
    for (const auto& member : type.members) {
      members += (members.empty() ? "" : ",") + sqltext::quote_string(member);
    }
    text += "(" + members + ")";
  }
  return text;
}

}  // namespace

void Shapes::add(schema::Schema schema, const schema::Target& target) {
  lower_case_names_ = target.lower_case_names;
  // Character sets that columns take from their table are written at each.
  schema::canonicalise(schema, target);
  std::string name = schema.name;
  schemas_[std::move(name)] = std::move(schema);
  made_.clear();
}

const schema::Table* Shapes::table(std::string_view schema, std::string_view name) const {
  const auto found = schemas_.find(std::string(schema));
  if (found == schemas_.end()) return nullptr;
  const auto& tables = found->second.tables;
  const auto exact = tables.find(std::string(name));
  if (exact != tables.end()) return &exact->second;
  if (!lower_case_names_) return nullptr;
  const auto alike = std::ranges::find_if(
      tables, [&](const auto& entry) { return schema::same_name(entry.first, name); });
  return alike == tables.end() ? nullptr : &alike->second;
}

namespace {

// MariaDB 12 has triggers for several events; an event that is not known counts as all.
void add_trigger(const std::string& name, const schema::Trigger& trigger, TableShape& shape) {
  using Event = binlog::TriggerShape::Event;
  const std::size_t before = shape.triggers.size();
  for (const auto& [word, event] :
       {std::pair{"INSERT", Event::kInsert}, std::pair{"UPDATE", Event::kUpdate},
        std::pair{"DELETE", Event::kDelete}}) {
    if (trigger.event.find(word) != std::string::npos) shape.triggers.push_back({name, event});
  }
  if (shape.triggers.size() != before) return;
  for (const auto event : {Event::kInsert, Event::kUpdate, Event::kDelete})
    shape.triggers.push_back({name, event});
}

}  // namespace

const TableShape* Shapes::find(std::string_view schema, std::string_view name) {
  const std::pair<std::string, std::string> key(schema, name);
  const auto known = made_.find(key);
  if (known != made_.end()) return &known->second;
  const auto* found = table(schema, name);
  if (found == nullptr) return nullptr;
  return &made_.emplace(key, make(schemas_.at(key.first), *found)).first->second;
}

TableShape Shapes::make(const schema::Schema& schema, const schema::Table& table) const {
  TableShape shape;
  shape.schema = schema.name;
  shape.table = table.name;
  for (const auto& column : table.columns) shape.columns.push_back(column_shape(column));
  for (const auto& index : table.indexes) {
    if (auto key = unique_key(table, index)) shape.unique_keys.push_back(std::move(*key));
  }
  for (const auto& [name, from] : schemas_) add_references(from, schema, table, shape);
  for (const auto& key : table.foreign_keys) {
    for (const auto& column : key.columns) {
      if (const auto at = index_of(table, column)) shape.foreign_key_columns.push_back(*at);
    }
  }
  for (const auto& [name, trigger] : schema.triggers) {
    if (trigger.table == table.name) add_trigger(name, trigger, shape);
  }
  return shape;
}

schema::Schema related(const schema::Schema& schema, const std::vector<std::string>& tables) {
  schema::Schema part;
  part.name = schema.name;
  part.charset = schema.charset;
  part.collation = schema.collation;
  const auto named = [&](const std::string& table) {
    return std::ranges::any_of(tables, [&](const auto& wanted) {
      return wanted == table || schema::same_name(wanted, table);
    });
  };
  for (const auto& [name, table] : schema.tables) {
    const bool refers =
        std::ranges::any_of(table.foreign_keys, [&](const auto& key) { return named(key.table); });
    if (named(name) || refers) part.tables[name] = table;
  }
  for (const auto& [name, trigger] : schema.triggers) {
    if (named(trigger.table)) part.triggers[name] = trigger;
  }
  return part;
}

ShapeChange compare_shapes(const TableShape& then, const schema::Table& then_table,
                           const TableShape& now, const schema::Table& now_table) {
  ShapeChange change;
  const auto differs = [&](std::string how, bool by_name) {
    if (change.same || (change.by_name && !by_name)) change.difference = std::move(how);
    change.same = false;
    change.by_name = change.by_name && by_name;
  };
  for (std::size_t i = 0; i < then.columns.size(); ++i) {
    const std::string name = sqltext::quote_identifier(then.columns[i].name);
    const auto at = index_of(now_table, then.columns[i].name);
    if (!at) {
      // What a generated column held comes back by itself, or is not there any more.
      differs("column " + name + " is not there any more", then.columns[i].generated);
      continue;
    }
    const auto& was = then_table.columns[i].type;
    const auto& is = now_table.columns[*at].type;
    if (type_text(was) != type_text(is)) {
      differs("column " + name + " is " + type_text(is) + " now, and was " + type_text(was), false);
    } else if (then.columns[i].generated != now.columns[*at].generated) {
      differs("column " + name + " is generated now, or was", false);
    } else if (*at != i) {
      differs("column " + name + " stands at another place", true);
    }
  }
  if (now.columns.size() > then.columns.size()) {
    differs("it has more columns than it had", true);
  }
  return change;
}

}  // namespace sluice::change

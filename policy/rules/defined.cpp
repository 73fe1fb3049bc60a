#include "policy/rules/defined.h"

#include <algorithm>

namespace sluice::policy::rules {
namespace {

using Kind = schema::AlterAction::Kind;

bool in_primary_key(const schema::Table* table, std::string_view column) {
  const auto* key = table ? table->primary_key() : nullptr;
  return key && std::ranges::any_of(key->parts, [&](const schema::IndexPart& part) {
           return schema::same_name(part.column, column);
         });
}

void read_create(const schema::CreateTable& create, Definition& out) {
  out.create = true;
  out.table = create.name;
  out.temporary = create.table.temporary;
  const auto* after = out.after();
  for (const auto& column : create.table.columns) {
    DefinedColumn defined;
    defined.written = &column;
    defined.effective = after ? after->column(column.name) : nullptr;
    defined.primary = in_primary_key(after ? after : &create.table, column.name);
    out.columns.push_back(defined);
  }
  out.indexes = create.table.indexes;
  out.foreign_keys = create.table.foreign_keys;
  out.options.push_back(&create.table.options);
}

void read_column(const schema::AlterAction& action, Definition& out) {
  DefinedColumn defined;
  defined.written = &action.column;
  defined.action = &action;
  if (const auto* after = out.after()) defined.effective = after->column(action.column.name);
  if (const auto* before = out.before(); before && action.kind != Kind::AddColumn)
    defined.before = before->column(action.name);
  defined.primary = action.extras.primary || in_primary_key(out.after(), action.column.name);
  out.columns.push_back(defined);
  if (action.extras.primary || action.extras.unique) {
    schema::Index index;
    index.kind = action.extras.primary ? schema::Index::Kind::Primary : schema::Index::Kind::Unique;
    if (action.extras.primary) index.name = "PRIMARY";
    index.parts.push_back({action.column.name, "", {}, false});
    out.indexes.push_back(std::move(index));
  }
  if (action.extras.reference) out.foreign_keys.push_back(*action.extras.reference);
}

void read_alter(const schema::AlterTable& alter, Definition& out) {
  out.table = alter.name;
  out.actions = &alter.actions;
  for (const auto& action : alter.actions) {
    switch (action.kind) {
      case Kind::AddColumn:
      case Kind::ChangeColumn:
      case Kind::ModifyColumn: read_column(action, out); break;
      case Kind::AddIndex: out.indexes.push_back(action.index); break;
      case Kind::AddForeignKey: out.foreign_keys.push_back(action.foreign_key); break;
      case Kind::SetOptions:
      case Kind::Convert: out.options.push_back(&action.options); break;
      default: break;
    }
  }
}

}  // namespace

std::optional<Definition> definition(const Step& step, bool temporary) {
  const auto& body = step.statement->ddl.body;
  Definition out;
  out.step = &step;
  if (!step.tables.empty()) out.change = &step.tables.front();
  if (const auto* create = std::get_if<schema::CreateTable>(&body)) {
    read_create(*create, out);
  } else if (const auto* alter = std::get_if<schema::AlterTable>(&body)) {
    read_alter(*alter, out);
  } else {
    return std::nullopt;
  }
  if (out.temporary && !temporary) return std::nullopt;
  return out;
}

std::vector<std::string> lost_columns(const Definition& definition) {
  std::vector<std::string> out;
  if (!definition.actions) return out;
  for (const auto& action : *definition.actions) {
    const bool renamed =
        (action.kind == Kind::RenameColumn && !schema::same_name(action.name, action.new_name)) ||
        (action.kind == Kind::ChangeColumn && !schema::same_name(action.name, action.column.name));
    if (action.kind == Kind::DropColumn || renamed) out.push_back(action.name);
  }
  return out;
}

bool takes_default(const schema::DataType& type) {
  for (const auto* const name :
       {"json", "geometry", "point", "polygon", "linestring", "multipoint", "multipolygon",
        "multilinestring", "geometrycollection", "vector"}) {
    if (type.name == name) return false;
  }
  return !type.name.ends_with("text") && !type.name.ends_with("blob");
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "'" : ", '") + name + "'";
  return out;
}

}  // namespace sluice::policy::rules

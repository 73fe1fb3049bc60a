#include "policy/rules/compatibility.h"

#include <algorithm>

#include "parser/schema/diff.h"

namespace sluice::policy::rules {
namespace {

// An INSERT that does not name the column gets a value for it.
bool may_be_left_out(const schema::Column& column) {
  return column.nullable || column.auto_increment || column.generated ||
         column.row_period != schema::Column::RowPeriod::None ||
         !std::holds_alternative<std::monostate>(column.default_value);
}

const DefinedColumn* new_column(const Definition& definition, std::string_view name) {
  const auto found = std::ranges::find_if(definition.columns, [&](const DefinedColumn& one) {
    return one.action && one.action->kind == schema::AlterAction::Kind::AddColumn &&
           schema::same_name(one.written->name, name);
  });
  return found == definition.columns.end() ? nullptr : &*found;
}

// Old writes, which do not know the column, put something into it that never collides.
bool never_collides(const Definition& definition, std::string_view name) {
  const auto* added = new_column(definition, name);
  if (!added) return false;
  const auto& column = added->column();
  return column.auto_increment ||
         (column.nullable && std::holds_alternative<std::monostate>(column.default_value));
}

}  // namespace

std::string breaks(const schema::Column& from, const schema::Column& to,
                   const schema::Target& target) {
  if (to.generated && !from.generated) return "it becomes generated, and writes to it fail";
  if (auto why = schema::lossy(from, to, target); !why.empty()) return why;
  if (from.nullable && !to.nullable) return "it no longer takes NULL";
  if (may_be_left_out(from) && !may_be_left_out(to))
    return "an INSERT that leaves it out fails without its default";
  if (from.auto_increment && !to.auto_increment) return "it is no longer numbered by itself";
  return {};
}

std::string breaks_as_new(const schema::Column& added) {
  if (may_be_left_out(added)) return {};
  return "it is NOT NULL without a DEFAULT, and an INSERT that does not know it fails";
}

bool accepts_all(const schema::Index& index, const Definition& definition) {
  using Kind = schema::Index::Kind;
  for (const auto& part : index.parts) {
    if (never_collides(definition, part.column)) return true;
  }
  const auto* before = definition.before();
  if (!before) return false;
  return std::ranges::any_of(before->indexes, [&](const schema::Index& old) {
    if (old.kind != Kind::Unique && old.kind != Kind::Primary) return false;
    if (index.kind == Kind::Primary && old.kind == Kind::Unique) return false;  // NULLs
    return std::ranges::all_of(old.parts, [&](const schema::IndexPart& part) {
      return std::ranges::any_of(index.parts, [&](const schema::IndexPart& now) {
        return !part.column.empty() && schema::same_name(now.column, part.column) &&
               (!now.prefix || now.prefix == part.prefix);
      });
    });
  });
}

bool accepts_all(const schema::ForeignKey& key, const Definition& definition) {
  return std::ranges::any_of(key.columns, [&](const std::string& name) {
    const auto* added = new_column(definition, name);
    return added && added->column().nullable &&
           std::holds_alternative<std::monostate>(added->column().default_value);
  });
}

}  // namespace sluice::policy::rules

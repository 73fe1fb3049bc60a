#include "policy/reach.h"

#include <algorithm>

namespace sluice::policy {
namespace {

using parser::Access;
using parser::ObjectKind;
using parser::StatementFacts;

bool is_information_schema(std::string_view name) {
  constexpr std::string_view kName = "information_schema";
  return name.size() == kName.size() && std::ranges::equal(name, kName, [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

// Whether an object of that kind is in a database, or is one.
bool belongs(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::Table:
    case ObjectKind::View:
    case ObjectKind::Schema:
    case ObjectKind::Routine:
    case ObjectKind::Trigger:
    case ObjectKind::Event:
    case ObjectKind::Sequence:
    case ObjectKind::Library:
    case ObjectKind::Index: return true;
    default: return false;
  }
}

bool allowed(const Account& account, std::string_view schema, Access access) {
  if (schema.empty()) return true;
  if (is_information_schema(schema)) return access == Access::Read || access == Access::None;
  return std::ranges::find(account.databases, schema) != account.databases.end();
}

std::optional<std::string_view> outside(const Account& account, const StatementFacts& facts) {
  // What it does is in a text that is not here.
  if (!facts.dynamic_variable.empty()) return kUnknownDatabase;
  for (const auto& object : facts.objects) {
    if (!belongs(object.kind)) continue;
    const std::string_view schema =
        object.kind == ObjectKind::Schema ? object.name : std::string_view(object.schema);
    if (!allowed(account, schema, object.access)) return schema;
  }
  for (const auto& function : facts.functions) {
    if (!allowed(account, function.schema, Access::Execute)) return function.schema;
  }
  for (const auto& inner : facts.nested) {
    if (const auto found = outside(account, inner)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> outside(const Account& account, const Judged& judged) {
  if (account.databases.empty()) return std::nullopt;
  if (!judged.accepted) return kUnknownDatabase;
  for (const auto& facts : judged.statements) {
    if (const auto found = outside(account, facts)) return found;
  }
  return std::nullopt;
}

}  // namespace sluice::policy

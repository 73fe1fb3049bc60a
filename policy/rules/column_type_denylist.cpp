// column.type-denylist: a forbidden type, by whatever name. MariaDB's JSON is LONGTEXT with a
// check, and is found as json all the same.
#include <algorithm>

#include "policy/rules/defined.h"
#include "policy/rules/rule.h"

namespace sluice::policy::rules {

namespace {

// The server's own spelling of a type's name: INTEGER is int.
std::string canonical(const std::string& type, const schema::Target& target) {
  if (schema::same_name(type, "json")) return "json";
  const auto tokens = schema::scan(type, target);
  schema::Cursor in(type, tokens, target);
  const auto read = schema::read_type(in);
  return in.failed() ? schema::lower(type) : read.name;
}

std::string type_of(const schema::Column& column) {
  if (column.check && column.check->sql.starts_with("json_valid")) return "json";
  return column.type.name;
}

}  // namespace

void column_type_denylist(Check& check) {
  const auto target = check.situation().server.target();
  std::vector<std::string> denied;
  for (const auto& type : check.list("types")) denied.push_back(canonical(type, target));
  for (const auto& step : check.steps()) {
    const auto defined = definition(step);
    if (!defined) continue;
    for (const auto& one : defined->columns) {
      const auto type = type_of(*one.written);
      if (std::ranges::find(denied, type) == denied.end()) continue;
      check.report(step, one.written->name,
                   "Column '" + one.written->name + "' of table '" + defined->table.name +
                       "' has the forbidden type " + type + "; use another type.");
    }
  }
}

}  // namespace sluice::policy::rules

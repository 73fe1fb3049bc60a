#include "admin/change/grants.h"

#include <algorithm>

#include "parser/schema/cursor.h"
#include "parser/schema/scan.h"

namespace sluice::change {
namespace {

// LIKE with \ as its escape, as grants for schemas are matched (manual 8.2.4).
bool like(std::string_view pattern, std::string_view text) {
  while (!pattern.empty()) {
    if (pattern.front() == '%') {
      for (std::size_t skip = 0; skip <= text.size(); ++skip) {
        if (like(pattern.substr(1), text.substr(skip))) return true;
      }
      return false;
    }
    if (text.empty()) return false;
    if (pattern.front() == '\\' && pattern.size() > 1) {
      pattern.remove_prefix(1);
    } else if (pattern.front() == '_') {
      pattern.remove_prefix(1);
      text.remove_prefix(1);
      continue;
    }
    if (pattern.front() != text.front()) return false;
    pattern.remove_prefix(1);
    text.remove_prefix(1);
  }
  return text.empty();
}

// What only the whole server has; ALL PRIVILEGES on a schema does not hold it.
bool is_global_only(std::string_view privilege) {
  return privilege.find('_') != std::string_view::npos || privilege.starts_with("REPLICATION") ||
         privilege.starts_with("BINLOG") || privilege == "PROCESS" || privilege == "SUPER" ||
         privilege == "RELOAD" || privilege == "FILE" || privilege == "CREATE USER" ||
         privilege == "SHOW DATABASES" || privilege == "SHUTDOWN" ||
         privilege == "CONNECTION ADMIN";
}

}  // namespace

void Grants::add(std::string_view line) {
  const schema::Target target;
  const auto tokens = schema::scan(line, target);
  schema::Cursor in(line, tokens, target);
  Entry entry;
  entry.revoked = in.is("REVOKE");
  if (!in.accept("GRANT") && !in.accept("REVOKE")) return;
  while (!in.failed() && !in.done() && !in.is("ON") && !in.is("TO")) {
    std::string privilege;
    while (!in.done() && !in.is(",") && !in.is("ON") && !in.is("TO") && !in.is("(")) {
      if (!privilege.empty()) privilege += ' ';
      privilege += schema::upper(in.raw());
      in.skip();
    }
    // A privilege on columns is none on the table.
    const bool columns = in.is("(");
    if (columns) (void)in.parenthesised();
    if (!privilege.empty()) {
      (columns ? entry.on_columns : entry.privileges).insert(std::move(privilege));
    }
    if (!in.accept(",")) break;
  }
  if (!in.accept("ON")) {
    has_roles_ = has_roles_ || (in.is("TO") && !entry.revoked);
    return;
  }
  if (!in.accept("TABLE") && !in.accept("PROCEDURE")) in.accept("FUNCTION");
  if (!in.accept("*")) entry.schema = in.identifier();
  in.expect(".");
  if (!in.accept("*")) entry.object = in.identifier();
  if (!in.failed()) entries_.push_back(std::move(entry));
}

bool Grants::has(std::string_view privilege, std::string_view schema) const {
  const auto wanted = schema::upper(privilege);
  const auto holds = [&](const Entry& entry) {
    return entry.privileges.contains(wanted) ||
           ((entry.privileges.contains("ALL PRIVILEGES") || entry.privileges.contains("ALL")) &&
            (entry.schema.empty() || !is_global_only(wanted)));
  };
  bool global = false;
  bool local = false;
  bool revoked = false;
  for (const auto& entry : entries_) {
    if (!entry.object.empty() || !holds(entry)) continue;
    if (entry.schema.empty()) {
      global = true;
    } else if (!schema.empty() && entry.revoked) {
      revoked = revoked || entry.schema == schema;  // partial revokes take names as they are
    } else if (!schema.empty()) {
      local = local || like(entry.schema, schema);
    }
  }
  return local || (global && !revoked);
}

bool Grants::has_on_part(std::string_view privilege, std::string_view schema) const {
  const auto wanted = schema::upper(privilege);
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    const bool part = !entry.object.empty() && !entry.revoked && like(entry.schema, schema);
    return part && (entry.privileges.contains(wanted) || entry.on_columns.contains(wanted) ||
                    entry.privileges.contains("ALL PRIVILEGES"));
  });
}

}  // namespace sluice::change

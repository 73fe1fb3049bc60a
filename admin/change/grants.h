// What an account may do, read from SHOW GRANTS (manual 15.7.7.22). Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::change {

class Grants {
 public:
  // One line of SHOW GRANTS. What is no privilege (a role's name, PROXY) is left out.
  void add(std::string_view line);
  // Whether `privilege` ("SHOW VIEW", "BINLOG_ADMIN"; any case) holds on every object of `schema`;
  // an empty schema: on the whole server. Partial revokes count (manual 8.2.12).
  [[nodiscard]] bool has(std::string_view privilege, std::string_view schema = {}) const;
  // Whether it holds on a part of the schema at least: a table, some columns, a routine.
  [[nodiscard]] bool has_on_part(std::string_view privilege, std::string_view schema) const;
  // Whether roles are granted whose privileges SHOW GRANTS may not have listed.
  [[nodiscard]] bool has_roles() const noexcept { return has_roles_; }

 private:
  struct Entry {
    std::set<std::string> privileges;  // upper case; "ALL PRIVILEGES" is one
    std::set<std::string> on_columns;  // those on some columns only
    std::string schema;                // a LIKE pattern; empty: global
    std::string object;                // empty: the whole schema
    bool revoked = false;
  };
  std::vector<Entry> entries_;
  bool has_roles_ = false;
};

}  // namespace sluice::change

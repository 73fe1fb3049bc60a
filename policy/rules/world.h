// The databases that a sheet touches, as far as they are known: the state that the walk moves
// through. Pure.
#pragma once

#include <map>
#include <set>
#include <string>

#include "policy/rules/walk.h"

namespace sluice::policy::rules {

struct TableMemory {
  int id = -1;
  bool own = false;      // created by the sheet
  bool partial = false;  // has columns that are not known
};

struct Database {
  schema::Schema model;
  bool complete = false;  // every object of it is in the model
  std::map<std::string, TableMemory> memory;
  std::set<std::string> gone;       // tables that the sheet dropped or renamed
  std::set<std::string> temporary;  // tables of the session
};

class World {
 public:
  explicit World(const Situation& situation);

  [[nodiscard]] const std::string& default_schema() const { return default_; }
  void use(const std::string& schema) { default_ = schema; }
  // The database of a name in a statement; one that is not known yet becomes known as such.
  [[nodiscard]] Database& database(const std::string& schema);
  [[nodiscard]] Database* find(const std::string& schema);
  [[nodiscard]] Database& create(const std::string& schema);
  void drop(const std::string& schema) { databases_.erase(key(schema)); }
  // Table names as the server compares them.
  [[nodiscard]] std::string key(const std::string& name) const;
  [[nodiscard]] const Server& server() const { return server_; }
  [[nodiscard]] const schema::Target& target() const { return target_; }
  // Whether a sheet for one database may not touch this one.
  [[nodiscard]] bool is_foreign(const std::string& schema) const;

  // The table in its canonical form, what the server adds filled in.
  void settle(Database& database, schema::Table& table) const;
  // The sheet's own database, if it is known; to be called once, at the end.
  [[nodiscard]] std::optional<schema::Schema> own_schema();
  [[nodiscard]] int next_id() { return ids_++; }

 private:
  Server server_;
  schema::Target target_;
  std::string own_database_;
  std::string own_name_;  // as the model has it
  std::string default_;
  std::map<std::string, Database> databases_;
  int ids_ = 0;
};

}  // namespace sluice::policy::rules

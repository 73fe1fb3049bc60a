#include "policy/rules/world.h"

#include "parser/schema/canonical.h"
#include "parser/schema/cursor.h"

namespace sluice::policy::rules {

World::World(const Situation& situation)
    : server_(situation.server.resolved()),
      target_(server_.target()),
      own_database_(situation.database),
      default_(situation.database) {
  if (!situation.schema) return;
  auto& own = database(default_);
  own.model = *situation.schema;
  own_name_ = own.model.name;
  own.model.name.clear();  // the walk has resolved every qualifier
  if (own.model.charset.empty() && own.model.collation.empty()) {
    own.model.charset = server_.charset;
    own.model.collation = server_.collation;
  }
  own.complete = true;
  for (auto& [name, table] : own.model.tables) {
    settle(own, table);
    own.memory[name] = {next_id(), false, false};
  }
}

std::string World::key(const std::string& name) const {
  return target_.lower_case_names ? schema::lower(name) : name;
}

Database* World::find(const std::string& schema) {
  const auto found = databases_.find(key(schema.empty() ? default_ : schema));
  return found == databases_.end() ? nullptr : &found->second;
}

Database& World::database(const std::string& schema) {
  if (auto* known = find(schema)) return *known;
  return create(schema.empty() ? default_ : schema);
}

Database& World::create(const std::string& schema) {
  auto& made = databases_[key(schema)];
  made = Database{};
  made.model.charset = server_.charset;
  made.model.collation = server_.collation;
  return made;
}

std::optional<schema::Schema> World::own_schema() {
  auto* own = find(own_database_);
  if (own_database_.empty()) {
    const auto unnamed = databases_.find("");
    own = unnamed == databases_.end() ? nullptr : &unnamed->second;
  }
  if (!own || !own->complete) return std::nullopt;
  own->model.name = own_name_;
  return std::move(own->model);
}

bool World::is_foreign(const std::string& schema) const {
  const auto& named = schema.empty() ? default_ : schema;
  return !own_database_.empty() && key(named) != key(own_database_);
}

void World::settle(Database& database, schema::Table& table) const {
  if (table.options.engine.empty()) table.options.engine = server_.storage_engine;
  for (auto& column : table.columns) {
    if (column.type.name == "timestamp" && !column.null_written && !server_.timestamps_nullable)
      column.nullable = false;
  }
  schema::canonicalise(table, database.model, target_);
}

}  // namespace sluice::policy::rules

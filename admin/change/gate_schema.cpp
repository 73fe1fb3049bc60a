#include "admin/change/gate_schema.h"

#include <algorithm>
#include <array>

#include "parser/schema/read.h"

namespace sluice::change {
namespace {

using parser::Access;
using parser::ObjectKind;

constexpr std::array<std::string_view, 5> kSystem{"mysql", "sys", "information_schema",
                                                  "performance_schema", "sluice"};

bool is_system(const std::string& schema) {
  const std::string lowered = schema::lower(schema);
  return std::ranges::find(kSystem, lowered) != kSystem.end();
}

bool defines(Access access) {
  return has(access, Access::Create) || has(access, Access::Alter) || has(access, Access::Drop);
}

// Those that belong to the server and not to a database.
bool is_server_wide(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::User:
    case ObjectKind::Role:
    case ObjectKind::ServerLink:
    case ObjectKind::Tablespace:
    case ObjectKind::ResourceGroup:
    case ObjectKind::Component:
    case ObjectKind::Plugin: return true;
    default: return false;
  }
}

Touched& entry(std::vector<Touched>& all, const std::string& database) {
  const auto found = std::ranges::find(all, database, &Touched::database);
  if (found != all.end()) return *found;
  all.push_back({database, {}, false, false});
  return all.back();
}

template <class Map>
void copy(Map& to, const Map& from) {
  for (const auto& [name, object] : from) to[name] = object;
}

template <class Map>
void drop(Map& map, const std::set<std::string>& names) {
  std::erase_if(map, [&](const auto& one) {
    return std::ranges::any_of(names, [&](const std::string& name) {
      const auto less = map.key_comp();
      return !less(one.first, name) && !less(name, one.first);
    });
  });
}

// A package's body is kept as "name body".
void drop_packages(schema::Schema& model, const std::set<std::string>& names) {
  std::erase_if(model.packages, [&](const auto& one) {
    return std::ranges::any_of(names, [&](const std::string& name) {
      const std::string lowered = schema::lower(one.first);
      return lowered == schema::lower(name) || lowered == schema::lower(name) + " body";
    });
  });
}

}  // namespace

std::vector<Touched> touched(const std::vector<parser::ObjectUse>& objects,
                             const std::string& default_schema, bool opaque) {
  std::vector<Touched> all;
  for (const auto& object : objects) {
    const bool writes = has(object.access, Access::Write);
    if (object.temporary || is_server_wide(object.kind)) continue;
    // What a routine does belongs to its database, whatever else its body touches.
    const bool runs = object.kind == ObjectKind::Routine && has(object.access, Access::Execute);
    if (!writes && !defines(object.access) && !runs) continue;
    if (object.kind == ObjectKind::Schema) {
      if (is_system(object.name)) continue;
      Touched& database = entry(all, object.name);
      database.whole = true;
      database.creates = database.creates || has(object.access, Access::Create);
      continue;
    }
    const std::string& schema = object.schema.empty() ? default_schema : object.schema;
    if (schema.empty() || is_system(schema)) continue;
    Touched& database = entry(all, schema);
    if (defines(object.access)) database.names.insert(object.name);
  }
  if (opaque && !default_schema.empty() && !is_system(default_schema)) {
    entry(all, default_schema).whole = true;
  }
  return all;
}

void add_trigger_tables(const schema::Schema& model, std::set<std::string>& names) {
  std::vector<std::string> tables;
  for (const auto& [name, trigger] : model.triggers) {
    if (names.contains(name)) tables.push_back(trigger.table);
  }
  names.insert(tables.begin(), tables.end());
}

schema::Schema objects_of(const schema::Schema& model, const std::set<std::string>& names) {
  schema::Schema few;
  few.name = model.name;
  few.charset = model.charset;
  few.collation = model.collation;
  const auto take = [&](auto& to, const auto& from) {
    for (const std::string& name : names) {
      if (const auto found = from.find(name); found != from.end()) to.insert(*found);
    }
  };
  take(few.tables, model.tables);
  take(few.views, model.views);
  take(few.sequences, model.sequences);
  take(few.procedures, model.procedures);
  take(few.functions, model.functions);
  take(few.events, model.events);
  take(few.libraries, model.libraries);
  for (const auto& one : model.packages) {
    const std::string package = one.first.substr(0, one.first.find(' '));
    if (names.contains(one.first) || names.contains(package)) few.packages.insert(one);
  }
  for (const auto& one : model.triggers) {
    const bool wanted = names.contains(one.first) || names.contains(one.second.table);
    if (wanted) few.triggers.insert(one);
  }
  return few;
}

void replace_objects(schema::Schema& model, const schema::Schema& live,
                     const std::set<std::string>& names) {
  std::set<std::string> all = names;
  for (const auto& [name, table] : live.tables) all.insert(name);
  drop(model.tables, all);
  drop(model.views, all);
  drop(model.sequences, all);
  drop(model.procedures, all);
  drop(model.functions, all);
  drop(model.events, all);
  drop(model.libraries, all);
  drop_packages(model, all);
  std::erase_if(model.triggers, [&](const auto& one) {
    return all.contains(one.first) || all.contains(one.second.table);
  });
  copy(model.tables, live.tables);
  copy(model.views, live.views);
  copy(model.sequences, live.sequences);
  copy(model.procedures, live.procedures);
  copy(model.functions, live.functions);
  copy(model.events, live.events);
  copy(model.libraries, live.libraries);
  copy(model.packages, live.packages);
  copy(model.triggers, live.triggers);
}

}  // namespace sluice::change

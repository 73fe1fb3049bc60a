// One statement's effect on a schema model.
#include <algorithm>

#include "parser/schema/ddl.h"

namespace sluice::schema {
namespace {

using Code = Fault::Code;
using Faults = std::vector<Fault>;

std::string key_of(const Name& name, const Target& target) {
  return target.lower_case_names ? lower(name.name) : name.name;
}

// The server takes the actions of one ALTER TABLE together: what it drops is what was there before,
// and keys may be on columns that stand behind them.
std::vector<AlterAction> in_server_order(std::vector<AlterAction> actions) {
  using Kind = AlterAction::Kind;
  const auto phase = [](const AlterAction& action) {
    switch (action.kind) {
      case Kind::DropIndex:
      case Kind::DropPrimaryKey:
      case Kind::DropForeignKey:
      case Kind::DropCheck:
      case Kind::DropConstraint: return 0;
      case Kind::AddIndex:
      case Kind::AddForeignKey:
      case Kind::AddCheck: return 2;
      default: return 1;
    }
  };
  std::stable_sort(actions.begin(), actions.end(),
                   [&](const AlterAction& a, const AlterAction& b) { return phase(a) < phase(b); });
  return actions;
}

struct Applier {
  Schema& schema;
  const Target& target;
  Faults faults;

  void fault(Code code, std::string message) { faults.push_back({code, std::move(message)}); }

  bool foreign(const Name& name) {
    if (name.schema.empty() || schema.name.empty() || name.schema == schema.name) return false;
    fault(Code::OtherDatabase, "database '" + name.schema + "' is not the one that is changed");
    return true;
  }

  void operator()(const Other&) {}

  void operator()(const CreateTable& create) {
    if (foreign(create.name)) return;
    const auto name = key_of(create.name, target);
    if (create.table.temporary) return;
    if (schema.tables.contains(name) || schema.views.contains(name)) {
      if (create.if_not_exists) return;
      if (!create.or_replace) return fault(Code::TableExists, "table '" + name + "' exists");
    }
    auto table = create.table;
    if (create.like) {
      const auto source = schema.tables.find(key_of(*create.like, target));
      if (source == schema.tables.end()) {
        return fault(Code::NoSuchTable, "table '" + create.like->name + "' does not exist");
      }
      table = source->second;
      table.foreign_keys.clear();
      for (auto& check : table.checks) check.name.clear();
    }
    table.name = name;
    for (const auto& index : table.indexes) {
      for (const auto& part : index.parts) {
        if (!part.column.empty() && !table.column(part.column) && !create.as_select) {
          return fault(Code::NoSuchColumn,
                       "key column '" + part.column + "' does not exist in table");
        }
      }
    }
    if (std::count_if(table.columns.begin(), table.columns.end(),
                      [](const Column& c) { return c.auto_increment; }) > 1) {
      return fault(Code::TwoAutoIncrement, "there can be only one AUTO_INCREMENT column");
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (same_name(table.columns[i].name, table.columns[j].name)) {
          return fault(Code::ColumnExists, "column '" + table.columns[i].name + "' exists twice");
        }
      }
    }
    schema.tables[name] = std::move(table);
  }

  void operator()(const AlterTable& alter) {
    if (foreign(alter.name)) return;
    const auto name = key_of(alter.name, target);
    const auto found = schema.tables.find(name);
    if (found == schema.tables.end()) {
      if (!alter.if_exists) fault(Code::NoSuchTable, "table '" + name + "' does not exist");
      return;
    }
    auto changed = found->second;
    std::string new_name = name;
    for (const auto& action : in_server_order(alter.actions)) {
      if (action.kind == AlterAction::Kind::Rename) {
        new_name = key_of({"", action.new_name}, target);
      } else if (auto bad = schema::apply(changed, action, target)) {
        faults.push_back(std::move(*bad));
        return;
      }
    }
    found->second = std::move(changed);
    if (new_name != name) rename(name, new_name);
  }

  void rename(const std::string& from, const std::string& to) {
    const bool there = schema.tables.contains(from) || schema.views.contains(from);
    if (there && (schema.tables.contains(to) || schema.views.contains(to)))
      return fault(Code::TableExists, "table '" + to + "' exists");
    const auto view = schema.views.extract(from);
    if (!view.empty()) {
      auto moved = view.mapped();
      moved.name = to;
      schema.views[to] = std::move(moved);
      return;
    }
    if (!schema.tables.contains(from))
      return fault(Code::NoSuchTable, "table '" + from + "' does not exist");
    auto node = schema.tables.extract(from);
    node.key() = to;
    node.mapped().name = to;
    schema.tables.insert(std::move(node));
    for (auto& [name, table] : schema.tables) {
      for (auto& key : table.foreign_keys) {
        if (key.schema.empty() && key.table == from) key.table = to;
      }
    }
    for (auto& [name, trigger] : schema.triggers) {
      if (trigger.table == from) trigger.table = to;
    }
  }

  void operator()(const RenameTables& renames) {
    for (const auto& [from, to] : renames.pairs) {
      if (foreign(from) || foreign(to)) return;
      rename(key_of(from, target), key_of(to, target));
    }
  }

  void operator()(const Truncate& truncate) {
    if (foreign(truncate.name)) return;
    if (!schema.tables.contains(key_of(truncate.name, target))) {
      fault(Code::NoSuchTable, "table '" + truncate.name.name + "' does not exist");
    }
  }

  template <class Map>
  void drop_from(Map& map, const Drop& drop, std::string_view what) {
    for (const auto& name : drop.names) {
      if (foreign(name)) continue;
      const auto at = map.find(key_of(name, target));
      if (at != map.end())
        map.erase(at);
      else if (!drop.if_exists) {
        fault(drop.kind == ObjectKind::Table ? Code::NoSuchTable : Code::NoSuchObject,
              std::string(what) + " '" + name.name + "' does not exist");
      }
    }
  }

  void operator()(const Drop& drop) {
    switch (drop.kind) {
      case ObjectKind::Table:
        if (drop.temporary) return;
        drop_from(schema.tables, drop, "table");
        std::erase_if(schema.triggers,
                      [&](const auto& x) { return !schema.tables.contains(x.second.table); });
        return;
      case ObjectKind::View: return drop_from(schema.views, drop, "view");
      case ObjectKind::Procedure: return drop_from(schema.procedures, drop, "procedure");
      case ObjectKind::Function: return drop_from(schema.functions, drop, "function");
      case ObjectKind::Trigger: return drop_from(schema.triggers, drop, "trigger");
      case ObjectKind::Event: return drop_from(schema.events, drop, "event");
      case ObjectKind::Sequence: return drop_from(schema.sequences, drop, "sequence");
      case ObjectKind::Library: return drop_from(schema.libraries, drop, "library");
      case ObjectKind::Package: return drop_from(schema.packages, drop, "package");
      case ObjectKind::PackageBody: return;
      case ObjectKind::Database:
        for (const auto& name : drop.names) {
          if (schema.name.empty() || name.name == schema.name) forget_all();
        }
        return;
    }
  }

  void forget_all() {
    Schema empty;
    empty.name = schema.name;
    schema = std::move(empty);
  }

  void operator()(const Database& database) {
    if (database.verb == Database::Verb::Use) return;
    if (!schema.name.empty() && !database.name.empty() && database.name != schema.name) return;
    if (!database.charset.empty()) schema.charset = database.charset;
    if (!database.collation.empty()) schema.collation = database.collation;
  }

  template <class Map, class Object>
  void create_in(Map& map, const Create& create, const std::string& key, const Object& object) {
    if (map.contains(key)) {
      if (create.if_not_exists) return;
      if (!create.or_replace && !create.alter)
        return fault(Code::ObjectExists, "'" + key + "' exists");
    } else if (create.alter) {
      return fault(Code::NoSuchObject, "'" + key + "' does not exist");
    }
    map[key] = object;
  }

  void create_trigger(const Create& create, Trigger trigger) {
    trigger.table = key_of({"", trigger.table}, target);
    if (!schema.tables.contains(trigger.table)) {
      return fault(Code::NoSuchTable, "table '" + trigger.table + "' does not exist");
    }
    const bool before = trigger.follows.starts_with('\x01');
    const auto anchor = before ? trigger.follows.substr(1) : trigger.follows;
    std::vector<Trigger*> chain;  // of the same moment; the order is a list by `follows`
    for (auto& [name, other] : schema.triggers) {
      if (other.table == trigger.table && other.timing == trigger.timing &&
          other.event == trigger.event && name != trigger.name) {
        chain.push_back(&other);
      }
    }
    if (before) {
      for (auto* other : chain) {
        if (other->name != anchor) continue;
        trigger.follows = other->follows;
        other->follows = trigger.name;
      }
    } else if (!anchor.empty()) {
      for (auto* other : chain) {
        if (other->follows == anchor) other->follows = trigger.name;
      }
    } else {
      for (const auto* last : chain) {
        const bool followed = std::any_of(chain.begin(), chain.end(),
                                          [&](auto* x) { return x->follows == last->name; });
        if (!followed) trigger.follows = last->name;
      }
    }
    create_in(schema.triggers, create, trigger.name, trigger);
  }

  void operator()(const Create& create) {
    if (foreign(create.name)) return;
    const auto key = key_of(create.name, target);
    if (const auto* view = std::get_if<View>(&create.object)) {
      if (schema.tables.contains(key))
        return fault(Code::TableExists, "table '" + key + "' exists");
      create_in(schema.views, create, key, *view);
    } else if (const auto* trigger = std::get_if<Trigger>(&create.object)) {
      create_trigger(create, *trigger);
    } else if (const auto* event = std::get_if<Event>(&create.object)) {
      create_in(schema.events, create, create.name.name, *event);
    } else if (const auto* sequence = std::get_if<Sequence>(&create.object)) {
      create_in(schema.sequences, create, key, *sequence);
    } else if (const auto* library = std::get_if<Library>(&create.object)) {
      create_in(schema.libraries, create, create.name.name, *library);
    } else if (const auto* routine = std::get_if<Routine>(&create.object)) {
      const auto& name = create.name.name;
      if (routine->kind == Routine::Kind::Procedure)
        create_in(schema.procedures, create, name, *routine);
      else if (routine->kind == Routine::Kind::Function)
        create_in(schema.functions, create, name, *routine);
      else
        create_in(schema.packages, create,
                  name + (routine->kind == Routine::Kind::Package ? "" : " body"), *routine);
    }
  }
};

}  // namespace

std::vector<Fault> apply(Schema& schema, const Statement& statement, const Target& target) {
  Applier applier{schema, target, {}};
  std::visit(applier, statement.body);
  return std::move(applier.faults);
}

FileReading read(std::string_view text, const Target& target) {
  FileReading out;
  for (const auto& statement : read_statements(text, target)) {
    if (statement.error) {
      out.errors.push_back(*statement.error);
      continue;
    }
    for (auto& fault : apply(out.schema, statement, target)) {
      const auto near =
          text.substr(statement.begin, std::min<std::size_t>(40, statement.end - statement.begin));
      out.errors.push_back(
          {statement.begin, statement.line, 1, std::string(near), std::move(fault.message)});
    }
  }
  return out;
}

}  // namespace sluice::schema

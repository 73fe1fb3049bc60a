#include "policy/rules/walk.h"

#include <algorithm>

#include "policy/rules/parts.h"
#include "policy/rules/walk_dml.h"
#include "policy/rules/world.h"

namespace sluice::policy::rules {
namespace {

using Code = schema::Fault::Code;
using schema::Name;

class Walker {
 public:
  Walker(const Sheet& sheet, const Situation& situation) : sheet_(sheet), world_(situation) {}

  Walk run() {
    for (const auto& statement : sheet_.statements()) {
      auto& step = steps_.emplace_back();
      step.statement = &statement;
      step.index = steps_.size() - 1;
      step.default_schema = world_.default_schema();
      step_ = &step;
      check_queries(statement, world_, step.faults);
      std::visit(*this, statement.ddl.body);
    }
    return {std::move(steps_), world_.own_schema()};
  }

  void operator()(const schema::Other&) {}

  void operator()(const schema::CreateTable& create) {
    if (refuse_foreign(create.name)) return;
    auto& database = world_.database(create.name.schema);
    const auto name = world_.key(create.name.name);
    if (create.table.temporary) {
      database.temporary.insert(name);
      return;
    }
    auto change = seen(database, create.name);
    auto known = create;
    bool partial = create.as_select;
    if (create.like) {
      auto& from = world_.database(create.like->schema);
      const auto source = from.model.tables.find(world_.key(create.like->name));
      if (source != from.model.tables.end()) {
        partial = from.memory[source->first].partial;
        if (&from != &database) database_copy(known, source->second);
      } else if (!from.complete && !from.gone.contains(world_.key(create.like->name))) {
        known.like.reset();
        partial = true;
      }
    }
    const bool there = (database.model.tables.contains(name) && !create.or_replace) ||
                       database.model.views.contains(name);
    if (!apply(database, known, create.name.name, partial) || there) return;
    auto& table = database.model.tables.at(name);
    world_.settle(database, table);
    database.memory[name] = {world_.next_id(), true, partial};
    database.gone.erase(name);
    change.after = table;
    change.known = true;
    change.id = database.memory[name].id;
    change.partial = partial;
    change.own = false;
    step_->tables.push_back(std::move(change));
  }

  void operator()(const schema::AlterTable& alter) {
    if (refuse_foreign(alter.name)) return;
    auto& database = world_.database(alter.name.schema);
    const auto name = world_.key(alter.name.name);
    if (database.temporary.contains(name)) return;
    auto change = seen(database, alter.name);
    if (!change.known && !database.complete && !database.gone.contains(name)) {
      step_->tables.push_back(std::move(change));
      return;
    }
    // The key that a failing action names is what a reader looks for.
    if (!apply(database, alter, near_of(alter), change.partial)) {
      if (!change.partial) return;
      change.known = false;  // what it leaves cannot be said
      change.before.reset();
      step_->tables.push_back(std::move(change));
      return;
    }
    if (!change.known) return;  // IF EXISTS of a table that is not there
    auto now = name;
    for (const auto& action : alter.actions) {
      if (action.kind == schema::AlterAction::Kind::Rename) now = world_.key(action.new_name);
    }
    auto& table = database.model.tables.at(now);
    world_.settle(database, table);
    move_memory(database, name, database, now);
    change.after = table;
    step_->tables.push_back(std::move(change));
  }

  void operator()(const schema::Drop& drop) {
    if (drop.kind == schema::ObjectKind::Database) {
      for (const auto& name : drop.names) drop_database(name.name);
      return;
    }
    for (const auto& name : drop.names) {
      if (refuse_foreign(name)) continue;
      auto& database = world_.database(name.schema);
      auto one = drop;
      one.names = {name};
      if (drop.kind != schema::ObjectKind::Table) {
        (void)apply(database, one, name.name, !database.complete);
        continue;
      }
      const auto key = world_.key(name.name);
      if (database.temporary.erase(key) > 0 || drop.temporary) continue;
      auto change = seen(database, name);
      const bool unknown = !change.known && !database.complete && !database.gone.contains(key);
      if (!apply(database, one, name.name, unknown) || (!change.known && !unknown)) continue;
      database.gone.insert(key);
      database.memory.erase(key);
      step_->tables.push_back(std::move(change));
    }
  }

  void operator()(const schema::RenameTables& renames) {
    for (const auto& [from, to] : renames.pairs) {
      if (refuse_foreign(from) || refuse_foreign(to)) return;
      auto& source = world_.database(from.schema);
      auto& target = world_.database(to.schema);
      const auto was = world_.key(from.name);
      const auto is = world_.key(to.name);
      auto change = seen(source, from);
      if (!change.known && !source.complete && !source.gone.contains(was)) {
        source.gone.insert(was);
        target.gone.erase(is);
        step_->tables.push_back(std::move(change));
        continue;
      }
      if (&source == &target) {
        schema::RenameTables one;
        one.pairs = {{Name{"", from.name}, Name{"", to.name}}};
        if (!apply(source, one, from.name, false)) return;
        if (!change.known) continue;  // a view
      } else if (!move_table(source, was, target, is, to.name)) {
        return;
      }
      change.after = target.model.tables.at(is);
      move_memory(source, was, target, is);
      step_->tables.push_back(std::move(change));
    }
  }

  void operator()(const schema::Truncate& truncate) {
    if (refuse_foreign(truncate.name)) return;
    auto& database = world_.database(truncate.name.schema);
    const auto key = world_.key(truncate.name.name);
    if (database.temporary.contains(key)) return;
    const bool there = database.model.tables.contains(key);
    (void)apply(database, truncate, truncate.name.name,
                !there && !database.complete && !database.gone.contains(key));
  }

  void operator()(const schema::Create& create) {
    if (refuse_foreign(create.name)) return;
    auto& database = world_.database(create.name.schema);
    (void)apply(database, create, create.name.name, !database.complete);
  }

  void operator()(const schema::Database& change) {
    using Verb = schema::Database::Verb;
    if (change.verb == Verb::Use) {
      if (world_.is_foreign(change.name)) foreign_fault(change.name);
      world_.use(change.name);
      return;
    }
    auto* known = world_.find(change.name);
    if (change.verb == Verb::Create) {
      const bool exists = known && (known->complete || !known->model.tables.empty());
      if (exists && !change.if_not_exists) {
        fault(Code::ObjectExists, "database '" + change.name + "' exists", change.name);
      }
      if (exists) return;
      known = &world_.create(change.name);
      known->complete = !change.if_not_exists;
    }
    if (!known) return;
    schema::Database here = change;
    here.name.clear();
    (void)apply(*known, here, change.name, false);
  }

 private:
  void fault(Code code, std::string message, std::string near) {
    step_->faults.push_back({{code, std::move(message)}, std::move(near)});
  }
  void foreign_fault(const std::string& schema) {
    fault(Code::OtherDatabase,
          "database '" + schema +
              "' is not the one that this change is for; make a change of that database for it",
          schema);
  }
  bool refuse_foreign(const Name& name) {
    if (!world_.is_foreign(name.schema)) return false;
    const auto& schema = name.schema.empty() ? world_.default_schema() : name.schema;
    foreign_fault(schema);
    return true;
  }

  static std::string near_of(const schema::AlterTable& alter) {
    if (alter.actions.size() != 1) return alter.name.name;
    const auto& action = alter.actions.front();
    for (const auto* name : {&action.name, &action.column.name, &action.index.name}) {
      if (!name->empty() && *name != "PRIMARY") return *name;
    }
    return alter.name.name;
  }

  // What is known of a table before the statement.
  TableChange seen(Database& database, const Name& name) {
    TableChange change;
    change.schema = name.schema.empty() ? world_.default_schema() : name.schema;
    change.name = name.name;
    const auto found = database.model.tables.find(world_.key(name.name));
    if (found == database.model.tables.end()) return change;
    const auto& memory = database.memory[found->first];
    change.before = found->second;
    change.id = memory.id;
    change.known = true;
    change.own = memory.own;
    change.partial = memory.partial;
    return change;
  }

  // Runs a statement on one database's model. `lenient`: what is not there may exist all the same.
  template <class Body>
  bool apply(Database& database, Body body, const std::string& near, bool lenient) {
    schema::Statement one;
    std::string whole;  // the object's own name
    if constexpr (requires { body.name.schema; }) {
      body.name.schema.clear();
      whole = body.name.name;
    }
    if constexpr (std::is_same_v<Body, schema::CreateTable>) {
      if (body.like) {
        body.like->schema.clear();
        whole = body.like->name;
      }
    }
    if constexpr (std::is_same_v<Body, schema::Drop>) {
      for (auto& name : body.names) name.schema.clear();
    }
    one.body = std::move(body);
    bool fine = true;
    for (auto& found : schema::apply(database.model, one, world_.target())) {
      const bool missing = found.code == Code::NoSuchTable || found.code == Code::NoSuchObject ||
                           found.code == Code::NoSuchColumn || found.code == Code::NoSuchIndex ||
                           found.code == Code::NoSuchConstraint || found.code == Code::NoPrimaryKey;
      fine = fine && lenient && missing && !std::is_same_v<Body, schema::AlterTable>;
      if (lenient && missing) continue;
      const bool table = found.code == Code::NoSuchTable && !whole.empty();
      step_->faults.push_back({std::move(found), table ? whole : near});
    }
    return fine;
  }

  static void database_copy(schema::CreateTable& create, const schema::Table& source) {
    const auto name = create.table.name;
    create.like.reset();
    create.table = source;
    create.table.name = name;
    create.table.foreign_keys.clear();
  }

  bool move_table(Database& source, const std::string& was, Database& target, const std::string& is,
                  const std::string& near) {
    if (!source.model.tables.contains(was)) {
      fault(Code::NoSuchTable, "table '" + was + "' does not exist", was);
      return false;
    }
    if (target.model.tables.contains(is)) {
      fault(Code::TableExists, "table '" + is + "' exists", near);
      return false;
    }
    auto node = source.model.tables.extract(was);
    node.key() = is;
    node.mapped().name = is;
    target.model.tables.insert(std::move(node));
    return true;
  }

  static void move_memory(Database& source, const std::string& was, Database& target,
                          const std::string& is) {
    if (&source == &target && was == is) return;
    target.memory[is] = source.memory[was];
    source.memory.erase(was);
    source.gone.insert(was);
    target.gone.erase(is);
  }

  void drop_database(const std::string& name) {
    if (world_.is_foreign(name)) return foreign_fault(name);
    auto* known = world_.find(name);
    if (!known) return;
    step_->dropped_databases.push_back({name, known->complete, known->model.tables.size()});
    for (const auto& [key, table] : known->model.tables) {
      auto change = seen(*known, {name, key});
      step_->tables.push_back(std::move(change));
    }
    world_.drop(name);
  }

  const Sheet& sheet_;
  World world_;
  std::vector<Step> steps_;
  Step* step_ = nullptr;
};

}  // namespace

Walk walk(const Sheet& sheet, const Situation& situation) {
  return Walker(sheet, situation).run();
}

}  // namespace sluice::policy::rules

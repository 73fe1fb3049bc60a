#include "parser/schema/diff.h"

#include <algorithm>
#include <set>

#include "parser/schema/order.h"
#include "parser/schema/print.h"
#include "parser/sqltext/quote.h"

namespace sluice::schema {
namespace {

using sqltext::quote_identifier;
using Names = std::set<std::string>;

class SchemaDiff {
 public:
  SchemaDiff(Schema from, Schema to, const DiffOptions& options)
      : from_(std::move(from)), to_(std::move(to)), options_(options), target_(options.target) {}

  std::vector<Change> run() {
    rename();
    canonicalise(from_, target_, options_.compare);
    canonicalise(to_, target_, options_.compare);
    database();
    find_retyped();
    drop_programs();
    drop_foreign_keys();
    drop_tables();
    sequences();
    create_tables();
    alter_tables();
    add_foreign_keys();
    drop_sequences();
    create_programs();
    return std::move(out_);
  }

 private:
  void emit(std::string sql, std::string object, bool destructive = false, std::string note = {},
            bool program = false, std::string sql_mode = {}) {
    out_.push_back({std::move(sql), std::move(object), destructive, std::move(note), program,
                    std::move(sql_mode)});
  }

  void rename() {
    for (const auto& [was, is] : options_.renames.tables) {
      if (!from_.tables.contains(was) || from_.tables.contains(is) || !to_.tables.contains(is))
        continue;
      emit("RENAME TABLE " + quote_identifier(was) + " TO " + quote_identifier(is), "TABLE " + is);
      auto node = from_.tables.extract(was);
      node.key() = node.mapped().name = is;
      from_.tables.insert(std::move(node));
      for (auto& [name, table] : from_.tables) {
        for (auto& key : table.foreign_keys) {
          if (key.schema.empty() && key.table == was) key.table = is;
        }
      }
      for (auto& [name, trigger] : from_.triggers) {
        if (trigger.table == was) trigger.table = is;
      }
    }
    for (const auto& [where, is] : options_.renames.columns)
      rename_column(where.first, where.second, is);
  }
  void rename_column(const std::string& table, const std::string& was, const std::string& is) {
    const auto at = from_.tables.find(table);
    const auto wanted = to_.tables.find(table);
    if (at == from_.tables.end() || wanted == to_.tables.end()) return;
    if (!at->second.column(was) || at->second.column(is) || !wanted->second.column(is)) return;
    emit("ALTER TABLE " + quote_identifier(table) + " RENAME COLUMN " + quote_identifier(was) +
             " TO " + quote_identifier(is),
         "TABLE " + table);
    at->second.column(was)->name = is;
    for (auto& index : at->second.indexes) {
      for (auto& part : index.parts) {
        if (same_name(part.column, was)) part.column = is;
      }
    }
    for (auto& [name, other] : from_.tables) {
      for (auto& key : other.foreign_keys) {
        if (name == table) std::replace(key.columns.begin(), key.columns.end(), was, is);
        if (key.schema.empty() && key.table == table)
          std::replace(key.referenced.begin(), key.referenced.end(), was, is);
      }
    }
  }

  void database() {
    if (to_.charset.empty() && to_.collation.empty()) return;
    if (from_.charset.empty() && from_.collation.empty()) return;
    if (from_.charset == to_.charset && from_.collation == to_.collation) return;
    std::string sql = "ALTER DATABASE";
    if (!to_.charset.empty()) sql += " CHARACTER SET " + to_.charset;
    if (!to_.collation.empty()) sql += " COLLATE " + to_.collation;
    emit(std::move(sql), "DATABASE " + to_.name);
  }

  // --- stored programs -----------------------------------------------------------------------
  [[nodiscard]] std::string body(const std::string& sql) const {
    return options_.compare.whitespace ? sql : normal_body(sql, target_);
  }
  // A side that does not say its modes, as a file of plain DDL does, has those of the other.
  template <class Program>
  static void settle_modes(Program& a, Program& b) {
    if (a.context.sql_mode.empty() || b.context.sql_mode.empty()) a.context = b.context = {};
  }
  // What a session has to set to make the program: nothing when its modes are what it has anyway.
  template <class Program>
  [[nodiscard]] std::string modes_for(const Program* was, const Program& is) const {
    const auto& modes = is.context.sql_mode;
    const bool changed = was != nullptr && !was->context.sql_mode.empty() &&
                         was->context.sql_mode != modes && !modes.empty();
    return changed || !default_modes(modes, target_) ? modes : std::string();
  }
  [[nodiscard]] bool same(View a, View b) const {
    a.select = normal_expression(a.select, target_, from_.name);
    b.select = normal_expression(b.select, target_, to_.name);
    return a == b;
  }
  [[nodiscard]] bool same(Routine a, Routine b) const {
    const std::string& charset = from_.charset.empty() ? to_.charset : from_.charset;
    const std::string& collation = from_.collation.empty() ? to_.collation : from_.collation;
    for (auto* one : {&a, &b}) {
      one->body = body(one->body);
      one->parameters = normal_body(one->parameters, target_);
      one->returns = normal_type(one->returns, target_, charset, collation);
    }
    settle_modes(a, b);
    return a == b;
  }
  [[nodiscard]] bool same(Trigger a, Trigger b) const {
    a.body = body(a.body), b.body = body(b.body);
    settle_modes(a, b);
    return a == b;
  }
  [[nodiscard]] bool same(Event a, Event b) const {
    a.body = body(a.body), b.body = body(b.body);
    a.schedule = normal_expression(a.schedule, target_),
    b.schedule = normal_expression(b.schedule, target_);
    settle_modes(a, b);
    return a == b;
  }
  [[nodiscard]] bool same(const Library& a, const Library& b) const { return a == b; }

  // Names that go or change are dropped; those that are new or change are made.
  template <class Map>
  void drop_changed(const Map& from, const Map& to, std::string_view kind) {
    for (const auto& [name, object] : from) {
      const auto other = to.find(name);
      if (other != to.end() && same(object, other->second)) continue;
      emit("DROP " + std::string(kind) + " " + quote_identifier(name),
           std::string(kind) + " " + name);
    }
  }
  template <class Map>
  void create_changed(const Map& from, const Map& to, std::string_view kind) {
    for (const auto& [name, object] : to) {
      const auto other = from.find(name);
      if (other != from.end() && same(other->second, object)) continue;
      std::string modes;
      // clang 14 takes no structured binding in a requires expression.
      if constexpr (requires(const typename Map::mapped_type& one) { one.context; })
        modes = modes_for(other == from.end() ? nullptr : &other->second, object);
      emit(print(object), std::string(kind) + " " + name, false, {}, true, std::move(modes));
    }
  }

  void drop_programs() {
    for (const auto& [name, trigger] : from_.triggers) {
      if (!to_.tables.contains(trigger.table)) continue;  // goes with its table
      const auto other = to_.triggers.find(name);
      if (other != to_.triggers.end() && same(trigger, other->second)) continue;
      emit("DROP TRIGGER " + quote_identifier(name), "TRIGGER " + name);
    }
    drop_changed(from_.events, to_.events, "EVENT");
    auto order = view_order(from_);
    std::reverse(order.begin(), order.end());
    for (const auto& name : order) {
      if (!to_.views.contains(name)) emit("DROP VIEW " + quote_identifier(name), "VIEW " + name);
    }
    drop_changed(from_.procedures, to_.procedures, "PROCEDURE");
    drop_changed(from_.functions, to_.functions, "FUNCTION");
    for (const auto& [name, routine] : from_.packages) {
      const auto other = to_.packages.find(name);
      if (other != to_.packages.end() && same(routine, other->second)) continue;
      const char* const kind =
          routine.kind == Routine::Kind::Package ? "PACKAGE " : "PACKAGE BODY ";
      emit("DROP " + std::string(kind) + quote_identifier(routine.name), kind + routine.name);
    }
    drop_changed(from_.libraries, to_.libraries, "LIBRARY");
  }
  void create_programs() {
    create_changed(from_.libraries, to_.libraries, "LIBRARY");
    create_changed(from_.functions, to_.functions, "FUNCTION");
    create_changed(from_.procedures, to_.procedures, "PROCEDURE");
    create_changed(from_.packages, to_.packages, "PACKAGE");
    for (const auto& name : view_order(to_)) {
      const auto& view = to_.views.at(name);
      const auto other = from_.views.find(name);
      if (other != from_.views.end() && same(other->second, view)) continue;
      auto sql = print(view);
      if (other != from_.views.end()) sql.insert(7, "OR REPLACE ");
      emit(std::move(sql), "VIEW " + name);
    }
    for (const auto& name : trigger_order(to_)) {
      const auto& trigger = to_.triggers.at(name);
      const auto other = from_.triggers.find(name);
      if (other != from_.triggers.end() && same(other->second, trigger)) continue;
      emit(print(trigger), "TRIGGER " + name, false, {}, true,
           modes_for(other == from_.triggers.end() ? nullptr : &other->second, trigger));
    }
    create_changed(from_.events, to_.events, "EVENT");
  }

  // --- tables --------------------------------------------------------------------------------
  // Columns of both schemas whose type changes: keys on either side of it must be away meanwhile.
  void find_retyped() {
    for (const auto& [name, table] : from_.tables) {
      const auto other = to_.tables.find(name);
      if (other == to_.tables.end()) continue;
      for (const auto& column : table.columns) {
        const auto* wanted = other->second.column(column.name);
        if (!wanted || !(wanted->type == column.type)) retyped_.insert({name, column.name});
      }
    }
  }
  [[nodiscard]] bool retyped(const std::string& table,
                             const std::vector<std::string>& columns) const {
    return std::any_of(columns.begin(), columns.end(), [&](const auto& x) {
      return retyped_.contains({table, x});
    });
  }
  // The key's own index or the parent's changes: the server refuses that while the key is there.
  [[nodiscard]] bool stays(const std::string& table, const ForeignKey& key) const {
    const auto a = from_.tables.find(table);
    const auto b = to_.tables.find(table);
    if (a == from_.tables.end() || b == to_.tables.end()) return false;
    const auto in = [&](const Table& t) {
      return std::find(t.foreign_keys.begin(), t.foreign_keys.end(), key) != t.foreign_keys.end();
    };
    if (!in(a->second) || !in(b->second)) return false;
    if (!key.schema.empty()) return !retyped(table, key.columns);
    if (retyped(table, key.columns) || retyped(key.table, key.referenced)) return false;
    const auto parent_a = from_.tables.find(key.table);
    const auto parent_b = to_.tables.find(key.table);
    if (parent_b == to_.tables.end() || parent_a == from_.tables.end()) return true;
    return a->second.indexes == b->second.indexes &&
           parent_a->second.indexes == parent_b->second.indexes;
  }
  void drop_foreign_keys() {
    const auto order = creation_order(from_);
    Names gone;  // in the order in which tables will be dropped
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      const auto& table = from_.tables.at(*at);
      const bool dropped = !to_.tables.contains(*at);
      for (const auto& key : table.foreign_keys) {
        const bool parent_first =
            dropped && key.schema.empty() && gone.contains(key.table) && key.table != *at;
        if (dropped ? !parent_first : stays(*at, key)) continue;
        emit("ALTER TABLE " + quote_identifier(*at) + " DROP FOREIGN KEY " +
                 quote_identifier(key.name),
             "TABLE " + *at, dropped);
      }
      if (dropped) gone.insert(*at);
    }
  }
  void drop_tables() {
    const auto order = creation_order(from_);
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      if (to_.tables.contains(*at)) continue;
      emit("DROP TABLE " + quote_identifier(*at), "TABLE " + *at, true,
           "the table is dropped with its rows");
    }
  }
  void create_tables() {
    Names there;
    for (const auto& [name, table] : from_.tables) {
      if (to_.tables.contains(name)) there.insert(name);
    }
    for (const auto& name : creation_order(to_)) {
      if (from_.tables.contains(name)) continue;
      const auto& table = to_.tables.at(name);
      // Parents that will be altered below may not have their keys yet: those references wait.
      const bool ready = std::all_of(
          table.foreign_keys.begin(), table.foreign_keys.end(), [&](const ForeignKey& key) {
            const auto old = from_.tables.find(key.table);
            const auto now = to_.tables.find(key.table);
            const bool altered = old != from_.tables.end() &&
                                 (now == to_.tables.end() || !(old->second == now->second));
            return !key.schema.empty() || key.table == name ||
                   (there.contains(key.table) && !altered);
          });
      emit(print(table, target_, {.foreign_keys = ready}), "TABLE " + name);
      if (!ready) waiting_.insert(name);
      there.insert(name);
    }
  }
  void alter_tables() {
    for (const auto& [name, table] : to_.tables) {
      const auto old = from_.tables.find(name);
      if (old == from_.tables.end()) continue;
      for (auto& change : diff_table(old->second, table, target_))
        out_.push_back(std::move(change));
    }
  }
  void add_foreign_keys() {
    for (const auto& name : creation_order(to_)) {
      const bool made = !from_.tables.contains(name);
      for (const auto& key : to_.tables.at(name).foreign_keys) {
        if (made ? !waiting_.contains(name) : stays(name, key)) continue;
        emit("ALTER TABLE " + quote_identifier(name) + " ADD " + print_foreign_key(key),
             "TABLE " + name);
      }
    }
  }

  void sequences() {
    for (const auto& [name, sequence] : to_.sequences) {
      const auto old = from_.sequences.find(name);
      if (old == from_.sequences.end()) {
        emit(print(sequence), "SEQUENCE " + name);
      } else if (!(old->second == sequence)) {
        alter_sequence(old->second, sequence);
      }
    }
  }
  // What is a table's of it is changed as a table's.
  void alter_sequence(const Sequence& old, const Sequence& wanted) {
    const auto numbers = [](Sequence sequence) {
      sequence.engine = sequence.comment = {};
      return sequence;
    };
    if (!(numbers(old) == numbers(wanted))) {
      auto sql = print(numbers(wanted));
      sql.replace(0, 6, "ALTER");
      if (!wanted.cycle) sql += " NOCYCLE";
      emit(std::move(sql), "SEQUENCE " + wanted.name);
    }
    auto table = "ALTER TABLE " + quote_identifier(wanted.name);
    if (old.engine != wanted.engine && !wanted.engine.empty())
      emit(table + " ENGINE=" + wanted.engine, "SEQUENCE " + wanted.name);
    if (old.comment != wanted.comment)
      emit(table + " COMMENT=" + quote_text(wanted.comment), "SEQUENCE " + wanted.name);
  }
  void drop_sequences() {
    for (const auto& [name, sequence] : from_.sequences) {
      if (!to_.sequences.contains(name)) {
        emit("DROP SEQUENCE " + quote_identifier(name), "SEQUENCE " + name, true,
             "the sequence's value is lost");
      }
    }
  }

  Schema from_;
  Schema to_;
  const DiffOptions& options_;
  const Target& target_;
  std::vector<Change> out_;
  std::set<std::pair<std::string, std::string>> retyped_;
  Names waiting_;
};

}  // namespace

std::vector<Change> diff(Schema from, Schema to, const DiffOptions& options) {
  return SchemaDiff(std::move(from), std::move(to), options).run();
}

std::string print_changes(const std::vector<Change>& changes, bool allow_drop) {
  std::string out;
  for (const auto& change : changes) {
    if (!change.note.empty()) out += "-- " + change.object + ": " + change.note + "\n";
    auto text =
        change.program ? "DELIMITER ;;\n" + change.sql + ";;\nDELIMITER ;\n" : change.sql + ";\n";
    if (!change.sql_mode.empty()) {
      text = "SET sql_mode = " + quote_text(change.sql_mode) + ";\n" + text +
             "SET sql_mode = DEFAULT;\n";
    }
    if (change.destructive && !allow_drop) {
      std::string commented = "-- ";
      for (std::size_t i = 0; i < text.size(); ++i) {
        commented += text[i];
        if (text[i] == '\n' && i + 1 < text.size()) commented += "-- ";
      }
      text = std::move(commented);
    }
    out += text + "\n";
  }
  return out;
}

}  // namespace sluice::schema

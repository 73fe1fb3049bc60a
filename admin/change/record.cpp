#include "admin/change/record.h"

#include <algorithm>
#include <array>

#include "admin/change/scan.h"

namespace sluice::change {
namespace {

using schema::ObjectKind;
using schema::Schema;

constexpr std::string_view kUnseen = "-- not seen: ";
constexpr std::array kKinds{ObjectKind::Table,    ObjectKind::View,     ObjectKind::Procedure,
                            ObjectKind::Function, ObjectKind::Package,  ObjectKind::Trigger,
                            ObjectKind::Event,    ObjectKind::Sequence, ObjectKind::Library};

bool holds(const std::vector<ObjectKind>& kinds, ObjectKind kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

Schema read_text(const SchemaText& text) {
  auto target = target_of(text.server_version);
  auto reading = schema::read(text.text, target);
  return std::move(reading.schema);
}

// Calls `visit(map of a, map of b, map of c, kind)` for each kind of object.
template <class Visit>
void each_kind(Schema& to, const Schema& before, const Schema& after, Visit visit) {
  visit(to.tables, before.tables, after.tables, ObjectKind::Table);
  visit(to.views, before.views, after.views, ObjectKind::View);
  visit(to.procedures, before.procedures, after.procedures, ObjectKind::Procedure);
  visit(to.functions, before.functions, after.functions, ObjectKind::Function);
  visit(to.packages, before.packages, after.packages, ObjectKind::Package);
  visit(to.triggers, before.triggers, after.triggers, ObjectKind::Trigger);
  visit(to.events, before.events, after.events, ObjectKind::Event);
  visit(to.sequences, before.sequences, after.sequences, ObjectKind::Sequence);
  visit(to.libraries, before.libraries, after.libraries, ObjectKind::Library);
}

// Puts what `from` has under that name into `to`; what it has not goes.
template <class Map>
void take(Map& to, const Map& from, const std::string& name) {
  const auto found = from.find(name);
  if (found == from.end()) {
    to.erase(name);
  } else {
    to.insert_or_assign(name, found->second);
  }
}

// What the change did to one table, done to the recorded one: nothing when it cannot be.
std::optional<schema::Table> redo(const schema::Table& recorded, const schema::Table& before,
                                  const schema::Table& after, const schema::Target& target) {
  Schema from;
  Schema to;
  Schema ours;
  from.tables[before.name] = before;
  to.tables[after.name] = after;
  ours.tables[recorded.name] = recorded;
  schema::DiffOptions options;
  options.target = target;
  for (const auto& change : diff(from, to, options)) {
    for (const auto& statement : schema::read_statements(change.sql, target)) {
      if (statement.error || !apply(ours, statement, target).empty()) return std::nullopt;
    }
  }
  const auto found = ours.tables.find(recorded.name);
  if (found == ours.tables.end()) return std::nullopt;
  return found->second;
}

class Merge {
 public:
  Merge(const SchemaText& recorded, const SchemaText& before, const SchemaText& after)
      : target_(target_of(after.server_version)),
        recorded_(read_text(recorded)),
        before_(read_text(before)),
        after_(read_text(after)),
        unseen_recorded_(unseen_in(recorded.text)),
        unseen_before_(unseen_in(before.text)),
        unseen_after_(unseen_in(after.text)) {
    recorded_.name = before_.name = after_.name = "";
    recorded_hashes_ = object_hashes(recorded_, target_);
    before_hashes_ = object_hashes(before_, target_);
    after_hashes_ = object_hashes(after_, target_);
  }

  std::string text() {
    if (before_.charset != after_.charset || before_.collation != after_.collation) {
      recorded_.charset = after_.charset;
      recorded_.collation = after_.collation;
    }
    each_kind(recorded_, before_, after_,
              [this](auto& to, const auto& before, const auto& after, ObjectKind kind) {
                merge(to, before, after, kind);
              });
    return with_unseen(unseen(), canonical_text(recorded_, target_));
  }

 private:
  [[nodiscard]] std::vector<ObjectKind> unseen() const {
    std::vector<ObjectKind> both;
    for (const auto kind : unseen_recorded_) {
      if (holds(unseen_after_, kind)) both.push_back(kind);
    }
    return both;
  }

  template <class Map>
  void merge(Map& to, const Map& before, const Map& after, ObjectKind kind) {
    if (holds(unseen_after_, kind)) return;
    // Seen now and not seen when the record was made, or before the change: this is its first
    // sight.
    if (holds(unseen_recorded_, kind)) {
      to = after;
      return;
    }
    if (holds(unseen_before_, kind)) return;
    Map names = before;
    names.insert(after.begin(), after.end());
    for (const auto& [name, object] : names) {
      const auto label = std::string(to_string(kind)) + " " + name;
      const auto was = hash(before_hashes_, label);
      const auto is = hash(after_hashes_, label);
      const auto known = hash(recorded_hashes_, label);
      if (was == is || known == is) continue;
      if (known == was) {
        take(to, after, name);
      } else {
        redo_object(to, before, after, name);
      }
    }
  }

  void redo_object(std::map<std::string, schema::Table>& to,
                   const std::map<std::string, schema::Table>& before,
                   const std::map<std::string, schema::Table>& after, const std::string& name) {
    if (!to.contains(name) || !before.contains(name) || !after.contains(name)) return;
    if (auto table = redo(to.at(name), before.at(name), after.at(name), target_))
      to.at(name) = std::move(*table);
  }
  // A stored program or view that drifted and was then replaced: the record keeps what it had.
  template <class Map>
  void redo_object(Map&, const Map&, const Map&, const std::string&) {}

  static std::string hash(const ObjectHashes& hashes, const std::string& label) {
    const auto found = hashes.find(label);
    return found == hashes.end() ? std::string() : found->second;
  }

  schema::Target target_;
  Schema recorded_;
  Schema before_;
  Schema after_;
  std::vector<ObjectKind> unseen_recorded_;
  std::vector<ObjectKind> unseen_before_;
  std::vector<ObjectKind> unseen_after_;
  ObjectHashes recorded_hashes_;
  ObjectHashes before_hashes_;
  ObjectHashes after_hashes_;
};

}  // namespace

std::string with_unseen(const std::vector<ObjectKind>& kinds, std::string text) {
  std::string line;
  for (const auto kind : kKinds) {
    if (!holds(kinds, kind)) continue;
    line += (line.empty() ? std::string(kUnseen) : ", ") + std::string(to_string(kind));
  }
  return line.empty() ? text : line + "\n" + text;
}

std::string record_text(const Snapshot& snapshot) {
  return with_unseen(snapshot.hidden, canonical_text(snapshot.schema, snapshot.server.target));
}

std::vector<ObjectKind> unseen_in(std::string_view text) {
  std::vector<ObjectKind> kinds;
  if (!text.starts_with(kUnseen)) return kinds;
  std::string_view line = text.substr(kUnseen.size(), text.find('\n') - kUnseen.size());
  while (!line.empty()) {
    const auto end = std::min(line.find(", "), line.size());
    for (const auto kind : kKinds) {
      if (to_string(kind) == line.substr(0, end)) kinds.push_back(kind);
    }
    line.remove_prefix(std::min(end + 2, line.size()));
  }
  return kinds;
}

std::string adopted_text(const SchemaText& recorded, const SchemaText& live,
                         const std::string& database, const std::vector<std::string>& statements,
                         const std::string& ddl) {
  if (statements.empty()) return ddl;
  const auto target = target_of(live.server_version);
  auto schema = read_text(recorded);
  schema.name = database;
  std::string text;
  for (const auto& statement : statements) {
    const bool program = statement.find(';') != std::string::npos;
    const std::string own =
        program ? "DELIMITER $$\n" + statement + "$$\nDELIMITER ;\n" : statement + ";\n";
    for (const auto& one : schema::read_statements(own, target)) {
      if (one.error || !apply(schema, one, target).empty()) return ddl;
    }
    text += own;
  }
  auto wanted = read_text(live);
  schema.name = wanted.name = "";
  return object_hashes(std::move(schema), target) == object_hashes(std::move(wanted), target) ? text
                                                                                              : ddl;
}

bool same_schema(const SchemaText& a, const SchemaText& b) {
  if (a.text == b.text) return true;
  auto one = read_text(a);
  auto other = read_text(b);
  one.name = other.name = "";
  for (const auto& text : {a.text, b.text}) {
    const auto unseen = unseen_in(text);
    forget_hidden(one, unseen);
    forget_hidden(other, unseen);
  }
  const auto target = target_of(b.server_version);
  return object_hashes(std::move(one), target) == object_hashes(std::move(other), target);
}

std::string schema_to_record(const SchemaText& recorded, const SchemaText& before,
                             const SchemaText& after) {
  if (recorded.text == before.text) return after.text;
  const auto unseen = [](const SchemaText& text) { return !unseen_in(text.text).empty(); };
  if (!unseen(recorded) && !unseen(before) && !unseen(after) && same_schema(recorded, before))
    return after.text;
  return Merge(recorded, before, after).text();
}

std::string keep_unseen(const std::string& recorded, const std::string& recorded_version,
                        const std::string& live, const schema::Target& target) {
  const auto unseen = unseen_in(live);
  if (unseen.empty()) return live;
  auto now = schema::read(live, target).schema;
  const auto before = read_text({recorded, recorded_version});
  const auto never = unseen_in(recorded);
  each_kind(now, before, before, [&](auto& to, const auto& from, const auto&, ObjectKind kind) {
    if (holds(unseen, kind)) to = from;
  });
  std::vector<ObjectKind> still;
  for (const auto kind : unseen) {
    if (recorded.empty() || holds(never, kind)) still.push_back(kind);
  }
  return with_unseen(still, canonical_text(now, target));
}

}  // namespace sluice::change

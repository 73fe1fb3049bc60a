// Which databases and objects a client's change touches, and a recorded schema with those objects
// as they are now: what a large schema costs does not depend on the change. Pure.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "parser/facts.h"
#include "parser/schema/model.h"

namespace sluice::change {

// What a change touches of one database.
struct Touched {
  std::string database;
  std::set<std::string> names;  // of objects whose definitions may change; empty: none does
  bool whole = false;           // every definition may change: the database itself, or not known
  bool creates = false;         // CREATE DATABASE
  friend bool operator==(const Touched&, const Touched&) = default;
};

// In the order of the text, the system schemas left out. `opaque`: the statements' effect is not
// known, which counts for the default schema. Nothing: it touches no database.
[[nodiscard]] std::vector<Touched> touched(const std::vector<parser::ObjectUse>& objects,
                                           const std::string& default_schema, bool opaque);

// The names with the tables of triggers among them, as the model knows them: they are read
// together.
void add_trigger_tables(const schema::Schema& model, std::set<std::string>& names);

// The model's objects of these names alone, with the triggers of such tables.
[[nodiscard]] schema::Schema objects_of(const schema::Schema& model,
                                        const std::set<std::string>& names);

// `model` with every object of these names, and the triggers of such tables, as `live` has them.
// `live` was read for `names` (SnapshotReader::read_objects) and may have more, which count too.
void replace_objects(schema::Schema& model, const schema::Schema& live,
                     const std::set<std::string>& names);

}  // namespace sluice::change

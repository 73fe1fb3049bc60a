// Definitions to a model, and the model to its text and hashes. Pure.
#include <algorithm>

#include "admin/change/snapshot.h"
#include "parser/schema/print.h"
#include "parser/sha256.h"

namespace sluice::change {
namespace {

using schema::ObjectKind;
using schema::Schema;
using schema::Target;

// A delimiter that the text does not hold, so that the reader sees one statement whatever its body.
std::string one_statement(const std::string& text) {
  std::string delimiter = "$$";
  while (text.find(delimiter) != std::string::npos) delimiter += '$';
  return "DELIMITER " + delimiter + "\n" + text + "\n" + delimiter + "\n";
}

struct SetContext {
  const schema::StoredContext& context;
  void operator()(schema::View& view) const { view.context = context; }
  void operator()(schema::Routine& routine) const { routine.context = context; }
  void operator()(schema::Trigger& trigger) const { trigger.context = context; }
  void operator()(schema::Event& event) const { event.context = context; }
  void operator()(schema::Sequence&) const {}
  void operator()(schema::Library&) const {}
};

std::string label(ObjectKind kind, const std::string& name) {
  return std::string(to_string(kind)) + " " + name;
}

std::string hex(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : parser::sha256(text)) {
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

void settle(schema::Routine& routine, const Target& target, bool whitespace) {
  routine.parameters = normal_body(routine.parameters, target);
  routine.returns = normal_expression(routine.returns, target);
  if (!whitespace) routine.body = normal_body(routine.body, target);
}

}  // namespace

Schema assemble(const std::vector<Definition>& definitions, Schema schema, const Target& target,
                std::vector<SnapshotFinding>& findings) {
  // Names are as the server keeps them; a model that lowered them again could not find them.
  Target exact = target;
  exact.lower_case_names = false;
  for (const auto& definition : definitions) {
    const auto own = in_mode(exact, definition.context.sql_mode);
    const auto object = label(definition.kind, definition.name);
    for (auto& statement : read_statements(one_statement(definition.text), own)) {
      if (statement.error) {
        findings.push_back(
            {object, "its definition could not be read: " + statement.error->message + " near '" +
                         statement.error->near + "'"});
        continue;
      }
      if (auto* create = std::get_if<schema::Create>(&statement.body)) {
        std::visit(SetContext{definition.context}, create->object);
        create->name.schema.clear();
      }
      for (const auto& fault : apply(schema, statement, exact)) {
        findings.push_back({object, fault.message});
      }
    }
  }
  return schema;
}

std::string canonical_text(const Schema& schema, const Target& target) {
  std::string text;
  if (!schema.charset.empty()) {
    text = "ALTER DATABASE CHARACTER SET " + schema.charset;
    if (!schema.collation.empty()) text += " COLLATE " + schema.collation;
    text += ";\n\n";
  }
  return text + print(schema, target);
}

ObjectHashes object_hashes(Schema schema, const Target& target, const schema::CompareOptions& how) {
  canonicalise(schema, target, how);
  ObjectHashes hashes;
  const auto keep = [&](ObjectKind kind, const std::string& name, const std::string& text) {
    hashes[label(kind, name)] = hex(text);
  };
  keep(ObjectKind::Database, "", schema.charset + " " + schema.collation);
  for (const auto& [name, table] : schema.tables)
    keep(ObjectKind::Table, name, print(comparable(table, target), target));
  for (auto& [name, view] : schema.views) {
    view.select = normal_expression(view.select, target, schema.name);
    keep(ObjectKind::View, name, print(view));
  }
  for (auto& [name, routine] : schema.procedures) {
    settle(routine, target, how.whitespace);
    keep(ObjectKind::Procedure, name, print(routine));
  }
  for (auto& [name, routine] : schema.functions) {
    settle(routine, target, how.whitespace);
    keep(ObjectKind::Function, name, print(routine));
  }
  for (auto& [name, routine] : schema.packages) {
    settle(routine, target, how.whitespace);
    keep(ObjectKind::Package, name, print(routine));
  }
  for (auto& [name, trigger] : schema.triggers) {
    if (!how.whitespace) trigger.body = normal_body(trigger.body, target);
    keep(ObjectKind::Trigger, name, print(trigger));
  }
  for (auto& [name, event] : schema.events) {
    event.schedule = normal_expression(event.schedule, target);
    if (!how.whitespace) event.body = normal_body(event.body, target);
    keep(ObjectKind::Event, name, print(event));
  }
  for (const auto& [name, sequence] : schema.sequences)
    keep(ObjectKind::Sequence, name, print(sequence));
  for (const auto& [name, library] : schema.libraries)
    keep(ObjectKind::Library, name, print(library));
  return hashes;
}

std::string schema_hash(const ObjectHashes& hashes) {
  std::string all;
  for (const auto& [object, hash] : hashes) all += object + '\0' + hash + '\n';
  return hex(all);
}

void forget_hidden(Schema& schema, const std::vector<ObjectKind>& hidden) {
  for (const auto kind : hidden) {
    switch (kind) {
      case ObjectKind::View: schema.views.clear(); break;
      case ObjectKind::Procedure: schema.procedures.clear(); break;
      case ObjectKind::Function: schema.functions.clear(); break;
      case ObjectKind::Package: schema.packages.clear(); break;
      case ObjectKind::Trigger: schema.triggers.clear(); break;
      case ObjectKind::Event: schema.events.clear(); break;
      case ObjectKind::Table: schema.tables.clear(); break;
      case ObjectKind::Sequence: schema.sequences.clear(); break;
      case ObjectKind::Library: schema.libraries.clear(); break;
      default: break;
    }
  }
}

}  // namespace sluice::change

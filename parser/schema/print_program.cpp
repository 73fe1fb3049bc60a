// Views, stored programs and whole schemas as text.
#include <set>

#include "parser/schema/canonical.h"
#include "parser/schema/order.h"
#include "parser/schema/print.h"
#include "parser/sqltext/quote.h"

namespace sluice::schema {
namespace {

using sqltext::quote_identifier;

std::string definer_clause(const std::string& definer) {
  return definer.empty() ? "" : "DEFINER=" + definer + " ";
}

}  // namespace

std::string print(const View& view) {
  std::string out = "CREATE ";
  if (!view.algorithm.empty()) out += "ALGORITHM=" + view.algorithm + " ";
  out += definer_clause(view.definer);
  if (!view.security.empty()) out += "SQL SECURITY " + view.security + " ";
  if (view.kind == View::Kind::JsonDuality) out += "JSON DUALITY ";
  if (view.kind == View::Kind::Materialized) out += "MATERIALIZED ";
  out += "VIEW " + quote_identifier(view.name);
  if (!view.columns.empty()) out += " " + name_list(view.columns);
  out += " AS " + view.select;
  if (!view.check.empty()) out += " WITH " + view.check + " CHECK OPTION";
  return out;
}

std::string print(const Routine& routine) {
  std::string out = "CREATE " + definer_clause(routine.definer);
  if (routine.aggregate) out += "AGGREGATE ";
  switch (routine.kind) {
    case Routine::Kind::Procedure: out += "PROCEDURE "; break;
    case Routine::Kind::Function: out += "FUNCTION "; break;
    case Routine::Kind::Package: out += "PACKAGE "; break;
    case Routine::Kind::PackageBody: out += "PACKAGE BODY "; break;
  }
  out += quote_identifier(routine.name);
  const bool plain =
      routine.kind == Routine::Kind::Procedure || routine.kind == Routine::Kind::Function;
  if (plain) out += "(" + routine.parameters + ")";
  if (!routine.returns.empty()) out += " RETURNS " + routine.returns;
  for (const auto& [name, value] : routine.characteristics) {
    if (name == "DETERMINISTIC")
      out += "\n    DETERMINISTIC";
    else if (name == "SQL DATA ACCESS")
      out += "\n    " + value;
    else
      out += "\n    " + name + " " + value;
  }
  if (routine.characteristics.contains("LANGUAGE")) out += "\nAS";
  return out + "\n" + routine.body;
}

std::string print(const Trigger& trigger) {
  auto out = "CREATE " + definer_clause(trigger.definer) + "TRIGGER " +
             quote_identifier(trigger.name) + " " + trigger.timing + " " + trigger.event + " ON " +
             quote_identifier(trigger.table) + " FOR EACH ROW ";
  if (!trigger.follows.empty()) out += "FOLLOWS " + quote_identifier(trigger.follows) + " ";
  return out + trigger.body;
}

std::string print(const Event& event) {
  auto out = "CREATE " + definer_clause(event.definer) + "EVENT " + quote_identifier(event.name) +
             " ON SCHEDULE " + event.schedule;
  out += event.preserve ? " ON COMPLETION PRESERVE" : " ON COMPLETION NOT PRESERVE";
  if (!event.status.empty()) out += " " + event.status;
  if (!event.comment.empty()) out += " COMMENT " + quote_text(event.comment);
  return out + " DO " + event.body;
}

std::string print(const Sequence& sequence) {
  auto out = "CREATE SEQUENCE " + quote_identifier(sequence.name);
  if (!sequence.type.empty()) out += " AS " + sequence.type;
  const auto option = [&out](const char* name, const std::optional<std::int64_t>& value) {
    if (value) out += name + std::to_string(*value);
  };
  option(" START WITH ", sequence.start);
  option(" MINVALUE ", sequence.minimum);
  option(" MAXVALUE ", sequence.maximum);
  option(" INCREMENT BY ", sequence.increment);
  option(" CACHE ", sequence.cache);
  if (sequence.cycle) out += " CYCLE";
  if (!sequence.engine.empty()) out += " ENGINE=" + sequence.engine;
  if (!sequence.comment.empty()) out += " COMMENT=" + quote_text(sequence.comment);
  return out;
}

std::string print(const Library& library) {
  auto out = "CREATE LIBRARY " + quote_identifier(library.name) + " LANGUAGE " + library.language;
  if (!library.comment.empty()) out += " COMMENT " + quote_text(library.comment);
  return out + " AS " + quote_text(library.body);
}

std::string print(const Schema& schema, const Target& target) {
  std::string out;
  std::set<std::string> made;
  std::vector<const Table*> later;
  const auto plain = [&out](const std::string& text) { out += text + ";\n\n"; };
  const auto program = [&](const auto& object) {
    const auto& modes = object.context.sql_mode;
    const bool mode = !modes.empty() && !default_modes(modes, target);
    if (mode) out += "SET sql_mode = " + quote_text(modes) + ";\n";
    out += "DELIMITER ;;\n" + print(object) + ";;\nDELIMITER ;\n";
    out += mode ? "SET sql_mode = DEFAULT;\n\n" : "\n";
  };
  for (const auto& [name, sequence] : schema.sequences) plain(print(sequence));
  for (const auto& name : creation_order(schema)) {
    const auto& table = schema.tables.at(name);
    bool ready = true;
    for (const auto& key : table.foreign_keys) {
      ready = ready && (!key.schema.empty() || key.table == name || made.contains(key.table));
    }
    if (!ready) later.push_back(&table);
    plain(print(table, target, {.foreign_keys = ready}));
    made.insert(name);
  }
  for (const auto* table : later) {
    for (const auto& key : table->foreign_keys) {
      plain("ALTER TABLE " + quote_identifier(table->name) + " ADD " + print_foreign_key(key));
    }
  }
  for (const auto& [name, library] : schema.libraries) plain(print(library));
  for (const auto& [name, routine] : schema.functions) program(routine);
  for (const auto& [name, routine] : schema.procedures) program(routine);
  for (const auto& [name, routine] : schema.packages) program(routine);
  for (const auto& name : view_order(schema)) plain(print(schema.views.at(name)));
  for (const auto& name : trigger_order(schema)) program(schema.triggers.at(name));
  for (const auto& [name, event] : schema.events) program(event);
  return out;
}

}  // namespace sluice::schema

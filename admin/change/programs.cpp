#include "admin/change/programs.h"

#include "parser/parse.h"
#include "parser/schema/print.h"
#include "policy/judged.h"

namespace sluice::change {
namespace {

using parser::ActionGroup;

ProgramText read(ProgramText::Kind kind, const std::string& schema, const std::string& name,
                 const std::string& sql, const std::string& sql_mode, parser::Dialect dialect) {
  ProgramText program;
  program.kind = kind;
  program.schema = schema;
  program.name = name;
  dialect.schema = schema;
  dialect.sql_mode = parser::sql_mode_bits(sql_mode);
  auto parsed = parser::parse(sql, dialect);
  program.understood = parsed.accepted() && parsed.statements.size() == 1;
  if (program.understood) program.facts = std::move(parsed.statements.front().facts);
  return program;
}

policy::Groups groups(const ProgramText& program, const policy::Programs& known) {
  policy::Groups all;
  if (!program.understood) return ActionGroup::Opaque;
  for (const auto& function : program.facts.functions) {
    if (function.builtin) continue;
    all.add(
        known.routine(function.schema.empty() ? program.schema : function.schema, function.name));
  }
  if (program.kind == ProgramText::Kind::kView) {
    for (const auto& object : program.facts.objects) {
      if (has(object.access, parser::Access::Read)) {
        all.add(known.view(object.schema.empty() ? program.schema : object.schema, object.name));
      }
    }
    return all;
  }
  for (const auto& statement : program.facts.nested) {
    all.add(policy::groups_of(statement, program.schema, &known));
  }
  return all;
}

// A write through a view sets off the triggers of the tables behind it.
ActionGroup triggers_behind(const ProgramText& view, const policy::Programs& known) {
  policy::Groups all;
  for (const auto& object : view.facts.objects) {
    if (has(object.access, parser::Access::Read)) {
      all.add(known.triggers(object.schema.empty() ? view.schema : object.schema, object.name));
    }
  }
  return all.most();
}

void add(const ProgramText& program, policy::Programs& programs) {
  const ActionGroup group = groups(program, programs).most();
  switch (program.kind) {
    case ProgramText::Kind::kRoutine:
      programs.add_routine(program.schema, program.name, group);
      return;
    case ProgramText::Kind::kTrigger:
      programs.add_trigger(program.schema, program.table, group);
      return;
    case ProgramText::Kind::kView:
      programs.add_view(program.schema, program.name, group);
      programs.add_trigger(program.schema, program.name, triggers_behind(program, programs));
      return;
  }
}

}  // namespace

std::vector<ProgramText> program_texts(const schema::Schema& schema,
                                       const parser::Dialect& server) {
  using Kind = ProgramText::Kind;
  std::vector<ProgramText> all;
  for (const auto* routines : {&schema.procedures, &schema.functions}) {
    for (const auto& [name, routine] : *routines) {
      all.push_back(read(Kind::kRoutine, schema.name, routine.name, print(routine),
                         routine.context.sql_mode, server));
    }
  }
  for (const auto& [name, trigger] : schema.triggers) {
    all.push_back(read(Kind::kTrigger, schema.name, trigger.name, print(trigger),
                       trigger.context.sql_mode, server));
    all.back().table = trigger.table;
  }
  for (const auto& [name, view] : schema.views) {
    all.push_back(read(Kind::kView, schema.name, view.name, print(view), "", server));
  }
  return all;
}

std::shared_ptr<const policy::Programs> make_programs(
    const std::vector<std::shared_ptr<const std::vector<ProgramText>>>& databases,
    const std::vector<std::string>& complete) {
  auto programs = std::make_shared<policy::Programs>();
  for (const auto& schema : complete) programs->complete(schema);
  // Routines that call each other in a circle begin as what does nothing.
  for (const auto& texts : databases) {
    for (const auto& program : *texts) {
      if (program.kind == ProgramText::Kind::kRoutine) {
        programs->add_routine(program.schema, program.name, ActionGroup::Read);
      }
    }
  }
  // Groups only rise: after as many rounds as there are programs and groups nothing changes any
  // more. In fact a call chain's depth is enough.
  policy::Programs before;
  do {
    before = *programs;
    for (const auto& texts : databases) {
      for (const auto& program : *texts) add(program, *programs);
    }
  } while (before != *programs);
  return programs;
}

}  // namespace sluice::change

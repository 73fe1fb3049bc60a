#include "admin/change/programs.h"

#include <map>

#include "parser/parse.h"
#include "parser/schema/print.h"
#include "policy/judged.h"

namespace sluice::change {
namespace {

using parser::ActionGroup;

// Reads programs, or finds them among those that were read before.
class Reader {
 public:
  Reader(const std::string& schema, const parser::Dialect& server,
         const std::vector<ProgramText>& known)
      : schema_(schema), dialect_(server) {
    dialect_.schema = schema;
    for (const auto& program : known) known_[program.source] = &program;
  }

  ProgramText read(ProgramText::Kind kind, const std::string& name, const std::string& sql,
                   const std::string& sql_mode) {
    std::string source = std::to_string(static_cast<int>(kind)) + sql_mode + '\n' + sql;
    if (const auto found = known_.find(source); found != known_.end()) return *found->second;
    ProgramText program;
    program.kind = kind;
    program.schema = schema_;
    program.name = name;
    program.source = std::move(source);
    dialect_.sql_mode = parser::sql_mode_bits(sql_mode);
    auto parsed = parser::parse(sql, dialect_);
    program.understood = parsed.accepted() && parsed.statements.size() == 1;
    if (program.understood) program.facts = std::move(parsed.statements.front().facts);
    return program;
  }

 private:
  const std::string& schema_;
  parser::Dialect dialect_;
  std::map<std::string_view, const ProgramText*> known_;
};

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

std::vector<ProgramText> program_texts(const schema::Schema& schema, const parser::Dialect& server,
                                       const std::vector<ProgramText>& known) {
  using Kind = ProgramText::Kind;
  Reader reader(schema.name, server, known);
  std::vector<ProgramText> all;
  for (const auto* routines : {&schema.procedures, &schema.functions}) {
    for (const auto& [name, routine] : *routines) {
      all.push_back(
          reader.read(Kind::kRoutine, routine.name, print(routine), routine.context.sql_mode));
    }
  }
  for (const auto& [name, trigger] : schema.triggers) {
    all.push_back(
        reader.read(Kind::kTrigger, trigger.name, print(trigger), trigger.context.sql_mode));
    all.back().table = trigger.table;
  }
  for (const auto& [name, view] : schema.views) {
    all.push_back(reader.read(Kind::kView, view.name, print(view), ""));
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

// What the stored programs and views of an instance may do, from its recorded schemas: for the
// gate. Pure.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "parser/dialect.h"
#include "parser/facts.h"
#include "parser/schema/model.h"
#include "policy/programs.h"

namespace sluice::change {

// A program or view, read once: what depends on its own text alone.
struct ProgramText {
  enum class Kind : std::uint8_t { kRoutine, kTrigger, kView };
  Kind kind = Kind::kRoutine;
  std::string schema;
  std::string name;
  std::string table;   // of a trigger
  std::string source;  // its definition and sql_mode: what was read once is known by it
  bool understood = false;
  parser::StatementFacts facts;
};

// `server`: engine and version; its other members are not looked at. `known`: as they were read
// before; a program that is the same is not parsed again.
[[nodiscard]] std::vector<ProgramText> program_texts(const schema::Schema& schema,
                                                     const parser::Dialect& server,
                                                     const std::vector<ProgramText>& known = {});

// Of all databases of an instance together, since programs call each other: a body is as restricted
// as the most restricted of what it reaches. `complete`: schemas of which every program is there.
[[nodiscard]] std::shared_ptr<const policy::Programs> make_programs(
    const std::vector<std::shared_ptr<const std::vector<ProgramText>>>& databases,
    const std::vector<std::string>& complete);

}  // namespace sluice::change

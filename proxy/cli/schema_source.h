// Where a command gets a schema from: a DDL file.
#pragma once

#include <optional>
#include <string>

#include "parser/schema/model.h"
#include "parser/schema/target.h"
#include "proxy/cli/command.h"

namespace sluice::cli {

// nullopt: the fault was said on `err`.
[[nodiscard]] std::optional<std::string> load_text(const std::string& file, Invocation& invocation);
[[nodiscard]] std::optional<schema::Schema> load_file(const std::string& file,
                                                      Invocation& invocation,
                                                      const schema::Target& target);

}  // namespace sluice::cli

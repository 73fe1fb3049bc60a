// --engine and --server-version, as several commands take them.
#pragma once

#include <optional>
#include <string>

#include "parser/schema/target.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct TargetOptions {
  std::string engine = "mysql";
  std::string version;  // "9.7.4" or "90704"; empty: the newest that is known
};

// Declares the options on `app`; `options` must outlive its parsing.
void declare_target(CLI::App& app, TargetOptions& options);
// nullopt: the version is none.
[[nodiscard]] std::optional<schema::Target> to_target(const TargetOptions& options);

}  // namespace sluice::cli

#include "proxy/cli/target.h"

#include <charconv>

#include <CLI/CLI.hpp>

namespace sluice::cli {

void declare_target(CLI::App& app, TargetOptions& options) {
  app.add_option("--engine", options.engine, "mysql or mariadb")
      ->check(CLI::IsMember({"mysql", "mariadb"}));
  app.add_option("--server-version", options.version, "for example 9.7.4 or 90704");
}

std::optional<schema::Target> to_target(const TargetOptions& options) {
  schema::Target target;
  target.mariadb = options.engine == "mariadb";
  target.version = target.mariadb ? 101100 : 90704;
  if (options.version.empty()) return target;
  const char* at = options.version.data();
  const char* const end = at + options.version.size();
  std::uint32_t parts[3] = {};
  int count = 0;
  for (; count < 3; ++count) {
    const auto [next, fault] = std::from_chars(at, end, parts[count]);
    if (fault != std::errc{} || parts[count] > 999999) return std::nullopt;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (at != end && *at != '-') return std::nullopt;
  target.version = count == 0 ? parts[0] : parts[0] * 10000 + parts[1] * 100 + parts[2];
  if (target.version < 50000 || target.version > 999999) return std::nullopt;
  return target;
}

}  // namespace sluice::cli

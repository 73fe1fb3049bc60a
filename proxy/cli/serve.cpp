// `sluice serve`: flags to the configuration, then proxy/serve.h.
#include "proxy/serve.h"

#include <ostream>

#include <CLI/CLI.hpp>

#include "proxy/cli/command.h"
#include "proxy/config.h"

namespace sluice::cli {
namespace {

struct FlagRow {
  const char* flag;
  const char* key;
  const char* what;
};

constexpr FlagRow kFlags[] = {
    {"--mysql-listen", "mysql.listen", "where MySQL clients connect: host:port or unix:/path"},
    {"--admin-listen", "admin.listen", "where console, API and metrics are served: host:port"},
    {"--data", "store.data", "folder of the embedded store"},
    {"--store", "store.url", "postgres://… for several proxies"},
    {"--log-level", "log.level", "debug, info, warning or error"},
    {"--log-format", "log.format", "logfmt or json"},
};

int print_faults(const proxy::Faults& faults, std::ostream& err) {
  for (const auto& fault : faults) err << "sluice serve: " << fault << '\n';
  return kWrongUse;
}

}  // namespace

int run_serve(Invocation& invocation) {
  CLI::App app("Serves MySQL clients and the admin port until SIGTERM.", "sluice serve");
  std::string file;
  bool check = false;
  bool describe = false;
  app.add_option("--config", file, "TOML file; else SLUICE_CONFIG");
  app.add_flag("--check-config", check, "read the configuration, say what is wrong, and end");
  app.add_flag("--settings", describe, "print every setting with unit, range and default, and end");
  std::vector<std::string> values(std::size(kFlags));
  std::vector<CLI::Option*> options;
  for (std::size_t i = 0; i < std::size(kFlags); ++i) {
    options.push_back(app.add_option(kFlags[i].flag, values[i], kFlags[i].what));
  }
  if (const auto status = parse_arguments(app, invocation)) return *status;
  if (describe) {
    invocation.out << proxy::describe_settings();
    return kDone;
  }
  std::vector<proxy::FlagValue> flags;
  for (std::size_t i = 0; i < std::size(kFlags); ++i) {
    if (options[i]->count() > 0) flags.push_back({kFlags[i].key, kFlags[i].flag, values[i]});
  }
  const auto read = [&] { return proxy::load_config(file, flags, invocation.environment); };
  auto config = read();
  if (!config) return print_faults(config.error(), invocation.err);
  if (check) {
    for (const auto& warning : config->warnings) invocation.err << "warning: " << warning << '\n';
    invocation.out << "The configuration can be used: " << config->proxy.instances.size()
                   << " instance(s), " << config->accounts.size() << " account(s).\n";
    return kDone;
  }
  return proxy::serve(std::move(*config), read);
}

}  // namespace sluice::cli

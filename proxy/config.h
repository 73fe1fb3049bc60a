// The configuration of `sluice serve`: from flags, environment and a TOML file, in that precedence,
// to each folder's own config struct. Nothing that is wrong is passed over: every fault is a
// sentence with its place and what was expected.
//
//   flags        the ones of `sluice serve --help`
//   environment  SLUICE_ and the key in capitals, '.' as '_': SLUICE_MYSQL_MAX_CONNECTIONS;
//                SLUICE_CONFIG names the file
//   file         sluice.toml; `sluice serve --settings` prints every key with unit, range, default
//
// Listeners, instances and accounts: [[listener]], [[instance]] and [[account]] records of the
// file.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/http/config.h"
#include "policy/account.h"
#include "proxy/cli/command.h"
#include "proxy/config_field.h"
#include "proxy/config_node.h"
#include "proxy/log_config.h"
#include "proxy/session/config.h"

namespace sluice::proxy {

struct Config {
  session::ProxyConfig proxy;
  std::vector<policy::Account> accounts;
  http::ServerConfig admin;
  LogConfig log;
  std::string data_directory = "sluice-data";
  std::string store_url;  // empty: SQLite in data_directory
  std::chrono::seconds drain_limit{30};
  std::string file;                   // that was read; empty: none
  std::vector<std::string> warnings;  // what was understood but is probably a slip
};

// A flag that was given, by the key of the setting that it overrides: {"admin.listen",
// "--admin-listen", "…"}.
struct FlagValue {
  std::string key;
  std::string flag;
  std::string value;
};

// Reads the named file (empty: SLUICE_CONFIG, else none), then the environment, then the flags.
// Passwords of accounts become verifiers here and are wiped.
[[nodiscard]] boost::system::result<Config, Faults> load_config(
    std::string file, std::span<const FlagValue> flags, const cli::Environment& environment);

// The same of a text that was read already; `name` stands for it in sentences.
[[nodiscard]] boost::system::result<Config, Faults> read_config(
    std::string_view toml, std::string_view name, std::span<const FlagValue> flags,
    const cli::Environment& environment);

// The scalar settings: the rows of the file's sections, of the environment and of the
// documentation.
[[nodiscard]] const std::vector<Field<Config>>& settings();
[[nodiscard]] std::string variable_of(std::string_view key);  // SLUICE_…

// Keys whose change from `before` to `after` only a restart can apply.
[[nodiscard]] std::vector<std::string> needs_restart(const Config& before, const Config& after);

// The documentation of every key, as text.
[[nodiscard]] std::string describe_settings();

// "host:port", "[v6]:port", "unix:/path".
[[nodiscard]] boost::system::result<net::ListenConfig, Sentence> parse_listen(
    std::string_view text);

// The records of the file. `environment` is for password_env.
void read_listeners(const Node& list, Config& config, Faults& faults);
void read_instances(const Node& list, const cli::Environment& environment, Config& config,
                    Faults& faults);
void read_accounts(const Node& list, const cli::Environment& environment, Config& config,
                   Faults& faults);
// One line a key of those records, for describe_settings().
[[nodiscard]] std::string describe_records();

// A secret named by a file or a variable; exactly one of `env` and `path` is not empty. A final
// line end is not part of it. Errors: a sentence.
[[nodiscard]] boost::system::result<wire::Secret, Sentence> read_secret(
    std::string_view env, std::string_view path, const cli::Environment& environment);

}  // namespace sluice::proxy

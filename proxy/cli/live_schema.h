// A schema read from a live server, named by a URL.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "admin/mysql/options.h"
#include "parser/schema/model.h"
#include "parser/schema/target.h"
#include "proxy/cli/command.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct LiveOptions {
  std::string option_file;  // [client] and [sluice] with password=…
  std::string tls_mode = "preferred";
  std::string tls_ca;
};

// Declares the options on `app`; `options` must outlive its parsing.
void declare_live(CLI::App& app, LiveOptions& options);

// mysql://user@host[:port]/database. A password in it is refused: it would be seen in the list of
// processes. Nothing: `why` says what is wrong. Pure.
[[nodiscard]] std::optional<mysql::Options> parse_url(const std::string& url, std::string& why);
// mysql://user@host[:port], the server and no database.
[[nodiscard]] std::optional<mysql::Options> parse_server_url(const std::string& url,
                                                             std::string& why);
// The value of password= in the [client] or [sluice] group of an option file (manual 6.2.2.2); the
// last one counts. Pure.
[[nodiscard]] std::optional<std::string> password_of(const std::string& option_file_text);

// A parsed URL with password and TLS, ready to connect. Nothing: said on `err`, with the status.
[[nodiscard]] std::optional<mysql::Options> log_in_as(std::optional<mysql::Options> parsed,
                                                      const std::string& why,
                                                      const LiveOptions& options,
                                                      Invocation& invocation, int& status);

struct LiveSchema {
  schema::Schema schema;
  schema::Target target;
};
// Nothing: the fault was said on `err`, and `status` is the exit status. Findings of the snapshot
// are said as warnings.
[[nodiscard]] std::optional<LiveSchema> load_live(const std::string& url,
                                                  const LiveOptions& options,
                                                  Invocation& invocation, int& status);
// The same of the login's database.
[[nodiscard]] std::optional<LiveSchema> load_live(const mysql::Options& login,
                                                  Invocation& invocation);

}  // namespace sluice::cli

// The scalar settings of `sluice serve`, a row each.
#include <algorithm>
#include <cctype>

#include "proxy/config.h"

namespace sluice::proxy {
namespace {

using Rows = std::vector<Field<Config>>;

Field<Config> mysql_listen() {
  Field<Config> row{"mysql.listen",
                    "where MySQL clients connect: host:port, [v6]:port or unix:/path; replaces "
                    "[[listener]] records",
                    {},
                    Reload::kNeedsRestart,
                    {},
                    {}};
  row.shape.kind = Shape::Kind::kTextList;
  row.put = [](Config& config, const Scalar& value) -> std::optional<std::string> {
    std::vector<net::ListenConfig> listen;
    for (const auto& text : std::get<std::vector<std::string>>(value)) {
      auto parsed = parse_listen(text);
      if (!parsed) return parsed.error().text;
      listen.push_back(std::move(*parsed));
    }
    if (listen.empty()) return "expected at least one address";
    config.proxy.listen = std::move(listen);
    return std::nullopt;
  };
  row.get = [](const Config& config) -> Scalar {
    std::vector<std::string> shown;
    for (const auto& one : config.proxy.listen) {
      const bool v6 = one.host.find(':') != std::string::npos;
      shown.push_back(!one.unix_path.empty() ? "unix:" + one.unix_path
                                             : (v6 ? '[' + one.host + ']' : one.host) + ':' +
                                                   std::to_string(one.port));
    }
    return shown;
  };
  return row;
}

Field<Config> admin_listen() {
  Field<Config> row{"admin.listen",
                    "where the console, the API and the metrics are served: host:port",
                    {},
                    Reload::kNeedsRestart,
                    {},
                    {}};
  row.put = [](Config& config, const Scalar& value) -> std::optional<std::string> {
    auto parsed = parse_listen(std::get<std::string>(value));
    if (!parsed) return parsed.error().text;
    if (!parsed->unix_path.empty()) return "expected host:port, found a Unix socket";
    config.admin.host = parsed->host;
    config.admin.port = parsed->port;
    return std::nullopt;
  };
  row.get = [](const Config& config) -> Scalar {
    const bool v6 = config.admin.host.find(':') != std::string::npos;
    return (v6 ? '[' + config.admin.host + ']' : config.admin.host) + ':' +
           std::to_string(config.admin.port);
  };
  return row;
}

void add_mysql(Rows& rows) {
  rows.push_back(mysql_listen());
  rows.push_back(integer<Config>(
      "mysql.threads", "threads; 0: one a processor", 0, 1024, "threads that serve sessions",
      [](Config & c) -> auto& { return c.proxy.threads; }, Reload::kNeedsRestart));
  rows.push_back(text<Config>(
      "mysql.default_instance", "what a login without @instance reaches; empty: the first",
      [](Config & c) -> auto& { return c.proxy.default_instance; }));
  rows.push_back(integer<Config>(
      "mysql.max_connections", "connections", 1, 1000000, "clients at once; one more gets 1040",
      [](Config & c) -> auto& { return c.proxy.limits.max_connections; }));
  rows.push_back(integer<Config>(
      "mysql.max_allowed_packet", "bytes", 1024, 1 << 30, "longest command; more gets 1153",
      [](Config & c) -> auto& { return c.proxy.limits.max_allowed_packet; }));
  rows.push_back(integer<Config>(
      "mysql.handshake_timeout_seconds", "seconds", 1, 3600, "from connect to the login's end",
      [](Config & c) -> auto& { return c.proxy.limits.handshake_timeout; }));
  rows.push_back(integer<Config>(
      "mysql.idle_timeout_seconds", "seconds", 1, 31536000, "between two commands; then 4031",
      [](Config & c) -> auto& { return c.proxy.limits.idle_timeout; }));
  rows.push_back(integer<Config>(
      "mysql.write_timeout_seconds", "seconds", 1, 31536000, "a client that does not read",
      [](Config & c) -> auto& { return c.proxy.limits.write_timeout; }));
  rows.push_back(integer<Config>(
      "mysql.read_timeout_seconds", "seconds", 1, 31536000, "within a command that has begun",
      [](Config & c) -> auto& { return c.proxy.limits.read_timeout; }));
  rows.push_back(integer<Config>(
      "mysql.vanish_grace_seconds", "seconds", 0, 3600,
      "how long a statement runs on after its client has gone, before it is killed",
      [](Config & c) -> auto& { return c.proxy.limits.vanish_grace; }));
  rows.push_back(integer<Config>(
      "mysql.max_connect_errors", "failed logins; 0: never", 0, 1000000,
      "failed handshakes in a row that block a host (1129)",
      [](Config & c) -> auto& { return c.proxy.limits.max_connect_errors; }));
  rows.push_back(integer<Config>(
      "mysql.max_prepared_statements", "statements", 1, 1000000, "prepared statements a session",
      [](Config & c) -> auto& { return c.proxy.limits.max_prepared_statements; }));
  rows.push_back(boolean<Config>(
      "mysql.compression", "offer zlib and zstd to clients when the server has them",
      [](Config & c) -> auto& { return c.proxy.limits.compression; }));
}

void add_tls(Rows& rows) {
  rows.push_back(boolean<Config>(
      "mysql.tls.enabled", "offer TLS to MySQL clients",
      [](Config & c) -> auto& { return c.proxy.tls.enabled; }, Reload::kNeedsRestart));
  rows.push_back(text<Config>(
      "mysql.tls.certificate", "PEM file, with its chain; empty: a generated one",
      [](Config & c) -> auto& { return c.proxy.tls.certificate_file; }, Reload::kApplies,
      Shape::Kind::kFile));
  rows.push_back(text<Config>(
      "mysql.tls.key", "PEM file of the certificate's key",
      [](Config & c) -> auto& { return c.proxy.tls.key_file; }, Reload::kApplies,
      Shape::Kind::kFile));
  rows.push_back(boolean<Config>(
      "mysql.tls.allow_tls12", "TLS 1.2 besides 1.3",
      [](Config & c) -> auto& { return c.proxy.tls.allow_tls12; }));
}

void add_admin(Rows& rows) {
  rows.push_back(admin_listen());
  rows.push_back(integer<Config>(
      "admin.max_connections", "connections", 1, 100000, "clients of the admin port at once",
      [](Config & c) -> auto& { return c.admin.max_connections; }, Reload::kNeedsRestart));
  rows.push_back(integer<Config>(
      "admin.max_header", "bytes", 1024, 1 << 20, "longest request header",
      [](Config & c) -> auto& { return c.admin.max_header; }, Reload::kNeedsRestart));
  rows.push_back(integer<Config>(
      "admin.max_body", "bytes", 1024, 1 << 30, "longest request body",
      [](Config & c) -> auto& { return c.admin.max_body; }, Reload::kNeedsRestart));
  rows.push_back(integer<Config>(
      "admin.request_timeout_seconds", "seconds", 1, 3600, "from a request's start to its end",
      [](Config & c) -> auto& { return c.admin.request_timeout; }, Reload::kNeedsRestart));
  rows.push_back(integer<Config>(
      "admin.keep_alive_timeout_seconds", "seconds", 1, 86400, "between two requests",
      [](Config & c) -> auto& { return c.admin.keep_alive_timeout; }, Reload::kNeedsRestart));
  rows.push_back(integer<Config>(
      "admin.write_timeout_seconds", "seconds", 1, 3600, "a client that does not read",
      [](Config & c) -> auto& { return c.admin.write_timeout; }, Reload::kNeedsRestart));
  auto session = integer<Config>(
      "admin.session_seconds", "seconds", 0, 31536000,
      "from sign-in until one must do so again, 60 at least; 0: as the workspace has it set",
      [](Config & c) -> auto& { return c.admin.session_life; }, Reload::kNeedsRestart);
  session.put = [](Config& config, const Scalar& value) -> std::optional<std::string> {
    const auto seconds = std::get<std::int64_t>(value);
    if (seconds > 0 && seconds < 60) return "expected 0, or 60 seconds and more";
    config.admin.session_life = std::chrono::seconds(seconds);
    return std::nullopt;
  };
  rows.push_back(std::move(session));
  auto url = text<Config>(
      "admin.public_url",
      "where people reach the console, for what clients are told; empty: the listener's address",
      [](Config & c) -> auto& { return c.admin.public_url; }, Reload::kNeedsRestart);
  url.put = [](Config& config, const Scalar& value) -> std::optional<std::string> {
    std::string text = std::get<std::string>(value);
    while (text.ends_with('/')) text.pop_back();
    const bool good = text.empty() || text.starts_with("http://") || text.starts_with("https://");
    if (!good) return "expected http://… or https://…";
    config.admin.public_url = text;
    return std::nullopt;
  };
  rows.push_back(std::move(url));
  rows.push_back(text<Config>(
      "admin.tls.certificate", "PEM file, with its chain; empty: plain HTTP",
      [](Config & c) -> auto& { return c.admin.certificate_file; }, Reload::kNeedsRestart,
      Shape::Kind::kFile));
  rows.push_back(text<Config>(
      "admin.tls.key", "PEM file of the certificate's key",
      [](Config & c) -> auto& { return c.admin.key_file; }, Reload::kNeedsRestart,
      Shape::Kind::kFile));
}

void add_rest(Rows& rows) {
  rows.push_back(choice<Config>(
      "log.level", {"debug", "info", "warning", "error"},
      "the least important events that are written",
      [](Config & c) -> auto& { return c.log.level; }));
  rows.push_back(choice<Config>(
      "log.format", {"logfmt", "json"}, "one event a line, in this form",
      [](Config & c) -> auto& { return c.log.format; }, Reload::kNeedsRestart));
  rows.push_back(text<Config>(
      "store.data", "the folder of the embedded store and of the key file",
      [](Config & c) -> auto& { return c.data_directory; }, Reload::kNeedsRestart));
  auto url = text<Config>(
      "store.url", "postgres://user@host/db for several proxies; empty: SQLite in store.data",
      [](Config & c) -> auto& { return c.store_url; }, Reload::kNeedsRestart);
  url.secret = true;
  url.put = [](Config& config, const Scalar& value) -> std::optional<std::string> {
    const auto& text = std::get<std::string>(value);
    // What is not printed: the text may hold a password.
    if (!text.empty() && !text.starts_with("postgres://") && !text.starts_with("postgresql://")) {
      return "expected a URL that begins with postgres:// or postgresql://";
    }
    config.store_url = text;
    return std::nullopt;
  };
  rows.push_back(std::move(url));
  rows.push_back(integer<Config>(
      "drain_seconds", "seconds", 0, 86400,
      "how long SIGTERM waits for sessions to end before it cuts them",
      [](Config & c) -> auto& { return c.drain_limit; }));
}

Rows make_rows() {
  Rows rows;
  add_mysql(rows);
  add_tls(rows);
  add_admin(rows);
  add_rest(rows);
  return rows;
}

}  // namespace

const std::vector<Field<Config>>& settings() {
  static const Rows kRows = make_rows();
  return kRows;
}

std::string variable_of(std::string_view key) {
  std::string name = "SLUICE_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::vector<std::string> needs_restart(const Config& before, const Config& after) {
  std::vector<std::string> keys;
  for (const auto& row : settings()) {
    if (row.reload == Reload::kNeedsRestart && row.get && row.get(before) != row.get(after)) {
      keys.push_back(row.key);
    }
  }
  return keys;
}

std::string describe_settings() {
  const Config defaults;
  std::string out =
      "Flags come before the environment, the environment before the file.\n"
      "[r]: a reload (SIGHUP) applies it; the others need a restart.\n\n";
  for (const auto& row : settings()) {
    out += row.key + (row.reload == Reload::kApplies ? " [r]" : "") + "\n    " + row.what +
           "\n    " + row.shape.describe();
    if (row.get) out += "; default " + show(row.get(defaults));
    out += "; " + variable_of(row.key) + '\n';
  }
  return out + describe_records();
}

}  // namespace sluice::proxy

#include "proxy/cli/live_schema.h"

#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <boost/url.hpp>

#include "admin/change/instance_check.h"
#include "parser/schema/cursor.h"
#include "proxy/cli/schema_source.h"

namespace sluice::cli {
namespace {

std::string trimmed(const std::string& text) {
  const auto from = text.find_first_not_of(" \t\r");
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

std::optional<std::string> password_for(const LiveOptions& options, Invocation& invocation) {
  if (!options.option_file.empty()) {
    const auto text = load_text(options.option_file, invocation);
    if (!text) return std::nullopt;
    return password_of(*text).value_or("");
  }
  const auto found = invocation.environment.find("SLUICE_PASSWORD");
  return found == invocation.environment.end() ? std::string() : found->second;
}

}  // namespace

void declare_live(CLI::App& app, LiveOptions& options) {
  app.add_option("--option-file", options.option_file,
                 "file with [client] password=…; otherwise SLUICE_PASSWORD is the password");
  app.add_option("--tls-mode", options.tls_mode,
                 "disabled, preferred, required, verify_ca or verify_identity")
      ->check(CLI::IsMember({"disabled", "preferred", "required", "verify_ca", "verify_identity"}));
  app.add_option("--tls-ca", options.tls_ca, "PEM file of the authorities that are trusted");
}

namespace {

std::optional<mysql::Options> parse(const std::string& url, bool with_database,
                                    const char* expected, std::string& why) {
  const auto parsed = boost::urls::parse_uri(url);
  why = expected;
  if (!parsed || parsed->scheme() != "mysql") return std::nullopt;
  if (parsed->has_password()) {
    why =
        "a password does not belong on the command line; set SLUICE_PASSWORD or give an "
        "--option-file";
    return std::nullopt;
  }
  mysql::Options options;
  options.username = parsed->user();
  options.host = parsed->host_name().empty() ? std::string(parsed->host_address())
                                             : std::string(parsed->host_name());
  if (parsed->has_port()) options.port = parsed->port_number();
  const auto segments = parsed->segments();
  if (segments.size() == 1) options.database = *segments.begin();
  const bool whole = segments.size() <= 1 && options.database.empty() != with_database;
  if (options.username.empty() || options.host.empty() || !whole || options.port == 0 ||
      parsed->has_query() || parsed->has_fragment()) {
    return std::nullopt;
  }
  return options;
}

}  // namespace

std::optional<mysql::Options> parse_url(const std::string& url, std::string& why) {
  return parse(url, true, "expected mysql://user@host[:port]/database", why);
}

std::optional<mysql::Options> parse_server_url(const std::string& url, std::string& why) {
  return parse(url, false, "expected mysql://user@host[:port]", why);
}

std::optional<std::string> password_of(const std::string& text) {
  std::optional<std::string> password;
  bool ours = false;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    line = trimmed(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      ours = line == "[client]" || line == "[sluice]";
      continue;
    }
    const auto equals = line.find('=');
    if (!ours || equals == std::string::npos || trimmed(line.substr(0, equals)) != "password")
      continue;
    auto value = trimmed(line.substr(equals + 1));
    const bool quoted =
        value.size() > 1 && (value[0] == '"' || value[0] == '\'') && value.back() == value.front();
    password = quoted ? value.substr(1, value.size() - 2) : value;
  }
  return password;
}

std::optional<mysql::Options> log_in_as(std::optional<mysql::Options> parsed,
                                        const std::string& why, const LiveOptions& options,
                                        Invocation& invocation, int& status) {
  if (!parsed) {
    invocation.err << "sluice: " << why << '\n';
    status = kWrongUse;
    return std::nullopt;
  }
  status = kFailed;
  auto password = password_for(options, invocation);
  if (!password) return std::nullopt;
  parsed->password = mysql::Password(std::move(*password));
  if (!mysql::parse_tls_mode(options.tls_mode, parsed->tls.mode)) return std::nullopt;
  parsed->tls.ca = options.tls_ca;
  return parsed;
}

std::optional<LiveSchema> load_live(const std::string& url, const LiveOptions& options,
                                    Invocation& invocation, int& status) {
  std::string why;
  auto parsed = parse_url(url, why);
  const auto login = log_in_as(std::move(parsed), why, options, invocation, status);
  if (!login) return std::nullopt;
  return load_live(*login, invocation);
}

std::optional<LiveSchema> load_live(const mysql::Options& login, Invocation& invocation) {
  auto reader = change::SnapshotReader::open(login);
  if (!reader) {
    const auto finding = change::judge_connection(reader.error(), login);
    invocation.err << "sluice: " << finding.title << ". " << finding.detail << '\n';
    return std::nullopt;
  }
  auto snapshot = (*reader)->read(login.database);
  if (!snapshot) {
    invocation.err << "sluice: " << snapshot.error().message << '\n';
    return std::nullopt;
  }
  for (const auto& finding : snapshot->findings) {
    invocation.err << "warning: " << finding.object << (finding.object.empty() ? "" : ": ")
                   << finding.detail << '\n';
  }
  return LiveSchema{std::move(snapshot->schema), snapshot->server.target};
}

}  // namespace sluice::cli

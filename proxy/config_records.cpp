// [[listener]], [[instance]] and [[account]].
#include <algorithm>
#include <set>

#include "proxy/config.h"
#include "proxy/session/verifier.h"
#include "proxy/verifier.h"

namespace sluice::proxy {
namespace {

// Longer names do not fit a MySQL client's user name, or make unreadable labels.
constexpr std::size_t kMaxName = 80;

// A record and where its secret is said to be.
struct InstanceRecord {
  backend::InstanceConfig instance;
  std::string password_env;
  std::string password_file;
};
struct AccountRecord {
  policy::Account account;
  std::string password_env;
  std::string password_file;
  wire::AccountVerifier::Plugin plugin = wire::AccountVerifier::Plugin::kCachingSha2;
};
struct ListenerRecord {
  net::ListenConfig listen;
  bool named = false;
};

// Names go into logs, metric labels, `account@instance` and SQL errors.
std::optional<std::string> refuse_name(std::string_view name) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, plain)) {
    return std::nullopt;
  }
  return "expected 1 to " + std::to_string(kMaxName) +
         " letters, digits, '_', '-' or '.', found '" + std::string(name) + "'";
}

template <class Record, class Member>
Field<Record> name_row(std::string key, std::string what, Member member) {
  auto row = text<Record>(std::move(key), std::move(what), member);
  row.put = [member](Record& record, const Scalar& value) -> std::optional<std::string> {
    if (auto refusal = refuse_name(std::get<std::string>(value))) return refusal;
    member(record) = std::get<std::string>(value);
    return std::nullopt;
  };
  return row;
}

void add_instance_address(std::vector<Field<InstanceRecord>>& rows) {
  using R = InstanceRecord;
  rows.push_back(name_row<R>(
      "name", "its name, unique", [](R & r) -> auto& { return r.instance.name; }));
  rows.push_back(choice<R>(
      "engine", {"mysql", "mariadb"}, "what it is; Aurora is mysql",
      [](R & r) -> auto& { return r.instance.engine; }));
  rows.push_back(text<R>(
      "host", "name or address", [](R & r) -> auto& { return r.instance.host; }));
  rows.push_back(integer<R>(
      "port", "port", 1, 65535, "its port", [](R & r) -> auto& { return r.instance.port; }));
  rows.push_back(text<R>(
      "socket", "path of its Unix socket, instead of host and port",
      [](R & r) -> auto& { return r.instance.unix_path; }));
  rows.push_back(text<R>(
      "user", "the account Sluice connects as", [](R & r) -> auto& { return r.instance.user; }));
  rows.push_back(text<R>(
      "password_env", "environment variable that holds its password",
      [](R & r) -> auto& { return r.password_env; }));
  rows.push_back(text<R>(
      "password_file", "file that holds its password",
      [](R & r) -> auto& { return r.password_file; }));
  rows.push_back(text<R>(
      "token_command", "command whose first line is the password (IAM tokens)",
      [](R & r) -> auto& { return r.instance.token_command; }));
  rows.push_back(integer<R>(
      "token_life_seconds", "seconds", 10, 86400,
      "how long a token is used before the command runs again",
      [](R & r) -> auto& { return r.instance.token_life; }));
}

void add_instance_tls(std::vector<Field<InstanceRecord>>& rows) {
  using R = InstanceRecord;
  rows.push_back(choice<R>(
      "tls", {"disabled", "preferred", "required", "verify_ca", "verify_identity"},
      "TLS towards it", [](R & r) -> auto& { return r.instance.tls; }));
  rows.push_back(text<R>(
      "ca", "PEM bundle to verify it with", [](R & r) -> auto& { return r.instance.ca_file; },
      Reload::kApplies, Shape::Kind::kFile));
  rows.push_back(text<R>(
      "cert", "client certificate, PEM", [](R & r) -> auto& { return r.instance.certificate_file; },
      Reload::kApplies, Shape::Kind::kFile));
  rows.push_back(text<R>(
      "key", "its key, PEM", [](R & r) -> auto& { return r.instance.key_file; }, Reload::kApplies,
      Shape::Kind::kFile));
  rows.push_back(boolean<R>(
      "allow_clear_password", "answer mysql_clear_password, over verified TLS only",
      [](R & r) -> auto& { return r.instance.allow_clear_password; }));
  rows.push_back(choice<R>(
      "compression", {"none", "zlib", "zstd"}, "towards it",
      [](R & r) -> auto& { return r.instance.compression; }));
}

void add_instance_pool(std::vector<Field<InstanceRecord>>& rows) {
  using R = InstanceRecord;
  rows.push_back(integer<R>(
      "max_connections", "connections", 1, 100000, "to it, all threads",
      [](R & r) -> auto& { return r.instance.limits.max_connections; }));
  rows.push_back(integer<R>(
      "max_idle", "connections", 0, 100000, "kept for reuse",
      [](R & r) -> auto& { return r.instance.limits.max_idle; }));
  rows.push_back(integer<R>(
      "max_idle_seconds", "seconds", 1, 86400, "an idle connection is closed after this",
      [](R & r) -> auto& { return r.instance.limits.max_idle_time; }));
  rows.push_back(integer<R>(
      "ping_after_seconds", "seconds", 1, 86400, "idle for longer: pinged before it is used",
      [](R & r) -> auto& { return r.instance.limits.ping_after; }));
  rows.push_back(integer<R>(
      "max_waiting", "sessions", 0, 100000, "waiting for a connection",
      [](R & r) -> auto& { return r.instance.limits.max_waiting; }));
  rows.push_back(integer<R>(
      "max_wait_ms", "milliseconds", 0, 3600000, "how long each waits",
      [](R & r) -> auto& { return r.instance.limits.max_wait; }));
  rows.push_back(integer<R>(
      "connect_timeout_ms", "milliseconds", 1, 3600000, "name, TCP, TLS and login together",
      [](R & r) -> auto& { return r.instance.limits.connect_timeout; }));
}

const std::vector<Field<InstanceRecord>>& instance_rows() {
  static const auto kRows = [] {
    std::vector<Field<InstanceRecord>> rows;
    add_instance_address(rows);
    add_instance_tls(rows);
    add_instance_pool(rows);
    return rows;
  }();
  return kRows;
}

const std::vector<Field<AccountRecord>>& account_rows() {
  using R = AccountRecord;
  static const auto kRows = [] {
    std::vector<Field<R>> rows;
    rows.push_back(name_row<R>(
        "name", "its name, unique", [](R & r) -> auto& { return r.account.name; }));
    rows.push_back(choice<R>(
        "kind", {"service", "human"}, "an application or a person",
        [](R & r) -> auto& { return r.account.kind; }));
    rows.push_back(text<R>(
        "verifier", "what its password is checked against (`sluice verifier`)",
        [](R & r) -> auto& { return r.account.verifier.text; }));
    rows.push_back(text<R>(
        "verifier_fast", "64 hex digits, from the same command",
        [](R & r) -> auto& { return r.account.verifier.fast; }));
    rows.push_back(text<R>(
        "password_env", "environment variable that holds its password",
        [](R & r) -> auto& { return r.password_env; }));
    rows.push_back(text<R>(
        "password_file", "file that holds its password",
        [](R & r) -> auto& { return r.password_file; }));
    rows.push_back(choice<R>(
        "plugin", {"mysql_native_password", "caching_sha2_password"},
        "which verifier is made of that password", [](R & r) -> auto& { return r.plugin; }));
    auto instances = text<R>(
        "instances", "what it may reach; the first is its default",
        [](R & r) -> auto& { return r.password_env; });
    instances.shape.kind = Shape::Kind::kTextList;
    instances.put = [](R& r, const Scalar& value) -> std::optional<std::string> {
      r.account.instances = std::get<std::vector<std::string>>(value);
      return std::nullopt;
    };
    instances.get = [](const R& r) -> Scalar { return r.account.instances; };
    rows.push_back(std::move(instances));
    rows.push_back(boolean<R>(
        "require_tls", "it may log in over TLS only",
        [](R & r) -> auto& { return r.account.require_tls; }));
    rows.push_back(boolean<R>(
        "may_replicate", "it may read the binary log",
        [](R & r) -> auto& { return r.account.may_replicate; }));
    rows.push_back(boolean<R>(
        "disabled", "it may not log in", [](R & r) -> auto& { return r.account.disabled; }));
    return rows;
  }();
  return kRows;
}

const std::vector<Field<ListenerRecord>>& listener_rows() {
  using R = ListenerRecord;
  static const auto kRows = [] {
    std::vector<Field<R>> rows;
    auto address = text<R>(
        "listen", "host:port, [v6]:port or unix:/path",
        [](R & r) -> auto& { return r.listen.host; });
    address.put = [](R& r, const Scalar& value) -> std::optional<std::string> {
      auto parsed = parse_listen(std::get<std::string>(value));
      if (!parsed) return parsed.error().text;
      r.listen.host = parsed->host;
      r.listen.port = parsed->port;
      r.listen.unix_path = parsed->unix_path;
      r.named = true;
      return std::nullopt;
    };
    rows.push_back(std::move(address));
    rows.push_back(boolean<R>(
        "proxy_protocol", "a PROXY protocol header must come first",
        [](R & r) -> auto& { return r.listen.proxy_protocol; }));
    rows.push_back(text<R>(
        "instance", "what its clients see and reach; empty: the default",
        [](R & r) -> auto& { return r.listen.instance; }));
    rows.push_back(integer<R>(
        "socket_mode", "permission bits", 0, 0777, "permissions of the socket file",
        [](R & r) -> auto& { return r.listen.unix_mode; }));
    return rows;
  }();
  return kRows;
}

// Calls `take` with each record of the list and its label: instance[0], instance[1], …
template <class Take>
void each_record(const Node& list, std::string_view kind, Faults& faults, Take take) {
  const auto* items = std::get_if<Node::List>(&list.value);
  if (items == nullptr) {
    faults.push_back(list.key_origin.text + ": " + std::string(kind) + ": expected [[" +
                     std::string(kind) + "]] records, found " + std::string(list.type_name()));
    return;
  }
  for (std::size_t i = 0; i < items->size(); ++i) {
    take((*items)[i], std::string(kind) + '[' + std::to_string(i) + ']');
  }
}

void check_instance(const InstanceRecord& record, const std::string& at, Faults& faults) {
  const auto& instance = record.instance;
  if (instance.name.empty()) faults.push_back(at + "expected a name");
  if (instance.user.empty()) faults.push_back(at + "expected a user");
  const int secrets = static_cast<int>(!record.password_env.empty()) +
                      static_cast<int>(!record.password_file.empty()) +
                      static_cast<int>(!instance.token_command.empty());
  if (secrets > 1) {
    faults.push_back(at + "expected one of password_env, password_file and token_command");
  }
  if (instance.certificate_file.empty() != instance.key_file.empty()) {
    faults.push_back(at + "expected cert and key together");
  }
}

// Makes the account's verifier of the password; the password is gone when this returns.
void take_password(AccountRecord& record, const cli::Environment& environment,
                   const std::string& at, Faults& faults) {
  const auto password = read_secret(record.password_env, record.password_file, environment);
  if (!password) {
    faults.push_back(at + password.error().text);
    return;
  }
  if (password->size() > wire::kMaxPasswordSize) {
    faults.push_back(at + "expected a password of at most " +
                     std::to_string(wire::kMaxPasswordSize) + " bytes");
    return;
  }
  record.account.verifier = make_verifier(*password, record.plugin, random_salt());
}

void check_account(AccountRecord& record, const cli::Environment& environment,
                   const std::string& at, Faults& faults) {
  if (record.account.name.empty()) faults.push_back(at + "expected a name");
  const bool from_env = !record.password_env.empty();
  const bool from_file = !record.password_file.empty();
  const bool verifier = !record.account.verifier.text.empty();
  if (static_cast<int>(from_env) + static_cast<int>(from_file) + static_cast<int>(verifier) != 1) {
    faults.push_back(at + "expected exactly one of verifier, password_env and password_file");
    return;
  }
  if (!verifier) {
    take_password(record, environment, at, faults);
  } else if (!session::parse_verifier(record.account.verifier)) {
    // The text itself is not repeated: it is as good as a hash to attack.
    faults.push_back(at +
                     "verifier: expected '*' and 40 hex digits, or '$A$005$…' (as 0x… too); "
                     "`sluice verifier` prints one");
  }
}

}  // namespace

void read_listeners(const Node& list, Config& config, Faults& faults) {
  each_record(list, "listener", faults, [&](const Node& node, const std::string& label) {
    ListenerRecord record;
    const auto before = faults.size();
    read_record<ListenerRecord>(node, label, listener_rows(), record, faults);
    if (!record.named && faults.size() == before) {
      faults.push_back(node.origin.text + ": " + label + ": expected listen");
    }
    config.proxy.listen.push_back(std::move(record.listen));
  });
}

void read_instances(const Node& list, const cli::Environment& environment, Config& config,
                    Faults& faults) {
  std::set<std::string> names;
  each_record(list, "instance", faults, [&](const Node& node, const std::string& label) {
    InstanceRecord record;
    const auto before = faults.size();
    read_record<InstanceRecord>(node, label, instance_rows(), record, faults);
    const std::string at = node.origin.text + ": " + label + ": ";
    if (faults.size() == before) check_instance(record, at, faults);
    if (!record.password_env.empty() || !record.password_file.empty()) {
      auto secret = read_secret(record.password_env, record.password_file, environment);
      if (secret) {
        record.instance.password = std::move(*secret);
      } else {
        faults.push_back(at + secret.error().text);
      }
    }
    if (!record.instance.name.empty() && !names.insert(record.instance.name).second) {
      faults.push_back(at + "expected another name: '" + record.instance.name + "' is taken");
    }
    config.proxy.instances.push_back(std::move(record.instance));
  });
}

void read_accounts(const Node& list, const cli::Environment& environment, Config& config,
                   Faults& faults) {
  std::set<std::string> names;
  each_record(list, "account", faults, [&](const Node& node, const std::string& label) {
    AccountRecord record;
    const auto before = faults.size();
    read_record<AccountRecord>(node, label, account_rows(), record, faults);
    const std::string at = node.origin.text + ": " + label + ": ";
    if (faults.size() == before) check_account(record, environment, at, faults);
    if (!record.account.name.empty() && !names.insert(record.account.name).second) {
      faults.push_back(at + "expected another name: '" + record.account.name + "' is taken");
    }
    config.accounts.push_back(std::move(record.account));
  });
}

std::string describe_records() {
  std::string out;
  const auto describe = [&out](std::string_view name, const auto& rows) {
    out += "\n[[" + std::string(name) + "]] [r]\n";
    for (const auto& row : rows) {
      out += "  " + row.key + ": " + row.what + "; " + row.shape.describe() + '\n';
    }
  };
  describe("listener", listener_rows());
  describe("instance", instance_rows());
  describe("account", account_rows());
  return out;
}

}  // namespace sluice::proxy

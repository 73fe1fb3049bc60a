#include "admin/change/target.h"

#include <charconv>

namespace sluice::change {
namespace {

// Numbers of tasks and runs are small in every store; its start tells runs of two stores apart.
std::string run_tag(const store::Run& run) {
  return "sluice task=" + std::to_string(run.task) + " run=" + std::to_string(run.id) + "." +
         std::to_string(run.started_at.time_since_epoch().count()) + " statement=";
}

}  // namespace

store::Result<mysql::Options> control_options(const store::Instance& instance,
                                              const store::InstanceSecrets& secrets) {
  if (instance.engine != "mysql") {
    return store::Fault{store::Failure::kOther, "the instance is neither MySQL nor MariaDB"};
  }
  mysql::Options options;
  options.host = instance.host;
  options.port = static_cast<std::uint16_t>(instance.port);
  options.username = instance.username;
  options.password = mysql::Password(secrets.password);
  if (!mysql::parse_tls_mode(instance.tls_mode, options.tls.mode)) {
    return store::Fault{store::Failure::kOther, "the instance's TLS mode is not known"};
  }
  options.tls.ca = instance.tls_ca;
  options.tls.cert = instance.tls_cert;
  options.tls.key = mysql::Password(secrets.tls_key);
  return options;
}

store::Result<mysql::Options> control_options(store::Store& store, store::Id id) {
  const auto instance = store.instance(id);
  if (!instance) {
    if (instance.error().kind != store::Failure::kNotFound) return instance.error();
    return store::Fault{store::Failure::kNotFound, "the instance is not in the workspace any more"};
  }
  const auto secrets = store.instance_secrets(id);
  if (!secrets) return secrets.error();
  return control_options(*instance, *secrets);
}

std::string change_lock_name(const std::string& database) {
  return "sluice:" + store::sha256_hex(database).substr(0, 40);
}

std::string statement_tag(const store::Run& run, std::int64_t position) {
  return "/* " + run_tag(run) + std::to_string(position) + " */ ";
}

std::optional<std::int64_t> find_tag(const store::Run& run, std::string_view text) {
  const std::string tag = "/* " + run_tag(run);
  // It stands first: behind MySQL's "# ", behind "use `db`; ", or alone. A statement that quotes
  // another's text cannot pass for it.
  constexpr std::size_t kMaxPrefix = 300;
  const auto at = text.substr(0, kMaxPrefix + tag.size()).find(tag);
  if (at == std::string_view::npos) return std::nullopt;
  std::int64_t position = 0;
  const char* begin = text.data() + at + tag.size();
  const auto read = std::from_chars(begin, text.data() + text.size(), position);
  if (read.ec != std::errc() || read.ptr == begin) return std::nullopt;
  return position;
}

std::string_view without_tag(std::string_view text) {
  if (!text.starts_with("/* sluice task=")) return text;
  const auto end = text.find(" */ ");
  return end == std::string_view::npos ? text : text.substr(end + 4);
}

}  // namespace sluice::change

#include "proxy/about.h"

namespace sluice::proxy {
namespace {

// The libraries in the program, with the versions that the build found (parts.cmake).
std::vector<http::About::Part> parts() {
  return {
#include "proxy/parts.inc"
  };
}

}  // namespace

std::vector<std::string> mysql_addresses(const Config& config, const session::Proxy& proxy) {
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < config.proxy.listen.size(); ++i) {
    const auto& listen = config.proxy.listen[i];
    addresses.push_back(listen.unix_path.empty()
                            ? listen.host + ':' + std::to_string(proxy.bound_port(i))
                            : "unix:" + listen.unix_path);
  }
  return addresses;
}

std::vector<http::About::Setting> shown_settings(const Config& config) {
  const Config defaults;
  std::vector<http::About::Setting> shown;
  for (const auto& row : settings()) {
    http::About::Setting setting;
    setting.key = row.key;
    setting.what = row.what;
    setting.takes = row.shape.describe();
    if (row.get && !row.secret) {
      setting.value = show(row.get(config));
      setting.standard = show(row.get(defaults));
    }
    setting.variable = variable_of(row.key);
    setting.reload = row.reload == Reload::kApplies;
    shown.push_back(std::move(setting));
  }
  return shown;
}

http::About about(const Config& config, const session::Proxy& proxy) {
  http::About found;
  found.version = SLUICE_VERSION;
  found.public_url = config.admin.public_url;
  found.postgresql = !config.store_url.empty();
  found.mysql_addresses = mysql_addresses(config, proxy);
  found.parts = parts();
  found.settings = shown_settings(config);
  return found;
}

}  // namespace sluice::proxy

// What GET /api/v1/about says: the program's version, its parts, and the settings in force.
#pragma once

#include "admin/http/services.h"
#include "proxy/config.h"
#include "proxy/session/proxy.h"

namespace sluice::proxy {

// REQUIRES: `proxy` has started; nobody changes `config` meanwhile.
[[nodiscard]] http::About about(const Config& config, const session::Proxy& proxy);

// Every setting with its value; of one that may hold a secret there is none.
[[nodiscard]] std::vector<http::About::Setting> shown_settings(const Config& config);

// "host:port" with the port that was bound, or "unix:/path": one for each listener of MySQL's.
[[nodiscard]] std::vector<std::string> mysql_addresses(const Config& config,
                                                       const session::Proxy& proxy);

}  // namespace sluice::proxy

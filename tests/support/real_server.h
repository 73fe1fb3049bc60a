// The real servers of a test run, as `./dev mysql status` prints them into the environment. A test
// that needs one begins with SLUICE_NEED_SERVER; `./dev test` starts both for the unit tests.
#pragma once

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "admin/mysql/options.h"

namespace sluice::test {

enum class Engine { kMysql, kMariadb };

inline const char* name(Engine engine) {
  return engine == Engine::kMysql ? "mysql" : "mariadb";
}

// What `status` printed; empty: not set. With SLUICE_SERVERS=QUIET the servers are those that were
// told with names that begin with SLUICE_QUIET_, if any were: nothing else writes there.
inline std::string server_fact(Engine engine, const char* fact) {
  const std::string key = std::string(engine == Engine::kMysql ? "MYSQL_" : "MARIADB_") + fact;
  const char* servers = std::getenv("SLUICE_SERVERS");
  const char* value = nullptr;
  if (servers != nullptr) {
    value = std::getenv(("SLUICE_" + std::string(servers) + "_" + key).c_str());
  }
  if (value == nullptr) value = std::getenv(("SLUICE_" + key).c_str());
  return value == nullptr ? "" : value;
}

inline bool has_server(Engine engine) {
  return !server_fact(engine, "PORT").empty();
}

// The administrator's login.
inline mysql::Options server_options(Engine engine) {
  mysql::Options options;
  options.host = server_fact(engine, "HOST");
  options.port = static_cast<std::uint16_t>(std::stoi("0" + server_fact(engine, "PORT")));
  options.username = server_fact(engine, "USER");
  options.password = mysql::Password(server_fact(engine, "PASSWORD"));
  return options;
}

inline std::string engine_name(const testing::TestParamInfo<Engine>& info) {
  return name(info.param);
}

}  // namespace sluice::test

#define SLUICE_NEED_SERVER(engine)                      \
  if (!::sluice::test::has_server(engine))              \
  GTEST_SKIP() << "no " << ::sluice::test::name(engine) \
               << " server: ./dev mysql start, and set what ./dev mysql status prints"

// What handlers work with, as references: main builds everything by hand and owns it, and it
// outlives the server. Handlers run on several threads at once, so each of these may be used from
// any thread.
//
// To give handlers something new, add a member here and set it in proxy/serve.cpp and in
// tests/http/api_fixture.h.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "admin/http/passwords.h"
#include "admin/http/throttle.h"
#include "admin/store/store.h"
#include "proxy/session/registry.h"

namespace sluice::http {

struct Services {
  store::Store& store;
  session::Registry& connections;  // live sessions of MySQL clients
  Throttle& throttle;
  Passwords& passwords;

  std::function<store::Time()> now;  // UTC
  std::function<Throttle::Clock::time_point()> steady_now;
  std::function<std::string()> make_token;  // 256 random bits (store::make_token)
  // One event of the log; `detail` may hold what a client sent, never a secret.
  std::function<void(std::string_view event, std::string_view detail)> log_error;

  std::chrono::seconds session_life{12 * 3600};
};

}  // namespace sluice::http

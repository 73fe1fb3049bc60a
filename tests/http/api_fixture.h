// The API over a store in memory, with a clock that the test moves: requests in, responses out, no
// socket.
#pragma once

#include <condition_variable>
#include <mutex>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/http/api.h"
#include "admin/http/router.h"
#include "admin/http/stream.h"
#include "tests/http/contract.h"

namespace sluice::http {

// A data path that remembers what it was told.
class FakeDataPath final : public DataPath {
 public:
  bool has_fixed_account(std::string_view name) const override { return name == "fixed"; }
  bool has_fixed_instance(std::string_view name) const override { return name == "fixed"; }
  policy::Verifier make_verifier(std::string_view password, bool native) const override {
    return {(native ? "*of " : "sha2 of ") + std::string(password), ""};
  }
  std::optional<std::string> check_instance(const store::Instance& instance,
                                            const store::InstanceSecrets&) const override {
    if (instance.tls_ca == "bad") return "CA: the text holds no PEM certificate";
    return std::nullopt;
  }
  std::optional<std::string> refresh() override {
    ++refreshes;
    return trouble;
  }
  std::optional<std::string> refresh_policies() override {
    ++policy_refreshes;
    return trouble;
  }
  std::optional<InstanceState> instance_state(std::string_view name) const override {
    if (name == "up") return InstanceState{true, "9.7.4"};
    return std::nullopt;
  }
  int refreshes = 0;
  int policy_refreshes = 0;
  std::optional<std::string> trouble;
};

// What the data path has counted.
class FakeDigests final : public session::DigestReader {
 public:
  std::vector<session::DigestRow> digests() override { return rows; }
  std::vector<session::DigestRow> rows;
};

class ApiTest : public testing::Test {
 protected:
  static constexpr auto kPassword = "correct horse";

  ApiTest() {
    auto database = store::open_sqlite(":memory:");
    auto opened = store::Store::open(
        std::move(*database),
        std::make_unique<store::Sealer>(std::array<std::uint8_t, store::Sealer::kKeySize>{7}));
    if (!opened) throw std::runtime_error(opened.error().detail);
    store_ = std::move(*opened);
    scans_.emplace(change::ScanServices{*store_, [this] { return now_; },
                                        [this](std::string_view event, std::string_view detail) {
                                          log_.push_back(std::string(event) + ": " +
                                                         std::string(detail));
                                        },
                                        &events_});
    // Not started: nothing is checked or run; actions are taken.
    engine_.emplace(change::EngineServices{*store_, [this] { return now_; },
                                           [](std::string_view, std::string_view) {}, &events_},
                    change::EngineConfig{});
    trail_.emplace(AuditTrail::Sources{*store_, [this] { return steady_; },
                                       [this](std::string_view event, std::string_view detail) {
                                         log_.push_back(std::string(event) + ": " +
                                                        std::string(detail));
                                       }});
    services_.emplace(Services{*store_, connections_, digests_, data_path_, events_, *engine_,
                               *scans_, throttle_, passwords_, *trail_, sql_,
                               [this] { return now_; }, [this] { return steady_; },
                               [] { return store::make_token(); },
                               [this](std::string_view event, std::string_view detail) {
                                 log_.push_back(std::string(event) + ": " + std::string(detail));
                               }});
    api_.emplace(*services_, api_routes());
    router_.emplace(api_->routes(),
                    [](auto, std::string_view pattern, auto, auto) { matched() = pattern; });
  }

  // What a client would send, with the token of who() when there is one.
  Response send(std::string method, std::string_view target, const json::value& body = nullptr) {
    Request request;
    request.method = std::move(method);
    request.remote = remote_;
    request.headers = headers_;
    if (!token_.empty()) request.headers["authorization"] = "Bearer " + token_;
    if (!body.is_null()) {
      request.headers["content-type"] = "application/json";
      request.body = json::serialize(body);
    }
    const std::string sent = request.body;
    const std::string verb = request.method;
    auto response = router_->route(target, std::move(request));
    if (response.stream && response.stream->ends()) read_stream(response);
    // Whatever a test asks, the answer is one of openapi.yaml's.
    if (!matched().empty()) {
      for (const auto& fault : Contract::get().check(verb, matched(), sent, response)) {
        ADD_FAILURE() << fault;
      }
    }
    return response;
  }
  // As the server does, but into memory.
  static void read_stream(Response& response) {
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
    response.stream->on_ready([&] {
      const std::lock_guard lock(mutex);
      woken = true;
      changed.notify_all();
    });
    while (auto piece = response.stream->take()) {
      response.body += *piece;
      if (!piece->empty()) continue;
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return std::exchange(woken, false); });
    }
    EXPECT_TRUE(response.stream->whole());
    response.stream->close();
  }
  // The pattern that this thread's last request matched.
  static std::string& matched() {
    thread_local std::string pattern;
    return pattern;
  }
  Response get(std::string_view target) { return send("GET", target); }
  Response post(std::string_view target, const json::value& body) {
    return send("POST", target, body);
  }
  Response patch(std::string_view target, const json::value& body) {
    return send("PATCH", target, body);
  }
  Response remove(std::string_view target) { return send("DELETE", target); }

  static json::object object(const Response& response) {
    boost::system::error_code fault;
    auto value = json::parse(response.body, fault);
    if (fault || !value.is_object()) {
      ADD_FAILURE() << response.status << ": no JSON object: " << response.body;
      return {};
    }
    return value.get_object();
  }
  static std::string text(const json::object& from, std::string_view field) {
    const auto* value = from.if_contains(field);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  static store::Id id(const json::object& from) {
    const auto* value = from.if_contains("id");
    return value == nullptr ? 0 : value->to_number<store::Id>();
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  // Sets the workspace up and is its owner from then on.
  void set_up() {
    const auto made = post(
        "/api/v1/setup", {{"name", "Ada"}, {"email", "ada@example.org"}, {"password", kPassword}});
    ASSERT_EQ(made.status, 201U) << made.body;
    token_ = text(object(made), "token");
    owner_token_ = token_;
  }
  // A user of that role with a session; gives the token. The cost of argon2id is not spent.
  std::string add_user(std::string name, policy::WorkspaceRole role) {
    const auto user = store_->create_user({name, name + "@example.org", "no hash", role}, now_);
    EXPECT_TRUE(user.has_value());
    return add_session(user->id);
  }
  std::string add_session(store::Id user) {
    const std::string token = store::make_token();
    store::Credential session;
    session.user = user;
    session.created_at = now_;
    session.expires_at = now_ + std::chrono::hours(12);
    EXPECT_TRUE(store_->add_credential(session, store::token_hash(token)).has_value());
    return token;
  }
  std::vector<store::AuditEntry> audit(const std::string& action = "") {
    auto entries = store_->audit({"", action, {}, 0, 1000});
    EXPECT_TRUE(entries.has_value());
    return *entries;
  }

  store::Time now_{std::chrono::microseconds(1'764'000'000'000'000)};
  Throttle::Clock::time_point steady_{};
  std::unique_ptr<store::Store> store_;
  session::Registry connections_;
  FakeDigests digests_;
  FakeDataPath data_path_;
  EventHub events_{"run", [this] { return now_; }};
  Throttle throttle_;
  Passwords passwords_;
  SqlAnswers sql_{[](std::string_view what) { ADD_FAILURE() << what; }};
  std::optional<AuditTrail> trail_;  // not started: a test flushes
  std::optional<change::Engine> engine_;
  std::optional<change::Scans> scans_;
  std::optional<Services> services_;
  std::optional<Api> api_;
  std::optional<Router> router_;
  std::map<std::string, std::string, std::less<>> headers_;
  std::string remote_ = "192.0.2.1";
  std::string token_;
  std::string owner_token_;
  std::vector<std::string> log_;
};

}  // namespace sluice::http

// The frame: who is let in, what is said otherwise, what the audit log has of it.
#include <set>
#include <thread>

#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using policy::ProjectRole;
using policy::WorkspaceRole;
using testing::HasSubstr;

TEST_F(ApiTest, TheFirstPersonIsTheOwnerAndTheOnlyOneToSetUp) {
  const json::value person{{"name", "Ada"}, {"email", "Ada@Example.org"}, {"password", kPassword}};
  const auto made = post("/api/v1/setup", person);
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto user = object(made).at("user").as_object();
  EXPECT_EQ(text(user, "email"), "ada@example.org");
  EXPECT_EQ(text(user, "role"), "owner");
  EXPECT_EQ(made.body.find("hash"), std::string::npos);
  token_ = text(object(made), "token");
  EXPECT_EQ(get("/api/v1/me").status, 200U);
  const auto again = post("/api/v1/setup", person);
  EXPECT_EQ(again.status, 409U);
  EXPECT_EQ(again.content_type, "application/problem+json");
}

TEST_F(ApiTest, OfTwoSetupsAtOnceOneWins) {
  std::vector<unsigned> statuses(2);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 2; ++i) {
    threads.emplace_back([this, i, &statuses] {
      statuses[i] = post("/api/v1/setup", {{"name", "n"},
                                           {"email", std::to_string(i) + "@example.org"},
                                           {"password", kPassword}})
                        .status;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(statuses, testing::UnorderedElementsAre(201U, 409U));
  EXPECT_EQ(store_->users(0, 10)->size(), 1U);
}

TEST_F(ApiTest, EveryFieldThatIsBadIsNamed) {
  const auto answer =
      post("/api/v1/setup",
           {{"name", " "}, {"email", "no address"}, {"password", "short"}, {"admin", true}});
  EXPECT_EQ(answer.status, 400U);
  std::set<std::string> fields;
  const auto body = object(answer);
  for (const auto& error : body.at("errors").as_array()) {
    fields.insert(text(error.as_object(), "field"));
    EXPECT_NE(text(error.as_object(), "message"), "");
  }
  EXPECT_EQ(fields, (std::set<std::string>{"admin", "email", "name", "password"}));
}

TEST_F(ApiTest, ABodyThatIsNoJsonObjectIsRefused) {
  set_up();
  EXPECT_EQ(post("/api/v1/tokens", json::array{1}).status, 400U);
  Request request;
  request.method = "POST";
  request.headers["authorization"] = "Bearer " + token_;
  request.body = "name=x";
  request.headers["content-type"] = "application/x-www-form-urlencoded";
  EXPECT_EQ(router_->route("/api/v1/tokens", request).status, 415U);
  request.headers["content-type"] = "application/json; charset=utf-8";
  EXPECT_EQ(router_->route("/api/v1/tokens", request).status, 400U);
  for (const std::string bytes : {"{\"name\":\"\\ud800\"}", "{\"name\":\"\xff\"}"}) {
    request.body = bytes;
    EXPECT_EQ(router_->route("/api/v1/tokens", request).status, 400U) << bytes;
  }
}

TEST_F(ApiTest, SignInGivesATokenAndACookieThatScriptsCannotRead) {
  set_up();
  token_.clear();
  const auto in = post("/api/v1/sessions", {{"email", "ADA@example.org"}, {"password", kPassword}});
  ASSERT_EQ(in.status, 201U) << in.body;
  const auto cookie = header(in, "Set-Cookie");
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly"));
  EXPECT_THAT(cookie, HasSubstr("; SameSite=Strict"));
  EXPECT_THAT(cookie, HasSubstr("Max-Age=43200"));
  token_ = text(object(in), "token");
  EXPECT_EQ(get("/api/v1/me").status, 200U);
  EXPECT_EQ(remove("/api/v1/sessions/current").status, 204U);
  EXPECT_EQ(get("/api/v1/me").status, 401U);
}

TEST_F(ApiTest, TheCookieChangesNothingWithoutItsHeader) {
  set_up();
  headers_["cookie"] = "other=1; sluice_session=" + token_;
  token_.clear();
  const auto me = get("/api/v1/me");
  ASSERT_EQ(me.status, 200U);
  const json::value token{{"name", "ci"}};
  EXPECT_EQ(post("/api/v1/tokens", token).status, 403U);
  headers_["x-csrf-token"] = std::string(64, '0');
  EXPECT_EQ(post("/api/v1/tokens", token).status, 403U);
  EXPECT_EQ(audit("tokens.create").size(), 2U);
  headers_["x-csrf-token"] = text(object(me), "csrf_token");
  EXPECT_EQ(post("/api/v1/tokens", token).status, 201U);
}

TEST_F(ApiTest, NobodyIsLetInByWhatIsNoCredential) {
  set_up();
  const std::string right = token_;
  token_.clear();
  for (const auto& value : {std::string("Basic YTpi"), std::string("Bearer"), "Bearer x" + right,
                            "Bearer " + right.substr(1), std::string("Bearer ' OR 1=1 --")}) {
    headers_["authorization"] = value;
    const auto refused = get("/api/v1/users");
    EXPECT_EQ(refused.status, 401U) << value;
    EXPECT_EQ(header(refused, "WWW-Authenticate"), "Bearer");
  }
  headers_["authorization"] = "bEARER " + right;  // the scheme's case means nothing
  EXPECT_EQ(get("/api/v1/users").status, 200U);
}

TEST_F(ApiTest, SessionsEndWithTheirTime) {
  set_up();
  now_ += std::chrono::hours(12) - std::chrono::microseconds(1);
  EXPECT_EQ(get("/api/v1/me").status, 200U);
  now_ += std::chrono::microseconds(1);
  EXPECT_EQ(get("/api/v1/me").status, 401U);
}

TEST_F(ApiTest, ADeactivatedUsersSessionsAndTokensEndAtTheNextRequest) {
  set_up();
  const auto session = add_user("eve", WorkspaceRole::kDba);
  token_ = session;
  const auto api = text(object(post("/api/v1/tokens", {{"name", "ci"}})), "token");
  token_ = api;
  const auto eve = id(object(get("/api/v1/me")));
  token_ = owner_token_;
  const std::string path = "/api/v1/users/" + std::to_string(eve);
  EXPECT_EQ(patch(path, {{"active", false}}).status, 200U);
  for (const auto& token : {session, api}) {
    token_ = token;
    EXPECT_EQ(get("/api/v1/me").status, 401U);
  }
  // Sessions do not come back with the user.
  token_ = owner_token_;
  EXPECT_EQ(patch(path, {{"active", true}}).status, 200U);
  token_ = session;
  EXPECT_EQ(get("/api/v1/me").status, 401U);
}

TEST_F(ApiTest, ANewPasswordEndsTheOtherSessions) {
  set_up();
  const auto me = id(object(get("/api/v1/me")));
  const auto other = add_session(me);
  EXPECT_EQ(patch("/api/v1/me", {{"password", "another one"}}).status, 400U);
  EXPECT_EQ(
      patch("/api/v1/me", {{"password", "another one"}, {"current_password", "wrong"}}).status,
      403U);
  EXPECT_EQ(
      patch("/api/v1/me", {{"password", "another one"}, {"current_password", kPassword}}).status,
      200U);
  EXPECT_EQ(get("/api/v1/me").status, 200U);
  token_ = other;
  EXPECT_EQ(get("/api/v1/me").status, 401U);
  EXPECT_EQ(
      post("/api/v1/sessions", {{"email", "ada@example.org"}, {"password", "another one"}}).status,
      201U);
}

TEST_F(ApiTest, GuessingIsSlowedAndThenRefused) {
  set_up();
  token_.clear();
  const json::value guess{{"email", "ada@example.org"}, {"password", "a guess"}};
  std::vector<std::chrono::milliseconds> delays;
  for (int i = 0; i < Throttle::kEmailLimit; ++i) {
    const auto answer = post("/api/v1/sessions", guess);
    ASSERT_EQ(answer.status, 401U);
    delays.push_back(answer.delay);
  }
  EXPECT_EQ(delays.front().count(), 0);
  EXPECT_EQ(delays.at(Throttle::kFree), Throttle::kFirstDelay);
  EXPECT_EQ(delays.back(), Throttle::kMaxDelay);
  const auto refused = post("/api/v1/sessions", guess);
  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(header(refused, "Retry-After"), "60");
  // The right password waits as long.
  const json::value right{{"email", "Ada@example.org"}, {"password", kPassword}};
  EXPECT_EQ(post("/api/v1/sessions", right).status, 429U);
  steady_ += Throttle::kBlock;
  EXPECT_EQ(post("/api/v1/sessions", right).status, 201U);
  const auto entries = audit("sessions.create");
  EXPECT_EQ(entries.size(), static_cast<std::size_t>(Throttle::kEmailLimit) + 3);
  EXPECT_EQ(entries.front().actor, "ada@example.org");
  EXPECT_EQ(entries.back().actor, "");
  EXPECT_EQ(entries.back().outcome, "denied");
}

TEST_F(ApiTest, AnUnknownEmailIsRefusedLikeAWrongPassword) {
  set_up();
  token_.clear();
  const auto wrong = post("/api/v1/sessions", {{"email", "ada@example.org"}, {"password", "x"}});
  const auto unknown = post("/api/v1/sessions", {{"email", "eve@example.org"}, {"password", "x"}});
  EXPECT_EQ(unknown.status, 401U);
  EXPECT_EQ(unknown.body, wrong.body);
}

TEST_F(ApiTest, WhatChangesAndWhatIsDeniedIsInTheAuditLog) {
  set_up();
  EXPECT_EQ(post("/api/v1/tokens", {{"name", "ci"}}).status, 201U);
  EXPECT_EQ(get("/api/v1/tokens").status, 200U);
  EXPECT_EQ(remove("/api/v1/tokens/999").status, 404U);
  token_ = add_user("dev", WorkspaceRole::kDeveloper);
  EXPECT_EQ(patch("/api/v1/users/1", {{"role", "developer"}}).status, 403U);
  const auto entries = audit();
  ASSERT_EQ(entries.size(), 4U);  // newest first
  EXPECT_EQ(entries[0].actor, "dev@example.org");
  EXPECT_EQ(entries[0].action, "users.change");
  EXPECT_EQ(entries[0].target, "/api/v1/users/1");
  EXPECT_EQ(entries[0].outcome, "denied");
  EXPECT_THAT(entries[0].detail, HasSubstr("from 192.0.2.1"));
  EXPECT_EQ(entries[1].outcome, "failed");
  EXPECT_EQ(entries[2].action, "tokens.create");
  EXPECT_EQ(entries[2].outcome, "done");
  EXPECT_EQ(entries[3].action, "setup");
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
}

TEST_F(ApiTest, WhatOnlyAsksIsInTheAuditLogTooAsOftenAsItWasAsked) {
  set_up();
  const auto reads = [&] {
    trail_->flush();
    return audit("users.list");
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/api/v1/users").status, 200U);
  ASSERT_EQ(reads().size(), 1U);
  EXPECT_EQ(reads()[0].actor, "ada@example.org");
  EXPECT_EQ(reads()[0].outcome, "done");
  // Another address is another call; so is another path.
  remote_ = "192.0.2.9";
  EXPECT_EQ(get("/api/v1/users").status, 200U);
  EXPECT_EQ(get("/api/v1/projects/999").status, 404U);
  EXPECT_EQ(reads().size(), 2U);
  EXPECT_EQ(audit("projects.get").at(0).outcome, "failed");
  steady_ += AuditTrail::kWindow;
  ASSERT_EQ(reads().size(), 3U);
  EXPECT_THAT(reads()[0].detail, HasSubstr("from 192.0.2.1; 4 more times since 2025-"));
  steady_ += AuditTrail::kWindow;
  EXPECT_EQ(reads().size(), 3U);
  EXPECT_EQ(get("/api/openapi.yaml").status, 200U);
  trail_->flush(true);
  EXPECT_EQ(store_->verify_audit()->first_bad, 0);
  EXPECT_TRUE(audit("openapi").empty());
}

TEST_F(ApiTest, StrangersDoNotFillTheAuditLog) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/api/v1/users").status, 401U);
  EXPECT_EQ(audit().size(), 1U);
  remote_ = "192.0.2.2";
  EXPECT_EQ(get("/api/v1/users").status, 401U);
  EXPECT_EQ(audit().size(), 2U);
  now_ += std::chrono::minutes(1);
  EXPECT_EQ(get("/api/v1/users").status, 401U);
  EXPECT_EQ(audit().size(), 3U);
}

// Every row of the table with every role of the workspace and of a project: the answer is
// policy/access', and nothing else's. The handlers are stood in for.
TEST_F(ApiTest, EveryRouteLetsInExactlyWhoTheTableOfAccessLetsIn) {
  set_up();
  const auto project = store_->create_project({0, "Shop", "SHOP", false});
  ASSERT_TRUE(project.has_value());
  static store::Id the_project = 0;
  the_project = project->id;
  auto rows = api_routes();
  for (auto& row : rows) {
    row.handler = [](Call&) { return no_content(); };
    if (row.guard.scope == Guard::Scope::kProject) {
      ASSERT_NE(row.guard.project, nullptr) << row.operation;
      row.guard.project = [](Call&) -> store::Result<store::Id> { return the_project; };
    }
  }
  Api api(*services_, rows);
  for (const auto role : {WorkspaceRole::kOwner, WorkspaceRole::kDba, WorkspaceRole::kDeveloper}) {
    for (const auto in :
         {ProjectRole::kNone, ProjectRole::kOwner, ProjectRole::kDeveloper, ProjectRole::kViewer}) {
      const std::string who = std::string(name(role)) + '-' + std::string(name(in));
      const auto user = store_->create_user({who, who + "@example.org", "h", role}, now_);
      ASSERT_TRUE(user.has_value());
      if (in != ProjectRole::kNone) {
        ASSERT_TRUE(store_->set_member(the_project, {user->id, in}).has_value());
      }
      Request request;
      request.headers["authorization"] = "Bearer " + add_session(user->id);
      for (const auto& row : rows) {
        request.method = row.method;
        bool expected = true;
        if (row.guard.scope == Guard::Scope::kWorkspace) {
          expected = may({role, ProjectRole::kNone}, row.guard.action);
        } else if (row.guard.scope == Guard::Scope::kProject) {
          expected = may({role, in}, row.guard.action);
        }
        EXPECT_EQ(api.serve(row, request).status, expected ? 204U : 403U)
            << row.operation << " as " << who;
      }
    }
  }
  // Who is not signed in gets past public rows only.
  for (const auto& row : rows) {
    Request request;
    request.method = row.method;
    EXPECT_EQ(api.serve(row, request).status,
              row.guard.scope == Guard::Scope::kPublic ? 204U : 401U)
        << row.operation;
  }
}

TEST_F(ApiTest, EveryOperationHasItsOwnName) {
  std::set<std::string_view> names;
  for (const auto& row : api_routes()) EXPECT_TRUE(names.insert(row.operation).second);
  EXPECT_GT(names.size(), 10U);
}

TEST_F(ApiTest, ListsHaveOneShape) {
  set_up();
  for (int i = 0; i < 4; ++i) add_user("u" + std::to_string(i), WorkspaceRole::kDeveloper);
  std::string cursor;
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto page = object(get("/api/v1/users?limit=2" + cursor));
    for (const auto& item : page.at("items").as_array()) {
      names.push_back(text(item.as_object(), "name"));
    }
    const auto next = text(page, "next_cursor");
    cursor = next.empty() ? "" : "&cursor=" + next;
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(names, testing::ElementsAre("Ada", "u0", "u1", "u2", "u3"));
  for (const auto* bad : {"limit=0", "limit=501", "limit=x", "limit=-1", "cursor=x", "cursor=-1",
                          "limit=1%00", "cursor=1'%20OR%201=1"}) {
    EXPECT_EQ(get("/api/v1/users?" + std::string(bad)).status, 400U) << bad;
  }
}

}  // namespace
}  // namespace sluice::http

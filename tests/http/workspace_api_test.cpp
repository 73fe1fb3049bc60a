// Environments, instances, projects, accounts, audit and connections over the API.
#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using policy::WorkspaceRole;
using testing::ElementsAre;
using testing::HasSubstr;

class WorkspaceApi : public ApiTest {
 protected:
  void SetUp() override { set_up(); }
  static std::vector<std::string> names(const Response& response, std::string_view field = "name") {
    std::vector<std::string> all;
    const auto body = object(response);
    for (const auto& item : body.at("items").as_array()) {
      all.push_back(text(item.as_object(), field));
    }
    return all;
  }
  static std::vector<std::string> bad_fields(const Response& response) {
    std::vector<std::string> all;
    const auto body = object(response);
    const auto* errors = body.if_contains("errors");
    if (errors == nullptr) return all;
    for (const auto& error : errors->as_array()) all.push_back(text(error.as_object(), "field"));
    return all;
  }
  static json::object instance_body(std::string_view name) {
    return {{"name", name},           {"engine", "mysql"}, {"environment", "Test"},
            {"host", "db.internal"},  {"port", 3307},      {"username", "sluice"},
            {"password", "secret pw"}};
  }
  store::Id add_instance(std::string_view name) {
    const auto made = post("/api/v1/instances", instance_body(name));
    EXPECT_EQ(made.status, 201U) << made.body;
    return id(object(made));
  }
  static json::object account_body(std::string_view name) {
    return {{"name", name}, {"kind", "service"}, {"password", "long enough"}};
  }
};

TEST_F(WorkspaceApi, AboutShowsSettingsToOwnersAndDbasOnly) {
  services_->about = [] {
    About about;
    about.version = "1.2.3";
    about.mysql_addresses = {"127.0.0.1:6033"};
    about.parts = {{"SQLite", "", "blessing"}};
    about.settings = {
        {"store.url", "where", "text", std::nullopt, std::nullopt, "SLUICE_STORE_URL", false}};
    return about;
  };
  const auto owner = object(get("/api/v1/about"));
  EXPECT_EQ(text(owner, "version"), "1.2.3");
  EXPECT_TRUE(owner.at("settings").at(0).at("value").is_null());
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  const auto developer = object(get("/api/v1/about"));
  EXPECT_EQ(developer.at("mysql_addresses").at(0).as_string(), "127.0.0.1:6033");
  EXPECT_TRUE(developer.at("settings").as_array().empty());
  token_.clear();
  EXPECT_EQ(get("/api/v1/about").status, 401U);
}

TEST_F(WorkspaceApi, OwnersSetTheWorkspacesNameUrlAndPasswordLength) {
  auto settings = object(get("/api/v1/settings"));
  EXPECT_EQ(text(settings, "name"), "");
  EXPECT_EQ(settings.at("min_password_length").as_int64(), 8);
  settings = object(patch("/api/v1/settings", {{"name", "Shop"},
                                               {"public_url", "https://db.example.org/sluice/"},
                                               {"min_password_length", 14}}));
  EXPECT_EQ(text(settings, "public_url"), "https://db.example.org/sluice");
  EXPECT_EQ(object(get("/api/v1/settings")), settings);
  // What is not named stays.
  EXPECT_EQ(text(object(patch("/api/v1/settings", {{"name", ""}})), "public_url"),
            "https://db.example.org/sluice");
  const auto person = [](std::string_view password) {
    return json::value{
        {"name", "Bob"}, {"email", "bob@example.org"}, {"password", password}, {"role", "dba"}};
  };
  EXPECT_THAT(bad_fields(post("/api/v1/users", person("thirteen byte"))), ElementsAre("password"));
  EXPECT_EQ(post("/api/v1/users", person("fourteen bytes")).status, 201U);
  EXPECT_THAT(bad_fields(patch("/api/v1/me",
                               {{"password", "thirteen byte"}, {"current_password", kPassword}})),
              ElementsAre("password"));
  EXPECT_THAT(audit("settings.change").front().detail, HasSubstr("min_password_length 14"));
  token_ = add_user("dba", WorkspaceRole::kDba);
  EXPECT_EQ(get("/api/v1/settings").status, 200U);
  EXPECT_EQ(patch("/api/v1/settings", {{"name", "Mine"}}).status, 403U);
}

TEST_F(WorkspaceApi, SessionsLastAsLongAsTheOwnersHaveSet) {
  const json::value who{{"email", "ada@example.org"}, {"password", kPassword}};
  const auto lasts = [&] { return text(object(post("/api/v1/sessions", who)), "expires_at"); };
  EXPECT_EQ(object(get("/api/v1/settings")).at("session_hours").as_int64(), 12);
  EXPECT_TRUE(object(get("/api/v1/settings")).at("session_seconds_configured").is_null());
  EXPECT_EQ(lasts(), to_text(services_->now() + std::chrono::hours(12)));
  const auto set = object(patch("/api/v1/settings", {{"session_hours", 3}}));
  EXPECT_EQ(set.at("session_hours").as_int64(), 3);
  EXPECT_EQ(set.at("min_password_length").as_int64(), 8);
  const auto fresh = post("/api/v1/sessions", who);
  EXPECT_THAT(header(fresh, "Set-Cookie"), HasSubstr("Max-Age=10800"));
  EXPECT_EQ(lasts(), to_text(services_->now() + std::chrono::hours(3)));
  EXPECT_THAT(audit("settings.change").front().detail, HasSubstr("session_hours 3"));
  for (const int hours : {0, -1, 8761}) {
    EXPECT_THAT(bad_fields(patch("/api/v1/settings", {{"session_hours", hours}})),
                ElementsAre("session_hours"));
  }
  // What the configuration gives goes before it, and is changed there only.
  services_->session_life = std::chrono::minutes(5);
  EXPECT_EQ(lasts(), to_text(services_->now() + std::chrono::minutes(5)));
  EXPECT_EQ(object(get("/api/v1/settings")).at("session_seconds_configured").as_int64(), 300);
  EXPECT_THAT(patch("/api/v1/settings", {{"session_hours", 2}}).body,
              HasSubstr("admin.session_seconds"));
}

TEST_F(WorkspaceApi, ASettingThatCannotBeIsNamedAndNothingIsChanged) {
  const auto refused =
      patch("/api/v1/settings",
            {{"name", "two\nlines"}, {"public_url", "db.example.org"}, {"min_password_length", 7}});
  EXPECT_EQ(refused.status, 400U);
  EXPECT_THAT(bad_fields(refused), ElementsAre("name", "public_url", "min_password_length"));
  for (const auto* url : {"ftp://example.org", "http://", "https://a:b@example.org",
                          "https://example.org/?q=1", "https://example.org/ x", "http://x#y"}) {
    EXPECT_THAT(bad_fields(patch("/api/v1/settings", {{"name", "New"}, {"public_url", url}})),
                ElementsAre("public_url"))
        << url;
  }
  EXPECT_EQ(text(object(get("/api/v1/settings")), "name"), "");
  // What the configuration gives is shown, and changed there only.
  services_->about = [] {
    About about;
    about.public_url = "https://given.example.org";
    return about;
  };
  const auto shown = object(get("/api/v1/settings"));
  EXPECT_EQ(text(shown, "public_url"), "https://given.example.org");
  EXPECT_TRUE(shown.at("public_url_configured").as_bool());
  const auto fixed = patch("/api/v1/settings", {{"public_url", "https://other.example.org"}});
  EXPECT_THAT(fixed.body, HasSubstr("admin.public_url"));
}

TEST_F(WorkspaceApi, TestAndProdAreThereWithTheirWholeGate) {
  const auto list = get("/api/v1/environments");
  EXPECT_THAT(names(list), ElementsAre("Test", "Prod"));
  const auto body = object(list);
  const auto& test = body.at("items").at(0).as_object();
  const auto& prod = body.at("items").at(1).as_object();
  EXPECT_EQ(text(test, "approval"), "automatic");
  EXPECT_EQ(text(prod, "approval"), "manual");
  EXPECT_EQ(test.at("gate").at("service").at("ddl").as_string(), "record");
  EXPECT_EQ(prod.at("gate").at("service").at("ddl").as_string(), "review");
  EXPECT_TRUE(test.at("review").as_object().contains("table.require-pk"));
}

TEST_F(WorkspaceApi, AnEnvironmentsGateReviewAndOrderAreSet) {
  const auto changed =
      patch("/api/v1/environments/2", {{"order", 0},
                                       {"gate", {{"human", {{"dml", "deny"}}}, {"shadow", true}}},
                                       {"review", {{"table.require-pk", {{"level", "off"}}}}},
                                       {"allow_self_approval", true},
                                       {"drift_interval_seconds", 30}});
  ASSERT_EQ(changed.status, 200U) << changed.body;
  const auto prod = object(changed);
  EXPECT_EQ(prod.at("gate").at("human").at("dml").as_string(), "deny");
  EXPECT_EQ(prod.at("gate").at("human").at("ddl").as_string(), "review");
  EXPECT_TRUE(prod.at("gate").at("shadow").as_bool());
  EXPECT_EQ(prod.at("review").at("table.require-pk").at("level").as_string(), "off");
  EXPECT_TRUE(prod.at("allow_self_approval").as_bool());
  const auto again = object(get("/api/v1/environments/2"));
  EXPECT_EQ(json::serialize(again), json::serialize(prod));
  ASSERT_EQ(patch("/api/v1/environments/1", {{"order", 1}}).status, 200U);
  EXPECT_THAT(names(get("/api/v1/environments")), ElementsAre("Prod", "Test"));
}

TEST_F(WorkspaceApi, WhatAGateOrAReviewPolicyCannotSayIsNamed) {
  const auto refused =
      patch("/api/v1/environments/2", {{"gate", {{"human", {{"dml", "perhaps"}}}, {"robots", 1}}},
                                       {"review", {{"table.no-such-rule", {{"level", "off"}}}}},
                                       {"drift_interval_seconds", 4},
                                       {"approval", "never"}});
  EXPECT_EQ(refused.status, 400U);
  const auto fields = bad_fields(refused);
  EXPECT_THAT(fields, testing::Contains("gate.human.dml"));
  EXPECT_THAT(fields, testing::Contains("gate.robots"));
  EXPECT_THAT(fields, testing::Contains(HasSubstr("review.table.no-such-rule")));
  EXPECT_THAT(fields, testing::Contains("drift_interval_seconds"));
  EXPECT_THAT(fields, testing::Contains("approval"));
  EXPECT_EQ(post("/api/v1/environments", {{"name", "Test"}}).status, 409U);
  EXPECT_EQ(post("/api/v1/environments", {{"name", "Staging"}}).status, 201U);
  EXPECT_THAT(names(get("/api/v1/environments")), ElementsAre("Test", "Prod", "Staging"));
  EXPECT_EQ(patch("/api/v1/environments/77", {{"order", 1}}).status, 404U);
}

TEST_F(WorkspaceApi, AnInstanceIsKeptWithoutShowingItsSecrets) {
  auto body = instance_body("up");
  body["tls"] = {{"mode", "verify_ca"}, {"ca", "PEM"}, {"cert", "C"}, {"key", "KEY"}};
  const auto made = post("/api/v1/instances", body);
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto shown = object(made);
  EXPECT_EQ(header(made, "Location"), "/api/v1/instances/" + std::to_string(id(shown)));
  EXPECT_EQ(shown.at("environment").to_number<int>(), 1);
  EXPECT_EQ(shown.at("tls").at("mode").as_string(), "verify_ca");
  EXPECT_EQ(shown.at("state").at("version").as_string(), "9.7.4");
  EXPECT_EQ(data_path_.refreshes, 1);
  const auto listed = get("/api/v1/instances").body;
  for (const auto* secret : {"secret pw", "KEY"}) {
    EXPECT_EQ(made.body.find(secret), std::string::npos);
    EXPECT_EQ(listed.find(secret), std::string::npos);
  }
  const std::string path = header(made, "Location");
  // What is left out stays, secrets too.
  ASSERT_EQ(patch(path, {{"name", "db2"}, {"username", "sluice"}}).status, 200U);
  auto kept = store_->instance_secrets(id(shown));
  EXPECT_EQ(kept->password, "secret pw");
  EXPECT_EQ(kept->tls_key, "KEY");
  ASSERT_EQ(patch(path, {{"password", "other"}}).status, 200U);
  kept = store_->instance_secrets(id(shown));
  EXPECT_EQ(kept->password, "other");
  EXPECT_EQ(kept->tls_key, "KEY");
  // A stored password goes nowhere else, and not past the stored TLS settings.
  for (const json::value& elsewhere :
       {json::value{{"host", "db2"}}, json::value{{"port", 3399}},
        json::value{{"tls", {{"mode", "required"}}}}, json::value{{"tls", {{"ca", "mine"}}}}}) {
    EXPECT_THAT(bad_fields(patch(path, elsewhere)), testing::ElementsAre("password"));
  }
  ASSERT_EQ(patch(path, {{"host", "db2"}, {"password", "new"}}).status, 200U);
  EXPECT_EQ(remove(path).status, 204U);
  EXPECT_EQ(get(path).status, 404U);
  EXPECT_EQ(data_path_.refreshes, 5);
  for (const auto& entry : audit()) {
    EXPECT_EQ(entry.detail.find("secret pw"), std::string::npos);
    EXPECT_EQ(entry.detail.find("KEY"), std::string::npos);
  }
}

TEST_F(WorkspaceApi, AnInstanceThatCannotBeIsRefusedFieldByField) {
  const auto empty = post("/api/v1/instances", json::object());
  EXPECT_THAT(bad_fields(empty),
              testing::UnorderedElementsAre("name", "engine", "environment", "host", "username"));
  auto body = instance_body("a@b");
  body["engine"] = "oracle";
  body["environment"] = "Nowhere";
  body["host"] = "db:3306/x";
  body["port"] = 65536;
  body["tls"] = {{"mode", "maybe"}, {"pin", "1"}};
  const auto bad = post("/api/v1/instances", body);
  EXPECT_THAT(bad_fields(bad),
              testing::UnorderedElementsAre("name", "engine", "environment", "host", "port",
                                            "tls.mode", "tls.pin"));
  body = instance_body("x");
  body["environment"] = 99;
  EXPECT_THAT(bad_fields(post("/api/v1/instances", body)), ElementsAre("environment"));
  body = instance_body("fixed");
  EXPECT_THAT(bad_fields(post("/api/v1/instances", body)), ElementsAre("name"));
  body = instance_body("x");
  body["tls"] = {{"ca", "bad"}};
  EXPECT_THAT(bad_fields(post("/api/v1/instances", body)), ElementsAre("tls"));
  add_instance("twice");
  EXPECT_EQ(post("/api/v1/instances", instance_body("twice")).status, 409U);
  EXPECT_EQ(data_path_.refreshes, 1);
}

TEST_F(WorkspaceApi, WhenTheDataPathDoesNotFollowTheAnswerSaysSo) {
  data_path_.trouble = "no\r\nX-Injected: 1";
  const auto made = post("/api/v1/instances", instance_body("a"));
  EXPECT_EQ(made.status, 201U);
  EXPECT_EQ(header(made, "X-Sluice-Warning"), "no  X-Injected: 1");
  EXPECT_THAT(audit("instances.create").front().detail, HasSubstr("did not follow"));
}

TEST_F(WorkspaceApi, ProjectsAreSeenByTheirMembersOnly) {
  const auto shop = post("/api/v1/projects", {{"name", "Shop"}, {"key", "SHOP"}});
  ASSERT_EQ(shop.status, 201U) << shop.body;
  ASSERT_EQ(post("/api/v1/projects", {{"name", "T"}, {"key", "TAR"}, {"mode", "tenant"}}).status,
            201U);
  EXPECT_THAT(names(get("/api/v1/projects")), ElementsAre("Default", "Shop", "T"));
  const std::string path = header(shop, "Location");
  const auto dev = add_user("dev", WorkspaceRole::kDeveloper);
  token_ = dev;
  const auto dev_id = id(object(get("/api/v1/me")));
  EXPECT_THAT(names(get("/api/v1/projects")), ElementsAre());
  EXPECT_EQ(get(path).status, 403U);
  token_ = owner_token_;
  EXPECT_EQ(send("PUT", path + "/members", {{"user", dev_id}, {"role", "viewer"}}).status, 200U);
  EXPECT_THAT(names(get(path + "/members"), "email"), ElementsAre("dev@example.org"));
  token_ = dev;
  EXPECT_THAT(names(get("/api/v1/projects")), ElementsAre("Shop"));
  EXPECT_EQ(get(path).status, 200U);
  EXPECT_EQ(patch(path, {{"name", "Mine"}}).status, 403U);
  EXPECT_EQ(send("PUT", path + "/members", {{"user", dev_id}, {"role", "owner"}}).status, 403U);
  token_ = owner_token_;
  EXPECT_EQ(send("PUT", path + "/members", {{"user", dev_id}, {"role", "owner"}}).status, 200U);
  token_ = dev;
  EXPECT_EQ(patch(path, {{"name", "Mine"}}).status, 200U);
  EXPECT_EQ(remove(path).status, 403U);
  EXPECT_EQ(remove(path + "/members?user=" + std::to_string(dev_id)).status, 204U);
  EXPECT_EQ(get(path).status, 403U);
}

TEST_F(WorkspaceApi, WhatIsWrongWithAProjectOrAMemberIsSaid) {
  EXPECT_THAT(bad_fields(post("/api/v1/projects", {{"name", "X"}, {"key", "lower"}})),
              ElementsAre("key"));
  EXPECT_THAT(bad_fields(post("/api/v1/projects", {{"key", "1X"}, {"mode", "odd"}})),
              testing::UnorderedElementsAre("name", "key", "mode"));
  EXPECT_EQ(post("/api/v1/projects", {{"name", "Default"}, {"key", "X"}}).status, 409U);
  EXPECT_EQ(remove("/api/v1/projects/1").status, 409U);
  EXPECT_EQ(remove("/api/v1/projects/9").status, 404U);
  const std::string members = "/api/v1/projects/1/members";
  EXPECT_THAT(bad_fields(send("PUT", members, {{"user", 99}, {"role", "viewer"}})),
              ElementsAre("user"));
  EXPECT_THAT(bad_fields(send("PUT", members, {{"user", 1}, {"role", "none"}})),
              ElementsAre("role"));
  EXPECT_EQ(remove(members).status, 400U);
  EXPECT_EQ(remove(members + "?user=1").status, 404U);
}

TEST_F(WorkspaceApi, AnAccountKeepsAVerifierAndActsAtOnce) {
  const auto instance = add_instance("main");
  auto body = account_body("shop");
  body["instances"] = json::array{instance};
  body["databases"] = json::array{"shop", "shop_archive"};
  const auto made = post("/api/v1/accounts", body);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(made.body.find("long enough"), std::string::npos);
  EXPECT_EQ(data_path_.refreshes, 2);
  const auto logins = store_->accounts().logins();
  ASSERT_EQ(logins->size(), 1U);
  EXPECT_EQ(logins->front().verifier.text, "sha2 of long enough");
  const std::string path = header(made, "Location");
  const auto shown = object(get(path));
  EXPECT_EQ(json::serialize(shown.at("instances")), '[' + std::to_string(instance) + ']');
  EXPECT_EQ(json::serialize(shown.at("databases")), R"(["shop","shop_archive"])");
  ASSERT_EQ(patch(path, {{"password", "another one"}, {"plugin", "mysql_native_password"}}).status,
            200U);
  EXPECT_EQ(store_->accounts().logins()->front().verifier.text, "*of another one");
  // What is left out stays; null widens.
  ASSERT_EQ(patch(path, {{"disabled", true}}).status, 200U);
  EXPECT_EQ(json::serialize(object(get(path)).at("instances")),
            '[' + std::to_string(instance) + ']');
  ASSERT_EQ(patch(path, {{"instances", nullptr}, {"databases", nullptr}}).status, 200U);
  EXPECT_TRUE(object(get(path)).at("instances").is_null());
  EXPECT_TRUE(object(get(path)).at("databases").is_null());
  EXPECT_EQ(remove(path).status, 204U);
  EXPECT_EQ(data_path_.refreshes, 6);
}

TEST_F(WorkspaceApi, WhatIsWrongWithAnAccountIsSaid) {
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", json::object())),
              testing::UnorderedElementsAre("name", "password", "kind"));
  auto body = account_body("a@b");
  body["password"] = "short";
  body["instances"] = json::array();
  body["databases"] = json::array();
  body["user"] = 1;
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", body)),
              testing::UnorderedElementsAre("name", "password", "instances", "databases", "user"));
  body = account_body("x");
  body["kind"] = "human";
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", body)), ElementsAre("user"));
  body["user"] = 77;
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", body)), ElementsAre("user"));
  body = account_body("x");
  body["instances"] = {"nowhere", 99};
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", body)), ElementsAre("instances", "instances"));
  EXPECT_THAT(bad_fields(post("/api/v1/accounts", account_body("fixed"))), ElementsAre("name"));
  ASSERT_EQ(post("/api/v1/accounts", account_body("twice")).status, 201U);
  EXPECT_EQ(post("/api/v1/accounts", account_body("twice")).status, 409U);
  EXPECT_EQ(patch("/api/v1/accounts/99", {{"disabled", true}}).status, 404U);
}

TEST_F(WorkspaceApi, TheAuditLogIsFilteredAndItsChainVerified) {
  add_instance("a");
  now_ += std::chrono::hours(1);
  add_instance("b");
  EXPECT_THAT(names(get("/api/v1/audit"), "action"),
              ElementsAre("instances.create", "instances.create", "setup"));
  EXPECT_THAT(names(get("/api/v1/audit?action=setup"), "action"), ElementsAre("setup"));
  EXPECT_THAT(names(get("/api/v1/audit?actor=Ada@example.org&limit=1"), "target"),
              ElementsAre("/api/v1/instances/2"));
  const auto since = to_text(now_ - std::chrono::minutes(1));
  EXPECT_THAT(names(get("/api/v1/audit?since=" + since), "target"),
              ElementsAre("/api/v1/instances/2"));
  EXPECT_EQ(get("/api/v1/audit?since=yesterday").status, 400U);
  const auto page = object(get("/api/v1/audit?limit=2"));
  EXPECT_EQ(names(get("/api/v1/audit?limit=2&cursor=" + text(page, "next_cursor")), "action"),
            std::vector<std::string>{"setup"});
  const auto verdict = object(get("/api/v1/audit/verify"));
  EXPECT_TRUE(verdict.at("ok").as_bool());
  EXPECT_EQ(verdict.at("entries").to_number<int>(), 3);
}

TEST_F(WorkspaceApi, LiveConnectionsAreListedAndEnded) {
  int killed = 0;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    auto entry = std::make_shared<session::Registry::Entry>();
    entry->fixed.id = i;
    entry->fixed.account = i == 3 ? "other" : "shop";
    entry->fixed.instance = "main";
    entry->fixed.connected_at = now_;
    entry->kill = [&killed](session::KillScope) { ++killed; };
    connections_.add(entry);
  }
  EXPECT_THAT(names(get("/api/v1/connections?account=shop"), "account"),
              ElementsAre("shop", "shop"));
  const auto page = object(get("/api/v1/connections?limit=2"));
  EXPECT_EQ(text(page, "next_cursor"), "2");
  EXPECT_EQ(text(page.at("items").at(0).as_object(), "connected_at"), to_text(now_));
  EXPECT_EQ(remove("/api/v1/connections/3").status, 204U);
  EXPECT_EQ(killed, 1);
  EXPECT_EQ(remove("/api/v1/connections/4").status, 404U);
  EXPECT_EQ(remove("/api/v1/connections/4294967299").status, 404U);
  EXPECT_THAT(audit("connections.end").back().detail, HasSubstr("account other"));
}

// Nothing that a person types becomes SQL, HTML or a header.
TEST_F(WorkspaceApi, TextsStayTextsWhateverTheyHold) {
  const std::string nasty = "'; DROP TABLE users; -- <script>alert(1)</script> \" \\ $1 %s ☃";
  auto instance = instance_body(nasty);
  instance["username"] = nasty;
  const auto made = post("/api/v1/instances", instance);
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(text(object(made), "name"), nasty);
  EXPECT_EQ(text(object(get(header(made, "Location"))), "username"), nasty);
  EXPECT_EQ(made.content_type, "application/json");
  const auto user = post("/api/v1/users", {{"name", nasty},
                                           {"email", "o'brien+\"x@example.org"},
                                           {"password", nasty},
                                           {"role", "dba"}});
  EXPECT_THAT(bad_fields(user), ElementsAre("email"));
  const auto good = post(
      "/api/v1/users",
      {{"name", nasty}, {"email", "o'brien@example.org"}, {"password", nasty}, {"role", "dba"}});
  ASSERT_EQ(good.status, 201U) << good.body;
  EXPECT_EQ(text(object(good), "name"), nasty);
  const auto project = post("/api/v1/projects", {{"name", nasty}, {"key", "N"}});
  EXPECT_EQ(text(object(project), "name"), nasty);
  const auto account = post("/api/v1/accounts", account_body("';--"));
  EXPECT_EQ(text(object(account), "name"), "';--");
  const auto token = post("/api/v1/tokens", {{"name", nasty}});
  EXPECT_EQ(text(object(token), "name"), nasty);
  EXPECT_THAT(names(get("/api/v1/audit?actor=%27%20OR%201=1%20--")), ElementsAre());
  for (const std::string& line :
       std::vector<std::string>{"a\r\nSet-Cookie: x=1", "a\nb", std::string("a\0b", 3)}) {
    EXPECT_EQ(post("/api/v1/tokens", {{"name", line}}).status, 400U);
    EXPECT_EQ(post("/api/v1/projects", {{"name", line}, {"key", "Z"}}).status, 400U);
  }
}

TEST_F(WorkspaceApi, EventsFollowWhatAPersonMayRead) {
  const auto dev = add_user("dev", WorkspaceRole::kDeveloper);
  token_ = dev;
  const auto dev_id = id(object(get("/api/v1/me")));
  auto listening = get("/api/v1/events");
  ASSERT_EQ(listening.status, 200U);
  EXPECT_EQ(listening.content_type, "text/event-stream");
  token_ = owner_token_;
  ASSERT_EQ(post("/api/v1/projects", {{"name", "Shop"}, {"key", "SHOP"}}).status, 201U);
  add_instance("a");
  const auto heard = listening.stream->take().value();
  EXPECT_EQ(heard.find("event: project"), std::string::npos);
  EXPECT_THAT(heard, HasSubstr("event: instance"));
  // As a member the page listens anew, and hears of the project.
  ASSERT_EQ(
      send("PUT", "/api/v1/projects/2/members", {{"user", dev_id}, {"role", "viewer"}}).status,
      200U);
  EXPECT_FALSE(listening.stream->take());
  token_ = dev;
  listening = get("/api/v1/events");
  token_ = owner_token_;
  ASSERT_EQ(patch("/api/v1/projects/2", {{"name", "Store"}}).status, 200U);
  EXPECT_THAT(listening.stream->take().value(), HasSubstr("event: project"));
  ASSERT_EQ(patch("/api/v1/users/" + std::to_string(dev_id), {{"active", false}}).status, 200U);
  EXPECT_FALSE(listening.stream->take());
  token_.clear();
  EXPECT_EQ(get("/api/v1/events").status, 401U);
}

}  // namespace
}  // namespace sluice::http

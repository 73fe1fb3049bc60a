// What people do with a drift over the API, against real servers and a running engine: establish a
// new baseline, adopt, revert.
#include <unistd.h>

#include "admin/mysql/connection.h"
#include "tests/http/api_fixture.h"
#include "tests/support/real_server.h"

namespace sluice::http {
namespace {

using test::Engine;
using testing::HasSubstr;

class DriftApi : public ApiTest, public testing::WithParamInterface<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    const auto options = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    name_ = "drift_" + std::to_string(::getpid());
    must("DROP DATABASE IF EXISTS " + name_);
    must("CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4");
    must("USE " + name_);
    must("CREATE TABLE t1 (id int NOT NULL PRIMARY KEY, name varchar(64) NOT NULL DEFAULT '')");
    set_up();
    const auto made = post("/api/v1/instances", {{"name", "live"},
                                                 {"engine", "mysql"},
                                                 {"environment", "Test"},
                                                 {"host", options.host},
                                                 {"port", options.port},
                                                 {"username", options.username},
                                                 {"password", options.password.reveal()}});
    ASSERT_EQ(made.status, 201U) << made.body;
    instance_ = id(object(made));
    ASSERT_EQ(post("/api/v1/instances/" + std::to_string(instance_) + "/sync", {}).status, 200U);
    database_ = id(object(get("/api/v1/databases?name=" + name_)).at("items").at(0).as_object());
    engine_->start();
  }
  void TearDown() override {
    engine_.reset();
    if (connection_) must("DROP DATABASE IF EXISTS " + name_);
  }
  void must(const std::string& sql) {
    const auto ran = connection_->query(sql);
    EXPECT_TRUE(ran) << ran.error().message << ": " << sql;
  }
  std::string scan() {
    const auto found = object(post("/api/v1/databases/" + std::to_string(database_) + "/scan", {}));
    const auto& anomaly = found.at("anomaly");
    anomaly_ = anomaly.is_null() ? 0 : anomaly.to_number<store::Id>();
    return text(found, "state");
  }
  std::string drift_path(const std::string& action) const {
    return "/api/v1/anomalies/" + std::to_string(anomaly_) + "/" + action;
  }
  // The issue's only task once it is done.
  json::object done(const json::object& issue) {
    const auto path = "/api/v1/issues/" + std::to_string(id(issue));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
      const auto now = object(get(path));
      auto task = now.at("stages").at(0).at("tasks").at(0).as_object();
      if (text(task, "status") == "done") return task;
      // What only warned waits for a person: it is not to.
      EXPECT_NE(text(task, "checks_status"), "warning") << json::serialize(task);
      if (HasFailure()) return task;
      ::usleep(20'000);
    }
    ADD_FAILURE() << get(path).body;
    return {};
  }
  json::object change_of(const json::object& task) {
    return object(
        get("/api/v1/changes/" + std::to_string(task.at("change").to_number<store::Id>())));
  }
  std::size_t open_drifts() {
    return object(get("/api/v1/anomalies?status=open&kind=schema.drift"))
        .at("items")
        .as_array()
        .size();
  }
  std::unique_ptr<mysql::Connection> connection_;
  std::string name_;
  store::Id instance_ = 0;
  store::Id database_ = 0;
  store::Id anomaly_ = 0;
};

TEST_P(DriftApi, ANewBaselineEndsTheDrift) {
  must("ALTER TABLE t1 ADD COLUMN age integer");
  ASSERT_EQ(scan(), "drift");
  const auto made = post(drift_path("baseline"), {});
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto issue = object(made);
  EXPECT_EQ(text(issue, "type"), "schema.baseline");
  EXPECT_EQ(text(issue, "title"), "New baseline of " + name_);
  const auto change = change_of(done(issue));
  EXPECT_EQ(text(change, "type"), "schema.baseline");
  EXPECT_EQ(text(change, "statement"), "");
  EXPECT_THAT(text(change, "diff"), HasSubstr("+  `age` int"));
  EXPECT_EQ(scan(), "same");
  EXPECT_EQ(open_drifts(), 0U);
}

TEST_P(DriftApi, AdoptingKeepsTheStatementsAndRunsNothing) {
  must("ALTER TABLE t1 ADD COLUMN age integer");
  ASSERT_EQ(scan(), "drift");
  const auto made = post(drift_path("adopt"), {});
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(text(object(made), "type"), "schema.baseline");
  const auto change = change_of(done(object(made)));
  EXPECT_THAT(text(change, "statement"), HasSubstr("ALTER TABLE"));
  EXPECT_THAT(text(change, "statement"), HasSubstr("age"));
  EXPECT_EQ(change.at("statements").as_array().size(), 0U);
  EXPECT_EQ(scan(), "same");
}

TEST_P(DriftApi, RevertingTakesTheServerBack) {
  must("ALTER TABLE t1 ADD COLUMN age integer");
  must("CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END");
  must("CREATE VIEW v AS SELECT id FROM t1");
  ASSERT_EQ(scan(), "drift");
  const auto made = post(drift_path("revert"), {});
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(text(object(made), "type"), "schema.update");
  const auto path = "/api/v1/issues/" + std::to_string(id(object(made)));
  // Dropping a column loses its values: the review asks a person.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::string status;
  while (std::chrono::steady_clock::now() < until && status != "done") {
    const auto task = object(get(path)).at("stages").at(0).at("tasks").at(0).as_object();
    status = text(task, "status");
    ASSERT_NE(status, "failed") << json::serialize(task);
    ASSERT_NE(text(task, "checks_status"), "error") << json::serialize(task);
    for (const auto& check : task.at("checks").as_array()) {
      if (check.at("kind") == "drift") {
        EXPECT_EQ(check.at("status"), "passed") << json::serialize(check);
        EXPECT_EQ(check.at("title"), "The statements undo the schema drift");
      }
    }
    if (status == "pending_approval" && text(task, "checks_status") == "warning")
      (void)post("/api/v1/tasks/" + std::to_string(id(task)) + "/run", {});
    ::usleep(20'000);
  }
  EXPECT_EQ(status, "done");
  EXPECT_EQ(scan(), "same");
  EXPECT_EQ(*connection_->value("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE "
                                "TABLE_SCHEMA = '" +
                                name_ + "' AND COLUMN_NAME = 'age'"),
            "0");
}

TEST_P(DriftApi, AChangeDoesNotTakeTheDriftIntoTheRecord) {
  must("CREATE TABLE stray (id int PRIMARY KEY)");
  must("ALTER TABLE t1 MODIFY name varchar(65) NOT NULL DEFAULT ''");
  ASSERT_EQ(scan(), "drift");
  const auto made = post("/api/v1/issues", {{"project", "DEFAULT"},
                                            {"type", "schema.update"},
                                            {"title", "t"},
                                            {"targets", {{{"database", database_}}}},
                                            {"statement", "ALTER TABLE t1 ADD b int"}});
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto path = "/api/v1/issues/" + std::to_string(id(object(made)));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::string status;
  bool warned = false;
  while (std::chrono::steady_clock::now() < until && status != "done") {
    const auto task = object(get(path)).at("stages").at(0).at("tasks").at(0).as_object();
    status = text(task, "status");
    for (const auto& check : task.at("checks").as_array())
      warned = warned || (check.at("kind") == "drift" && check.at("status") == "warning");
    if (status == "pending_approval" && text(task, "checks_status") == "warning")
      (void)post("/api/v1/tasks/" + std::to_string(id(task)) + "/run", {});
    ::usleep(20'000);
  }
  ASSERT_EQ(status, "done");
  EXPECT_TRUE(warned);
  const auto before = anomaly_;
  ASSERT_EQ(scan(), "drift");
  EXPECT_EQ(anomaly_, before);
  const auto found = object(get("/api/v1/anomalies/" + std::to_string(anomaly_)));
  EXPECT_EQ(json::serialize(found.at("objects")), R"(["TABLE stray","TABLE t1"])");
  const auto recorded =
      object(get("/api/v1/databases/" + std::to_string(database_) + "/schema?recorded=true"));
  EXPECT_THAT(text(recorded, "text"), HasSubstr("`b` int"));
  EXPECT_THAT(text(recorded, "text"), HasSubstr("varchar(64)"));
}

TEST_P(DriftApi, WhatIsOverOrNoDriftIsRefusedAndSoIsWhoMayNotMakeIssues) {
  must("ALTER TABLE t1 ADD COLUMN age integer");
  ASSERT_EQ(scan(), "drift");
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(post(drift_path("revert"), {}).status, 403U);
  token_ = owner_token_;
  must("ALTER TABLE t1 DROP COLUMN age");
  // Looked at once more: nothing differs, and the anomaly is over.
  const auto late = post(drift_path("adopt"), {});
  EXPECT_EQ(late.status, 409U);
  EXPECT_THAT(late.body, HasSubstr("the live schema is as recorded"));
  EXPECT_EQ(open_drifts(), 0U);
  EXPECT_EQ(post(drift_path("baseline"), {}).status, 409U);
  EXPECT_EQ(post("/api/v1/anomalies/9999/revert", {}).status, 404U);
  must("CREATE TABLE keyless (a int)");
  ASSERT_EQ(scan(), "drift");
  const auto listed = object(get("/api/v1/anomalies?status=open&kind=schema.no_primary_key"));
  anomaly_ = id(listed.at("items").at(0).as_object());
  EXPECT_THAT(post(drift_path("revert"), {}).body, HasSubstr("Only a schema drift"));
}

TEST_P(DriftApi, TheSettingsOfAnEnvironmentAreSetAndRefused) {
  const auto test = object(get("/api/v1/environments")).at("items").at(0).as_object();
  const auto path = "/api/v1/environments/" + std::to_string(id(test));
  EXPECT_EQ(test.at("drift").at("replica_lag_seconds").to_number<int>(), 300);
  const auto set = patch(path, {{"drift_interval_seconds", 5}, {"drift", {{"definer", true}}}});
  ASSERT_EQ(set.status, 200U) << set.body;
  EXPECT_TRUE(object(set).at("drift").at("definer").as_bool());
  EXPECT_EQ(object(set).at("drift_interval_seconds").to_number<int>(), 5);
  const auto bad = patch(path, {{"drift", {{"ignored", "("}, {"nothing", 1}}}});
  EXPECT_EQ(bad.status, 400U);
  EXPECT_THAT(bad.body, HasSubstr("drift.ignored"));
  EXPECT_THAT(bad.body, HasSubstr("drift.nothing"));
  EXPECT_EQ(patch(path, {{"drift_interval_seconds", 4}}).status, 400U);
}

INSTANTIATE_TEST_SUITE_P(Servers, DriftApi, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::http

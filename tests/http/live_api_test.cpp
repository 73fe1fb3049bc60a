// Instances, databases, schemas, anomalies and SQL by hand over the API, against real servers.
#include <unistd.h>

#include "admin/mysql/connection.h"
#include "tests/http/api_fixture.h"
#include "tests/support/real_server.h"

namespace sluice::http {
namespace {

using test::Engine;
using testing::HasSubstr;

class LiveApi : public ApiTest, public testing::WithParamInterface<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options_);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    name_ = "api_" + std::to_string(::getpid());
    must("DROP DATABASE IF EXISTS " + name_);
    must("CREATE DATABASE " + name_ + " CHARACTER SET utf8mb4");
    must("USE " + name_);
    must("CREATE TABLE t (id bigint unsigned PRIMARY KEY, a varchar(20) COMMENT 'c', b blob)");
    must("INSERT INTO t VALUES (1, 'ä', 0x00FF), (18446744073709551615, NULL, '')");
    set_up();
  }
  void TearDown() override {
    if (connection_) must("DROP DATABASE IF EXISTS " + name_);
  }
  void must(const std::string& sql) {
    const auto ran = connection_->query(sql);
    EXPECT_TRUE(ran) << ran.error().message << ": " << sql;
  }
  json::object instance_body() const {
    return {{"name", "live"},
            {"engine", "mysql"},
            {"environment", "Test"},
            {"host", options_.host},
            {"port", options_.port},
            {"username", options_.username},
            {"password", options_.password.reveal()}};
  }
  // After POST /instances and a sync; the database's number.
  store::Id database() {
    const auto made = post("/api/v1/instances", instance_body());
    EXPECT_EQ(made.status, 201U) << made.body;
    instance_ = id(object(made));
    const auto synced = post("/api/v1/instances/" + std::to_string(instance_) + "/sync", {});
    EXPECT_EQ(synced.status, 200U) << synced.body;
    const auto listed = object(get("/api/v1/databases?name=" + name_));
    EXPECT_EQ(listed.at("items").as_array().size(), 1U);
    return id(listed.at("items").at(0).as_object());
  }
  json::object sql(store::Id database, const std::string& statement, unsigned status = 200,
                   const std::string& mode = "read") {
    const auto ran =
        post("/api/v1/sql", {{"database", database}, {"statement", statement}, {"mode", mode}});
    EXPECT_EQ(ran.status, status) << ran.body;
    return object(ran);
  }
  mysql::Options options_;
  std::unique_ptr<mysql::Connection> connection_;
  std::string name_;
  store::Id instance_ = 0;
};

TEST_P(LiveApi, AnInstanceIsTestedBeforeItIsKept) {
  const auto good = post("/api/v1/instances/test", instance_body());
  ASSERT_EQ(good.status, 200U) << good.body;
  EXPECT_TRUE(object(good).at("ok").as_bool());
  EXPECT_EQ(text(object(good), "flavor"), GetParam() == Engine::kMysql ? "MySQL" : "MariaDB");
  auto body = instance_body();
  body["password"] = "not it";
  const auto refused = post("/api/v1/instances/test", body);
  ASSERT_EQ(refused.status, 200U);
  EXPECT_FALSE(object(refused).at("ok").as_bool());
  EXPECT_EQ(refused.body.find("not it"), std::string::npos);
  EXPECT_EQ(object(get("/api/v1/instances")).at("items").as_array().size(), 0U);
  body["port"] = 70000;
  EXPECT_EQ(post("/api/v1/instances/test", body).status, 400U);
}

TEST_P(LiveApi, AStoredPasswordIsTestedWhereItWasStoredForAndNowhereElse) {
  database();
  auto body = instance_body();
  body.erase("password");
  body["instance"] = instance_;
  const auto good = post("/api/v1/instances/test", body);
  ASSERT_EQ(good.status, 200U) << good.body;
  EXPECT_TRUE(object(good).at("ok").as_bool()) << good.body;
  for (const auto& [field, value] :
       {std::pair<const char*, json::value>{"host", "elsewhere.example"},
        {"port", options_.port + 1},
        {"tls", {{"mode", "disabled"}}}}) {
    auto elsewhere = body;
    elsewhere[field] = value;
    const auto refused = post("/api/v1/instances/test", elsewhere);
    EXPECT_EQ(refused.status, 400U) << field;
    EXPECT_THAT(refused.body, HasSubstr("stored host and port"));
  }
  body["instance"] = 999;
  EXPECT_EQ(post("/api/v1/instances/test", body).status, 400U);
}

TEST_P(LiveApi, ASyncedDatabaseHasItsSchemaAndCanBeTransferred) {
  const auto id_of = database();
  const auto path = "/api/v1/databases/" + std::to_string(id_of);
  const auto live = object(get(path + "/schema"));
  EXPECT_THAT(text(live, "text"), HasSubstr("CREATE TABLE `t`"));
  EXPECT_EQ(live.at("tables").at(0).at("columns").at(1).at("comment").as_string(), "c");
  const auto recorded = object(get(path + "/schema?recorded=true"));
  EXPECT_EQ(text(recorded, "hash"), text(live, "hash"));
  EXPECT_EQ(text(recorded, "text"), text(live, "text"));
  EXPECT_EQ(get(path + "/schema?recorded=perhaps").status, 400U);

  const auto project =
      object(post("/api/v1/projects", {{"name", "Target"}, {"key", "TAR"}, {"mode", "standard"}}));
  const auto moved = patch(path, {{"project", "TAR"}, {"labels", {{"tenant", "a"}}}});
  ASSERT_EQ(moved.status, 200U) << moved.body;
  EXPECT_EQ(object(moved).at("project").to_number<store::Id>(), id(project));
  EXPECT_EQ(patch(path, {{"project", 999}}).status, 400U);
  EXPECT_EQ(patch(path, {{"labels", {{"tenant", 1}}}}).status, 400U);
  // A developer sees it as a member of its project only.
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(get(path).status, 403U);
  EXPECT_EQ(object(get("/api/v1/databases")).at("items").as_array().size(), 0U);
}

TEST_P(LiveApi, AnEditedSchemaIsItsDdlWhichTheServerTakes) {
  const auto path = "/api/v1/databases/" + std::to_string(database());
  const auto live = object(get(path + "/schema"));
  auto table = live.at("tables").at(0).as_object();
  // A copy of the name: a new key may move what at() refers to.
  const auto name_of = [](const auto& object) { return boost::json::value(object.at("name")); };
  table["was"] = name_of(table);
  for (auto& column : table.at("columns").as_array()) column.as_object()["was"] = name_of(column);
  for (auto& index : table.at("indexes").as_array()) {
    index.as_object()["was"] = name_of(index);
    index.as_object().erase("unique");
    index.as_object().erase("columns");
  }
  const auto diff = [&](json::object edited) {
    return post(path + "/diff", {{"hash", live.at("hash")}, {"tables", {std::move(edited)}}});
  };
  const auto same = diff(table);
  ASSERT_EQ(same.status, 200U) << same.body;
  EXPECT_EQ(text(object(same), "statement"), "");

  table["columns"].as_array()[1].as_object()["name"] = "label";
  table["columns"].as_array().push_back(
      {{"name", "made"}, {"type", "datetime"}, {"default", "CURRENT_TIMESTAMP"}});
  const auto made = diff(table);
  ASSERT_EQ(made.status, 200U) << made.body;
  EXPECT_THAT(made.body, HasSubstr("RENAME COLUMN `a` TO `label`"));
  const auto changes = object(made).at("changes").as_array();
  for (const auto& change : changes) must(std::string(change.at("sql").as_string()));
  EXPECT_EQ(diff(table).status, 409U);  // it is no longer the schema that was edited

  table["columns"].as_array()[1].as_object()["type"] = "varchr(2)";
  const auto bad = post(path + "/diff",
                        {{"hash", object(get(path + "/schema")).at("hash")}, {"tables", {table}}});
  EXPECT_EQ(bad.status, 400U);
  EXPECT_THAT(bad.body, HasSubstr("tables[0].columns[1].type"));
  EXPECT_TRUE(audit("databases.diff").empty());  // nothing was changed by it
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(diff(table).status, 403U);
}

// A statement that waits for a lock is watched while it does.
TEST_P(LiveApi, ARunningTaskTellsHowFarItIs) {
  const auto of = store_->databases().get(database());
  ASSERT_TRUE(of);
  const auto made =
      post("/api/v1/issues", {{"project", of->project},
                              {"type", "data.update"},
                              {"title", "two statements"},
                              {"targets", {{{"database", of->id}}}},
                              {"statement", "UPDATE t SET a = 'x';\nSELECT SLEEP(600);"}});
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto task = object(made).at("stages").at(0).at("tasks").at(0).at("id").to_number<int>();
  const auto path = "/api/v1/tasks/" + std::to_string(task) + "/progress";
  EXPECT_EQ(get(path).status, 204U);  // it does not run yet

  // As the runner does it: claimed, with a session that executes.
  const store::TaskKey key{task, id(object(made))};
  const auto run = store_->runs().claim(
      key, "holder",
      [&](const store::IssueState&) {
        store::IssueUpdate update;
        store::TaskUpdate running;
        running.task = task;
        running.status = policy::TaskStatus::kRunning;
        update.tasks.push_back(running);
        return store::Decision(update);
      },
      now_);
  ASSERT_TRUE(run) << run.error().detail;
  ASSERT_TRUE(store_->runs().mark(*run, {}));
  ASSERT_TRUE(
      store_->runs().note_session(*run, static_cast<std::int64_t>(connection_->thread_id())));
  store::RunStatement first;
  first.state = "done";
  first.affected_rows = 2;
  store::RunStatement second;
  second.position = 1;
  second.state = "begun";
  ASSERT_TRUE(store_->runs().progress(*run, first, second));
  now_ += std::chrono::seconds(3);
  const auto shown = object(get(path));
  EXPECT_EQ(shown.at("statement").to_number<int>(), 2);
  EXPECT_EQ(shown.at("statements").to_number<int>(), 2);
  EXPECT_EQ(shown.at("affected_rows").to_number<int>(), 2);
  EXPECT_TRUE(shown.at("rows").is_null());  // of a rollback only
  EXPECT_EQ(shown.at("elapsed_us").to_number<std::int64_t>(), 3'000'000);
  EXPECT_EQ(text(shown, "command"), "Sleep");  // of the session that stands for it
  EXPECT_EQ(object(get("/api/v1/issues?task=running")).at("items").as_array().size(), 1U);
  EXPECT_EQ(object(get("/api/v1/issues?task=failed")).at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/v1/issues?task=lost").status, 400U);
}

TEST_P(LiveApi, DriftIsAnAnomalyWithTheWayBack) {
  const auto id_of = database();
  const auto path = "/api/v1/databases/" + std::to_string(id_of);
  EXPECT_EQ(text(object(post(path + "/scan", {})), "state"), "same");
  must("ALTER TABLE t ADD c int");
  const auto found = object(post(path + "/scan", {}));
  EXPECT_EQ(text(found, "state"), "drift");
  const auto listed = object(get("/api/v1/anomalies?status=open&kind=schema.drift"));
  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  const auto one = object(
      get("/api/v1/anomalies/" + std::to_string(found.at("anomaly").to_number<store::Id>())));
  EXPECT_THAT(text(one, "diff"), HasSubstr("+  `c` int"));
  EXPECT_THAT(text(one, "revert"), HasSubstr("DROP COLUMN `c`"));
  EXPECT_THAT(text(one, "adopt"), HasSubstr("ADD COLUMN `c` int"));
  EXPECT_EQ(get("/api/v1/anomalies?status=maybe").status, 400U);
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(object(get("/api/v1/anomalies")).at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/v1/anomalies/" + std::to_string(id(one))).status, 403U);
}

TEST_P(LiveApi, AServerThatIsAwayIsSaidAndIsAnAnomaly) {
  auto body = instance_body();
  body["host"] = "no-such-host.invalid";
  const auto made = object(post("/api/v1/instances", body));
  const auto synced = post("/api/v1/instances/" + std::to_string(id(made)) + "/sync", {});
  EXPECT_EQ(synced.status, 502U);
  EXPECT_THAT(synced.body, HasSubstr("no-such-host.invalid"));
  const auto listed = object(get("/api/v1/anomalies?kind=instance.connection"));
  EXPECT_EQ(listed.at("items").as_array().size(), 1U);
}

TEST_P(LiveApi, SqlAnswersKeepEveryValue) {
  const auto id_of = database();
  const auto shown = sql(id_of, "SELECT id, a, b, 1.50 AS d, 2.5e0 AS f FROM t ORDER BY id");
  const auto& rows = shown.at("rows").as_array();
  EXPECT_EQ(json::serialize(rows.at(0)), R"([1,"ä",{"base64":"AP8="},"1.50",2.5E0])");
  EXPECT_EQ(rows.at(1).at(0).as_string(), "18446744073709551615");
  EXPECT_TRUE(rows.at(1).at(1).is_null());
  EXPECT_EQ(rows.at(1).at(2).at("base64").as_string(), "");
  EXPECT_EQ(shown.at("columns").at(0).at("type").as_string(), "bigint");
  EXPECT_FALSE(shown.at("truncated").as_bool());
  EXPECT_THAT(text(sql(id_of, "DELETE FROM t", 422), "detail"), HasSubstr("group dml"));
  EXPECT_THAT(text(sql(id_of, "SELECT * FROM nowhere", 422), "detail"), HasSubstr("1146"));
}

TEST_P(LiveApi, AdminModeIsForOwnersAndDbasAndAuditedWithoutLiterals) {
  const auto id_of = database();
  const auto done = sql(id_of, "DELETE FROM t WHERE a = 'ä'", 200, "admin");
  EXPECT_EQ(done.at("affected_rows").to_number<int>(), 1);
  const auto entries = audit("sql.run");
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_THAT(entries[0].detail, HasSubstr("admin: DELETE FROM `t` WHERE `a` = ?"));
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  const auto user = store_->user_for_sign_in("dev@example.org")->first.id;
  sql(id_of, "SELECT 1", 403);
  ASSERT_TRUE(store_->set_member(1, {user, policy::ProjectRole::kDeveloper}));
  sql(id_of, "SELECT 1");
  sql(id_of, "DELETE FROM t", 403, "admin");
  sql(999, "SELECT 1", 403);  // and is not told that there is none
}

INSTANTIATE_TEST_SUITE_P(Servers, LiveApi, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::http

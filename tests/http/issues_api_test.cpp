// Issues, tasks and the history over the API; nothing runs here (tests/change has the engine's
// own).
#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using policy::WorkspaceRole;

class IssuesApi : public ApiTest {
 protected:
  void SetUp() override {
    set_up();
    project_ = store_->create_project({0, "Shop", "SHOP", false})->id;
    const auto environments = *store_->environments();
    const store::Id test = environments.at(0).id;
    instance_ = store_
                    ->create_instance(
                        {0, "aurora", "mysql", test, "h", 3306, "u", "disabled", "", ""}, {"p", ""})
                    ->id;
    const std::vector<store::SeenDatabase> seen{{"db", "utf8mb4", "utf8mb4_bin"}};
    database_ = store_->databases().sync(instance_, seen, project_, now_)->at(0).id;
  }
  json::value body(const std::string& statement = "ALTER TABLE t ADD c INT") const {
    return {{"project", project_},
            {"type", "schema.update"},
            {"title", "add c"},
            {"statement", statement},
            {"targets", json::array{{{"database", database_}}}}};
  }
  json::object make() { return object(post("/api/v1/issues", body())); }
  static store::Id task_of(const json::object& issue) {
    return issue.at("stages").at(0).at("tasks").at(0).at("id").to_number<store::Id>();
  }

  store::Id project_ = 0;
  store::Id instance_ = 0;
  store::Id database_ = 0;
};

TEST_F(IssuesApi, AnIssueIsMadeListedAndShown) {
  const auto made = post("/api/v1/issues", body());
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto issue = object(made);
  EXPECT_EQ(header(made, "Location"), "/api/v1/issues/" + std::to_string(id(issue)));
  EXPECT_EQ(text(issue, "type"), "schema.update");
  EXPECT_EQ(issue.at("stages").at(0).at("environment").at("name"), "Test");
  const auto& task = issue.at("stages").at(0).at("tasks").at(0);
  EXPECT_EQ(task.at("status"), "pending_approval");
  EXPECT_EQ(task.at("checks_status"), "not_run");
  EXPECT_EQ(task.at("statement"), "ALTER TABLE t ADD c INT");
  EXPECT_EQ(task.at("database").at("name"), "db");
  EXPECT_EQ(issue.at("creator").at("email"), "ada@example.org");
  EXPECT_EQ(issue.at("activity").at(0).at("kind"), "created");
  const auto listed = object(get("/api/v1/issues?status=open&project=" + std::to_string(project_)));
  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  EXPECT_EQ(object(get("/api/v1/issues?database=999")).at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/v1/issues?status=nope&project=x").status, 400U);
  EXPECT_EQ(get("/api/v1/issues/999").status, 404U);
  EXPECT_EQ(audit("issues.create").size(), 1U);
}

TEST_F(IssuesApi, ListsArePaged) {
  for (int i = 0; i < 3; ++i) make();
  const auto first = object(get("/api/v1/issues?limit=2"));
  ASSERT_EQ(first.at("items").as_array().size(), 2U);
  const auto cursor = text(first, "next_cursor");
  const auto second = object(get("/api/v1/issues?limit=2&cursor=" + cursor));
  EXPECT_EQ(second.at("items").as_array().size(), 1U);
  EXPECT_TRUE(second.at("next_cursor").is_null());
}

TEST_F(IssuesApi, EveryBadFieldIsSaid) {
  auto wrong = body("").as_object();
  wrong["targets"] = json::array{{{"database", 999}}};
  const auto planned = post("/api/v1/issues", wrong);
  EXPECT_EQ(planned.status, 400U);
  EXPECT_NE(planned.body.find("targets[0].database"), std::string::npos) << planned.body;
  EXPECT_NE(planned.body.find("\"statement\""), std::string::npos);
  const auto shape = post(
      "/api/v1/issues",
      {{"type", "x"}, {"targets", json::array{{{"databsae", 1}}}}, {"earliest_start", "tomorrow"}});
  EXPECT_EQ(shape.status, 400U);
  for (const auto* field : {"project", "type", "title", "targets[0].databsae", "earliest_start"}) {
    EXPECT_NE(shape.body.find(field), std::string::npos) << field << shape.body;
  }
  auto labels = body().as_object();
  labels["targets"] = json::array{{{"labels", {{"a", 1}}}}};
  EXPECT_EQ(post("/api/v1/issues", labels).status, 400U);
  labels["targets"] = 3;
  EXPECT_EQ(post("/api/v1/issues", labels).status, 400U);
}

TEST_F(IssuesApi, ActionsAnswerWithTheIssueOrWithWhyNot) {
  auto environment = store_->environments()->at(0);
  environment.rules.approval = policy::Approval::kManual;
  ASSERT_TRUE(store_->update_environment(environment).has_value());
  const auto issue = make();
  const std::string path = "/api/v1/issues/" + std::to_string(id(issue));
  const std::string task = "/api/v1/tasks/" + std::to_string(task_of(issue));
  const auto approved = post(path + "/approve", nullptr);
  EXPECT_EQ(approved.status, 409U);
  EXPECT_NE(approved.body.find("author"), std::string::npos);
  EXPECT_EQ(post(path + "/resolve", nullptr).status, 409U);
  EXPECT_EQ(post(path + "/reject", {{"reason", ""}}).status, 400U);
  EXPECT_EQ(post(path + "/reject", {{"reason", "not yet"}}).status, 200U);
  EXPECT_EQ(object(get(path)).at("approval").at("status"), "rejected");
  EXPECT_EQ(post(task + "/run", nullptr).status, 409U);
  const auto edited = send("PUT", task + "/statement", {{"statement", "DROP TABLE t"}});
  ASSERT_EQ(edited.status, 200U) << edited.body;
  EXPECT_EQ(text(object(get(task + "/statement")), "statement"), "DROP TABLE t");
  EXPECT_EQ(post(task + "/check", nullptr).status, 200U);
  EXPECT_EQ(post(path + "/comments", {{"text", "<b>hi</b>"}}).status, 200U);
  EXPECT_EQ(object(get(path)).at("comments").at(0).at("text"), "<b>hi</b>");
  EXPECT_EQ(post(task + "/skip", json::object{}).status, 400U);
  EXPECT_EQ(post(task + "/skip", {{"reason", "not needed"}}).status, 200U);
  EXPECT_EQ(post(task + "/retry", nullptr).status, 409U);
  EXPECT_EQ(post(task + "/settle", {{"outcome", "perhaps"}, {"reason", "x"}}).status, 400U);
  EXPECT_EQ(post(task + "/settle", {{"outcome", "done"}}).status, 400U);
  const auto settled = post(task + "/settle", {{"outcome", "done"}, {"reason", "I looked"}});
  EXPECT_EQ(settled.status, 409U) << settled.body;
  EXPECT_EQ(post(path + "/resolve", nullptr).status, 200U);
  EXPECT_EQ(text(object(get(path)), "status"), "done");
  EXPECT_EQ(post(path + "/cancel", nullptr).status, 409U);
  const auto other = make();
  const std::string second = "/api/v1/issues/" + std::to_string(id(other));
  EXPECT_EQ(post("/api/v1/tasks/" + std::to_string(task_of(other)) + "/cancel", nullptr).status,
            200U);
  EXPECT_EQ(post(second + "/cancel", nullptr).status, 200U);
  EXPECT_EQ(post(second + "/reopen", nullptr).status, 200U);
  EXPECT_EQ(post("/api/v1/tasks/999/run", nullptr).status, 404U);
}

TEST_F(IssuesApi, WhoIsNoMemberSeesAndMakesNothing) {
  const auto issue = make();
  token_ = add_user("dev", WorkspaceRole::kDeveloper);
  EXPECT_EQ(object(get("/api/v1/issues")).at("items").as_array().size(), 0U);
  EXPECT_EQ(get("/api/v1/issues/" + std::to_string(id(issue))).status, 403U);
  EXPECT_EQ(post("/api/v1/issues", body()).status, 403U);
  EXPECT_EQ(post("/api/v1/review", {{"database", database_}, {"statement", "x"}}).status, 403U);
  const auto user = store_->user_for_sign_in("dev@example.org")->first.id;
  ASSERT_TRUE(store_->set_member(project_, {user, policy::ProjectRole::kViewer}).has_value());
  EXPECT_EQ(object(get("/api/v1/issues")).at("items").as_array().size(), 1U);
  EXPECT_EQ(get("/api/v1/issues/" + std::to_string(id(issue))).status, 200U);
  EXPECT_EQ(post("/api/v1/issues", body()).status, 403U);
}

TEST_F(IssuesApi, TheHistoryShowsSchemasAndTheirDiff) {
  store::NewChange added;
  added.change.project = project_;
  added.change.instance = instance_;
  added.change.instance_name = "aurora";
  added.change.database = database_;
  added.change.database_name = "db";
  added.change.actor = "ada@example.org";
  added.change.started_at = now_;
  added.change.before = {"binlog.000001", 4};
  added.statement = "ALTER TABLE t ADD c INT";
  added.statements = R"([{"index":1,"line":1,"state":"done","affected_rows":0}])";
  added.schema_before = "CREATE TABLE t (\n  id INT\n);\n";
  added.schema_after = "CREATE TABLE t (\n  id INT,\n  c INT\n);\n";
  const auto change = store_->history().add(added, now_);
  ASSERT_TRUE(change.has_value());
  const auto listed = object(get("/api/v1/changes?database=" + std::to_string(database_)));
  ASSERT_EQ(listed.at("items").as_array().size(), 1U);
  EXPECT_EQ(listed.at("items").at(0).at("schema_changed"), true);
  const auto shown = object(get("/api/v1/changes/" + std::to_string(change->id)));
  EXPECT_EQ(text(shown, "schema_after"), added.schema_after);
  EXPECT_NE(text(shown, "diff").find("+  c INT\n"), std::string::npos);
  EXPECT_EQ(shown.at("binlog").at("before").at("position"), 4);
  EXPECT_TRUE(shown.at("binlog").at("after").is_null());
  EXPECT_EQ(shown.at("statements").at(0).at("state"), "done");
  EXPECT_EQ(get("/api/v1/changes/999").status, 404U);
  EXPECT_EQ(get("/api/v1/changes?issue=x").status, 400U);
  token_ = add_user("dev", WorkspaceRole::kDeveloper);
  EXPECT_EQ(get("/api/v1/changes/" + std::to_string(change->id)).status, 403U);
  EXPECT_EQ(object(get("/api/v1/changes")).at("items").as_array().size(), 0U);
}

TEST_F(IssuesApi, AReviewOfAnInstanceThatIsAwaySaysSo) {
  auto instances = *store_->instances();
  instances[0].host = "127.0.0.1";
  instances[0].port = 1;
  ASSERT_TRUE(store_->update_instance(instances[0], std::nullopt).has_value());
  EXPECT_EQ(post("/api/v1/review", {{"database", database_}, {"statement", "SELECT 1"}}).status,
            502U);
  EXPECT_EQ(post("/api/v1/review", {{"database", 999}, {"statement", "SELECT 1"}}).status, 404U);
  EXPECT_EQ(post("/api/v1/review", {{"statement", "SELECT 1"}}).status, 400U);
}

}  // namespace
}  // namespace sluice::http

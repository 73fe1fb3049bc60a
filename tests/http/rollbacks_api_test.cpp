// Rollbacks over the API, as far as no server is needed; tests/change and tests/e2e have the rest.
#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using policy::WorkspaceRole;
using testing::HasSubstr;

class RollbacksApi : public ApiTest {
 protected:
  void SetUp() override {
    set_up();
    const store::Id test = store_->environments()->at(0).id;
    // Nobody listens there.
    instance_ =
        store_
            ->create_instance({0, "aurora", "mysql", test, "127.0.0.1", 1, "u", "disabled", "", ""},
                              {"p", ""})
            ->id;
    const std::vector<store::SeenDatabase> seen{{"db", "utf8mb4", "utf8mb4_bin"}};
    database_ = store_->databases().sync(instance_, seen, 1, now_)->at(0).id;
  }
  std::string make(const std::string& type, const std::string& statement) {
    const auto made = post("/api/v1/issues", {{"project", 1},
                                              {"type", type},
                                              {"title", "t"},
                                              {"statement", statement},
                                              {"targets", json::array{{{"database", database_}}}}});
    return "/api/v1/issues/" + std::to_string(id(object(made)));
  }
  static std::string detail(const Response& response) { return text(object(response), "detail"); }

  store::Id instance_ = 0;
  store::Id database_ = 0;
};

TEST_F(RollbacksApi, TheSwitchIsADataChanges) {
  const auto issue = make("data.update", "DELETE FROM t");
  EXPECT_FALSE(object(get(issue)).at("rollback").as_bool());
  EXPECT_TRUE(object(patch(issue, {{"rollback", true}})).at("rollback").as_bool());
  EXPECT_FALSE(object(patch(issue, {{"rollback", false}})).at("rollback").as_bool());
  const auto activity = object(get(issue)).at("activity").as_array();
  EXPECT_EQ(activity.at(1).at("kind"), "rollback_on");
  EXPECT_EQ(activity.at(2).at("kind"), "rollback_off");
  EXPECT_EQ(patch(issue, json::object()).status, 400U);
  EXPECT_EQ(patch(issue, {{"rollback", "yes"}}).status, 400U);
  EXPECT_EQ(patch(issue, {{"rollback", true}, {"title", "x"}}).status, 400U);
  const auto refused = patch(make("schema.update", "DROP TABLE t"), {{"rollback", true}});
  EXPECT_EQ(refused.status, 409U);
  EXPECT_THAT(detail(refused), HasSubstr("Only a change of data"));
  EXPECT_EQ(patch("/api/v1/issues/999", {{"rollback", true}}).status, 404U);
}

TEST_F(RollbacksApi, WhyThereIsNoneIsSaid) {
  const auto issue = make("data.update", "DELETE FROM t");
  auto shown = object(get(issue + "/rollback"));
  EXPECT_FALSE(shown.at("possible").as_bool());
  EXPECT_EQ(text(shown, "reason"), "No task of the issue has changed anything yet.");
  const auto refused = send("POST", issue + "/rollback");
  EXPECT_EQ(refused.status, 409U);
  EXPECT_EQ(detail(refused), "No task of the issue has changed anything yet.");
  shown = object(get(make("schema.update", "DROP TABLE t") + "/rollback"));
  EXPECT_THAT(text(shown, "reason"), HasSubstr("schema.update"));
  EXPECT_EQ(post(issue + "/rollback", {{"conflicts", "perhaps"}}).status, 400U);
  EXPECT_EQ(get("/api/v1/issues/999/rollback").status, 404U);
  token_ = add_user("dev", WorkspaceRole::kDeveloper);
  EXPECT_EQ(get(issue + "/rollback").status, 403U);
  EXPECT_EQ(send("POST", issue + "/rollback").status, 403U);
  EXPECT_EQ(patch(issue, {{"rollback", true}}).status, 403U);
}

TEST_F(RollbacksApi, ChosenRowsNeedToBeChosen) {
  const std::string path = "/api/v1/rollbacks";
  EXPECT_EQ(post(path, json::object()).status, 400U);
  EXPECT_EQ(post(path, {{"instance", 1}, {"thread", 5}, {"gtid", "a"}}).status, 400U);
  EXPECT_EQ(post(path, {{"instance", 1},
                        {"thread", 5},
                        {"from", "2026-01-02T00:00:00Z"},
                        {"to", "2026-01-01T00:00:00Z"}})
                .status,
            400U);
  const auto nobody = post(path, {{"instance", "aurora"}});
  EXPECT_EQ(nobody.status, 409U);
  EXPECT_THAT(detail(nobody), HasSubstr("Say whose rows"));
  const auto account = post(path, {{"instance", "aurora"}, {"account", "app"}});
  EXPECT_EQ(account.status, 409U);
  EXPECT_THAT(detail(account), HasSubstr("Nothing of account app was recorded"));
  const auto away = post(path, {{"instance", "aurora"}, {"thread", 5}});
  EXPECT_EQ(away.status, 409U);
  EXPECT_THAT(detail(away), HasSubstr("cannot be reached"));
  EXPECT_EQ(post(path, {{"instance", "aurora"}, {"gtid", "nonsense"}}).status, 409U);
  EXPECT_EQ(
      post(path, {{"instance", "aurora"}, {"thread", 5}, {"tables", json::array{"nodot"}}}).status,
      409U);
  token_ = add_user("dev", WorkspaceRole::kDeveloper);
  EXPECT_EQ(post(path, {{"instance", "aurora"}, {"thread", 5}}).status, 403U);
}

TEST_F(RollbacksApi, AnEnvironmentLimitsWhatIsKept) {
  const std::string path =
      "/api/v1/environments/" + std::to_string(store_->environments()->at(0).id);
  EXPECT_EQ(object(get(path)).at("rollback"),
            (json::value{{"keep", true}, {"max_mib", 256}, {"days", 30}, {"recorded", false}}));
  const auto set = patch(path, {{"rollback", {{"keep", false}, {"days", 7}}}});
  EXPECT_EQ(object(set).at("rollback"),
            (json::value{{"keep", false}, {"max_mib", 256}, {"days", 7}, {"recorded", false}}));
  EXPECT_THAT(patch(path, {{"rollback", {{"days", 0}}}}).body, HasSubstr("rollback.days"));
}

}  // namespace
}  // namespace sluice::http

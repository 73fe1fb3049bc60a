// What of the API the gate depends on: environments, freezes and break-glass act at once, and the
// history says who sent a change through the proxy.
#include "tests/http/api_fixture.h"

namespace sluice::http {
namespace {

using testing::HasSubstr;

class GateApi : public ApiTest {
 protected:
  void SetUp() override {
    set_up();
    const auto made = post("/api/v1/instances", {{"name", "main"},
                                                 {"engine", "mysql"},
                                                 {"environment", "Test"},
                                                 {"host", "127.0.0.1"},
                                                 {"port", 3306},
                                                 {"username", "root"},
                                                 {"password", "secret"}});
    ASSERT_EQ(made.status, 201U) << made.body;
    instance_ = id(object(made));
    database_ = store_->databases().ensure(instance_, {"shop", "utf8mb4", ""}, 1, now_)->id;
    path_ = "/api/v1/databases/" + std::to_string(database_);
  }
  store::Id instance_ = 0;
  store::Id database_ = 0;
  std::string path_;
};

TEST_F(GateApi, AnEnvironmentsGateIsInForceWhenTheAnswerComes) {
  const auto before = data_path_.policy_refreshes;
  const auto changed =
      patch("/api/v1/environments/1",
            {{"gate", {{"shadow", true}, {"max_affected_rows", 100}, {"hold_seconds", 30}}}});
  ASSERT_EQ(changed.status, 200U) << changed.body;
  const auto gate = object(changed).at("gate").as_object();
  EXPECT_TRUE(gate.at("shadow").as_bool());
  EXPECT_EQ(gate.at("max_affected_rows").as_int64(), 100);
  EXPECT_EQ(gate.at("hold_seconds").as_int64(), 30);
  EXPECT_EQ(data_path_.policy_refreshes, before + 1);
}

TEST_F(GateApi, ADatabaseIsFrozenWithAReasonAndThawed) {
  const auto before = data_path_.policy_refreshes;
  const auto frozen = patch(path_, {{"frozen", true}, {"freeze_reason", "a release is on"}});
  ASSERT_EQ(frozen.status, 200U) << frozen.body;
  EXPECT_TRUE(object(frozen).at("frozen").as_bool());
  EXPECT_EQ(text(object(frozen), "freeze_reason"), "a release is on");
  EXPECT_EQ(data_path_.policy_refreshes, before + 1);
  EXPECT_THAT(audit("databases.change").back().detail, HasSubstr("is frozen: a release is on"));
  const auto thawed = object(patch(path_, {{"frozen", false}}));
  EXPECT_FALSE(thawed.at("frozen").as_bool());
  EXPECT_EQ(text(thawed, "freeze_reason"), "");
  EXPECT_EQ(patch(path_, {{"frozen", "yes"}}).status, 400U);
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(patch(path_, {{"frozen", true}}).status, 403U);
}

TEST_F(GateApi, BreakGlassIsAnAccountsSetting) {
  const auto made =
      post("/api/v1/accounts", {{"name", "app"}, {"kind", "service"}, {"password", "long enough"}});
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_FALSE(object(made).at("may_break_glass").as_bool());
  const auto path = "/api/v1/accounts/" + std::to_string(id(object(made)));
  EXPECT_TRUE(object(patch(path, {{"may_break_glass", true}})).at("may_break_glass").as_bool());
  EXPECT_TRUE(object(get(path)).at("may_break_glass").as_bool());
}

TEST_F(GateApi, DigestsAreListedWithWhatTheGateSaid) {
  session::DigestRow row;
  row.instance = "main";
  row.account = "app";
  row.digest = std::string(64, 'a');
  row.text = "SELECT ?";
  row.count = 3;
  row.verdicts[0] = 3;
  row.latency.record(100);
  row.last_seen = now_;
  digests_.rows = {row, row};
  digests_.rows[1].account = "ada";
  digests_.rows[1].text = "DROP TABLE `t`\xff";
  digests_.rows[1].shadow[2] = 1;
  const auto all = object(get("/api/v1/digests"));
  ASSERT_EQ(all.at("items").as_array().size(), 2U);
  const auto first = all.at("items").at(0).as_object();
  EXPECT_EQ(first.at("verdicts").at("pass").to_number<int>(), 3);
  EXPECT_GE(first.at("latency_us").at("p50").to_number<int>(), 100);
  const auto shadow = object(get("/api/v1/digests?shadow=true"));
  ASSERT_EQ(shadow.at("items").as_array().size(), 1U);
  EXPECT_EQ(text(shadow.at("items").at(0).as_object(), "account"), "ada");
  EXPECT_EQ(object(get("/api/v1/digests?account=app")).at("items").as_array().size(), 1U);
  const auto page = object(get("/api/v1/digests?limit=1"));
  EXPECT_EQ(page.at("items").as_array().size(), 1U);
  EXPECT_EQ(object(get("/api/v1/digests?limit=1&cursor=" + text(page, "next_cursor")))
                .at("items")
                .as_array()
                .size(),
            1U);
  EXPECT_EQ(get("/api/v1/digests?shadow=maybe").status, 400U);
  token_ = add_user("dev", policy::WorkspaceRole::kDeveloper);
  EXPECT_EQ(get("/api/v1/digests").status, 403U);
}

TEST_F(GateApi, TheHistoryTellsAccountProgramAndHost) {
  store::NewChange added;
  added.change.source = store::Source::kProxy;
  added.change.actor = "ada@example.org";
  added.change.account = "ada";
  added.change.program = "mysql";
  added.change.client_host = "10.0.0.7";
  added.change.project = 1;
  added.change.instance = instance_;
  added.change.database = database_;
  added.change.started_at = now_;
  added.statement = "CREATE TABLE t (a INT)";
  const auto kept = store_->history().add(added, now_);
  ASSERT_TRUE(kept.has_value()) << kept.error().detail;
  const auto shown = object(get("/api/v1/changes/" + std::to_string(kept->id)));
  EXPECT_EQ(text(shown, "account"), "ada");
  EXPECT_EQ(text(shown, "program"), "mysql");
  EXPECT_EQ(text(shown, "client_host"), "10.0.0.7");
}

TEST_F(GateApi, AnIssueOfAnApplicationHasNoPersonForItsAuthor) {
  store::NewIssue made;
  made.issue.project = 1;
  made.issue.title = "ALTER TABLE t";
  made.issue.source = store::Source::kProxy;
  made.environments = {1};
  const auto state = store_->issues().create(made, now_);
  ASSERT_TRUE(state.has_value()) << state.error().detail;
  const auto shown = object(get("/api/v1/issues/" + std::to_string(state->issue.id)));
  EXPECT_TRUE(shown.at("creator").is_null());
  EXPECT_EQ(text(shown, "source"), "proxy");
}

}  // namespace
}  // namespace sluice::http

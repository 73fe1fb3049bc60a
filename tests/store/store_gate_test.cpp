// What the gate keeps, on both stores: joined requests, changes from begin to history, takeovers.
#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using policy::TaskStatus;

class StoreGate : public contract::Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (!store_) return;
    const auto environments = store_->environments();
    instance_ = store_
                    ->create_instance({0, "db1", "mysql", environments->front().id, "127.0.0.1",
                                       3306, "root", "preferred", "", ""},
                                      {})
                    ->id;
    database_ = *store_->databases().ensure(instance_, {"shop", "utf8mb4", ""}, 1, kNow);
    environment_ = environments->front().id;
  }

  [[nodiscard]] GateIssue asked(const std::string& hash) const {
    GateIssue origin;
    origin.account = "app";
    origin.instance = instance_;
    origin.schema = "shop";
    origin.request_hash = hash;
    origin.rule = "gate.ddl";
    origin.holder = "me";
    return origin;
  }
  [[nodiscard]] NewIssue issue() const {
    NewIssue made;
    made.issue.project = 1;
    made.issue.title = "ALTER TABLE shop.t";
    made.issue.source = Source::kProxy;
    made.environments = {environment_};
    NewTask task;
    task.instance = instance_;
    task.instance_name = "db1";
    task.database = database_.id;
    task.database_name = "shop";
    task.statement = "ALTER TABLE t ADD b INT";
    made.tasks = {task};
    return made;
  }
  [[nodiscard]] GateChange change() const {
    GateChange made;
    made.holder = "me";
    made.account = "app";
    made.actor = "app";
    made.program = "mysql";
    made.host = "10.0.0.7";
    made.instance = instance_;
    made.instance_name = "db1";
    made.schema = "shop";
    made.statements = "[]";
    made.places = "[]";
    made.started_at = kNow;
    return made;
  }
  [[nodiscard]] GateEntry entry(const std::string& after, const std::string& expected) const {
    GateEntry made;
    made.entry.change.source = Source::kProxy;
    made.entry.change.actor = "app";
    made.entry.change.account = "app";
    made.entry.change.program = "mysql";
    made.entry.change.client_host = "10.0.0.7";
    made.entry.change.project = 1;
    made.entry.change.instance = instance_;
    made.entry.change.database = database_.id;
    made.entry.change.database_name = "shop";
    made.entry.change.schema_before_hash = expected;
    made.entry.change.started_at = kNow;
    made.entry.statement = "CREATE TABLE t (a INT)";
    made.entry.schema_after = after;
    made.expected_schema = expected;
    return made;
  }

  Id instance_ = 0;
  Id environment_ = 0;
  DatabaseEntry database_;
};

constexpr auto kAlways = [](const IssueState&, const GateIssue&) { return true; };
constexpr auto kNever = [](const IssueState&, const GateIssue&) { return false; };

TEST_P(StoreGate, OneIssueARequestForAsLongAsItStands) {
  auto gate = store_->gate();
  const auto first = gate.join(asked("h1"), issue(), kAlways, kNow);
  ASSERT_TRUE(first.has_value()) << first.error().detail;
  EXPECT_TRUE(first->created);
  EXPECT_EQ(first->state.issue.creator, 0);  // Sluice's own, for a service's account
  const auto again = gate.join(asked("h1"), issue(), kAlways, kNow);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(again->origin.issue, first->origin.issue);
  const auto other = gate.join(asked("h2"), issue(), kAlways, kNow);
  EXPECT_TRUE(other->created);
  const auto anew = gate.join(asked("h1"), issue(), kNever, kNow);
  EXPECT_TRUE(anew->created);
  EXPECT_EQ(gate.issues_of("app", 10)->size(), 3U);
  EXPECT_TRUE(gate.issues_of("other", 10)->empty());
  EXPECT_EQ(gate.origin(first->origin.issue)->rule, "gate.ddl");
  EXPECT_EQ(gate.origin(999).error().kind, Failure::kNotFound);
}

TEST_P(StoreGate, AnAnswerIsTakenOnce) {
  auto gate = store_->gate();
  const auto joined = gate.join(asked("h1"), issue(), kAlways, kNow);
  EXPECT_TRUE(*gate.take_answer(joined->origin.issue));
  EXPECT_FALSE(*gate.take_answer(joined->origin.issue));
  EXPECT_TRUE(gate.origin(joined->origin.issue)->answered);
}

TEST_P(StoreGate, SluiceItselfIsNobodyWhoCanBeListedOrSignIn) {
  EXPECT_FALSE(*store_->has_users());
  EXPECT_TRUE(store_->users(0, 10)->empty());
  EXPECT_FALSE(store_->user_for_sign_in("").has_value());
  owner();
  EXPECT_TRUE(*store_->has_users());
  EXPECT_EQ(store_->users(0, 10)->size(), 1U);
}

TEST_P(StoreGate, AnEndWritesHistoryAndTheRecordedSchemaTogether) {
  auto gate = store_->gate();
  auto begun = change();
  begun.id = *gate.begin(begun, {"before"});
  ASSERT_EQ(gate.open()->size(), 1U);
  EXPECT_EQ(gate.open()->front().program, "mysql");
  const auto ids = gate.finish(begun, {{entry("after", "")}, {}, ""}, kNow);
  ASSERT_TRUE(ids.has_value()) << ids.error().detail;
  EXPECT_TRUE(gate.open()->empty());
  EXPECT_EQ(*store_->databases().recorded_schema(database_.id), "after");
  const auto kept = *store_->history().get(ids->front());
  EXPECT_EQ(kept.account, "app");
  EXPECT_EQ(kept.program, "mysql");
  EXPECT_EQ(kept.client_host, "10.0.0.7");
  EXPECT_EQ(store_->history().texts(kept)->schema_before, "");
  // Ended is ended.
  EXPECT_EQ(gate.finish(begun, {}, kNow).error().kind, Failure::kConflict);
}

TEST_P(StoreGate, ASchemaThatMovedIsNotOverwritten) {
  auto gate = store_->gate();
  auto begun = change();
  begun.id = *gate.begin(begun, {});
  ASSERT_TRUE(store_->databases().record_schema(database_.id, "moved", "9.7.4", kNow).has_value());
  EXPECT_EQ(gate.finish(begun, {{entry("after", "")}, {}, ""}, kNow).error().kind,
            Failure::kConflict);
  ASSERT_EQ(gate.open()->size(), 1U);  // all of it or nothing
  const auto now = store_->databases().get(database_.id)->schema_hash;
  EXPECT_TRUE(gate.finish(begun, {{entry("after", now)}, {}, ""}, kNow).has_value());
}

TEST_P(StoreGate, AChangeIsTakenOverByOne) {
  auto gate = store_->gate();
  auto begun = change();
  begun.id = *gate.begin(begun, {});
  const auto seen = gate.open()->front();
  ASSERT_TRUE(gate.renew("me").has_value());
  EXPECT_EQ(gate.take_over(seen, "you").error().kind, Failure::kConflict);  // it lives
  const auto still = gate.open()->front();
  EXPECT_EQ(gate.take_over(still, "you")->holder, "you");
  EXPECT_EQ(gate.take_over(still, "her").error().kind, Failure::kConflict);
  EXPECT_EQ(gate.finish(begun, {}, kNow).error().kind, Failure::kConflict);
}

TEST_P(StoreGate, AHeldTaskIsItsClientsAlone) {
  auto gate = store_->gate();
  auto held = asked("h1");
  held.held = true;
  const auto joined = gate.join(held, issue(), kAlways, kNow);
  const auto& task = joined->state.tasks.front();
  const auto approve = [&](const IssueState&) -> Decision {
    IssueUpdate update;
    TaskUpdate& to = update.tasks.emplace_back();
    to.task = task.id;
    to.status = TaskStatus::kPending;
    return update;
  };
  ASSERT_TRUE(store_->issues().change(joined->origin.issue, approve, kNow).has_value());
  EXPECT_TRUE(store_->issues().tasks_to_run(kNow, 10)->empty());
  ASSERT_EQ(gate.held()->size(), 1U);

  const auto start = [&](const IssueState& state) -> Decision {
    if (state.tasks.front().status != TaskStatus::kPending) return policy::Refused{"it runs"};
    IssueUpdate update;
    TaskUpdate& to = update.tasks.emplace_back();
    to.task = task.id;
    to.status = TaskStatus::kRunning;
    return update;
  };
  auto claimed = change();
  claimed.issue = joined->origin.issue;
  claimed.task = task.id;
  const auto id = gate.claim(claimed, {}, start, kNow);
  ASSERT_TRUE(id.has_value()) << id.error().detail;
  EXPECT_EQ(gate.claim(claimed, {}, start, kNow).error().kind, Failure::kRefused);
  claimed.id = *id;
  ASSERT_TRUE(
      gate.finish(claimed, {{entry("after", "")}, TaskStatus::kDone, ""}, kNow).has_value());
  const auto state = *store_->issues().get(joined->origin.issue);
  EXPECT_EQ(state.tasks.front().status, TaskStatus::kDone);
  EXPECT_NE(state.tasks.front().change, 0);
  EXPECT_TRUE(gate.origin(joined->origin.issue)->answered);
  EXPECT_TRUE(gate.held()->empty());
}

TEST_P(StoreGate, ATaskWhoseClientIsGoneRunsAsOthersDo) {
  auto gate = store_->gate();
  auto held = asked("h1");
  held.held = true;
  const auto joined = gate.join(held, issue(), kAlways, kNow);
  const auto approve = [&](const IssueState& state) -> Decision {
    IssueUpdate update;
    TaskUpdate& to = update.tasks.emplace_back();
    to.task = state.tasks.front().id;
    to.status = TaskStatus::kPending;
    return update;
  };
  ASSERT_TRUE(store_->issues().change(joined->origin.issue, approve, kNow).has_value());
  ASSERT_TRUE(gate.let_go(joined->origin.issue).has_value());
  EXPECT_EQ(store_->issues().tasks_to_run(kNow, 10)->size(), 1U);
}

TEST_P(StoreGate, ThePolicyRevisionGrowsWithWhatVerdictsDependOn) {
  auto gate = store_->gate();
  auto last = *gate.policy_revision();
  const auto grew = [&] {
    const auto now = *gate.policy_revision();
    const bool more = now > last;
    last = now;
    return more;
  };
  auto environment = store_->environments()->front();
  environment.gate = R"({"shadow": true})";
  ASSERT_TRUE(store_->update_environment(environment).has_value());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->databases().freeze(database_.id, true, "a release").has_value());
  EXPECT_TRUE(grew());
  EXPECT_EQ(store_->databases().get(database_.id)->freeze_reason, "a release");
  ASSERT_TRUE(store_->databases().record_schema(database_.id, "s", "9.7.4", kNow).has_value());
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->databases().ensure(instance_, {"other", "", ""}, 1, kNow).has_value());
  EXPECT_TRUE(grew());
  // A sync that finds nothing new changes no verdict.
  const std::vector<SeenDatabase> seen{{"shop", "utf8mb4", ""}, {"other", "", ""}};
  ASSERT_TRUE(store_->databases().sync(instance_, seen, 1, kNow).has_value());
  EXPECT_FALSE(grew());
}

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreGate, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, StoreGate, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store

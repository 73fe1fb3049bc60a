// Anomalies: one suite for both stores.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using namespace std::chrono_literals;

class AnomaliesContract : public contract::Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (store_ == nullptr) return;
    user_ = owner().id;
    const Id test = store_->environments()->front().id;
    instance_ = store_
                    ->create_instance(
                        {0, "aurora", "mysql", test, "h", 3306, "u", "disabled", "", ""}, {"p", ""})
                    ->id;
    const std::vector<SeenDatabase> seen{{"db", "utf8mb4", "x"}, {"other", "utf8mb4", "x"}};
    const auto databases = store_->databases().sync(instance_, seen, 1, kNow);
    database_ = databases->at(0).id;
    other_ = databases->at(1).id;
  }
  SeenAnomaly drift(const std::string& diff) const {
    SeenAnomaly seen;
    seen.anomaly.kind = "schema.drift";
    seen.anomaly.instance = instance_;
    seen.anomaly.database = database_;
    seen.anomaly.severity = "warning";
    seen.anomaly.title = "Schema drift";
    seen.anomaly.objects = R"(["TABLE t"])";
    seen.anomaly.diff = diff;
    seen.anomaly.revert_sql = "DROP TABLE t";
    seen.anomaly.adopt_sql = "CREATE TABLE t (a int)";
    seen.recorded_text = "";
    seen.live_text = "CREATE TABLE t (a int);";
    return seen;
  }
  Id user_ = 0;
  Id instance_ = 0;
  Id database_ = 0;
  Id other_ = 0;
};

TEST_P(AnomaliesContract, OneIsOpenUntilItIsResolvedAndThenANewOneOpens) {
  auto anomalies = store_->anomalies();
  const auto first = anomalies.report(drift("+a"), kNow);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_TRUE(first->changed);
  const auto again = anomalies.report(drift("+a"), kNow + 1min);
  EXPECT_FALSE(again->changed);
  EXPECT_EQ(again->anomaly.id, first->anomaly.id);
  EXPECT_EQ(again->anomaly.opened_at, kNow);
  EXPECT_EQ(again->anomaly.last_seen_at, kNow + 1min);
  const auto other_words = anomalies.report(drift("+b"), kNow + 2min);
  EXPECT_TRUE(other_words->changed);
  EXPECT_EQ(other_words->anomaly.id, first->anomaly.id);
  EXPECT_EQ(anomalies.get(first->anomaly.id)->diff, "+b");
  EXPECT_EQ(anomalies.texts(first->anomaly.id)->live, "CREATE TABLE t (a int);");
  EXPECT_EQ(anomalies.texts(first->anomaly.id)->recorded, "");
  EXPECT_EQ(*anomalies.resolve(instance_, database_, "schema.drift", kNow + 3min),
            first->anomaly.id);
  EXPECT_EQ(*anomalies.resolve(instance_, database_, "schema.drift", kNow + 4min), 0);
  EXPECT_EQ(anomalies.get(first->anomaly.id)->resolved_at, kNow + 3min);
  EXPECT_NE(anomalies.report(drift("+a"), kNow + 5min)->anomaly.id, first->anomaly.id);
  EXPECT_EQ(anomalies.get(999999).error().kind, Failure::kNotFound);
}

TEST_P(AnomaliesContract, ListsAreFilteredNewestFirst) {
  auto anomalies = store_->anomalies();
  const auto first = anomalies.report(drift("+a"), kNow)->anomaly.id;
  auto about_other = drift("+x");
  about_other.anomaly.database = other_;
  const auto second = anomalies.report(about_other, kNow)->anomaly.id;
  SeenAnomaly connection;
  connection.anomaly.kind = "instance.connection";
  connection.anomaly.instance = instance_;
  connection.anomaly.severity = "error";
  connection.anomaly.title = "'; DROP TABLE anomalies; --";
  const auto third = anomalies.report(connection, kNow)->anomaly.id;
  ASSERT_EQ(*anomalies.resolve(instance_, other_, "schema.drift", kNow), second);
  const auto ids = [&](const AnomalyFilter& filter) {
    std::vector<Id> out;
    const auto listed = anomalies.list(filter);
    for (const auto& one : *listed) out.push_back(one.id);
    return out;
  };
  using testing::ElementsAre;
  EXPECT_THAT(ids({}), ElementsAre(third, second, first));
  EXPECT_THAT(ids({.open = true}), ElementsAre(third, first));
  EXPECT_THAT(ids({.open = false}), ElementsAre(second));
  EXPECT_THAT(ids({.kind = "schema.drift"}), ElementsAre(second, first));
  EXPECT_THAT(ids({.database = database_}), ElementsAre(first));
  EXPECT_THAT(ids({.before = third, .limit = 1}), ElementsAre(second));
  EXPECT_THAT(ids({.project = 1}), ElementsAre(second, first));
  EXPECT_THAT(ids({.member = user_}), ElementsAre());
  ASSERT_TRUE(store_->set_member(1, {user_, policy::ProjectRole::kViewer}));
  EXPECT_THAT(ids({.member = user_}), ElementsAre(second, first));
  EXPECT_EQ(anomalies.get(third)->title, "'; DROP TABLE anomalies; --");
  ASSERT_TRUE(store_->delete_instance(instance_));
  EXPECT_THAT(ids({}), ElementsAre());
}

TEST_P(AnomaliesContract, OneOfManyProgramsHasTheTurn) {
  std::atomic<int> turns = 0;
  std::vector<std::thread> programs;
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] {
      const auto store = open_store();
      ASSERT_NE(store, nullptr);
      const auto turn = store->anomalies().take_turn(instance_, kNow, 5min, kNow + 10min);
      ASSERT_TRUE(turn) << turn.error().detail;
      turns += *turn ? 1 : 0;
    });
  }
  for (auto& program : programs) program.join();
  EXPECT_EQ(turns, 1);
  auto anomalies = store_->anomalies();
  // Whoever took it is gone: its lease ends.
  EXPECT_FALSE(*anomalies.take_turn(instance_, kNow + 9min, 5min, kNow + 20min));
  ASSERT_TRUE(anomalies.extend_turn(instance_, kNow + 12min));
  EXPECT_FALSE(*anomalies.take_turn(instance_, kNow + 11min, 5min, kNow + 20min));
  EXPECT_TRUE(*anomalies.take_turn(instance_, kNow + 12min, 5min, kNow + 20min));
  // The next turn comes when the last one's end said, or sooner when the interval has become short.
  ASSERT_TRUE(anomalies.end_turn(instance_, kNow + 17min));
  EXPECT_FALSE(*anomalies.take_turn(instance_, kNow + 13min, 5min, kNow + 30min));
  EXPECT_TRUE(*anomalies.take_turn(instance_, kNow + 13min, 5s, kNow + 30min));
  ASSERT_TRUE(anomalies.end_turn(instance_, kNow + 18min));
  EXPECT_TRUE(*anomalies.take_turn(instance_, kNow + 18min, 5min, kNow + 30min));
}

TEST_P(AnomaliesContract, AClockThatWentBackDoesNotStopTheScans) {
  auto anomalies = store_->anomalies();
  EXPECT_TRUE(*anomalies.take_turn(instance_, kNow, 10min, kNow + 1min));
  ASSERT_TRUE(anomalies.end_turn(instance_, kNow + 10min).has_value());
  const Time back = kNow - 24h;
  EXPECT_TRUE(*anomalies.take_turn(instance_, back, 10min, back + 1min));
  ASSERT_TRUE(anomalies.end_turn(instance_, back + 10min).has_value());
  EXPECT_FALSE(*anomalies.take_turn(instance_, back + 1min, 10min, back + 2min));
  EXPECT_TRUE(*anomalies.take_turn(instance_, back + 10min, 10min, back + 11min));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, AnomaliesContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, AnomaliesContract, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store

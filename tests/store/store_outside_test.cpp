// Watches over binary logs and the statements they name: one suite for both stores.
#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using namespace std::chrono_literals;

class OutsideContract : public contract::Contract {
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
    const std::vector<SeenDatabase> seen{{"db", "utf8mb4", "x"}};
    database_ = store_->databases().sync(instance_, seen, 1, kNow)->at(0).id;
  }
  OutsideStatement statement(std::int64_t position) const {
    OutsideStatement made;
    made.instance = instance_;
    made.database = database_;
    made.ran_at = kNow;
    made.thread_id = 42;
    made.account = "grace";
    made.host = "10.0.0.3";
    made.author_by = "session";
    made.gtid = "0-1-7";
    made.server = "s";
    made.file = "binlog.000001";
    made.position = position;
    made.statement = "ALTER TABLE t ADD a int";
    return made;
  }
  Id user_ = 0;
  Id instance_ = 0;
  Id database_ = 0;
};

TEST_P(OutsideContract, OneProgramFollowsALogAndAnotherGoesOnWhereItStood) {
  auto outside = store_->outside();
  const auto first = outside.take_watch(instance_, "a", kNow, kNow + 10s);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(*first, WatchedPlace{});
  const WatchedPlace place{"s", "binlog.000007", 5'000'000'000, "uuid:1-7"};
  ASSERT_TRUE(outside.keep_watch(instance_, "a", place, kNow + 20s));
  EXPECT_EQ(outside.take_watch(instance_, "b", kNow + 19s, kNow + 30s).error().kind,
            Failure::kBusy);
  EXPECT_EQ(*outside.take_watch(instance_, "a", kNow + 19s, kNow + 20s), place);
  EXPECT_EQ(*outside.take_watch(instance_, "b", kNow + 20s, kNow + 30s), place);
  EXPECT_EQ(outside.keep_watch(instance_, "a", place, kNow + 40s).error().kind, Failure::kConflict);
  ASSERT_TRUE(outside.leave_watch(instance_, "b"));
  EXPECT_EQ(*outside.take_watch(instance_, "c", kNow + 21s, kNow + 30s), place);
}

TEST_P(OutsideContract, StatementsBelongToTheDriftTheyMadeUntilItIsOver) {
  auto outside = store_->outside();
  ASSERT_TRUE(outside.add(statement(100), kNow + 1s));
  ASSERT_TRUE(outside.add(statement(100), kNow + 2s));  // the log is read again
  ASSERT_TRUE(outside.add(statement(200), kNow + 3s));
  const auto open = outside.open_of(database_, 10);
  ASSERT_TRUE(open) << open.error().detail;
  ASSERT_EQ(open->size(), 2U);
  EXPECT_EQ(open->at(0).position, 100);
  EXPECT_EQ(open->at(0).account, "grace");
  EXPECT_EQ(open->at(0).statement, "ALTER TABLE t ADD a int");
  EXPECT_EQ(open->at(0).anomaly, 0);
  ASSERT_TRUE(outside.attach(database_, 7));
  ASSERT_TRUE(outside.add(statement(300), kNow + 5s));
  EXPECT_EQ(outside.of_anomaly(7, 10)->size(), 2U);
  EXPECT_EQ(outside.of_anomaly(7, 1)->size(), 1U);
  EXPECT_EQ(outside.open_of(database_, 10)->size(), 3U);
  // It was as recorded in a look that began before the last one came.
  ASSERT_TRUE(outside.settle(database_, kNow + 4s));
  EXPECT_EQ(outside.open_of(database_, 10)->size(), 1U);
  ASSERT_TRUE(outside.attach(database_, 8));
  EXPECT_EQ(outside.of_anomaly(8, 10)->size(), 1U);
  EXPECT_EQ(outside.of_anomaly(7, 10)->size(), 2U);
}

TEST_P(OutsideContract, ASessionOfSluicesOwnIsKnownByItsThreadAndTime) {
  auto outside = store_->outside();
  NewChange entry;
  entry.change.kind = policy::IssueKind::kSchemaUpdate;
  entry.change.actor = "ada@example.org";
  entry.change.project = 1;
  entry.change.instance = instance_;
  entry.change.database = database_;
  entry.change.thread_id = 42;
  entry.change.started_at = kNow;
  entry.change.duration = 60s;
  ASSERT_TRUE(store_->history().add(entry, kNow));
  EXPECT_TRUE(*outside.passed(instance_, 42, kNow + 30s));
  EXPECT_TRUE(*outside.passed(instance_, 42, kNow - 2s));
  EXPECT_FALSE(*outside.passed(instance_, 43, kNow + 30s));
  EXPECT_FALSE(*outside.passed(instance_, 42, kNow + 2min));
  EXPECT_FALSE(*outside.passed(instance_, 42, kNow - 1min));
  EXPECT_FALSE(*outside.passed(instance_ + 1, 42, kNow + 30s));
}

INSTANTIATE_TEST_SUITE_P(Sqlite, OutsideContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, OutsideContract, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store

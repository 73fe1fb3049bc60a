// Rows kept for rollbacks: one suite for both stores.
#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

using contract::kNow;
using std::chrono::hours;

class RollbacksContract : public contract::Contract {
 protected:
  void SetUp() override {
    Contract::SetUp();
    if (store_ == nullptr) return;
    user_ = owner().id;
    environment_ = store_->environments()->front().id;
    task_ = make_task(std::nullopt);
  }
  Id make_task(std::optional<TaskRollback> undoes) {
    NewIssue made;
    made.issue.project = 1;
    made.issue.kind = undoes ? policy::IssueKind::kDataRollback : policy::IssueKind::kDataUpdate;
    made.issue.title = "t";
    made.issue.creator = user_;
    made.environments = {environment_};
    NewTask task{0, 1, "aurora", 0, "db", "", "", "DELETE FROM t"};
    task.rollback = std::move(undoes);
    made.tasks = {std::move(task)};
    const auto issue = store_->issues().create(made, kNow);
    EXPECT_TRUE(issue.has_value());
    return issue->tasks.at(0).id;
  }
  RollbackData of_run(std::int64_t attempt) const {
    RollbackData data;
    data.task = task_;
    data.attempt = attempt;
    data.created_at = kNow;
    data.expires_at = kNow + hours(24);
    return data;
  }
  RollbackData keep(std::int64_t attempt, const std::string& bytes) {
    RollbackData data = of_run(attempt);
    data.id = *store_->rollbacks().begin(data);
    EXPECT_TRUE(store_->rollbacks().add_chunk(data.id, 0, bytes).has_value());
    data.state = RollbackState::kWhole;
    data.rows = 3;
    data.bytes = 10;
    data.chunks = 1;
    data.header = R"({"a": 1})";
    EXPECT_TRUE(store_->rollbacks().end(data).has_value());
    return data;
  }
  Id user_ = 0;
  Id environment_ = 0;
  Id task_ = 0;
};

TEST_P(RollbacksContract, WhatIsKeptIsFoundByItsRun) {
  const std::string bytes("\0\xff rows\n", 8);
  const auto kept = keep(1, bytes);
  const auto found = store_->rollbacks().of_run(task_, 1);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->id, kept.id);
  EXPECT_EQ((*found)->state, RollbackState::kWhole);
  EXPECT_EQ((*found)->rows, 3);
  EXPECT_EQ((*found)->header, R"({"a": 1})");
  EXPECT_EQ((*found)->expires_at, kNow + hours(24));
  EXPECT_EQ(*store_->rollbacks().chunk(kept.id, 0), bytes);
  EXPECT_EQ(store_->rollbacks().chunk(kept.id, 1).error().kind, Failure::kNotFound);
  EXPECT_FALSE(store_->rollbacks().of_run(task_, 2)->has_value());
  EXPECT_FALSE(store_->rollbacks().of_change(1)->has_value());
}

TEST_P(RollbacksContract, AnUnfinishedOneIsReplacedAndAWholeOneIsNot) {
  const Id first = *store_->rollbacks().begin(of_run(1));
  ASSERT_TRUE(store_->rollbacks().add_chunk(first, 0, "half").has_value());
  const auto second = keep(1, "all");
  EXPECT_NE(first, second.id);
  EXPECT_FALSE(store_->rollbacks().chunk(first, 0).has_value());
  EXPECT_EQ((*store_->rollbacks().of_run(task_, 1))->id, second.id);
  const auto third = store_->rollbacks().begin(of_run(1));
  ASSERT_FALSE(third.has_value());
  EXPECT_EQ(third.error().kind, Failure::kConflict);
}

TEST_P(RollbacksContract, OfARefusedOneTheReasonStays) {
  RollbackData data = of_run(1);
  data.id = *store_->rollbacks().begin(data);
  ASSERT_TRUE(store_->rollbacks().add_chunk(data.id, 0, "x").has_value());
  data.state = RollbackState::kRefused;
  data.reason = "it is too large";
  ASSERT_TRUE(store_->rollbacks().end(data).has_value());
  EXPECT_EQ((*store_->rollbacks().of_run(task_, 1))->reason, "it is too large");
  EXPECT_FALSE(store_->rollbacks().chunk(data.id, 0).has_value());
}

TEST_P(RollbacksContract, ATaskSaysWhatItUndoes) {
  const auto kept = keep(1, "x");
  const Id task = make_task(TaskRollback{kept.id, 0, OnConflict::kLeave});
  const auto undoes = store_->rollbacks().of_task(task);
  ASSERT_TRUE(undoes.has_value() && undoes->has_value());
  EXPECT_EQ((*undoes)->data, kept.id);
  EXPECT_EQ((*undoes)->on_conflict, OnConflict::kLeave);
  EXPECT_FALSE(store_->rollbacks().of_task(task_)->has_value());
}

TEST_P(RollbacksContract, WhatHasExpiredGoesUnlessAnOpenRollbackNeedsIt) {
  const auto kept = keep(1, "x");
  const auto needed = keep(2, "y");
  make_task(TaskRollback{needed.id, 0, OnConflict::kStop});
  EXPECT_EQ(*store_->rollbacks().purge(kNow), 0);
  EXPECT_EQ(*store_->rollbacks().purge(kNow + hours(25)), 1);
  EXPECT_EQ(store_->rollbacks().get(kept.id)->state, RollbackState::kRefused);
  EXPECT_FALSE(store_->rollbacks().get(kept.id)->reason.empty());
  EXPECT_EQ(*store_->rollbacks().chunk(needed.id, 0), "y");
  // It may be read again from the server's log.
  keep(1, "again");
}

TEST_P(RollbacksContract, TheSwitchIsTurnedAfterwards) {
  const Id issue = *store_->issues().issue_of(task_);
  EXPECT_FALSE(store_->issues().get(issue)->issue.keep_rollback);
  const auto on = [](const IssueState&) {
    IssueUpdate update;
    update.keep_rollback = true;
    return Decision(update);
  };
  ASSERT_TRUE(store_->issues().change(issue, on, kNow).has_value());
  EXPECT_TRUE(store_->issues().get(issue)->issue.keep_rollback);
}

INSTANTIATE_TEST_SUITE_P(Sqlite, RollbacksContract, testing::Values(Dialect::kSqlite));
INSTANTIATE_TEST_SUITE_P(Postgres, RollbacksContract, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store

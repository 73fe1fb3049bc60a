// Drift that names its author: the binary logs of real servers are followed.
#include "admin/change/binlog_watch.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "admin/change/positions.h"
#include "tests/change/engine_fixture.h"

namespace sluice::change {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing_support::eventually;
using namespace std::chrono_literals;

class BinlogWatchTest : public testing_support::EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    run_sql("CREATE DATABASE " + database_);
    run_sql("CREATE TABLE " + database_ + ".t1 (id INT PRIMARY KEY)");
    scans_.emplace(scan_services(), fast_scans());
    ASSERT_TRUE(scans_->sync(instance_));
    id_ = store_->databases().find(instance_, database_)->id;
    scans_->start();
  }
  void TearDown() override {
    watch_.reset();
    scans_.reset();
    EngineTest::TearDown();
  }
  static ScanConfig fast_scans() {
    ScanConfig made;
    made.poll = 20ms;
    return made;
  }
  ScanServices scan_services() {
    return {*store_, testing_support::utc_now,
            [this](std::string_view event, std::string_view) {
              const std::lock_guard lock(log_mutex_);
              logged_.emplace_back(event);
            },
            nullptr};
  }
  std::vector<std::string> logged() {
    const std::lock_guard lock(log_mutex_);
    return logged_;
  }
  void watch(const std::string& holder = "here") {
    BinlogWatchConfig made;
    made.holder = holder;
    made.poll = 50ms;
    made.sample = 20ms;
    made.lease = 2s;
    made.retry_max = 1s;
    watch_.emplace(scan_services(), *scans_, made);
    watch_->start();
  }
  // Followed up to here: it has kept a place.
  [[nodiscard]] bool followed() {
    return eventually([&] {
      const auto place = store_->outside().take_watch(instance_, "nobody", {}, {});
      return !place && place.error().kind == store::Failure::kBusy && kept_place();
    });
  }
  [[nodiscard]] bool kept_place() {
    // Only its holder may move it; "here" asks for its own.
    const auto place = store_->outside().take_watch(instance_, "here", testing_support::utc_now(),
                                                    testing_support::utc_now() + 2s);
    return place && !place->file.empty();
  }
  std::vector<store::Anomaly> open(const std::string& kind) {
    store::AnomalyFilter filter;
    filter.open = true;
    filter.kind = kind;
    return *store_->anomalies().list(filter);
  }
  // The statements of the open drift, once there are that many.
  std::vector<store::OutsideStatement> drift_statements(std::size_t count = 1) {
    std::vector<store::OutsideStatement> found;
    EXPECT_TRUE(eventually([&] {
      const auto drifts = open("schema.drift");
      if (drifts.empty()) return false;
      found = *store_->outside().of_anomaly(drifts[0].id, 100);
      return found.size() >= count;
    }));
    return found;
  }
  // Somebody who changes the database directly, with an account of their own.
  std::unique_ptr<mysql::Connection> outsider() {
    run_sql("DROP USER IF EXISTS 'outsider'@'%'");
    run_sql("CREATE USER 'outsider'@'%' IDENTIFIED BY 'p'");
    run_sql("GRANT ALL ON " + database_ + ".* TO 'outsider'@'%'");
    auto options = test::server_options(GetParam());
    options.username = "outsider";
    options.password = mysql::Password("p");
    options.database = database_;
    auto opened = mysql::Connection::open(options);
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : nullptr;
  }
  static void must(mysql::Connection& connection, const std::string& sql) {
    const auto ran = connection.query(sql);
    ASSERT_TRUE(ran) << ran.error().message << ": " << sql;
  }

  std::mutex log_mutex_;
  std::vector<std::string> logged_;
  std::optional<Scans> scans_;
  std::optional<BinlogWatch> watch_;
  store::Id id_ = 0;
};

TEST_P(BinlogWatchTest, AnAlterOutsideIsNamedWithItsAuthor) {
  watch();
  ASSERT_TRUE(followed());
  const auto other = outsider();
  ASSERT_NE(other, nullptr);
  must(*other, "ALTER TABLE t1 ADD COLUMN age integer");
  const auto statements = drift_statements();
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_EQ(statements[0].statement, "ALTER TABLE t1 ADD COLUMN age integer");
  EXPECT_EQ(statements[0].account, "outsider");
  EXPECT_FALSE(statements[0].host.empty());
  EXPECT_EQ(statements[0].author_by, "session");
  const auto watched = watch_->meter().watched();
  ASSERT_EQ(watched.size(), 1U);
  EXPECT_EQ(watched[0].state, WatchMeter::State::kFollowing);
  EXPECT_GE(watched[0].statements, 1U);
  EXPECT_GT(watched[0].events, watched[0].statements);
  EXPECT_EQ(statements[0].thread_id, static_cast<std::int64_t>(other->thread_id()));
  EXPECT_FALSE(statements[0].gtid.empty());
  EXPECT_FALSE(statements[0].file.empty());
  // A scan that ran just then ties the statement to the drift; the next one words it.
  EXPECT_TRUE(eventually([&] {
    const auto drifts = open("schema.drift");
    return !drifts.empty() && drifts[0].detail.find("`outsider`@") != std::string::npos &&
           drifts[0].detail.find("ADD COLUMN age") != std::string::npos;
  }));
  // Undone: the drift is over, and the statements are of no later one.
  must(*other, "ALTER TABLE t1 DROP COLUMN age");
  EXPECT_TRUE(eventually([&] { return open("schema.drift").empty(); }));
  must(*other, "CREATE VIEW v AS SELECT id FROM t1");
  EXPECT_TRUE(eventually([&] {
    const auto later = drift_statements();
    return !later.empty() && later.back().statement.find("VIEW") != std::string::npos;
  }));
  EXPECT_EQ(drift_statements().front().statement.find("age integer"), std::string::npos);
  run_sql("DROP USER 'outsider'@'%'");
}

TEST_P(BinlogWatchTest, ItGoesOnWhereItStoodThroughARestartAndNewFiles) {
  watch();
  ASSERT_TRUE(followed());
  watch_.reset();
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN b int");
  run_sql("FLUSH BINARY LOGS");
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN c int");
  watch();
  const auto statements = drift_statements(2);
  ASSERT_EQ(statements.size(), 2U);
  EXPECT_THAT(statements[0].statement, HasSubstr("COLUMN b"));
  EXPECT_THAT(statements[1].statement, HasSubstr("COLUMN c"));
  EXPECT_NE(statements[0].file, statements[1].file);
  // And while it follows.
  run_sql("FLUSH BINARY LOGS");
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN d int");
  EXPECT_EQ(drift_statements(3).size(), 3U);
}

// As after a failover: another server, whose files mean nothing, with the same transactions.
TEST_P(BinlogWatchTest, OnAnotherServerItGoesOnByGtid) {
  const auto position = read_position(*control_);
  ASSERT_TRUE(position);
  ASSERT_FALSE(position->gtid_executed.empty());
  const auto now = testing_support::utc_now();
  ASSERT_TRUE(store_->outside().take_watch(instance_, "before", now, now));
  ASSERT_TRUE(store_->outside().keep_watch(
      instance_, "before", {"another server", "binlog.999999", 4, position->gtid_executed}, now));
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN b int");
  watch();
  const auto statements = drift_statements();
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_THAT(statements[0].statement, HasSubstr("COLUMN b"));
}

// The server has purged what was not read: that is left to scans, and said; the rest is followed.
TEST_P(BinlogWatchTest, BehindAGapItGoesOnFromNow) {
  watch();
  ASSERT_TRUE(followed());
  watch_.reset();
  const auto now = testing_support::utc_now();
  auto place = *store_->outside().take_watch(instance_, "other", now, now + 2s);
  place.file.replace(place.file.find('.'), std::string::npos, ".000000");
  ASSERT_TRUE(store_->outside().keep_watch(instance_, "other", place, now));
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN unseen int");
  watch();
  ASSERT_TRUE(eventually([&] { return testing::Value(logged(), testing::Contains("watch_gap")); }));
  ASSERT_TRUE(followed());
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN seen int");
  const auto statements = drift_statements();
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_THAT(statements[0].statement, HasSubstr("COLUMN seen"));
  EXPECT_THAT(open("schema.drift").at(0).detail, HasSubstr("t1"));
}

TEST_P(BinlogWatchTest, WhatPassedSluiceIsNotNamed) {
  watch();
  ASSERT_TRUE(followed());
  Engine engine(services(*store_), config());
  engine.start();
  const auto issue = create(engine, request(policy::IssueKind::kSchemaUpdate, id_,
                                            "ALTER TABLE t1 ADD COLUMN b int;"
                                            "CREATE VIEW v AS SELECT id FROM t1;"
                                            "DROP VIEW v"));
  let_run(engine, issue.issue.id);
  // A later statement that is named tells that those before it were looked at.
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN c int");
  const auto statements = drift_statements();
  ASSERT_EQ(statements.size(), 1U);
  EXPECT_THAT(statements[0].statement, HasSubstr("COLUMN c"));
}

TEST_P(BinlogWatchTest, WhereTheLogCannotBeFollowedItSaysSoAndScansGoOn) {
  const bool mysql = GetParam() == test::Engine::kMysql;
  run_sql("DROP USER IF EXISTS 'no_replica'@'%'");
  run_sql("CREATE USER 'no_replica'@'%' IDENTIFIED BY 'p'");
  run_sql(std::string("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, PROCESS, ") +
          (mysql ? "REPLICATION CLIENT" : "BINLOG MONITOR") + " ON *.* TO 'no_replica'@'%'");
  auto instance = *store_->instance(instance_);
  instance.username = "no_replica";
  ASSERT_TRUE(store_->update_instance(instance, store::InstanceSecrets{"p", ""}));
  watch();
  ASSERT_TRUE(eventually([&] { return !open("instance.watch").empty(); }));
  EXPECT_THAT(open("instance.watch")[0].detail, HasSubstr("REPLICATION SLAVE"));
  EXPECT_THAT(open("instance.watch")[0].detail, HasSubstr("scans alone"));
  EXPECT_EQ(watch_->meter().watched().at(0).state, WatchMeter::State::kUnavailable);
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN b int");
  const auto scanned = scans_->scan(id_);
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->state, ScanResult::State::kDrift);
  EXPECT_THAT(*store_->outside().open_of(id_, 10), IsEmpty());
  run_sql("GRANT REPLICATION SLAVE ON *.* TO 'no_replica'@'%'");
  EXPECT_TRUE(eventually([&] { return open("instance.watch").empty(); }));
  watch_.reset();
  run_sql("DROP USER 'no_replica'@'%'");
}

TEST_P(BinlogWatchTest, OfTwoProgramsOneFollowsAndTheOtherTakesOver) {
  watch();
  ASSERT_TRUE(followed());
  BinlogWatchConfig made;
  made.holder = "there";
  made.poll = 50ms;
  made.lease = 2s;
  made.retry_max = 1s;
  BinlogWatch second(scan_services(), *scans_, made);
  second.start();
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN b int");
  EXPECT_EQ(drift_statements().size(), 1U);
  EXPECT_TRUE(eventually([&] {
    const auto watched = second.meter().watched();
    return watched.size() == 1 && watched[0].state == WatchMeter::State::kElsewhere;
  }));
  watch_.reset();
  run_sql("ALTER TABLE " + database_ + ".t1 ADD COLUMN c int");
  EXPECT_EQ(drift_statements(2).size(), 2U);
}

TEST_P(BinlogWatchTest, TablesOfOnlineSchemaToolsAndAForeignDatabaseAreNotNamed) {
  watch();
  ASSERT_TRUE(followed());
  run_sql("CREATE TABLE " + database_ + "._t1_gho (a int)");
  run_sql("CREATE DATABASE " + database_ + "_new");
  // Found by the watch, long before the next scan.
  EXPECT_TRUE(eventually(
      [&] { return store_->databases().find(instance_, database_ + "_new").has_value(); }));
  run_sql("DROP DATABASE " + database_ + "_new");
  EXPECT_TRUE(eventually([&] { return !open("database.missing").empty(); }));
  EXPECT_THAT(*store_->outside().open_of(id_, 10), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Servers, BinlogWatchTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change

// Syncs, scans and drift against real servers, over a store in memory.
#include "admin/change/scan.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/change/scan_fixture.h"

namespace sluice::change {
namespace {

using test::Engine;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::Counted;
using testing_support::ScanTest;
using State = ScanResult::State;
using namespace std::chrono_literals;

TEST(TargetTest, IsReadFromWhatTheServerSays) {
  EXPECT_EQ(target_of("9.7.4-2").version, 90704U);
  EXPECT_FALSE(target_of("9.7.4-2").mariadb);
  EXPECT_EQ(target_of("10.11.19-MariaDB-0+deb12u1-log").version, 101119U);
  EXPECT_EQ(target_of("5.5.5-10.4.2-MariaDB").version, 100402U);
  EXPECT_TRUE(target_of("5.5.5-10.4.2-MariaDB").mariadb);
  EXPECT_EQ(target_of("8.0.mysql_aurora.3.05.2").version, 80000U);
  EXPECT_EQ(target_of("").version, schema::Target{}.version);
}

schema::Schema read_ok(std::string_view text) {
  auto reading = schema::read(text, {});
  EXPECT_TRUE(reading.errors.empty());
  return std::move(reading.schema);
}

TEST(DriftTest, NoiseIsNone) {
  const auto recorded = read_ok(
      "CREATE TABLE t (a int(11) DEFAULT NULL, b varchar(9)) ENGINE=InnoDB AUTO_INCREMENT=7;"
      "CREATE DEFINER=`x`@`y` VIEW v AS SELECT a FROM t; CREATE PROCEDURE p() SELECT  1");
  const auto live = read_ok(
      "CREATE TABLE t (a int, b varchar(9) COLLATE utf8mb4_0900_ai_ci) DEFAULT CHARSET=utf8mb4;"
      "CREATE DEFINER=`other`@`%` VIEW v AS SELECT `a` FROM `t`;"
      "CREATE PROCEDURE p() SELECT /* one */ 1");
  EXPECT_TRUE(find_drift(recorded, live, {}, {}).objects.empty());
  schema::CompareOptions strict;
  strict.definer = true;
  EXPECT_THAT(find_drift(recorded, live, {}, strict).objects, ElementsAre("VIEW v"));
}

TEST(DriftTest, RevertAndAdoptGoBothWays) {
  const auto recorded = read_ok("CREATE TABLE t (a int); CREATE TABLE gone (a int)");
  const auto live = read_ok("CREATE TABLE t (a int, b int); CREATE TABLE fresh (a int)");
  const auto drift = find_drift(recorded, live, {}, {});
  EXPECT_THAT(drift.objects, ElementsAre("TABLE fresh", "TABLE gone", "TABLE t"));
  EXPECT_THAT(drift.adopt, HasSubstr("ADD COLUMN `b` int"));
  EXPECT_THAT(drift.revert, HasSubstr("DROP COLUMN `b`"));
  EXPECT_THAT(drift.revert, HasSubstr("CREATE TABLE `gone`"));
  EXPECT_THAT(drift.diff, HasSubstr("\n+"));
}

TEST_P(ScanTest, ASyncFindsDatabasesAndRecordsTheFirstBaseline) {
  const auto found = database();
  EXPECT_TRUE(found.present);
  EXPECT_EQ(found.character_set, "utf8mb4");
  EXPECT_EQ(found.project, project_);
  EXPECT_TRUE(found.schema_recorded_at.has_value());
  EXPECT_EQ(found.schema_version, test::server_fact(GetParam(), "VERSION"));
  EXPECT_THAT(*store_->databases().recorded_schema(found.id), HasSubstr("CREATE TABLE `t`"));
  const auto databases = store_->databases().list({});
  for (const auto& one : *databases) EXPECT_NE(one.name, "mysql");
  EXPECT_EQ(scan(found.id).state, State::kSame);
}

TEST_P(ScanTest, DriftOpensOnceSaysHowAndResolvesItself) {
  const auto id = database().id;
  events_.seen.clear();
  test::must_run(*connection_, "ALTER TABLE t ADD b int NOT NULL DEFAULT 5");
  const auto first = scan(id);
  ASSERT_EQ(first.state, State::kDrift);
  EXPECT_THAT(events_.seen, ElementsAre("open 2"));
  EXPECT_THAT(first.anomaly->detail, HasSubstr("TABLE t"));
  EXPECT_THAT(first.anomaly->diff, HasSubstr("+  `b` int"));
  EXPECT_THAT(store_->anomalies().texts(first.anomaly->id)->live, HasSubstr("`b`"));
  now_ += 1min;
  const auto again = scan(id);
  EXPECT_EQ(again.anomaly->id, first.anomaly->id);
  EXPECT_EQ(again.anomaly->last_seen_at, now_);
  EXPECT_EQ(events_.seen.size(), 1U);
  EXPECT_EQ(open_anomalies("schema.drift").size(), 1U);
  // The revert is DDL that the server takes, and after it nothing differs.
  for (const auto& range : schema::split_file(first.anomaly->revert_sql, {})) {
    test::must_run(*connection_,
                   first.anomaly->revert_sql.substr(range.begin, range.end - range.begin));
  }
  EXPECT_EQ(scan(id).state, State::kSame);
  EXPECT_EQ(open_anomalies("schema.drift").size(), 0U);
  EXPECT_THAT(events_.seen, ElementsAre("open 2", "resolved 2"));
}

TEST_P(ScanTest, AMovedBaselineEndsTheDrift) {
  const auto id = database().id;
  test::must_run(*connection_, "CREATE TABLE u (a int)");
  ASSERT_EQ(scan(id).state, State::kDrift);
  const auto live = scans_->live_schema(id);
  ASSERT_TRUE(live);
  ASSERT_TRUE(
      store_->databases().record_schema(id, live->text, live->snapshot.server.version, now_ + 1s));
  EXPECT_EQ(scan(id).state, State::kSame);
}

TEST_P(ScanTest, TablesOfOnlineSchemaToolsAreNoDrift) {
  const auto id = database().id;
  test::must_run(*connection_, "CREATE TABLE _t_gho (a int)");
  test::must_run(*connection_, "CREATE TABLE _t_new (a int)");
  EXPECT_EQ(scan(id).state, State::kSame);
  test::must_run(*connection_, "CREATE TABLE t_new (a int)");
  EXPECT_EQ(scan(id).state, State::kDrift);
}

TEST_P(ScanTest, ADatabaseThatGoesAndComesIsFollowed) {
  const auto id = database().id;
  test::must_run(*connection_, "DROP DATABASE `" + name_ + "`");
  const auto gone = scans_->scan(id);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ScanFault::Kind::kGone);
  EXPECT_FALSE(database().present);
  EXPECT_EQ(open_anomalies("database.missing").size(), 1U);
  test::make_database(*connection_, name_, "utf8mb4");
  EXPECT_TRUE(database().present);
  EXPECT_EQ(open_anomalies("database.missing").size(), 0U);
  EXPECT_EQ(scan(id).state, State::kDrift);  // it came back empty
}

TEST_P(ScanTest, AnInstanceThatIsAwayIsAnAnomalyUntilItIsBack) {
  const auto good = *store_->instance(instance_);
  auto away = good;
  away.host = "no-such-host.invalid";
  ASSERT_TRUE(store_->update_instance(away, std::nullopt));
  const auto failed = scans_->sync(instance_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ScanFault::Kind::kServer);
  ASSERT_EQ(open_anomalies("instance.connection").size(), 1U);
  EXPECT_THAT(open_anomalies("instance.connection")[0].detail, HasSubstr("no-such-host.invalid"));
  ASSERT_TRUE(store_->update_instance(good, std::nullopt));
  EXPECT_TRUE(scans_->sync(instance_));
  EXPECT_EQ(open_anomalies("instance.connection").size(), 0U);
}

// The scheduler finds drift by itself, and stops when it is told to.
TEST_P(ScanTest, TheSchedulerTakesTurns) {
  (void)database();
  test::must_run(*connection_, "CREATE TABLE u (a int PRIMARY KEY)");
  Counted events;
  ScanConfig config;
  config.poll = 5ms;
  Scans own(ScanServices{*store_, [this] { return now_; },
                         [](std::string_view, std::string_view) {}, &events},
            config);
  own.start();
  EXPECT_TRUE(events.wait_for("open 2"));
  test::must_run(*connection_, "DROP TABLE u");
  own.scan_soon();
  EXPECT_TRUE(events.wait_for("resolved 2"));
  own.stop();
  EXPECT_EQ(open_anomalies("schema.drift").size(), 0U);
}

TEST_P(ScanTest, TheFirstSightIsTheFirstEntryOfTheHistory) {
  const auto found = database();
  store::ChangeFilter filter;
  filter.database = found.id;
  const auto history = store_->history().list(filter);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 1U);
  const auto& entry = history->front();
  EXPECT_EQ(entry.kind, policy::IssueKind::kSchemaBaseline);
  EXPECT_EQ(entry.actor, "sluice");
  EXPECT_EQ(entry.database_name, name_);
  const auto texts = store_->history().texts(entry);
  EXPECT_EQ(texts->schema_before, "");
  EXPECT_THAT(texts->schema_after, HasSubstr("CREATE TABLE `t`"));
  (void)database();
  EXPECT_EQ(store_->history().list(filter)->size(), 1U);
}

TEST_P(ScanTest, AnEnvironmentSaysWhatIsDrift) {
  const auto id = database().id;
  test::must_run(*connection_, "CREATE TABLE scratch_1 (a int)");
  test::must_run(*connection_, "CREATE TABLE keyless (a int)");
  ASSERT_EQ(scan(id).state, State::kDrift);
  ASSERT_EQ(open_anomalies("schema.no_primary_key").size(), 1U);
  EXPECT_THAT(open_anomalies("schema.no_primary_key")[0].detail, HasSubstr("keyless, scratch_1"));
  auto environment = store_->environments()->front();
  environment.drift = R"({"ignored": "scratch_.*|keyless", "missing_primary_key": "off"})";
  ASSERT_TRUE(store_->update_environment(environment));
  EXPECT_EQ(scan(id).state, State::kSame);
  EXPECT_EQ(open_anomalies("schema.no_primary_key").size(), 0U);
  test::must_run(*connection_, "CREATE TABLE other (a int PRIMARY KEY)");
  EXPECT_EQ(scan(id).state, State::kDrift);
}

TEST_P(ScanTest, AReplicaThatHasStoppedIsAnAnomaly) {
  const bool mysql = GetParam() == Engine::kMysql;
  test::must_run(*connection_, mysql ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '192.0.2.1'"
                                     : "CHANGE MASTER TO MASTER_HOST = '192.0.2.1'");
  (void)database();
  const auto found = open_anomalies("instance.replication");
  test::must_run(*connection_, mysql ? "RESET REPLICA ALL" : "RESET SLAVE ALL");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, "error");
  EXPECT_THAT(found[0].detail, HasSubstr("replica of 192.0.2.1 has stopped"));
  (void)database();
  EXPECT_EQ(open_anomalies("instance.replication").size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Servers, ScanTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change

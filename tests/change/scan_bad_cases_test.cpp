// What must not be taken for drift, and what must not stop a scan.
#include <thread>

#include "admin/change/record.h"
#include "parser/sqltext/quote.h"
#include "tests/change/scan_fixture.h"

namespace sluice::change {
namespace {

using test::Engine;
using testing::HasSubstr;
using testing::SizeIs;
using testing_support::Counted;
using State = ScanResult::State;
using namespace std::chrono_literals;

class BadCases : public testing_support::ScanTest {
 protected:
  void TearDown() override {
    for (const auto& name : made_) {
      if (connection_)
        test::must_run(*connection_, "DROP DATABASE IF EXISTS " + sqltext::quote_identifier(name));
    }
    ScanTest::TearDown();
  }
  [[nodiscard]] bool mysql() const { return GetParam() == Engine::kMysql; }
  store::DatabaseEntry find(const std::string& name) {
    EXPECT_TRUE(scans_->sync(instance_));
    auto found = store_->databases().find(instance_, name);
    EXPECT_TRUE(found) << name;
    return found ? *found : store::DatabaseEntry();
  }
  // Another login of the instance, from now on.
  void use_account(const std::string& account, const std::string& grants) {
    test::must_run(*connection_, "DROP USER IF EXISTS '" + account + "'@'%'");
    test::must_run(*connection_, "CREATE USER '" + account + "'@'%' IDENTIFIED BY 'p'");
    test::must_run(*connection_, "GRANT " + grants + " TO '" + account + "'@'%'");
    auto instance = *store_->instance(instance_);
    instance.username = account;
    ASSERT_TRUE(store_->update_instance(instance, store::InstanceSecrets{"p", ""}));
  }
  std::vector<std::string> made_;
};

TEST_P(BadCases, ARenamedDatabaseIsOneThatWentAndOneThatCame) {
  const auto old = database();
  const auto renamed = name_ + "_renamed";
  made_.push_back(renamed);
  test::must_run(*connection_, "CREATE DATABASE `" + renamed + "`");
  test::must_run(*connection_, "RENAME TABLE t TO `" + renamed + "`.t");
  test::must_run(*connection_, "DROP DATABASE `" + name_ + "`");
  const auto fresh = find(renamed);
  EXPECT_TRUE(fresh.schema_recorded_at.has_value());
  EXPECT_EQ(scan(fresh.id).state, State::kSame);
  EXPECT_FALSE(store_->databases().get(old.id)->present);
  EXPECT_THAT(open_anomalies("database.missing"), SizeIs(1));
  EXPECT_THAT(open_anomalies("schema.drift"), SizeIs(0));
}

TEST_P(BadCases, NamesMayHoldEveryOddCharacter) {
  const std::string odd = name_ + " `a`'b\"c.d-ä€;#%_\\";
  made_.push_back(odd);
  const auto quoted = sqltext::quote_identifier(odd);
  test::must_run(*connection_, "CREATE DATABASE " + quoted);
  test::must_run(*connection_,
                 "CREATE TABLE " + quoted + ".`t;'\"\\ ``x``` (`a b` int PRIMARY KEY)");
  test::must_run(*connection_, "CREATE VIEW " + quoted + ".`v.1` AS SELECT `a b` FROM " + quoted +
                                   ".`t;'\"\\ ``x```");
  const auto id = find(odd).id;
  EXPECT_EQ(scan(id).state, State::kSame);
  test::must_run(*connection_, "ALTER TABLE " + quoted + ".`t;'\"\\ ``x``` ADD `-- c` int");
  const auto drifted = scan(id);
  ASSERT_EQ(drifted.state, State::kDrift);
  test::must_run(*connection_, "USE " + quoted);
  for (const auto& range : schema::split_file(drifted.anomaly->revert_sql, {}))
    test::must_run(*connection_,
                   drifted.anomaly->revert_sql.substr(range.begin, range.end - range.begin));
  EXPECT_EQ(scan(id).state, State::kSame);
}

TEST_P(BadCases, AnAccountThatSeesNoRoutinesAndLaterDoes) {
  test::must_run(*connection_, "CREATE PROCEDURE p() SELECT 1");
  use_account("blind", "SELECT, SHOW VIEW, TRIGGER, EVENT ON `" + name_ + "`.*");
  const auto id = database().id;
  EXPECT_EQ(scan(id).state, State::kSame);
  ASSERT_THAT(open_anomalies("schema.unreadable"), SizeIs(1));
  EXPECT_THAT(open_anomalies("schema.unreadable")[0].detail, HasSubstr("stored routines"));
  // What it comes to see is no drift; what changes then is.
  test::must_run(*connection_, "GRANT SELECT ON *.* TO 'blind'@'%'");
  if (mysql()) test::must_run(*connection_, "GRANT SHOW_ROUTINE ON *.* TO 'blind'@'%'");
  EXPECT_EQ(scan(id).state, State::kSame);
  EXPECT_THAT(open_anomalies("schema.unreadable"), SizeIs(0));
  EXPECT_THAT(*store_->databases().recorded_schema(id), HasSubstr("PROCEDURE `p`"));
  test::must_run(*connection_, "DROP PROCEDURE p");
  EXPECT_EQ(scan(id).state, State::kDrift);
  test::must_run(*connection_, "CREATE PROCEDURE p() SELECT 1");
  // And blind again: a finding, no drift.
  use_account("blind", "SELECT, SHOW VIEW, TRIGGER, EVENT ON `" + name_ + "`.*");
  EXPECT_EQ(scan(id).state, State::kSame);
  EXPECT_THAT(*store_->databases().recorded_schema(id), HasSubstr("PROCEDURE `p`"));
  test::must_run(*connection_, "DROP USER 'blind'@'%'");
}

TEST_P(BadCases, ABrokenViewIsScannedAsItIs) {
  test::must_run(*connection_, "CREATE TABLE gone (a int)");
  test::must_run(*connection_, "CREATE VIEW broken AS SELECT a FROM gone");
  test::must_run(*connection_, "DROP TABLE gone");
  const auto id = database().id;
  EXPECT_EQ(scan(id).state, State::kSame);
  test::must_run(*connection_, "ALTER TABLE t ADD z int");
  const auto drifted = scan(id);
  ASSERT_EQ(drifted.state, State::kDrift);
  EXPECT_EQ(drifted.anomaly->objects, R"(["TABLE t"])");
}

// The scan neither waits behind the ALTER nor takes the table that it cannot read for a drift.
TEST_P(BadCases, AnAlterInMidFlightIsNotWaitedFor) {
  const auto id = database().id;
  auto options = test::server_options(GetParam());
  options.database = name_;
  auto reader = *mysql::Connection::open(options);
  auto writer = *mysql::Connection::open(options);
  test::must_run(*reader, "START TRANSACTION");
  test::must_run(*reader, "SELECT * FROM t");
  std::thread altering([&] { test::must_run(*writer, "ALTER TABLE t ADD late int"); });
  const auto waits = [&] {
    const auto rows = connection_->value(
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " +
        std::to_string(writer->thread_id()) + " AND STATE LIKE 'Waiting for table metadata lock'");
    return rows && *rows == "1";
  };
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!waits() && std::chrono::steady_clock::now() < until) ::usleep(5000);
  ScanConfig config;
  config.lock_wait = 1s;
  Scans impatient(ScanServices{*store_, [this] { return now_; },
                               [](std::string_view, std::string_view) {}, nullptr},
                  config);
  const auto scanned = impatient.scan(id);
  EXPECT_TRUE(scanned) << scanned.error().finding.detail;
  EXPECT_TRUE(scanned && scanned->state == State::kSame);
  test::must_run(*reader, "COMMIT");
  altering.join();
  const auto after = impatient.scan(id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, State::kDrift);
}

// What older servers printed in other words, recorded by them.
TEST_P(BadCases, AServerUpgradeIsNoDrift) {
  const auto id = database().id;
  const std::string collation = connection_->value("SELECT @@collation_database")->value_or("");
  const std::string recorded =
      "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE " + collation +
      ";\nCREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  `a` varchar(20) DEFAULT NULL,\n"
      "  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=" +
      collation + ";\n";
  ASSERT_TRUE(store_->databases().record_schema(
      id, recorded, mysql() ? "5.7.44-log" : "10.5.29-MariaDB", now_ + 1s));
  const auto scanned = scan(id);
  EXPECT_EQ(scanned.state, State::kSame) << (scanned.anomaly ? scanned.anomaly->diff : "");
}

TEST_P(BadCases, AServerThatIsAwayForAnHourIsOneAnomaly) {
  (void)database();
  const auto good = *store_->instance(instance_);
  auto away = good;
  away.port = 1;  // nobody listens
  away.host = "127.0.0.1";
  ASSERT_TRUE(store_->update_instance(away, std::nullopt));
  events_.seen.clear();
  for (int i = 0; i < 6; ++i) {
    EXPECT_FALSE(scans_->sync(instance_));
    now_ += 10min;
  }
  ASSERT_THAT(open_anomalies("instance.connection"), SizeIs(1));
  EXPECT_EQ(open_anomalies("instance.connection")[0].last_seen_at, now_ - 10min);
  EXPECT_THAT(open_anomalies("schema.drift"), SizeIs(0));
  EXPECT_THAT(open_anomalies("database.missing"), SizeIs(0));
  EXPECT_THAT(events_.seen, SizeIs(1));
  ASSERT_TRUE(store_->update_instance(good, std::nullopt));
  EXPECT_TRUE(scans_->sync(instance_));
  EXPECT_THAT(open_anomalies("instance.connection"), SizeIs(0));
}

TEST_P(BadCases, TwoProgramsOnOneStoreFindADriftOnce) {
  (void)database();
  test::must_run(*connection_, "CREATE TABLE u (a int PRIMARY KEY)");
  Counted events;
  ScanConfig config;
  config.poll = 5ms;
  const ScanServices services{*store_, [this] { return now_; },
                              [](std::string_view, std::string_view) {}, &events};
  Scans one(services, config);
  Scans other(services, config);
  one.start();
  other.start();
  EXPECT_TRUE(events.wait_for("open 2"));
  one.stop();
  // The other goes on alone.
  test::must_run(*connection_, "DROP TABLE u");
  other.scan_soon();
  EXPECT_TRUE(events.wait_for("resolved 2"));
  other.stop();
  EXPECT_EQ(std::count(events.seen.begin(), events.seen.end(), "open 2"), 1);
  EXPECT_EQ(std::count(events.seen.begin(), events.seen.end(), "resolved 2"), 1);
}

TEST_P(BadCases, TenThousandTables) {
  constexpr int kTables = 10000;
  auto options = test::server_options(GetParam());
  options.database = name_;
  options.multi_statements = true;
  auto maker = *mysql::Connection::open(options);
  std::string text = "SET sql_log_bin=0;";
  for (int i = 0; i < kTables; ++i) {
    text += "CREATE TABLE n" + std::to_string(i) +
            " (id int PRIMARY KEY, a varchar(20)) ENGINE=MEMORY;";  // made and dropped quickest
    if (i % 500 == 499) {
      test::must_run(*maker, text);
      text.clear();
    }
  }
  const auto id = database().id;
  EXPECT_EQ(scan(id).state, State::kSame);
  test::must_run(*connection_, "ALTER TABLE n7777 ADD b int");
  const auto drifted = scan(id);
  ASSERT_EQ(drifted.state, State::kDrift);
  EXPECT_EQ(drifted.anomaly->objects, R"(["TABLE n7777"])");
}

INSTANTIATE_TEST_SUITE_P(Servers, BadCases, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change

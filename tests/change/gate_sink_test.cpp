// Changes that clients' sessions run themselves, recorded: on both servers, and on both stores.
#include <thread>

#include "admin/change/scan.h"
#include "tests/change/gate_fixture.h"
#include "tests/store/contract.h"

namespace sluice::change {
namespace {

using namespace testing_support;

class GateSinkTest : public GateTest {};
INSTANTIATE_TEST_SUITE_P(Engines, GateSinkTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

// The same on PostgreSQL.
class GateSinkOnPostgres : public GateTest {
 protected:
  [[nodiscard]] std::unique_ptr<store::Store> open_store() const override {
    namespace contract = store::contract;
    static int count = 0;
    const std::string name = "gate" + std::to_string(++count);
    auto admin = store::open_postgres(contract::Postgres::url("postgres"));
    if (!admin || !(*admin)->script("CREATE DATABASE " + name)) {
      throw std::runtime_error("no PostgreSQL");
    }
    auto database = store::open_postgres(contract::Postgres::url(name));
    auto store = store::Store::open(
        std::move(*database),
        std::make_unique<store::Sealer>(std::array<std::uint8_t, store::Sealer::kKeySize>{1}));
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }
  void SetUp() override {
    if (!store::contract::Postgres::running) GTEST_SKIP() << "PostgreSQL 15 did not start";
    GateTest::SetUp();
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, GateSinkOnPostgres,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

TEST_P(GateSinkTest, ADdlIsInTheHistoryWithSchemasPositionsAndWho) {
  make_recorded();
  add_account("ada", author_.user);
  record({"ALTER TABLE t ADD note VARCHAR(20)"}, "ada");
  const auto all = changes();
  ASSERT_EQ(all.size(), 1U);
  const auto& change = all.front();
  EXPECT_EQ(change.source, store::Source::kProxy);
  EXPECT_EQ(change.status, store::ChangeStatus::kDone);
  EXPECT_EQ(change.actor, "ada@example.org");
  EXPECT_EQ(change.account, "ada");
  EXPECT_EQ(change.program, "mysql");
  EXPECT_EQ(change.client_host, "10.0.0.7");
  EXPECT_FALSE(change.gtids.empty());
  EXPECT_EQ(change.thread_id, static_cast<std::int64_t>(client_->thread_id()));
  EXPECT_NE(change.before.file, "");
  EXPECT_GT(change.after.position, change.before.position);
  const auto texts = *store_->history().texts(change);
  EXPECT_EQ(texts.schema_before.find("note"), std::string::npos);
  EXPECT_NE(texts.schema_after.find("note"), std::string::npos);
  EXPECT_NE(texts.statements.find("\"state\":\"done\""), std::string::npos) << texts.statements;
  EXPECT_TRUE(drift().empty());
  EXPECT_EQ(policy_changes_, 1);
  EXPECT_TRUE(store_->gate().open()->empty());
}

TEST_P(GateSinkOnPostgres, ADdlIsRecorded) {
  make_recorded();
  record({"ALTER TABLE t ADD note VARCHAR(20)"});
  ASSERT_EQ(changes().size(), 1U);
  EXPECT_TRUE(drift().empty());
}

TEST_P(GateSinkTest, RowsAreRecordedWithoutASchemaBeingRead) {
  make_recorded();
  record({"INSERT INTO t VALUES (1, 1), (2, 2)"});
  const auto all = changes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().kind, policy::IssueKind::kDataUpdate);
  EXPECT_EQ(all.front().affected_rows, 2);
  EXPECT_EQ(all.front().schema_before_hash, all.front().schema_after_hash);
  EXPECT_FALSE(all.front().gtids.empty());
  EXPECT_EQ(policy_changes_, 0);
}

TEST_P(GateSinkTest, WhatTheRulesCallAnErrorDoesNotRun) {
  make_recorded();
  auto environment = *store_->environment(test_);
  environment.review = R"({"*": {"level": "off"}, "table.require-pk": {"level": "error"}})";
  ASSERT_TRUE(store_->update_environment(environment).has_value());
  const auto begun = sink_->begin(asked({"CREATE TABLE u (a INT)"}));
  const auto* no = std::get_if<policy::Refusal>(&begun);
  ASSERT_NE(no, nullptr);
  EXPECT_EQ(no->rule, "table.require-pk");
  EXPECT_EQ(no->sqlstate, "45000");
  EXPECT_NE(no->message.find("primary key"), std::string::npos) << no->message;
  EXPECT_TRUE(store_->gate().open()->empty());
  EXPECT_TRUE(sink_->check(asked({"CREATE TABLE u (a INT)"})).has_value());
  EXPECT_FALSE(sink_->check(asked({"CREATE TABLE u (a INT PRIMARY KEY)"})).has_value());
}

TEST_P(GateSinkTest, WhatTheServerRefusesIsItsOwnErrorAndIsInTheHistory) {
  make_recorded();
  record({"CREATE TABLE t (id INT PRIMARY KEY)"});
  const auto all = changes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().status, store::ChangeStatus::kFailed);
  EXPECT_TRUE(all.front().error.starts_with("1050 ")) << all.front().error;
  // A row change that fails leaves nothing, and no entry.
  record({"INSERT INTO t VALUES (1)"});
  EXPECT_EQ(changes().size(), 1U);
}

TEST_P(GateSinkTest, DatabasesAreMadeAndDropped) {
  make_recorded();
  const std::string other = database_ + "_new";
  record({"CREATE DATABASE " + other + " CHARACTER SET latin1"});
  const auto made = store_->databases().find(instance_, other);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->character_set, "latin1");
  EXPECT_EQ(changes().front().kind, policy::IssueKind::kDatabaseCreate);
  EXPECT_EQ(changes().front().database, made->id);
  record({"CREATE TABLE " + other + ".a (id INT PRIMARY KEY)"});
  EXPECT_EQ(changes().front().database, made->id);
  EXPECT_NE(store_->databases().recorded_schema(made->id)->find("`a`"), std::string::npos);
  record({"DROP DATABASE " + other});
  EXPECT_EQ(*store_->databases().recorded_schema(made->id), "");
}

TEST_P(GateSinkTest, OneStatementOverTwoDatabasesIsInTheHistoryOfBoth) {
  make_recorded();
  const std::string other = database_ + "_b";
  run_sql("CREATE DATABASE " + other);
  record({"CREATE TABLE " + other + ".a (id INT PRIMARY KEY)"});
  record({"RENAME TABLE " + other + ".a TO moved"});
  const auto all = changes();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].database, all[1].database);
  EXPECT_TRUE(drift().empty());
  run_sql("DROP DATABASE " + other);
}

TEST_P(GateSinkTest, ProgramsTriggersAndChildrenOfARenameFollow) {
  make_recorded();
  record(
      {"CREATE TABLE child (id INT PRIMARY KEY, t_id INT, CONSTRAINT fk FOREIGN KEY (t_id) "
       "REFERENCES t (id))"});
  record({"CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.n = NEW.n + 1"});
  record({"CREATE VIEW v AS SELECT id FROM t"});
  record({"CREATE PROCEDURE p() BEGIN DELETE FROM t; END"});
  EXPECT_TRUE(drift().empty());
  record({"RENAME TABLE t TO renamed"});
  EXPECT_TRUE(drift().empty());
  record({"DROP TRIGGER tr"});
  record({"DROP PROCEDURE p", "DROP VIEW v"});
  record({"DROP TABLE child", "DROP TABLE renamed"});
  EXPECT_TRUE(drift().empty());
  for (const auto& change : changes()) EXPECT_EQ(change.error, "");
}

TEST_P(GateSinkTest, WhatSomebodyChangedBesideStaysDrift) {
  make_recorded();
  run_sql("CREATE TABLE " + database_ + ".beside (id INT PRIMARY KEY)");
  record({"ALTER TABLE t ADD note INT"});
  EXPECT_EQ(drift(), std::vector<std::string>{"TABLE beside"});
  // What the change itself touches is compared with what was there.
  run_sql("ALTER TABLE " + database_ + ".t ADD sly INT");
  record({"ALTER TABLE t ADD other INT"});
  const auto texts = *store_->history().texts(changes().front());
  EXPECT_NE(texts.schema_before.find("sly"), std::string::npos);
  EXPECT_NE(texts.schema_after.find("sly"), std::string::npos);
  // The record has what the change did to it, and not what somebody did beside.
  const auto recorded = *store_->databases().recorded_schema(database_id_);
  EXPECT_NE(recorded.find("other"), std::string::npos) << recorded;
  EXPECT_EQ(recorded.find("sly"), std::string::npos) << recorded;
  EXPECT_EQ(drift(), (std::vector<std::string>{"TABLE beside", "TABLE t"}));
  EXPECT_EQ(drifted_, database_id_) << "it is looked at soon";
  record({"ALTER TABLE t ADD third INT"});
  EXPECT_EQ(drift(), (std::vector<std::string>{"TABLE beside", "TABLE t"}));
}

TEST_P(GateSinkTest, APasswordIsInNoTextThatIsKept) {
  make_recorded();
  const std::string user = "u" + database_.substr(7);
  record({"CREATE USER " + user + " IDENTIFIED BY 'secret-of-8'"});
  record({"CREATE USER " + user + " IDENTIFIED BY 'secret-of-8'"});
  run_sql("DROP USER " + user);
  const auto begun = begin(asked({"SET PASSWORD FOR " + user + " = 'secret-of-8'"}));
  const auto open = *store_->gate().open();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open.front().statements.find("secret-of-8"), std::string::npos);
  EXPECT_NE(open.front().statements.find("<secret>"), std::string::npos);
  policy::ChangeEnd end;
  end.id = begun.id;
  end.statements = asked({"SET PASSWORD FOR " + user + " = 'secret-of-8'"}).statements;
  end.error = 1064;
  end.error_message = "You have an error in your SQL syntax near ''secret-of-8'' at line 1";
  sink_->end(end);
  ASSERT_EQ(changes().size(), 3U);
  for (const auto& change : changes()) {
    const auto texts = *store_->history().texts(change);
    EXPECT_NE(texts.statement.find("<secret>"), std::string::npos) << texts.statement;
    for (const auto& text : {texts.statement, texts.statements, change.error}) {
      EXPECT_EQ(text.find("secret-of-8"), std::string::npos) << text;
    }
  }
}

TEST_P(GateSinkTest, RowsOfRecordedChangesAreKeptWhereTheEnvironmentSaysSo) {
  make_recorded();
  record({"INSERT INTO t VALUES (1, 1)"});
  auto environment = *store_->environment(test_);
  environment.rollback = R"({"recorded": true})";
  ASSERT_TRUE(store_->update_environment(environment).has_value());
  record({"INSERT INTO t VALUES (2, 2), (3, 3)"});
  sink_->start();
  const auto all = changes();
  ASSERT_EQ(all.size(), 2U);
  record({"UPDATE t SET id = id + 10 WHERE id = 1"});
  ASSERT_TRUE(eventually([&] {
    const auto kept = store_->rollbacks().of_change(changes().front().id);
    return kept && *kept && (*kept)->state == store::RollbackState::kWhole;
  }));
  const auto kept = store_->rollbacks().of_change(changes().front().id);
  EXPECT_EQ((*kept)->rows, 1);
}

TEST_P(GateSinkTest, AScanWaitsForAChangeThatIsNotRecordedYet) {
  make_recorded();
  Scans scans({*store_, utc_now, [](std::string_view, std::string_view) {}, nullptr});
  const auto request = asked({"ALTER TABLE t ADD note INT"});
  const auto begun = begin(request);
  const auto end = run(request, begun);
  EXPECT_EQ(scans.scan(database_id_)->state, ScanResult::State::kBusy);
  sink_->end(end);
  EXPECT_EQ(scans.scan(database_id_)->state, ScanResult::State::kSame);
}

TEST_P(GateSinkTest, ATableThatTheClientHasLockedIsRecordedWhenItIsFree) {
  make_recorded();
  sink_->start();
  // The first record of the database, a baseline, may come at any time.
  const auto altered = [&] {
    std::size_t count = 0;
    for (const auto& change : changes())
      count += change.kind == policy::IssueKind::kSchemaUpdate ? 1U : 0U;
    return count;
  };
  const auto before = altered();
  ASSERT_TRUE(client_->query("LOCK TABLES t WRITE").has_value());
  record({"ALTER TABLE t ADD note INT"});  // as a restored dump does it: nobody waits for the lock
  ASSERT_TRUE(client_->query("UNLOCK TABLES").has_value());
  EXPECT_TRUE(eventually([&] { return altered() == before + 1; }));
  EXPECT_TRUE(drift().empty());
}

TEST_P(GateSinkTest, AChangeThatWasUndoneLeavesNothing) {
  make_recorded();
  const auto begun = begin(asked({"ALTER TABLE t ADD note INT"}));
  policy::ChangeEnd end;
  end.id = begun.id;
  end.undone = true;
  sink_->end(end);
  EXPECT_TRUE(changes().empty());
  EXPECT_TRUE(store_->gate().open()->empty());
}

TEST_P(GateSinkTest, ATransactionIsOneChangeWithoutATag) {
  make_recorded();
  auto request = asked({"INSERT INTO t VALUES (1, 1)", "UPDATE t SET n = 2"});
  request.transaction = true;
  const auto begun = begin(request);
  EXPECT_EQ(begun.tag, "");
  sink_->end(run(request, begun));
  ASSERT_EQ(changes().size(), 1U);
  EXPECT_EQ(changes().front().affected_rows, 2);

  request = asked({"DELETE FROM t"});
  request.transaction = true;
  request.left_out = 1000;
  request.left_out_rows = 2000;
  const auto longer = begin(request);
  sink_->end(run(request, longer));
  EXPECT_EQ(changes().front().affected_rows, 2001);
  EXPECT_NE(store_->history().texts(changes().front())->statement.find("1000 statements"),
            std::string::npos);
}

TEST_P(GateSinkTest, ManySessionsOnOneTableLeaveNoDrift) {
  make_recorded();
  constexpr int kSessions = 24;
  std::vector<std::thread> sessions;
  std::atomic<int> failed{0};
  for (int i = 0; i < kSessions; ++i) {
    const auto request = asked({"ALTER TABLE t ADD c" + std::to_string(i) + " INT"});
    sessions.emplace_back([this, request, &failed] {
      auto own = mysql::Connection::open(test::server_options(GetParam()));
      if (!own || !(*own)->query("USE " + database_)) return void(++failed);
      auto mine = request;
      mine.origin.backend_thread = (*own)->thread_id();
      const auto begun = sink_->begin(mine);
      const auto* change = std::get_if<policy::ChangeBegun>(&begun);
      if (change == nullptr) return void(++failed);
      const auto ran = (*own)->query(change->tag + mine.statements.front().text);
      policy::ChangeEnd end;
      end.id = change->id;
      end.statements = mine.statements;
      if (!ran) end.error = static_cast<std::uint16_t>(ran.error().number);
      if (!ran) ++failed;
      sink_->end(end);
    });
  }
  for (auto& session : sessions) session.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(changes().size(), static_cast<std::size_t>(kSessions));
  EXPECT_TRUE(drift().empty());
  EXPECT_TRUE(store_->gate().open()->empty());
}

}  // namespace
}  // namespace sluice::change

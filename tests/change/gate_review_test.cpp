// Statements that become issues: joined, approved by another person, told once, held and claimed;
// changes that a program left; and what CALL sluice answers.
#include "admin/change/gate_policies.h"
#include "tests/change/gate_fixture.h"

namespace sluice::change {
namespace {

using namespace testing_support;
using policy::ChangeReview;
using policy::TaskStatus;
using State = ChangeReview::State;

class GateReviewTest : public GateTest {
 protected:
  void SetUp() override {
    GateTest::SetUp();
    if (!sink_) return;
    // A person approves.
    auto instance = *store_->instance(instance_);
    instance.environment = prod_;
    ASSERT_TRUE(store_->update_instance(instance, std::nullopt).has_value());
    make_recorded();
    add_account("app", 0);
    add_account("ada", author_.user);
    add_account("bob", other_.user);
    engine_->start();
  }
  void TearDown() override {
    if (engine_) {
      EXPECT_TRUE(engine_->stop(kPatience));
    }
    GateTest::TearDown();
  }

  ChangeReview review(const policy::ChangeRequest& request, bool hold = false) {
    auto reviewed = sink_->review(request, hold);
    if (const auto* no = std::get_if<policy::Refusal>(&reviewed)) {
      ADD_FAILURE() << no->message;
      return {};
    }
    return std::get<ChangeReview>(reviewed);
  }
  ChangeReview state(std::int64_t issue) {
    auto found = sink_->state(issue);
    if (const auto* no = std::get_if<policy::Refusal>(&found)) {
      ADD_FAILURE() << no->message;
      return {};
    }
    return std::get<ChangeReview>(found);
  }
  using Arguments = std::vector<std::optional<std::string>>;
  policy::SluiceAnswer call(const std::string& account, const std::string& name,
                            const Arguments& arguments = {}) {
    auto answer = sink_->call(origin(account), name, arguments);
    if (const auto* no = std::get_if<policy::Refusal>(&answer)) {
      ADD_FAILURE() << no->message;
      return {};
    }
    return std::get<policy::SluiceAnswer>(answer);
  }
  std::string refused(const std::string& account, const std::string& name,
                      const Arguments& arguments = {}) {
    auto answer = sink_->call(origin(account), name, arguments);
    const auto* no = std::get_if<policy::Refusal>(&answer);
    return no == nullptr ? "" : no->message;
  }
  static std::string cell(const policy::SluiceAnswer& answer, const std::string& column,
                          std::size_t row = 0) {
    for (std::size_t i = 0; i < answer.columns.size(); ++i) {
      if (answer.columns[i] == column && row < answer.rows.size()) {
        return answer.rows[row][i].value_or("NULL");
      }
    }
    return "no " + column;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, GateReviewTest,
                         testing::Values(test::Engine::kMysql, test::Engine::kMariadb),
                         test::engine_name);

TEST_P(GateReviewTest, AStatementIsOneIssueUntilItRanAndIsToldOnce) {
  const auto request = asked({"ALTER TABLE t ADD note INT"});
  const auto first = review(request);
  EXPECT_EQ(first.state, State::kWaiting);
  EXPECT_EQ(first.message, "Sluice: change #" + std::to_string(first.issue) +
                               " needs review: http://sluice/issues/" +
                               std::to_string(first.issue));
  EXPECT_EQ(review(request).issue, first.issue);
  EXPECT_NE(review(asked({"ALTER TABLE t ADD other INT"})).issue, first.issue);
  EXPECT_NE(review(asked({"ALTER TABLE t ADD note INT"}, "bob")).issue, first.issue);
  const auto issue = store_->issues().get(first.issue)->issue;
  EXPECT_EQ(issue.source, store::Source::kProxy);
  EXPECT_EQ(issue.creator, 0);
  EXPECT_NE(issue.description.find("service account app"), std::string::npos);
  EXPECT_NE(issue.description.find("with mysql from 10.0.0.7"), std::string::npos);

  ASSERT_TRUE(wait_for_checks(first.issue));
  EXPECT_EQ(cell(call("bob", "approve", {std::to_string(first.issue)}), "issue"),
            std::to_string(first.issue));
  wait_for(first.issue, TaskStatus::kDone);
  const auto done = review(request);
  EXPECT_EQ(done.state, State::kDone);
  EXPECT_EQ(done.issue, first.issue);
  EXPECT_EQ(value("SELECT COUNT(*) FROM information_schema.COLUMNS WHERE COLUMN_NAME = 'note' AND "
                  "TABLE_SCHEMA = '" +
                  database_ + "'"),
            "1");
  // Once: the next is a wish of its own.
  EXPECT_NE(review(request).issue, first.issue);
}

TEST_P(GateReviewTest, AMigrationOfSeveralStatementsBeginsAnewUntilItComesThrough) {
  const auto one = asked({"ALTER TABLE t ADD one INT"});
  const auto two = asked({"ALTER TABLE t ADD two INT"});
  const auto approve_and_wait = [&](store::Id issue) {
    ASSERT_TRUE(wait_for_checks(issue));
    call("bob", "approve", {std::to_string(issue)});
    wait_for(issue, TaskStatus::kDone);
  };
  const auto first = review(one).issue;
  approve_and_wait(first);
  // The tool runs again: the first statement has run, the second is new; the tool gives up.
  EXPECT_EQ(review(one).state, State::kDone);
  const auto second = review(two).issue;
  approve_and_wait(second);
  // And again: both have run.
  EXPECT_EQ(review(one).state, State::kDone);
  EXPECT_EQ(review(two).state, State::kDone);
  // Then it has come through: what is sent now is a wish of its own.
  EXPECT_NE(review(one).issue, first);
}

TEST_P(GateReviewTest, NobodyApprovesTheirOwnAndARejectionIsTold) {
  const auto request = asked({"DELETE FROM t WHERE id = 1"}, "ada");
  const auto first = review(request);
  const auto number = std::to_string(first.issue);
  ASSERT_TRUE(wait_for_checks(first.issue));
  EXPECT_NE(refused("ada", "approve", {number}), "");
  EXPECT_NE(refused("app", "approve", {number}).find("no issue"), std::string::npos);
  call("bob", "reject", {number, "not today"});
  const auto told = review(request);
  EXPECT_EQ(told.issue, first.issue);
  EXPECT_EQ(told.state, State::kEnded);
  EXPECT_NE(told.message.find("was rejected: not today"), std::string::npos) << told.message;
  EXPECT_EQ(cell(call("ada", "issue", {number}), "status"), "rejected");
  const auto audit = *store_->audit({"", "issues.reject", {}, 0, 10});
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit.front().actor, "bob@example.org");
}

TEST_P(GateReviewTest, AHeldChangeRunsInItsClientsSessionOnce) {
  const auto request = asked({"INSERT INTO t VALUES (7, 7)"});
  const auto held = review(request, true);
  EXPECT_EQ(held.state, State::kWaiting);
  ASSERT_TRUE(wait_for_checks(held.issue));
  EXPECT_FALSE(std::holds_alternative<policy::ChangeBegun>(sink_->claim(held.issue, origin())));
  call("bob", "approve", {std::to_string(held.issue)});
  EXPECT_EQ(state(held.issue).state, State::kApproved);
  auto claimed = sink_->claim(held.issue, origin());
  ASSERT_TRUE(std::holds_alternative<policy::ChangeBegun>(claimed))
      << std::get<policy::Refusal>(claimed).message;
  EXPECT_FALSE(std::holds_alternative<policy::ChangeBegun>(sink_->claim(held.issue, origin())));
  sink_->withdraw(held.issue);  // too late
  sink_->end(run(request, std::get<policy::ChangeBegun>(claimed)));
  const auto task = wait_for(held.issue, TaskStatus::kDone);
  EXPECT_NE(task.change, 0);
  EXPECT_EQ(store_->history().get(task.change)->affected_rows, 1);
  EXPECT_EQ(value("SELECT n FROM " + database_ + ".t WHERE id = 7"), "7");
}

TEST_P(GateReviewTest, AHeldChangeWhoseClientIsGoneNeverRuns) {
  const auto held = review(asked({"INSERT INTO t VALUES (8, 8)"}), true);
  ASSERT_TRUE(wait_for_checks(held.issue));
  sink_->withdraw(held.issue);
  EXPECT_EQ(state(held.issue).state, State::kEnded);
  EXPECT_FALSE(std::holds_alternative<policy::ChangeBegun>(sink_->claim(held.issue, origin())));
  EXPECT_NE(refused("bob", "approve", {std::to_string(held.issue)}), "");

  // Its whole program is gone: another one withdraws it.
  const auto left = review(asked({"INSERT INTO t VALUES (9, 9)"}), true);
  sink_ = make_sink();
  sink_->start();
  EXPECT_TRUE(eventually([&] {
    return store_->issues().get(left.issue)->issue.status == policy::IssueStatus::kCanceled;
  }));
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "0");
}

TEST_P(GateReviewTest, WhatCannotMeanTheSameElsewhereIsRefused) {
  auto request = asked({"ALTER TABLE t ADD note INT"});
  request.origin.sql_mode ^= parser::kAnsiQuotes;
  auto reviewed = sink_->review(request, false);
  ASSERT_TRUE(std::holds_alternative<policy::Refusal>(reviewed));
  EXPECT_EQ(std::get<policy::Refusal>(reviewed).rule, "session-mode");
  request = asked({"ALTER TABLE t COMMENT '\xe9'"});
  request.origin.charset = parser::Charset::Latin1;
  reviewed = sink_->review(request, false);
  ASSERT_TRUE(std::holds_alternative<policy::Refusal>(reviewed));
  EXPECT_EQ(std::get<policy::Refusal>(reviewed).rule, "session-charset");
}

TEST_P(GateReviewTest, AccountsOfTheServerAreChangedByAnIssueOfNoDatabase) {
  const std::string user = "u" + database_.substr(7);
  auto request = asked({"CREATE USER " + user + " IDENTIFIED BY 'secret-of-8'"});
  request.origin.schema.clear();
  const auto first = review(request);
  ASSERT_TRUE(wait_for_checks(first.issue));
  call("bob", "approve", {std::to_string(first.issue)});
  wait_for(first.issue, TaskStatus::kDone);
  EXPECT_EQ(value("SELECT COUNT(*) FROM mysql.user WHERE User = '" + user + "'"), "1");
  run_sql("DROP USER " + user);
  // Who reads titles and the history reads no password.
  EXPECT_EQ(store_->issues().get(first.issue)->issue.title,
            "CREATE USER " + user + " IDENTIFIED BY <secret>");
  const auto state = *store_->issues().get(first.issue);
  EXPECT_EQ(*store_->issues().kept(state.tasks.front().sheet_hash),
            "CREATE USER " + user + " IDENTIFIED BY <secret>");
  EXPECT_EQ(state.tasks.front().sealed_sheet.find("secret-of-8"), std::string::npos);
  ASSERT_EQ(changes().size(), 1U);
  EXPECT_EQ(store_->history().texts(changes().front())->statement,
            "CREATE USER " + user + " IDENTIFIED BY <secret>");
  // Another password is another request, and the same one the same.
  auto other = request;
  other.statements.front().text = "CREATE USER " + user + " IDENTIFIED BY 'secret-of-9'";
  EXPECT_NE(review(other).issue, first.issue);
  EXPECT_EQ(review(request).state, policy::ChangeReview::State::kDone);
}

TEST_P(GateReviewTest, WhatFailsWithAPasswordInItTellsNoneOfIt) {
  const std::string user = "u" + database_.substr(7);
  auto request = asked({"ALTER USER " + user + " IDENTIFIED BY 'secret-of-8'"});
  request.origin.schema.clear();
  const auto first = review(request);
  ASSERT_TRUE(wait_for_checks(first.issue));
  call("bob", "approve", {std::to_string(first.issue)});
  wait_for(first.issue, TaskStatus::kFailed);
  const auto state = *store_->issues().get(first.issue);
  EXPECT_NE(state.tasks.front().reason, "");
  EXPECT_EQ(state.tasks.front().reason.find("secret-of-8"), std::string::npos);
  // Edited without its password it would set another one.
  const auto text = *store_->issues().kept(state.tasks.front().sheet_hash);
  const auto edited = engine_->edit(state.tasks.front().id, author_, text + " ACCOUNT LOCK");
  ASSERT_FALSE(edited.has_value());
  EXPECT_NE(edited.error().detail.find("write the password"), std::string::npos);
}

TEST_P(GateReviewTest, AChangeThatAProgramLeftIsFoundOnTheServer) {
  const auto ran = asked({"ALTER TABLE t ADD note INT"});
  const auto begun = begin(ran);
  static_cast<void>(run(ran, begun));
  const auto not_run = begin(asked({"ALTER TABLE t ADD other INT"}));
  EXPECT_NE(not_run.id, begun.id);
  sink_ = make_sink();  // the one before it ended without a word
  sink_->start();
  ASSERT_TRUE(eventually([&] { return store_->gate().open()->empty(); }));
  const auto all = changes();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().status, store::ChangeStatus::kDone) << all.front().error;
  EXPECT_FALSE(all.front().gtids.empty());
  EXPECT_NE(store_->history().texts(all.front())->schema_after.find("note"), std::string::npos);
  EXPECT_TRUE(drift().empty());
}

TEST_P(GateReviewTest, RowsThatAProgramLeftAreFoundWhereTheLogTellsOfThem) {
  const auto one = asked({"INSERT INTO t VALUES (1, 1)"});
  const auto tagged = begin(one);
  static_cast<void>(run(one, tagged));
  auto several = asked({"INSERT INTO t VALUES (2, 2)", "INSERT INTO t VALUES (3, 3)"});
  several.transaction = true;
  auto other = mysql::Connection::open(test::server_options(GetParam()));
  ASSERT_TRUE(other.has_value());
  std::swap(client_, *other);  // a session of its own
  ASSERT_TRUE(client_->query("USE " + database_).has_value());
  several.origin.backend_thread = client_->thread_id();
  static_cast<void>(begin(several));
  ASSERT_TRUE(client_->query("BEGIN").has_value());
  for (const auto& statement : several.statements) {
    ASSERT_TRUE(client_->query(statement.text).has_value());
  }
  ASSERT_TRUE(client_->query("COMMIT").has_value());
  sink_ = make_sink();
  sink_->start();
  ASSERT_TRUE(eventually([&] { return store_->gate().open()->empty(); }));
  const auto all = changes();
  ASSERT_EQ(all.size(), 2U);
  store::AnomalyFilter filter;
  filter.kind = "change.unknown";
  // MariaDB's log does not name the session of a transaction's rows: a person has to look.
  const bool told = GetParam() == test::Engine::kMysql;
  EXPECT_EQ(store_->anomalies().list(filter)->size(), told ? 0U : 1U);
  for (const auto& change : all) {
    const bool transaction =
        store_->history().texts(change)->statement.find("(2, 2)") != std::string::npos;
    const bool done = change.status == store::ChangeStatus::kDone;
    EXPECT_EQ(done, told || !transaction) << change.error;
    EXPECT_EQ(change.gtids.empty(), !done);
  }
}

TEST_P(GateReviewTest, TheCallsTellAPersonWhatTheConsoleWould) {
  record({"ALTER TABLE t ADD note INT"}, "ada");
  const auto history = call("ada", "history", {database_});
  ASSERT_EQ(history.rows.size(), 1U);
  EXPECT_EQ(cell(history, "person"), "ada@example.org");
  EXPECT_NE(cell(history, "diff").find("+  `note` int"), std::string::npos)
      << cell(history, "diff");
  EXPECT_EQ(cell(history, "program"), "mysql");
  EXPECT_FALSE(cell(history, "gtids").empty());
  EXPECT_EQ(call("app", "history", {database_}).rows.size(), 1U);

  const auto reviewed = review(asked({"ALTER TABLE t ADD later INT"}));
  EXPECT_EQ(call("app", "issues").rows.size(), 1U);
  EXPECT_EQ(call("ada", "issues").rows.size(), 1U);
  EXPECT_EQ(cell(call("ada", "issue", {std::to_string(reviewed.issue)}), "statement"),
            "ALTER TABLE t ADD later INT");
  EXPECT_TRUE(call("ada", "wait", {std::to_string(reviewed.issue), "1"}).pending);
  // A developer of no project sees nothing of it, and no application sees another's.
  const auto eve = *store_->create_user(
      {"Eve", "eve@example.org", "h", policy::WorkspaceRole::kDeveloper}, utc_now());
  add_account("eve", eve.id);
  add_account("other", 0);
  EXPECT_NE(refused("eve", "history", {database_}), "");
  EXPECT_TRUE(call("eve", "issues").rows.empty());
  EXPECT_NE(refused("eve", "issue", {std::to_string(reviewed.issue)}), "");
  EXPECT_NE(refused("other", "issue", {std::to_string(reviewed.issue)}), "");

  EXPECT_NE(refused("ada", "nothing").find("there is no sluice.nothing()"), std::string::npos);
  EXPECT_NE(refused("ada", "issue").find("takes 1 argument"), std::string::npos);
  EXPECT_NE(refused("ada", "issue", {"x"}).find("expected the number"), std::string::npos);
}

TEST_P(GateReviewTest, ExplainTellsVerdictAndFindings) {
  GatePolicies from(*store_, schemas_);
  policies_.replace(*from.read());
  auto environment = *store_->environment(prod_);
  environment.review = R"({"*": {"level": "off"}, "table.require-pk": {"level": "error"}})";
  ASSERT_TRUE(store_->update_environment(environment).has_value());
  const auto answer = call("app", "explain", {"CREATE TABLE u (a INT)"});
  EXPECT_EQ(cell(answer, "verdict"), "review");
  EXPECT_EQ(cell(answer, "group"), "ddl");
  EXPECT_EQ(cell(answer, "level"), "error");
  EXPECT_EQ(cell(call("app", "explain", {"SELECT 1"}), "verdict"), "pass");
  EXPECT_EQ(cell(call("app", "explain", {"SHUTDOWN"}), "verdict"), "deny");
  EXPECT_EQ(cell(call("app", "status"), "value", 0), "app");
}

TEST_P(GateReviewTest, BrokenGlassIsGrantedToWhoMayAndFiledAfterwards) {
  EXPECT_NE(refused("app", "break_glass", {"fire"}).find("may not"), std::string::npos);
  auto account = *store_->accounts().find("ada");
  account.may_break_glass = true;
  ASSERT_TRUE(store_->accounts().update(account, std::nullopt).has_value());
  EXPECT_NE(refused("ada", "break_glass", {" "}).find("needs a reason"), std::string::npos);
  call("ada", "break_glass", {"fire"});
  for (const auto* text : {"ALTER TABLE t ADD note INT", "INSERT INTO t (id, n) VALUES (1, 1)"}) {
    auto request = asked({text}, "ada");
    request.origin.break_glass = "fire";
    request.rule = "break-glass";
    const auto begun = begin(request);
    sink_->end(run(request, begun));
  }
  const auto issues = *store_->issues().list({});
  ASSERT_EQ(issues.size(), 1U);
  EXPECT_EQ(issues.front().title, "Break-glass by ada@example.org: fire");
  const auto state = *store_->issues().get(issues.front().id);
  ASSERT_EQ(state.tasks.size(), 2U);
  for (const auto& task : state.tasks) {
    EXPECT_EQ(task.status, TaskStatus::kDone);
    EXPECT_NE(task.change, 0);
  }
  EXPECT_EQ(value("SELECT COUNT(*) FROM " + database_ + ".t"), "1");  // and not twice
  EXPECT_EQ(store_->audit({"", "gate.break_glass", {}, 0, 10})->size(), 2U);
}

TEST_P(GateReviewTest, PoliciesAreTheStoresAndProgramsTheRecordedSchemas) {
  record({"CREATE PROCEDURE writes() BEGIN DELETE FROM t; END"});
  record({"CREATE PROCEDURE looks() BEGIN SELECT 1; END"});
  record({"CREATE PROCEDURE calls() BEGIN CALL writes(); END"});
  record({"CREATE PROCEDURE far() BEGIN PREPARE s FROM @x; EXECUTE s; END"});
  record({"CREATE FUNCTION bump() RETURNS INT DETERMINISTIC BEGIN DELETE FROM t; RETURN 1; END"});
  record({"CREATE VIEW v AS SELECT bump() AS b"});
  record({"CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.n = 1"});
  ASSERT_TRUE(store_->databases().freeze(database_id_, true, "a release").has_value());
  GatePolicies from(*store_, schemas_);
  const auto set = from.read();
  ASSERT_TRUE(set.has_value()) << set.error().detail;
  EXPECT_FALSE(set->transparent);
  const auto* policy = set->find("test");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->environment, "Prod");
  EXPECT_EQ(policy->gate, policy::default_gate(false));
  const auto& database = policy->databases.at(database_);
  EXPECT_TRUE(database.frozen);
  EXPECT_EQ(database.freeze_reason, "a release");
  using parser::ActionGroup;
  const auto& programs = *policy->programs;
  EXPECT_EQ(programs.routine(database_, "writes"), ActionGroup::Dml);
  EXPECT_EQ(programs.routine(database_, "looks"), ActionGroup::Read);
  EXPECT_EQ(programs.routine(database_, "calls"), ActionGroup::Dml);
  EXPECT_EQ(programs.routine(database_, "far"), ActionGroup::Opaque);
  EXPECT_EQ(programs.routine(database_, "unknown"), ActionGroup::Opaque);
  EXPECT_EQ(programs.view(database_, "v"), ActionGroup::Dml);
  EXPECT_EQ(programs.view(database_, "t"), ActionGroup::Read);
  EXPECT_LE(programs.triggers(database_, "t"), ActionGroup::Session);
  EXPECT_EQ(programs.triggers(database_, "other"), ActionGroup::Read);
}

}  // namespace
}  // namespace sluice::change

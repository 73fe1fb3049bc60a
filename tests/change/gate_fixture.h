// The gate's sink on a store of its own and on the real servers, with a client's session played by
// a connection: what the data path would do, step by step.
#pragma once

#include "admin/change/gate_policies.h"
#include "admin/change/gate_sink.h"
#include "admin/change/scan.h"
#include "parser/parse.h"
#include "tests/change/engine_fixture.h"

namespace sluice::change::testing_support {

class GateTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    if (!store_ || HasFatalFailure() || IsSkipped()) return;
    engine_ = std::make_unique<Engine>(services(*store_), config());
    sink_ = make_sink();
    auto client = mysql::Connection::open(test::server_options(GetParam()));
    ASSERT_TRUE(client.has_value()) << client.error().message;
    client_ = std::move(*client);
    static_cast<void>(client_->track_gtids());
  }
  void TearDown() override {
    sink_.reset();
    engine_.reset();
    client_.reset();
    EngineTest::TearDown();
  }

  [[nodiscard]] std::unique_ptr<GateSink> make_sink() {
    GateConfig made;
    made.holder = store::make_token();
    made.poll = std::chrono::milliseconds(20);
    made.lease = std::chrono::milliseconds(400);
    return std::make_unique<GateSink>(
        GateServices{
            *store_, *engine_, schemas_, policies_, utc_now,
            [](std::string_view, std::string_view) {},
            [](store::Id issue) { return "http://sluice/issues/" + std::to_string(issue); },
            [this] { ++policy_changes_; }, nullptr,
            [this](store::Id database) { drifted_ = database; }},
        made);
  }

  // A database with a table, known and recorded, as a scan leaves it.
  void make_recorded() {
    database_id_ = make_database();
    auto reader = SnapshotReader::open(test::server_options(GetParam()));
    ASSERT_TRUE(reader.has_value());
    const auto live = (*reader)->read(database_);
    ASSERT_TRUE(live.has_value());
    ASSERT_TRUE(store_->databases()
                    .record_schema(database_id_, canonical_text(live->schema, live->server.target),
                                   live->server.version, utc_now())
                    .has_value());
    ASSERT_TRUE(client_->query("USE " + database_).has_value());
  }

  [[nodiscard]] policy::ChangeOrigin origin(const std::string& account = "app") {
    policy::ChangeOrigin made;
    made.account = account;
    made.instance = "test";
    made.schema = database_;
    made.program = "mysql";
    made.host = "10.0.0.7";
    made.session = 12;
    made.backend_thread = client_->thread_id();
    if (const auto server = sink_->server_of("test")) made.sql_mode = server->sql_mode;
    return made;
  }
  [[nodiscard]] policy::ChangeRequest asked(const std::vector<std::string>& texts,
                                            const std::string& account = "app") {
    policy::ChangeRequest request;
    request.origin = origin(account);
    request.rule = "gate.ddl";
    parser::Dialect dialect;
    dialect.engine =
        GetParam() == test::Engine::kMariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
    // Forms follow the version: ALTER USER is MariaDB's since 10.2.
    if (dialect.engine == parser::Engine::MariaDb) dialect.server_version = 101119;
    dialect.schema = database_;
    for (const auto& text : texts) {
      const auto parsed = parser::parse(text, dialect);
      EXPECT_TRUE(parsed.accepted()) << text;
      request.statements.push_back({text, parsed.group(), 0});
      for (const auto& statement : parsed.statements) {
        for (const auto& object : statement.facts.objects) request.objects.push_back(object);
      }
    }
    return request;
  }
  [[nodiscard]] policy::ChangeBegun begin(const policy::ChangeRequest& request) {
    auto begun = sink_->begin(request);
    if (const auto* no = std::get_if<policy::Refusal>(&begun)) {
      ADD_FAILURE() << no->message;
      return {};
    }
    return std::get<policy::ChangeBegun>(begun);
  }
  // Sends it on the client's session, and gives what the session would tell of its end.
  [[nodiscard]] policy::ChangeEnd run(const policy::ChangeRequest& request,
                                      const policy::ChangeBegun& begun) {
    policy::ChangeEnd end;
    end.id = begun.id;
    end.statements = request.statements;
    for (std::size_t i = 0; i < request.statements.size(); ++i) {
      const auto ran = client_->query((i == 0 ? begun.tag : "") + request.statements[i].text);
      if (!ran) {
        end.error = static_cast<std::uint16_t>(ran.error().number);
        end.error_message = ran.error().message;
        return end;
      }
      end.statements[i].affected_rows = ran->back().completion.affected_rows;
      const auto& gtid = ran->back().completion.gtid;
      if (!gtid.empty()) end.gtids += (end.gtids.empty() ? "" : ",") + gtid;
    }
    return end;
  }
  void record(const std::vector<std::string>& texts, const std::string& account = "app") {
    const auto request = asked(texts, account);
    const auto begun = begin(request);
    sink_->end(run(request, begun));
  }
  [[nodiscard]] std::vector<store::Change> changes() {
    store::ChangeFilter filter;
    filter.limit = 1000;
    return *store_->history().list(filter);
  }
  [[nodiscard]] std::vector<std::string> drift() {
    auto reader = SnapshotReader::open(test::server_options(GetParam()));
    const auto live = (*reader)->read(database_);
    const auto recorded =
        schema::read(*store_->databases().recorded_schema(database_id_), live->server.target);
    return find_drift(recorded.schema, live->schema, live->server.target, {}).objects;
  }
  store::AccountEntry add_account(const std::string& name, store::Id user) {
    store::AccountEntry account;
    account.name = name;
    account.kind = user == 0 ? policy::AccountKind::kService : policy::AccountKind::kHuman;
    account.user = user;
    account.all_instances = true;
    return *store_->accounts().create(account, {"*x", ""}, utc_now());
  }

  SchemaCache schemas_;
  policy::FixedPolicySource policies_{policy::PolicySet{}};
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<GateSink> sink_;
  std::unique_ptr<mysql::Connection> client_;
  store::Id database_id_ = 0;
  std::atomic<int> policy_changes_{0};
  std::atomic<store::Id> drifted_{0};
};

}  // namespace sluice::change::testing_support

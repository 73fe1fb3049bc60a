#include "admin/change/run_session.h"

#include "admin/change/record.h"
#include "admin/change/target.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

constexpr unsigned kNoSuchDatabase = 1049;

// Takes what an answer says, and none of its rows.
class Tally final : public mysql::Sink {
 public:
  explicit Tally(Executed& executed) : executed_(executed) {}
  bool columns(std::span<const mysql::Column>) override { return true; }
  bool row(std::span<const mysql::CellView>) override { return true; }
  bool done(const mysql::Completion& completion) override {
    executed_.affected_rows += static_cast<std::int64_t>(completion.affected_rows);
    executed_.warnings += completion.warnings;
    executed_.in_transaction = completion.in_transaction;
    if (!completion.gtid.empty()) {
      if (!executed_.gtid.empty()) executed_.gtid += ',';
      executed_.gtid += completion.gtid;
    }
    return true;
  }

 private:
  Executed& executed_;
};

// A fault of the server's is an answer: the setting is not to be had.
mysql::Result<bool> try_setting(mysql::Connection& connection, const std::string& sql) {
  const auto set = connection.query(sql);
  if (set) return true;
  if (set.error().kind == mysql::Failure::kServer) return false;
  return set.error();
}

}  // namespace

mysql::Result<std::unique_ptr<RunSession>> RunSession::open(const mysql::Options& options,
                                                            const std::string& database,
                                                            bool exists, const RunLimits& limits) {
  std::unique_ptr<RunSession> session(new RunSession(database, options));
  auto executing = options;
  executing.database = exists ? database : "";
  executing.program = "sluice task";
  auto opened = mysql::Connection::open(executing);
  if (!opened) return opened.error();
  session->executing_ = std::move(*opened);
  auto reader = SnapshotReader::open(options);
  if (!reader) return reader.error();
  session->reader_ = std::move(*reader);
  if (auto prepared = session->prepare(limits); !prepared) return prepared.error();
  return session;
}

mysql::Result<void> RunSession::prepare(const RunLimits& limits) {
  const auto tracked = executing_->track_gtids();
  if (!tracked && tracked.error().kind != mysql::Failure::kServer) return tracked.error();
  const auto waits = try_setting(
      *executing_, "SET SESSION lock_wait_timeout = " +
                       std::to_string(std::max<std::int64_t>(limits.lock_wait.count(), 1)));
  if (!waits) return waits.error();
  // Needs a privilege on MySQL (SESSION_VARIABLES_ADMIN), and is MariaDB's default.
  const auto texts =
      executing_->is_mariadb()
          ? try_setting(*executing_, "SET SESSION binlog_annotate_row_events = ON")
          : try_setting(*executing_, "SET SESSION binlog_rows_query_log_events = ON");
  if (!texts) return texts.error();
  logs_row_texts_ = *texts;
  if (*texts) return {};
  const auto value =
      executing_->value(executing_->is_mariadb() ? "SELECT @@binlog_annotate_row_events"
                                                 : "SELECT @@binlog_rows_query_log_events");
  if (!value && value.error().kind != mysql::Failure::kServer) return value.error();
  logs_row_texts_ = value && *value == "1";
  return {};
}

mysql::Result<std::optional<std::uint64_t>> RunSession::try_lock(
    std::chrono::seconds wait, mysql::Cancellation& cancellation) {
  const std::string name = sqltext::quote_string(change_lock_name(database_));
  mysql::Limits limits;
  limits.cancellation = &cancellation;
  const auto got = executing_->value(
      "SELECT GET_LOCK(" + name + ", " + std::to_string(wait.count()) + ")", limits);
  if (!got) return got.error();
  if (*got == "1") return std::optional<std::uint64_t>();
  const auto holder = executing_->value("SELECT IS_USED_LOCK(" + name + ")");
  if (!holder) return holder.error();
  // 0: it was let go in between; the caller tries again.
  return std::optional<std::uint64_t>(std::strtoull(holder->value_or("0").c_str(), nullptr, 10));
}

mysql::Result<std::string> RunSession::command_of(std::uint64_t connection) {
  const auto command =
      control().value("SELECT COMMAND FROM information_schema.PROCESSLIST WHERE ID = " +
                      std::to_string(connection));
  if (!command) return command.error();
  return command->value_or("");
}

mysql::Result<void> RunSession::end_connection(std::uint64_t connection) {
  return mysql::kill_connection(options_, connection);
}

mysql::Result<void> RunSession::end_statement(std::uint64_t connection) {
  return mysql::kill_query(options_, connection);
}

Executed RunSession::execute(const std::string& sql, mysql::Cancellation& cancellation) {
  Executed executed;
  Tally tally(executed);
  mysql::Limits limits;
  limits.cancellation = &cancellation;
  const auto begin = std::chrono::steady_clock::now();
  const auto outcome = executing_->stream(sql, tally, limits);
  executed.duration = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  if (!outcome) executed.fault = outcome.error();
  return executed;
}

mysql::Result<std::string> RunSession::ask(const std::string& sql,
                                           mysql::Cancellation& cancellation) {
  mysql::Limits limits;
  limits.cancellation = &cancellation;
  const auto value = executing_->value(sql, limits);
  if (!value) return value.error();
  return value->value_or("NULL");
}

bool RunSession::roll_back() {
  return executing_->query("ROLLBACK").has_value();
}

mysql::Result<RunSchema> RunSession::live_schema() {
  RunSchema live;
  if (database_.empty()) return live;
  auto snapshot = reader_->read(database_);
  if (!snapshot) {
    if (snapshot.error().number == kNoSuchDatabase) return live;
    return snapshot.error();
  }
  live.exists = true;
  live.text = record_text(*snapshot);
  live.model = std::move(snapshot->schema);
  return live;
}

mysql::Result<BinlogPosition> RunSession::position() {
  return read_position(control());
}

mysql::Result<std::pair<std::string, std::string>> RunSession::database_defaults() {
  const auto rows = control().rows(
      "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA "
      "WHERE SCHEMA_NAME = " +
      sqltext::quote_string(database_));
  if (!rows) return rows.error();
  if (rows->empty()) return std::pair<std::string, std::string>();
  return std::pair(rows->front().at(0).value_or(""), rows->front().at(1).value_or(""));
}

}  // namespace sluice::change

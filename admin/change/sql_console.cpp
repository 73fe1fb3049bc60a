#include "admin/change/sql_console.h"

#include <algorithm>

#include "admin/change/instance_check.h"
#include "parser/schema/cursor.h"

namespace sluice::change {
namespace {

using Kind = SqlRefusal::Kind;

// What reads beyond the database: files of the server's machine.
bool reads_files(const parser::StatementFacts& facts) {
  for (const auto& function : facts.functions) {
    if (schema::lower(function.name) == "load_file") return true;
  }
  for (const auto& inner : facts.nested) {
    if (reads_files(inner)) return true;
  }
  return false;
}

// Hands on at most so many rows and bytes of an answer.
class Limited final : public mysql::Sink {
 public:
  // With `stop`, the statement is ended at the first row too many; otherwise it runs to its end and
  // the rest is dropped.
  Limited(const SqlRequest& request, SqlSink& sink, bool stop)
      : request_(request), sink_(sink), stop_(stop) {}

  bool columns(std::span<const mysql::Column> columns) override {
    open_ = true;
    rows_ = 0;
    cut_ = SqlCut::kNone;
    return wanted(sink_.columns(columns));
  }
  bool row(std::span<const mysql::CellView> cells) override {
    if (cut_ != SqlCut::kNone) return !stop_;
    std::uint64_t size = 0;
    for (const auto& cell : cells) size += sizeof(mysql::Cell) + (cell ? cell->size() : 0);
    if (rows_ >= request_.max_rows) cut_ = SqlCut::kRows;
    if (bytes_ + size > request_.max_bytes) cut_ = SqlCut::kBytes;
    if (cut_ != SqlCut::kNone) return !stop_;
    bytes_ += size;
    ++rows_;
    return wanted(sink_.row(cells));
  }
  bool done(const mysql::Completion& completion) override {
    sink_.done(completion, open_ ? cut_ : SqlCut::kNone);
    open_ = false;
    return true;
  }
  // The server's rows were ended here.
  void stopped() {
    if (open_) sink_.done({}, cut_);
    open_ = false;
  }
  [[nodiscard]] bool refused() const noexcept { return refused_; }

 private:
  bool wanted(bool more) {
    refused_ = refused_ || !more;
    return more;
  }
  const SqlRequest& request_;
  SqlSink& sink_;
  bool stop_;
  bool open_ = false;
  bool refused_ = false;
  SqlCut cut_ = SqlCut::kNone;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;  // of all results
};

SqlRefusal took_too_long(const SqlRequest& request) {
  return {Kind::kDeadline,
          "The statement and its answer took longer than " +
              std::to_string(request.timeout.count()) + " seconds and were ended.",
          0, ""};
}

SqlRefusal refusal(const mysql::Fault& fault, const SqlRequest& request) {
  SqlRefusal out{Kind::kServer, fault.message, fault.number, fault.sqlstate};
  if (fault.kind == mysql::Failure::kDeadline) {
    out = took_too_long(request);
  } else if (fault.kind == mysql::Failure::kCancelled || fault.kind == mysql::Failure::kStopped) {
    out.kind = Kind::kStopped;
  } else if (fault.kind == mysql::Failure::kLost) {
    out.kind = Kind::kUnreachable;
    out.detail = "The connection to the server was lost: " + fault.message;
  }
  return out;
}

mysql::Result<parser::Dialect> read_dialect(mysql::Connection& connection) {
  auto facts = connection.rows("SELECT @@sql_mode, @@lower_case_table_names");
  if (!facts) return facts.error();
  parser::Dialect dialect;
  dialect.engine = connection.is_mariadb() ? parser::Engine::MariaDb : parser::Engine::MySql;
  dialect.server_version = connection.version();
  dialect.sql_mode = parser::sql_mode_bits(facts->at(0).at(0).value_or(""));
  dialect.lower_case_table_names = facts->at(0).at(1) == "0" ? 0 : 1;
  dialect.schema = connection.options().database;
  return dialect;
}

}  // namespace

std::optional<std::string> why_not_read(std::string_view statement,
                                        const parser::Dialect& dialect) {
  const auto parsed = parser::parse(statement, dialect);
  if (parsed.error) {
    return "The statement is not understood, so it cannot be said to read only: line " +
           std::to_string(parsed.error->line) + ", column " + std::to_string(parsed.error->column) +
           ": " + parsed.error->message + ".";
  }
  if (parsed.statements.size() != 1) return "Send one statement.";
  const auto& facts = parsed.statements.front().facts;
  if (facts.class_name == "empty_query") return "There is no statement in it: write one.";
  if (facts.group != parser::ActionGroup::Read) {
    return "Read mode takes statements that read; this one is of the group " +
           std::string(parser::to_string(facts.group)) +
           ". Make an issue of it, or use admin mode.";
  }
  if (facts.into == parser::IntoKind::Outfile || facts.into == parser::IntoKind::Dumpfile)
    return "Read mode writes no files on the server.";
  if (reads_files(facts)) return "Read mode reads no files of the server.";
  return std::nullopt;
}

boost::system::result<SqlEnd, SqlRefusal> run_sql(const mysql::Options& options,
                                                  const SqlRequest& request, SqlSink& sink,
                                                  mysql::Cancellation* cancellation) {
  mysql::Options named = options;
  named.program = "sluice SQL Editor";  // it runs what a person wrote
  const auto connection = mysql::Connection::open(named);
  if (!connection) {
    if (connection.error().number == 1049) return refusal(connection.error(), request);
    const auto finding = judge_connection(connection.error(), options);
    return SqlRefusal{Kind::kUnreachable, finding.title + ". " + finding.detail,
                      connection.error().number, connection.error().sqlstate};
  }
  auto& server = **connection;
  if (!request.admin) {
    const auto dialect = read_dialect(server);
    if (!dialect) return refusal(dialect.error(), request);
    if (auto why = why_not_read(request.statement, *dialect))
      return SqlRefusal{Kind::kNotAllowed, std::move(*why), 0, ""};
    // One more than is shown tells that there are more; the server need not make the rest.
    const auto limit = std::to_string(request.max_rows + 1);
    for (const auto& sql :
         {"SET SESSION sql_select_limit = " + limit, std::string("START TRANSACTION READ ONLY")}) {
      if (const auto ready = server.query(sql); !ready) return refusal(ready.error(), request);
    }
  }
  mysql::Limits limits;
  const auto begin = std::chrono::steady_clock::now();
  limits.deadline = std::min(begin + request.timeout, request.deadline);
  limits.cancellation = cancellation;
  Limited limited(request, sink, !request.admin);
  const auto ran = server.stream(request.statement, limited, limits);
  const auto end = std::chrono::steady_clock::now();
  if (!request.admin && !server.lost()) (void)server.query("ROLLBACK");
  if (limited.refused() && end >= limits.deadline) return took_too_long(request);
  const bool stopped = !ran && ran.error().kind == mysql::Failure::kStopped;
  if (!ran && (!stopped || limited.refused())) return refusal(ran.error(), request);
  limited.stopped();
  return SqlEnd{std::chrono::duration_cast<std::chrono::microseconds>(end - begin)};
}

}  // namespace sluice::change

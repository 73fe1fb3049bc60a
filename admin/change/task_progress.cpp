#include "admin/change/task_progress.h"

#include <charconv>

#include "admin/change/target.h"
#include "admin/mysql/connection.h"
#include "parser/split.h"

namespace sluice::change {
namespace {

constexpr std::uint32_t kPatience = 3;  // seconds: somebody watches

std::string text(const mysql::Row& row, std::size_t at) {
  return at < row.size() && row[at] ? *row[at] : std::string();
}

template <class Number>
std::optional<Number> number(const std::string& digits) {
  Number value{};
  const char* const end = digits.data() + digits.size();
  const auto [at, fault] = std::from_chars(digits.data(), end, value);
  if (fault != std::errc{} || at != end) return std::nullopt;
  return value;
}

// The first row of an answer; nothing: none came, or the server refused.
std::optional<mysql::Row> first_row(mysql::Connection& server, const std::string& sql) {
  auto sets = server.query(sql);
  if (!sets || sets->empty() || sets->front().rows.empty()) return std::nullopt;
  return std::move(sets->front().rows.front());
}

void ask_server(mysql::Connection& server, TaskProgress& progress) {
  const auto id = std::to_string(progress.connection);
  const auto row = first_row(server,
                             "SELECT COMMAND, STATE, TIME FROM information_schema.PROCESSLIST "
                             "WHERE ID = " +
                                 id);
  if (row) {
    progress.command = text(*row, 0);
    progress.state = text(*row, 1);
    progress.seconds = number<std::int64_t>(text(*row, 2));
  }
  // MariaDB has the work of an ALTER TABLE in its process list, in each stage from 0 to 100.
  auto done = first_row(server,
                        "SELECT IF(MAX_STAGE > 0, (STAGE - 1) * 100 / MAX_STAGE + PROGRESS / "
                        "MAX_STAGE, NULL) FROM information_schema.PROCESSLIST WHERE ID = " +
                            id);
  if (!done) {
    done = first_row(server,
                     "SELECT 100 * s.WORK_COMPLETED / s.WORK_ESTIMATED FROM "
                     "performance_schema.events_stages_current s JOIN performance_schema.threads t "
                     "ON t.THREAD_ID = s.THREAD_ID WHERE s.WORK_ESTIMATED > 0 AND "
                     "t.PROCESSLIST_ID = " +
                         id);
  }
  if (done) progress.percent = number<double>(text(*done, 0));
}

}  // namespace

store::Result<std::optional<TaskProgress>> task_progress(store::Store& store,
                                                         const store::Task& task) {
  auto runs = store.runs().open_runs();
  if (!runs) return runs.error();
  const store::Run* run = nullptr;
  for (const auto& one : *runs) {
    if (one.task == task.id) run = &one;
  }
  if (run == nullptr) return std::optional<TaskProgress>();
  const auto statements = store.runs().statements(run->id);
  if (!statements) return statements.error();
  const auto sheet = store.issues().kept(task.sheet_hash);
  if (!sheet) return sheet.error();
  TaskProgress progress;
  progress.started_at = run->started_at;
  progress.connection = run->session;
  progress.statements =
      static_cast<std::int64_t>(parser::split_file(*sheet, parser::Dialect{}).size());
  for (const auto& statement : *statements) {
    progress.statement = std::max(progress.statement, statement.position + 1);
    progress.affected_rows += statement.affected_rows.value_or(0);
  }
  const auto undoes = store.rollbacks().of_task(task.id);
  if (!undoes) return undoes.error();
  if (*undoes) {
    const auto data = store.rollbacks().get((*undoes)->data);
    if (!data) return data.error();
    progress.statements = 1;  // one piece of work, whatever its sheet shows of it
    progress.rows = data->rows;
  }
  if (progress.connection == 0) return std::optional(progress);
  auto options = control_options(store, task.instance);
  if (!options) return std::optional(progress);
  options->connect_timeout_seconds = options->read_timeout_seconds = kPatience;
  auto server = mysql::Connection::open(*options);
  if (server) ask_server(**server, progress);
  return std::optional(progress);
}

}  // namespace sluice::change

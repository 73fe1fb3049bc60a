#include "admin/change/runner.h"

#include "admin/change/execution.h"
#include "admin/change/server_facts.h"
#include "admin/change/target.h"
#include "parser/redact.h"

namespace sluice::change {
namespace {

using policy::TaskStatus;

constexpr std::chrono::milliseconds kBetweenTries{500};
constexpr int kMaxInterruptions = 5;  // of one session after the other: the server is not well

bool outcome_unknown(const mysql::Fault& fault) {
  return fault.kind == mysql::Failure::kLost;
}

}  // namespace

void RunSignal::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

void RunSignal::lose() {
  {
    const std::lock_guard lock(mutex_);
    lost_ = true;
    changed_.notify_all();
  }
  cancellation.request();
}

bool RunSignal::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [this] { return stopped_ || lost_; });
}

void execute_run(const RunServices& services, const store::Run& run, RunSignal& signal) {
  Execution(services, run, signal).run();
}

void Execution::run() {
  at(Point::kClaimed);
  const bool ran = load() && connect() && lock() && (run_.marked ? recover() : begin()) &&
                   (is_rollback() ? roll_back() : execute_all());
  if (ran) ending_ = Ending{TaskStatus::kDone, ""};
  if (ending_ && !signal_.lost()) conclude();
}

bool Execution::fail(TaskStatus status, std::string reason) {
  ending_ = Ending{status, clean_text(reason)};
  return false;
}

bool Execution::written(const store::Result<void>& result, std::string_view what) {
  if (result) return true;
  if (result.error().kind == store::Failure::kConflict) signal_.lose();
  services_.log("run.left", "task " + std::to_string(run_.task) + ": " + std::string(what) + ": " +
                                result.error().detail);
  return false;
}

bool Execution::load() {
  auto state = patiently([&] { return services_.store.issues().get(run_.issue); });
  if (!state) return written(state.error(), "reading the issue");
  state_ = std::move(*state);
  const store::Task* task = state_.task(run_.task);
  if (task == nullptr) return false;
  task_ = *task;
  auto text = patiently([&] { return services_.store.issues().sheet(task_); });
  if (!text) return written(text.error(), "reading the statements");
  text_ = std::move(*text);
  const auto user = patiently([&] { return services_.store.user(state_.issue.creator); });
  if (!user) return written(user.error(), "reading the creator");
  actor_ = user->email;
  auto options = patiently([&] { return control_options(services_.store, task_.instance); });
  if (!options) {
    const auto kind = options.error().kind;
    if (kind == store::Failure::kUnavailable) return written(options.error(), "the instance");
    return fail(run_.marked ? TaskStatus::kNeedsPerson : TaskStatus::kFailed,
                options.error().detail);
  }
  options_ = std::move(*options);
  next_ = static_cast<std::size_t>(run_.first_statement);
  return true;
}

bool Execution::connect_once(std::string& why) {
  marks_.reset();
  session_.reset();
  auto session =
      RunSession::open(options_, task_.database_name, task_.database != 0, services_.limits);
  if (!session) {
    why = session.error().message;
    return false;
  }
  session_ = std::move(*session);
  auto facts = read_server_facts(session_->control());
  if (!facts) {
    why = facts.error().message;
    return false;
  }
  sheet_.emplace(executed_text(), *facts, task_.database == 0 ? "" : task_.database_name);
  return true;
}

std::string_view Execution::executed_text() const {
  return state_.issue.kind == policy::IssueKind::kSchemaBaseline ? std::string_view() : text_;
}

bool Execution::connect() {
  std::string why;
  // Nothing was sent yet: the person who started the task hears of it at once.
  if (!run_.marked) {
    if (connect_once(why)) return true;
    return fail(TaskStatus::kFailed, "nothing ran: the instance cannot be reached: " + why);
  }
  const auto give_up = std::chrono::steady_clock::now() + services_.limits.patience;
  while (!connect_once(why)) {
    if (signal_.cancellation.requested() || std::chrono::steady_clock::now() > give_up) {
      return fail(TaskStatus::kNeedsPerson,
                  "the run was interrupted and the instance cannot be reached: " + why);
    }
    if (!signal_.pause(kBetweenTries)) return false;
  }
  return true;
}

bool Execution::outlive(std::uint64_t holder) {
  const auto command = session_->command_of(holder);
  if (!command) return ask(command.error(), "looking at the session that ran before");
  const bool ours = run_.marked && static_cast<std::int64_t>(holder) == run_.session;
  if (!ours) return true;
  // The program that had this session is gone, or was told that it lost the run: what the session
  // still executes is waited for; between two statements it has nothing left to do.
  if (*command == "Sleep") static_cast<void>(session_->end_connection(holder));
  if (signal_.cancellation.requested()) static_cast<void>(session_->end_statement(holder));
  return true;
}

bool Execution::lock() {
  const auto give_up = std::chrono::steady_clock::now() + services_.limits.change_lock_wait;
  // A cancelled run still has to find out how far it came.
  mysql::Cancellation none;
  while (true) {
    const auto holder =
        session_->try_lock(std::chrono::seconds(1), run_.marked ? none : signal_.cancellation);
    if (!holder) {
      if (holder.error().kind == mysql::Failure::kCancelled) {
        return fail(TaskStatus::kCanceled, "nothing ran");
      }
      return ask(holder.error(), "taking the database's change lock");
    }
    if (!holder->has_value()) return noted_session();
    if (!outlive(**holder)) return false;
    const bool ours = run_.marked && static_cast<std::int64_t>(**holder) == run_.session;
    if (!ours && std::chrono::steady_clock::now() > give_up) {
      return fail(run_.marked ? TaskStatus::kNeedsPerson : TaskStatus::kFailed,
                  "connection " + std::to_string(**holder) +
                      " of the server holds the change lock of this database; nothing more ran");
    }
    if (!signal_.pause(std::chrono::milliseconds(50))) return false;
  }
}

// The next holder has to know whom to wait for.
bool Execution::noted_session() {
  const auto session = static_cast<std::int64_t>(session_->thread_id());
  if (!run_.marked || session == run_.session) return true;
  run_.session = session;
  return written(patiently([&] { return services_.store.runs().note_session(run_, session); }),
                 "noting the new session");
}

bool Execution::ask(const mysql::Result<void>& result, std::string_view what) {
  if (result) return true;
  if (!run_.marked) {
    return fail(TaskStatus::kFailed,
                "nothing ran: " + std::string(what) + ": " + result.error().message);
  }
  return interrupted(std::string(what) + ": " + result.error().message);
}

bool Execution::begin() {
  auto schema = session_->live_schema();
  if (!schema) return ask(schema.error(), "reading the schema");
  if (task_.database != 0 && !schema->exists) {
    return fail(TaskStatus::kFailed, "nothing ran: the instance has no such database any more");
  }
  const auto position = session_->position();
  if (!position) return ask(position.error(), "reading the binary log's position");
  store::RunMark mark;
  mark.schema_before = schema->text;
  mark.server_version = session_->server().version;
  mark.thread_id = static_cast<std::int64_t>(session_->thread_id());
  mark.binlog_file = position->file;
  mark.binlog_position = static_cast<std::int64_t>(position->position);
  mark.gtid_executed = position->gtid_executed;
  if (signal_.cancellation.requested()) return fail(TaskStatus::kCanceled, "nothing ran");
  if (!written(patiently([&] { return services_.store.runs().mark(run_, mark); }), "the mark")) {
    return false;
  }
  run_.marked = true;
  run_.mark = mark;
  run_.session = mark.thread_id;
  schema_before_ = std::move(mark.schema_before);
  at(Point::kMarked);
  if (!mark_commits(*position) || !begin_capture()) return false;
  return next_ == 0 || is_rollback() || restore_session();
}

bool Execution::execute_all() {
  while (next_ < sheet_->statements().size()) {
    if (signal_.lost()) return false;
    if (signal_.stopped()) return leave();
    if (signal_.cancellation.requested()) {
      if (!done_.empty() && done_.back().state == "begun") done_.pop_back();
      return fail(TaskStatus::kCanceled, "it was cancelled before " + place(next_));
    }
    if (!execute_next()) return false;
  }
  const bool open = !done_.empty() && done_.back().in_transaction;
  if (!open) return true;
  static_cast<void>(session_->roll_back());
  if (capture_) capture_->withdraw();
  mark_rolled_back(done_.size());
  return fail(TaskStatus::kFailed,
              "the statements end within a transaction, which was rolled back: add COMMIT, edit "
              "the task and retry it");
}

bool Execution::leave() {
  if (done_.empty() || done_.back().state != "begun") return false;
  done_.back().state = "not_sent";
  static_cast<void>(written(services_.store.runs().progress(run_, done_.back(), std::nullopt),
                            "leaving the run for the next start"));
  return false;
}

store::RunStatement Execution::begun(std::size_t position) const {
  store::RunStatement statement;
  statement.position = static_cast<std::int64_t>(position);
  statement.line = sheet_->place(sheet_->statements()[position].range.begin).first;
  statement.state = "begun";
  statement.started_at = services_.now();
  return statement;
}

bool Execution::execute_next() {
  const std::size_t position = next_;
  // Its own note, or the one that was written with the end of the statement before it.
  const bool noted = !done_.empty() && done_.back().state == "begun";
  if (!noted) {
    done_.push_back(begun(position));
    if (!written(patiently([&] {
                   return services_.store.runs().progress(run_, std::nullopt, done_.back());
                 }),
                 "noting " + place(position))) {
      return false;
    }
  }
  at(Point::kBegun);
  const bool within = done_.size() > 1 && done_[done_.size() - 2].in_transaction;
  const Executed executed = execute_captured(position, within);
  at(Point::kExecuted);
  return took_end(position, executed);
}

bool Execution::took_end(std::size_t position, const Executed& executed) {
  store::RunStatement& statement = done_.back();
  statement.duration = executed.duration;
  if (executed.fault && (outcome_unknown(*executed.fault) || session_->lost())) {
    return interrupted(place(position) + ": " + executed.fault->message);
  }
  statement.affected_rows = executed.affected_rows;
  statement.warnings = executed.warnings;
  statement.gtid = executed.gtid;
  statement.in_transaction = executed.in_transaction;
  statement.state = executed.fault ? "failed" : "done";
  if (executed.fault) {
    const bool cancelled = executed.fault->kind == mysql::Failure::kCancelled;
    const std::string message = parser::Secrets(text_).hide(executed.fault->message);
    statement.error = clean_text(std::to_string(executed.fault->number) + " " + message);
    statement.affected_rows.reset();
    static_cast<void>(session_->roll_back());
    if (capture_) capture_->withdraw();
    mark_rolled_back(done_.size() - 1);
    return fail(cancelled ? TaskStatus::kCanceled : TaskStatus::kFailed,
                place(position) + ": " + statement.error);
  }
  next_ = position + 1;
  const store::RunStatement ended = statement;
  std::optional<store::RunStatement> following;
  if (next_ < sheet_->statements().size()) following = begun(next_);
  if (following) done_.push_back(*following);
  const bool kept =
      written(patiently([&] { return services_.store.runs().progress(run_, ended, following); }),
              "recording " + place(position));
  if (kept) at(Point::kRecorded);
  return kept;
}

bool Execution::interrupted(const std::string& why) {
  if (capture_) capture_->refuse("the run was interrupted: not every row was read");
  services_.log("run.interrupted", "task " + std::to_string(run_.task) + ": " + clean_text(why));
  if (++interruptions_ > kMaxInterruptions) {
    return fail(TaskStatus::kNeedsPerson, "the server went away again and again: " + why);
  }
  if (signal_.stopped() || signal_.lost()) return false;
  return connect() && lock() && recover();
}

void Execution::mark_rolled_back(std::size_t end) {
  while (end > 0 && done_[end - 1].in_transaction) done_[--end].state = "rolled_back";
}

std::string Execution::place(std::size_t position) const {
  const auto line = sheet_->place(sheet_->statements()[position].range.begin).first;
  return "statement " + std::to_string(position + 1) + " (line " + std::to_string(line) + ")";
}

std::string Execution::sql(std::size_t position) const {
  const auto& range = sheet_->statements()[position].range;
  return statement_tag(run_, static_cast<std::int64_t>(position)) +
         text_.substr(range.begin, range.end - range.begin);
}

}  // namespace sluice::change

// How far an interrupted run came, and where it goes on.
#include <algorithm>

#include "admin/change/execution.h"
#include "admin/change/recovery.h"
#include "admin/change/server_facts.h"

namespace sluice::change {
namespace {

using policy::TaskStatus;

}  // namespace

bool Execution::recover() {
  auto before = patiently([&] { return services_.store.issues().kept(run_.mark.schema_before); });
  // In the process that marked the run the mark has the text itself.
  if (interruptions_ == 0) {
    if (!before) return written(before.error(), "reading the schema before");
    schema_before_ = std::move(*before);
    auto statements = patiently([&] { return services_.store.runs().statements(run_.id); });
    if (!statements) return written(statements.error(), "reading what ran");
    done_ = std::move(*statements);
  }
  if (is_rollback()) return recover_rollback();
  next_ = static_cast<std::size_t>(run_.first_statement);
  if (!done_.empty()) next_ = static_cast<std::size_t>(done_.back().position) + 1;
  if (next_ > sheet_->statements().size()) {
    return fail(TaskStatus::kNeedsPerson, "the sheet is read otherwise than when it ran");
  }
  if (!done_.empty() && done_.back().state == "not_sent") {
    next_ = static_cast<std::size_t>(done_.back().position);
    done_.pop_back();
  }
  const bool uncertain = !done_.empty() && done_.back().state == "begun";
  const std::size_t known = done_.size() - (uncertain ? 1 : 0);
  if (known > 0 && done_[known - 1].in_transaction) return settle_transaction(known);
  if (uncertain && !settle(done_.back())) return false;
  return restore_session();
}

std::optional<schema::Schema> Execution::schema_before(std::size_t position) {
  const auto& target = session_->server().target;
  auto reading = schema::read(schema_before_, target);
  if (!reading.errors.empty()) return std::nullopt;
  reading.schema.name = task_.database_name;
  for (const auto& statement : done_) {
    const auto i = static_cast<std::size_t>(statement.position);
    if (i >= position || statement.state != "done") continue;
    const auto& ddl = sheet_->statements()[i].ddl;
    if (!schema::apply(reading.schema, ddl, target).empty()) return std::nullopt;
  }
  return std::move(reading.schema);
}

bool Execution::settle(store::RunStatement& begun_last) {
  const auto position = static_cast<std::size_t>(begun_last.position);
  const auto& statement = sheet_->statements()[position];
  const auto log = search_binlog(session_->control(), run_);
  if (!log) return interrupted(log.error().message);
  auto live = session_->live_schema();
  if (!live) return interrupted(live.error().message);
  SchemaEvidence evidence = SchemaEvidence::kNothing;
  if (task_.database == 0) {
    // The statement makes the database.
    evidence = live->exists ? SchemaEvidence::kAfter : SchemaEvidence::kBefore;
  } else if (const auto before = schema_before(position)) {
    live->model.name = task_.database_name;
    evidence = compare_schema(*before, statement, live->model, session_->server().target);
  }
  Judgement judgement{Fate::kUnknown, "the statement was not understood"};
  if (const auto* facts = statement.facts()) {
    judgement = judge(*facts, begun_last.position, *log, session_->logs_row_texts(), evidence);
  }
  services_.log("run.recovered", "task " + std::to_string(run_.task) + ", " + place(position) +
                                     ": " + judgement.why);
  if (judgement.fate == Fate::kUnknown) {
    return fail(
        TaskStatus::kNeedsPerson,
        "whether " + place(position) + " ran is not known: " + judgement.why +
            ". Look at the database; then settle the task as done or failed, retry it if it did "
            "not run, or skip it");
  }
  if (judgement.fate == Fate::kDidNotRun) {
    done_.pop_back();
    next_ = position;
    return true;
  }
  begun_last.state = "done";
  begun_last.affected_rows.reset();
  begun_last.error = "interrupted; " + judgement.why;
  next_ = position + 1;
  const store::RunStatement ended = begun_last;
  return written(
      patiently([&] { return services_.store.runs().progress(run_, ended, std::nullopt); }),
      "recording " + place(position));
}

// The statements behind the last that was not within a transaction: committed together or undone
// together, whatever became of the last.
bool Execution::settle_transaction(std::size_t known) {
  std::size_t from = known;
  while (from > 0 && done_[from - 1].in_transaction) --from;
  const auto log = search_binlog(session_->control(), run_);
  if (!log) return interrupted(log.error().message);
  const bool committed = std::ranges::any_of(
      done_.begin() + static_cast<std::ptrdiff_t>(from), done_.end(),
      [&](const auto& statement) { return log->found.contains(statement.position); });
  const bool could_tell = log->whole && session_->logs_row_texts();
  const auto first = static_cast<std::size_t>(done_[from].position);
  if (!committed && !could_tell) {
    return fail(
        TaskStatus::kNeedsPerson,
        "whether the transaction from " + place(first) +
            " on was committed is not known: the binary log cannot tell. Look at the "
            "database; then settle the task as done or failed, retry it if it was not, or skip "
            "it");
  }
  if (committed) {
    for (auto& statement : done_) {
      if (statement.state == "begun") statement.error = "interrupted; the binary log has it";
      if (statement.state == "begun") statement.state = "done";
      statement.in_transaction = false;
    }
    next_ = static_cast<std::size_t>(done_.back().position) + 1;
    return restore_session();
  }
  done_.resize(from);
  next_ = first;
  return restore_session();
}

bool Execution::restore_session() {
  if (next_ >= sheet_->statements().size()) return true;
  const std::string lost_state = session_state_before(*sheet_, next_);
  if (!lost_state.empty()) {
    return fail(TaskStatus::kFailed, "the run ended before " + place(next_) + ", and " +
                                         lost_state +
                                         ": edit the task so that it holds what is left, and "
                                         "retry it");
  }
  for (const std::size_t i : session_statements_before(*sheet_, next_)) {
    const Executed executed = session_->execute(sql(i), signal_.cancellation);
    if (!executed.fault) continue;
    if (session_->lost()) return interrupted(executed.fault->message);
    return fail(TaskStatus::kFailed, "repeating " + place(i) + " in a new session: " +
                                         clean_text(executed.fault->message));
  }
  return true;
}

}  // namespace sluice::change

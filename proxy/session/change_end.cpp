// What is done between a server's answer and the client's sight of it: the rows are counted, the
// transaction that Sluice began is ended, and the entry in the change history is closed.
#include <algorithm>
#include <utility>

#include "proxy/session/session.h"
#include "proxy/session/sink_calls.h"

namespace sluice::session {
namespace {

using policy::Control;
using policy::Permit;

wire::OwnedError lost_error() {
  return wire::make_error(wire::ErrorNumber::kServerLost,
                          "Lost connection to MySQL server during query");
}

// How the steps that were to be recorded ended.
bool stays(const Underway& underway, const wire::ResponseTracker::Summary& summary) {
  if (underway.rolled_back || underway.instead.code != 0) return false;
  const bool failed = summary.error != 0;
  if (underway.steps.size() == 1) {
    const bool open = (summary.status & wire::status::kInTransaction) != 0;
    const bool maybe = underway.steps.front().step == Step::kMaybeCommit;
    return !failed && !(maybe && open);
  }
  const Played played = play(underway.steps, underway.ran, underway.before);
  return played.commits || played.old == Played::Old::kCommitted;
}

}  // namespace

net::Task<void> Session::conclude(Underway& underway, const wire::ResponseTracker& tracker) {
  const wire::ResponseTracker::Summary summary = tracker.summary();
  const bool failed = summary.error != 0;
  if (failed) {
    underway.error.code = summary.error;
    const auto error = wire::decode_err(tracker.packet());
    if (error) underway.error = wire::own(*error);
  }
  underway.ran = failed ? summary.results : underway.steps.size();
  underway.own.affected_rows = summary.total_affected;
  if (underway.has_own) underway.request.statements.back().affected_rows = summary.total_affected;
  // A RETURNING says its rows by sending them.
  std::uint64_t rows = summary.total_affected;
  if (underway.steps.size() == 1) rows = std::max(rows, summary.rows);
  if (underway.row_limit != 0 && !failed && rows > underway.row_limit) {
    co_await roll_back_guarded(underway, rows);
  } else if (underway.own_transaction) {
    co_await end_own_transaction(underway, failed);
  }
  underway.committed = stays(underway, summary);
  co_await end_change(underway, underway.lost);
}

net::Task<void> Session::end_own_transaction(Underway& underway, bool failed) {
  std::vector<Permit> permits;
  permits.push_back(Permit::control(failed ? Control::kRollback : Control::kCommit));
  permits.push_back(Permit::control(Control::kAutocommitOn));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  underway.lost = told.back().lost;
  if (underway.lost) underway.instead = lost_error();
  if (!told.back().good()) backend_->reusable = false;
  if (underway.lost) co_return;
  underway.status = told.back().status;
  if (failed) co_return;
  if (told.front().error.code != 0) {
    underway.instead = told.front().error;
    underway.error = told.front().error;
  } else if (!told.front().session_state.empty()) {
    tracking_.on_state(told.front().session_state, false);  // the GTID
  }
}

net::Task<void> Session::roll_back_guarded(Underway& underway, std::uint64_t rows) {
  std::vector<Permit> permits;
  permits.push_back(Permit::control(Control::kRollback));
  if (underway.own_transaction) permits.push_back(Permit::control(Control::kAutocommitOn));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  underway.rolled_back = true;
  underway.instead = {
      1105, "45000",
      "Sluice rolled the statement back (rule row-guard): it changed " + std::to_string(rows) +
          " rows, and in " + underway.environment + " one may change at most " +
          std::to_string(underway.row_limit) + ". " +
          (underway.own_transaction ? "" : "The whole transaction was rolled back with it. ") +
          "Narrow its condition, or make the change as an issue."};
  underway.error = underway.instead;
  // An XA transaction is not rolled back like that: its connection is given up, and it with it.
  if (!told.front().good()) underway.lost = true;
  if (!told.back().good()) backend_->reusable = false;
  if (!told.back().lost) underway.status = told.back().status;
}

// The entry is closed; the client has not seen the answer. Never fails: what cannot be written now
// is found again by the sink.
net::Task<void> Session::end_change(Underway& underway, bool lost) {
  underway.ended = true;
  if (underway.id == 0) co_return;
  policy::ChangeEnd end;
  end.id = underway.id;
  end.lost = lost && !underway.rolled_back;
  end.error = underway.error.code;
  end.error_message = underway.error.message;
  end.undone = underway.rolled_back || (!lost && !underway.committed && end.error == 0);
  end.statements = std::move(underway.request.statements);
  end.gtids = tracking_.gtids();
  end.gtids_complete = tracking_.gtids_complete();
  auto work = [end = std::move(end)](policy::ChangeSink& sink) {
    sink.end(end);
    return true;
  };
  const auto told = co_await ask_sink(worker_, std::move(work));
  if (!told) event(Level::kError, "change_not_ended", "change_queue");
}

// A transaction that ended without a statement that says so: committed by a routine, which its GTID
// tells, or rolled back.
net::Task<void> Session::record_late() {
  const auto& report = backend_ ? backend_->report() : nullptr;
  const bool tells_gtids = report && (report->gtids != "0" || backend_->mariadb());
  if (tells_gtids && tracking_.gtids().empty()) {
    gate_->open.clear();
    co_return;
  }
  Underway late;
  late.request.origin = origin();
  gate_->open.put_into(late.request);
  gate_->open.clear();
  late.committed = true;
  const auto refused = co_await begin_change(late);
  if (refused) {
    event(Level::kError, "change_not_recorded", "late", refused->message);
    co_return;
  }
  co_await end_change(late, false);
}

// The open changes are committed and recorded, before a statement that would commit them.
net::Task<std::optional<policy::Refusal>> Session::commit_open() {
  Underway first;
  first.request.origin = origin();
  first.plan.with_open = true;
  gate_->open.put_into(first.request);
  auto refused = co_await begin_change(first);
  if (refused) co_return refused;
  gate_->open.clear();
  tracking_.begin({});
  std::vector<Permit> permits;
  permits.push_back(Permit::control(Control::kCommit));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  const auto& commit = told.front();
  if (!commit.session_state.empty()) tracking_.on_state(commit.session_state, false);
  tracking_.end(false);
  first.error = commit.error;
  first.committed = commit.good();
  if (!commit.lost) status_ = commit.status;
  co_await end_change(first, commit.lost);
  if (commit.good()) co_return std::nullopt;
  const wire::OwnedError error = commit.lost ? lost_error() : commit.error;
  co_return policy::Refusal{
      .code = error.code, .sqlstate = error.sqlstate, .rule = "commit", .message = error.message};
}

net::Task<void> Session::roll_back() {
  std::vector<Permit> permits;
  permits.push_back(Permit::control(Control::kRollback));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  if (gate_) gate_->open.clear();
  if (told.front().good()) {
    status_ = told.front().status;
  } else {
    backend_->channel().stream().cut();  // its end rolls back
    backend_->reusable = false;
  }
}

// An error may have ended the transaction, and says nothing of it.
net::Task<void> Session::refresh_status() {
  std::vector<Permit> permits;
  permits.push_back(Permit::control(Control::kPing));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  if (!told.front().good()) co_return;
  status_ = told.front().status;
  stale_status_ = false;
  if (gate_ && (status_ & wire::status::kInTransaction) == 0) gate_->open.clear();
}

}  // namespace sluice::session

// A statement that is recorded: checked and written down as begun, sent with its tag on the
// client's own server connection, and ended before the client sees its answer. And the statements
// around it that decide what is recorded: those that commit, roll back, or touch too many rows.
#include <algorithm>
#include <utility>

#include "proxy/session/client_text.h"
#include "proxy/session/session.h"
#include "proxy/session/sink_calls.h"

namespace sluice::session {
namespace {

policy::Refusal refusal(std::string rule, std::string message) {
  return {
      .code = 1105, .sqlstate = "45000", .rule = std::move(rule), .message = std::move(message)};
}

// Behind an XA COMMIT in the history.
constexpr std::string_view kRowsNotKnown =
    " /* prepared by another program, or before a restart: which rows it changed is not known */";

bool is_xa(const policy::Judged& judged) {
  return judged.accepted && judged.statements.size() == 1 &&
         judged.statements.front().class_name.starts_with("xa_");
}

}  // namespace

GateState& Session::gate() {
  if (!gate_) gate_ = std::make_unique<GateState>(settings_->limits.max_prepared_statements);
  return *gate_;
}

Before Session::before_text() const noexcept {
  return {.in_transaction = (status_ & wire::status::kInTransaction) != 0,
          .autocommit = (status_ & wire::status::kAutocommit) != 0,
          .has_open = gate_ && !gate_->open.empty()};
}

parser::Dialect Session::dialect(const Statement& statement) const {
  return policy::dialect(context(*statement.facts),
                         statement.submission.kind != policy::Submission::Kind::kQuery);
}

std::string Session::xa_key(const std::string& xid) const {
  return instance_->config().name + '\0' + xid;
}

policy::ChangeOrigin Session::origin() const {
  policy::ChangeOrigin from;
  from.account = account_->name;
  from.kind = account_->kind;
  from.instance = instance_->config().name;
  from.schema = tracking_.facts()->schema;
  from.sql_mode = tracking_.facts()->sql_mode;
  if (entry_) from.program = entry_->fixed.program;
  from.host = peer_->host;
  from.session = id_;
  if (backend_) from.backend_thread = backend_->id();
  if (gate_) from.break_glass = gate_->break_glass;
  return from;
}

// Whether a text that passes may end, or be part of, what is to be recorded; or is guarded.
bool Session::concerns_changes(Statement& statement) {
  using Kind = policy::Submission::Kind;
  const Kind kind = statement.submission.kind;
  if (kind == Kind::kCommand || kind == Kind::kPrepare) return false;
  if (statement.row_limit != 0) return true;
  if (gate_ && !gate_->open.empty()) {
    if (!statement.judged) {
      statement.judged = std::make_shared<const policy::Judged>(
          policy::judge_text(statement.submission.text, dialect(statement)));
    }
    return true;
  }
  return statement.judged && is_xa(*statement.judged);
}

// XA COMMIT of what no session here prepared: it was another program's, directly at the server, or
// before a restart. (ONE PHASE is of the session's own.)
bool Session::commits_unknown_xa(const Statement& statement) const {
  using Kind = policy::Submission::Kind;
  const Kind kind = statement.submission.kind;
  if (kind == Kind::kCommand || kind == Kind::kPrepare || !statement.judged) return false;
  const auto& texts = statement.judged->statements;
  const bool commits =
      std::ranges::any_of(texts, [](const auto& facts) { return facts.class_name == "xa_commit"; });
  if (!commits) return false;
  const auto steps = steps_of(*statement.judged, statement.submission.text, dialect(statement));
  return std::ranges::any_of(steps, [this](const TextStep& at) {
    return at.step == Step::kXaCommit && !worker_.shared.prepared_xa.contains(xa_key(at.name));
  });
}

net::Task<Flow> Session::serve_change(Inbound& in, Statement& statement, policy::Change& change) {
  if (!statement.judged->accepted &&
      statement.submission.kind == policy::Submission::Kind::kQuery) {
    const auto no = co_await syntax_error(statement);
    if (no) co_return co_await refuse(*no, in.next_sequence);
  }
  const bool collecting = gate_ && gate_->collecting;
  if (change.verdict() == policy::Verdict::kRecord && !collecting) {
    co_return co_await run_planned(in, statement, &change, nullptr);
  }
  co_return co_await review(in, statement, change);
}

net::Task<Flow> Session::run_planned(Inbound& in, Statement& statement, policy::Change* change,
                                     policy::Permit* permit) {
  if (stale_status_) co_await refresh_status();
  Underway underway;
  underway.steps = steps_of(*statement.judged, statement.submission.text, dialect(statement));
  underway.before = before_text();
  underway.plan = plan(underway.steps, change != nullptr, underway.before);
  const auto refused = co_await admit_change(underway, statement, change, in.payload);
  if (refused) {
    if (underway.id != 0) {
      underway.rolled_back = true;  // it was begun, and is not sent
      co_await end_change(underway, false);
    }
    co_return co_await refuse(*refused, in.next_sequence);
  }
  co_return co_await run_underway(in, statement, underway, change, permit);
}

net::Task<Flow> Session::run_underway(Inbound& in, Statement& statement, Underway& underway,
                                      policy::Change* change, policy::Permit* permit) {
  const std::string rule(change == nullptr ? std::string_view{} : change->rule());
  std::optional<policy::Permit> released;
  if (change != nullptr) {
    released.emplace(underway.id != 0
                         ? std::move(*change).release(underway.id, underway.tag, underway.frames)
                         : std::move(*change).release_collected(underway.frames));
    // The packet may have been given back while a decision was waited for.
    if (in.payload.empty()) {
      in.payload = wire::Bytes(underway.frames).subspan(wire::kFrameHeaderSize);
    }
  } else {
    released.emplace(std::move(*permit));
  }
  const Flow flow = co_await run(in, statement, std::move(*released), &underway);
  if (!underway.ended) co_await end_change(underway, true);
  if (flow != Flow::kContinue) co_return flow;
  keep_open_changes(underway, statement, rule);
  // Ended without a word that ends one: by a routine, or not begun at all.
  const bool open = (status_ & wire::status::kInTransaction) != 0;
  if (gate_ && !gate_->open.empty() && !open && !stale_status_) co_await record_late();
  co_return flow;
}

// Everything that must be so before the text may be sent.
net::Task<std::optional<policy::Refusal>> Session::admit_change(Underway& underway,
                                                                Statement& statement,
                                                                policy::Change* change,
                                                                wire::Bytes payload) {
  if (statement.row_limit != 0) {
    if (auto refused = guard(underway, statement)) co_return refused;
  }
  const Plan& plan = underway.plan;
  if (plan.commit_first) {
    auto refused = co_await commit_open();
    if (refused) co_return refused;
  }
  underway.request.origin = origin();
  if (change != nullptr) {
    const auto written = co_await written_out(statement, *change, payload);
    underway.own.text =
        written ? *written : readable_utf8(change->text(), statement.facts->charset);
    underway.own.group = change->group();
    if (statement.unknown_xa) underway.own.text += kRowsNotKnown;
    underway.request.rule = change->rule();
  }
  if (plan.record) {
    underway.has_own = true;
    underway.request.statements.push_back(underway.own);
    add_objects(*statement.judged, underway.request.objects);
  }
  if (plan.with_open) gate_->open.put_into(underway.request);
  if (underway.steps.size() == 1 && underway.steps.front().step == Step::kXaCommit) {
    const std::string key = xa_key(underway.steps.front().name);
    if (const auto kept = worker_.shared.prepared_xa.find(key)) {
      underway.xa = key;
      kept->put_into(underway.request);
    }
  }
  std::optional<policy::Refusal> refused;
  if (!underway.request.statements.empty() || underway.request.left_out != 0) {
    refused = co_await begin_change(underway);
  } else if (plan.collect) {
    refused = co_await check_change(underway, statement, change->rule());
  }
  if (refused || !underway.own_transaction) co_return refused;
  std::vector<policy::Permit> permits;
  permits.push_back(policy::Permit::control(policy::Control::kAutocommitOff));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  if (!told.front().good()) {
    refused = refusal("row-guard", "Sluice could not begin the transaction that limits the rows: " +
                                       told.front().error.message);
  }
  co_return refused;
}

// The text is put into a transaction of its own, unless it is in one of the client's.
std::optional<policy::Refusal> Session::guard(Underway& underway,
                                              const Statement& statement) const {
  if (controls_transaction(underway.steps)) {
    return refusal("row-guard",
                   "Sluice refused the text: rows are limited here, and a text that changes data "
                   "and ends or begins a transaction cannot be held to it. Send its statements "
                   "one by one.");
  }
  underway.row_limit = statement.row_limit;
  underway.environment = statement.environment;
  underway.hold = true;
  underway.own_transaction = underway.before.autocommit && !underway.before.in_transaction;
  return std::nullopt;
}

net::Task<std::optional<policy::Refusal>> Session::begin_change(Underway& underway) {
  auto work = [request = underway.request](policy::ChangeSink& sink) {
    return sink.begin(request);
  };
  auto begun = co_await ask_sink(worker_, std::move(work));
  std::optional<policy::Refusal> refused;
  if (!begun) refused = too_much_waits();
  if (begun && std::holds_alternative<policy::Refusal>(*begun)) {
    refused = std::get<policy::Refusal>(std::move(*begun));
  }
  if (!refused) {
    auto& change = std::get<policy::ChangeBegun>(*begun);
    underway.id = change.id;
    underway.tag = std::move(change.tag);
  } else if (underway.plan.with_open) {
    // What is not written down does not stay.
    co_await roll_back();
    refused->message += " The transaction was rolled back.";
  }
  co_return refused;
}

net::Task<std::optional<policy::Refusal>> Session::check_change(Underway& underway,
                                                                const Statement& statement,
                                                                std::string_view rule) {
  policy::ChangeRequest request;
  request.origin = underway.request.origin;
  request.statements.push_back(underway.own);
  request.rule = rule;
  add_objects(*statement.judged, request.objects);
  auto work = [request = std::move(request)](policy::ChangeSink& sink) {
    return sink.check(request);
  };
  auto checked = co_await ask_sink(worker_, std::move(work));
  if (!checked) co_return too_much_waits();
  co_return std::move(*checked);
}

// What has become of the open changes, the text's own among them.
void Session::keep_open_changes(Underway& underway, const Statement& statement,
                                std::string_view rule) {
  const bool failed = underway.error.code != 0;
  if (underway.rolled_back) {
    if (gate_) gate_->open.clear();
    return;
  }
  if (underway.steps.size() == 1) {
    const TextStep& only = underway.steps.front();
    if (underway.plan.with_open && underway.committed) gate_->open.clear();
    if (failed) return;
    if (underway.plan.collect) gate().open.add(underway.own, *statement.judged, rule);
    if (only.step == Step::kXaCommit || only.step == Step::kXaRollback) {
      worker_.shared.prepared_xa.erase(xa_key(only.name));
    }
    if (only.step == Step::kXaPrepare) {
      worker_.shared.prepared_xa.put(xa_key(only.name), gate_ ? gate_->open : Transaction{});
    }
    if (!gate_) return;
    Transaction& open = gate_->open;
    switch (only.step) {
      case Step::kSavepoint: return open.savepoint(only.name);
      case Step::kRollBackTo: return open.roll_back_to(only.name);
      case Step::kRelease: return open.release(only.name);
      case Step::kXaPrepare:
      case Step::kRollback:
      case Step::kXaRollback: return open.clear();
      default: return;
    }
  }
  const Played played = play(underway.steps, underway.ran, underway.before);
  if (gate_ && played.old != Played::Old::kOpen) gate_->open.clear();
  if (underway.plan.collect && played.leaves_open) {
    gate().open.add(underway.own, *statement.judged, rule);
  }
}

}  // namespace sluice::session

// A statement that waits for somebody: it becomes an issue, or joins one. Under review the client
// is told so at once; held, it waits until the issue is approved, and its statement then runs in
// its own session. Between CALL sluice.begin() and submit() statements are collected.
#include <algorithm>
#include <optional>
#include <utility>

#include "proxy/session/bound_text.h"
#include "proxy/session/client_text.h"
#include "proxy/session/session.h"
#include "proxy/session/sink_calls.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using policy::ChangeReview;
using State = ChangeReview::State;
using std::chrono::milliseconds;

// How often the state of a held statement's issue is asked for: from, and at most.
constexpr milliseconds kFirstPoll{200};
constexpr milliseconds kLastPoll{2000};

policy::Refusal refusal(std::string rule, std::string message) {
  return {
      .code = 1105, .sqlstate = "45000", .rule = std::move(rule), .message = std::move(message)};
}

// Bytes from the hexadecimal digits in which the server was asked to tell them.
std::optional<std::string> from_hex(std::string_view digits) {
  const auto value = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = value(digits[i]);
    const int low = value(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

}  // namespace

// Values of user variables, NULL as nothing; nothing at all: the server does not say.
net::Task<std::optional<std::vector<std::optional<std::string>>>> Session::ask_variables(
    std::vector<std::string> names, std::string charset) {
  std::vector<std::uint8_t> frames;
  std::vector<policy::Permit> permits;
  permits.push_back(policy::Permit::ask_variables(names, charset, frames));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  if (!told.front().good() || !told.front().value) co_return std::nullopt;
  std::vector<std::optional<std::string>> values;
  std::string_view rest = *told.front().value;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view digits = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    auto bytes = digits == "N" ? std::optional<std::string>{} : from_hex(digits);
    if (!bytes && digits != "N") co_return std::nullopt;
    values.push_back(std::move(bytes));
  }
  co_return values;
}

// The text as it would be typed, in UTF-8; nothing: it cannot be written out.
net::Task<std::optional<std::string>> Session::written_out(Statement& statement,
                                                           const policy::Change& change,
                                                           wire::Bytes payload) {
  std::vector<std::vector<std::string>> rows;
  const parser::Dialect read_as = dialect(statement);
  if (statement.prepared != nullptr && statement.prepared->parameters) {
    auto literals = literals_of(*statement.prepared->parameters, payload, sent_form());
    if (!literals) co_return std::nullopt;
    rows = std::move(*literals);
  } else if (!statement.executed.empty()) {
    const auto names = used_variables(statement.sent, read_as);
    if (!names) co_return std::nullopt;
    if (!names->empty()) {
      const auto values = co_await ask_variables(*names, {});
      if (!values) co_return std::nullopt;
      auto& row = rows.emplace_back();
      for (const auto& value : *values) row.push_back(value ? literal_of_text(*value) : "NULL");
    }
  }
  std::string text = rows.empty() ? change.text() : std::string{};
  for (const auto& row : rows) {
    const auto bound = bind_literals(change.text(), read_as, row);
    if (!bound) co_return std::nullopt;
    text += (text.empty() ? "" : ";\n") + *bound;
  }
  co_return to_utf8(text, statement.facts->charset);
}

net::Task<std::unique_ptr<policy::ChangeRequest>> Session::request_of(Statement& statement,
                                                                      const policy::Change& change,
                                                                      wire::Bytes payload) {
  auto text = co_await written_out(statement, change, payload);
  if (!text) co_return nullptr;
  auto request = std::make_unique<policy::ChangeRequest>();
  request->origin = origin();
  policy::ChangeStatement only;
  only.text = std::move(*text);
  only.group = change.group();
  request->statements.push_back(std::move(only));
  add_objects(*statement.judged, request->objects);
  request->rule = change.rule();
  co_return request;
}

net::Task<Flow> Session::review(Inbound& in, Statement& statement, policy::Change& change) {
  const bool collecting = gate_ && gate_->collecting;
  const bool held = change.verdict() == policy::Verdict::kHold && !collecting;
  const Before before = before_text();
  const auto steps = steps_of(*statement.judged, statement.submission.text, dialect(statement));
  if (held && (before.in_transaction || !before.autocommit) &&
      !(steps.size() == 1 && steps.front().step == Step::kDdl)) {
    const auto no = refusal(
        std::string(change.rule()),
        "Sluice refused the statement: it would wait for a review, which it cannot do within a "
        "transaction. COMMIT or ROLLBACK first, and send it with autocommit = 1.");
    co_return co_await refuse(no, in.next_sequence);
  }
  auto request = co_await request_of(statement, change, in.payload);
  if (!request) {
    const auto no = refusal(
        std::string(change.rule()),
        "Sluice refused the statement: it needs a review, and cannot be written out as the text "
        "that a reviewer would see: its parameters are too long or not of this session, or its "
        "characters do not fit the session's character set.");
    co_return co_await refuse(no, in.next_sequence);
  }
  if (collecting) co_return co_await collect(*request, in.next_sequence);
  auto work = [request = *request, held](policy::ChangeSink& sink) {
    return sink.review(request, held);
  };
  auto made = co_await ask_sink(worker_, std::move(work));
  if (!made) {
    const auto no = too_much_waits();
    co_return co_await refuse(no, in.next_sequence);
  }
  if (const auto* no = std::get_if<policy::Refusal>(&*made)) {
    co_return co_await refuse(*no, in.next_sequence);
  }
  const auto& state = std::get<ChangeReview>(*made);
  const bool waits = state.state == State::kWaiting || state.state == State::kApproved;
  if (held && waits) co_return co_await hold(in, statement, change, *request, state);
  co_return co_await answer_review(state, in.next_sequence);
}

net::Task<Flow> Session::answer_review(const ChangeReview& review, std::uint8_t sequence) {
  if (review.state != State::kDone) {
    const auto no = refusal("review", review.message);
    co_return co_await refuse(no, sequence);
  }
  wire::Buffer frames;
  wire::append_packet_with(frames, sequence, [&](wire::Buffer& out) {
    wire::OkPacket ok;
    ok.affected_rows = review.affected_rows;
    ok.status = status_;
    ok.info = review.message;
    encode(ok, capabilities_, out);
  });
  co_return co_await answer(frames);
}

// The client waits, without a buffer of the thread's. Its going away withdraws the issue.
net::Task<Flow> Session::hold(Inbound& in, Statement& statement, policy::Change& change,
                              policy::ChangeRequest& request, ChangeReview review) {
  keep_rest(in);
  in.payload = {};
  const auto until = std::chrono::steady_clock::now() + statement.hold_limit;
  milliseconds pause = kFirstPoll;
  const std::int64_t issue = review.issue;
  event(Level::kInfo, "hold", "waiting", std::to_string(issue));
  std::optional<Interruptible> interruptible(std::in_place, *this);
  while (review.state == State::kWaiting) {
    if (std::chrono::steady_clock::now() >= until) {
      review.message += " (waited " + std::to_string(statement.hold_limit.count()) +
                        " s; send the statement again to go on waiting)";
      break;
    }
    const Waited waited = co_await wait_beside_client(pause);
    if (waited != Waited::kTime) {
      auto work = [issue](policy::ChangeSink& sink) {
        sink.withdraw(issue);
        return true;
      };
      [[maybe_unused]] const auto told = co_await ask_sink(worker_, std::move(work));
      event(Level::kInfo, "hold", "withdrawn", std::to_string(issue));
      interruptible.reset();
      if (waited == Waited::kGone) co_return Flow::kEnd;
      const wire::OwnedError error =
          wire::make_error(wire::ErrorNumber::kQueryInterrupted, "Query execution was interrupted");
      co_return co_await answer_error(error, in.next_sequence);
    }
    pause = std::min(pause * 2, kLastPoll);
    auto work = [issue](policy::ChangeSink& sink) { return sink.state(issue); };
    auto asked = co_await ask_sink(worker_, std::move(work));
    // A store that cannot be reached for a while is no reason to give the wait up.
    if (asked && std::holds_alternative<ChangeReview>(*asked)) {
      review = std::get<ChangeReview>(std::move(*asked));
    }
  }
  interruptible.reset();
  if (review.state != State::kApproved) co_return co_await answer_review(review, in.next_sequence);
  co_return co_await run_claimed(in, statement, change, request, issue);
}

net::Task<Session::Waited> Session::wait_beside_client(milliseconds time) {
  net::Descriptor& client = client_.descriptor();
  client.set_deadline(time);
  const net::Wake wake = co_await net::Wait{client, net::Descriptor::kHangUp};
  client.set_deadline({});
  if (wake == net::Wake::kTimedOut) co_return Waited::kTime;
  if (interrupted_ && !killed_ && !draining_ && !client.hung_up()) co_return Waited::kInterrupted;
  why_ = wake != net::Wake::kCancelled ? Reason::kClientVanished
         : killed_                     ? Reason::kKilled
                                       : Reason::kShutdown;
  co_return Waited::kGone;
}

void Session::end_interruption() noexcept {
  waiting_ = false;
  // Its descriptor is as before, unless the session is to end.
  if (interrupted_ && !killed_ && !draining_) client_.descriptor().uncancel();
  interrupted_ = false;
}

// Approved: whoever gets the claim runs it, and nobody else ever does.
net::Task<Flow> Session::run_claimed(Inbound& in, Statement& statement, policy::Change& change,
                                     policy::ChangeRequest& request, std::int64_t issue) {
  request.origin = origin();
  auto work = [issue, from = request.origin](policy::ChangeSink& sink) {
    return sink.claim(issue, from);
  };
  auto claimed = co_await ask_sink(worker_, std::move(work));
  if (!claimed) {
    const auto no = too_much_waits();
    co_return co_await refuse(no, in.next_sequence);
  }
  if (const auto* no = std::get_if<policy::Refusal>(&*claimed)) {
    co_return co_await refuse(*no, in.next_sequence);
  }
  auto& begun = std::get<policy::ChangeBegun>(*claimed);
  Underway underway;
  underway.steps = steps_of(*statement.judged, change.text(), dialect(statement));
  underway.before = before_text();
  underway.plan.record = true;
  underway.id = begun.id;
  underway.tag = std::move(begun.tag);
  underway.has_own = true;
  underway.own = request.statements.front();
  underway.request = std::move(request);
  if (underway.before.has_open) {  // of a transaction that it commits
    const auto refused = co_await commit_open();
    if (refused) {
      underway.rolled_back = true;
      co_await end_change(underway, false);
      co_return co_await refuse(*refused, in.next_sequence);
    }
  }
  co_return co_await run_underway(in, statement, underway, &change, nullptr);
}

// One more statement for the issue that submit() makes.
net::Task<Flow> Session::collect(policy::ChangeRequest& request, std::uint8_t sequence) {
  Collection& collection = *gate_->collecting;
  policy::ChangeStatement& statement = request.statements.front();
  collection.bytes += statement.text.size();
  if (collection.request.statements.size() >= Collection::kMaxStatements ||
      collection.bytes > Collection::kMaxBytes) {
    const auto no =
        refusal("collect", "Sluice refused the statement: one issue takes at most " +
                               std::to_string(Collection::kMaxStatements) + " statements and " +
                               std::to_string(Collection::kMaxBytes >> 20U) +
                               " MiB. CALL sluice.submit() first.");
    collection.bytes -= statement.text.size();
    co_return co_await refuse(no, sequence);
  }
  auto& all = collection.request;
  all.statements.push_back(std::move(statement));
  for (auto& object : request.objects) {
    if (all.objects.size() < kMaxObjects &&
        std::ranges::find(all.objects, object) == all.objects.end()) {
      all.objects.push_back(std::move(object));
    }
  }
  if (all.rule.empty()) all.rule = request.rule;
  const std::string info = "Sluice: collected as statement " +
                           std::to_string(all.statements.size()) +
                           "; CALL sluice.submit() makes the issue";
  wire::Buffer frames;
  wire::append_packet_with(frames, sequence, [&](wire::Buffer& out) {
    wire::OkPacket ok;
    ok.status = status_;
    ok.info = info;
    encode(ok, capabilities_, out);
  });
  co_return co_await answer(frames);
}

}  // namespace sluice::session

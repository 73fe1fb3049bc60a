// What is said to the gate itself: CALL sluice.…(), from text and prepared, and the PREPARE whose
// text is in a variable.
#include <algorithm>
#include <charconv>
#include <utility>

#include "parser/sqltext/quote.h"
#include "proxy/session/session.h"
#include "proxy/session/sink_calls.h"
#include "proxy/session/sluice_call.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using policy::Refusal;
using policy::SluiceAnswer;
using Answered = std::variant<SluiceAnswer, Refusal>;
using Arguments = std::vector<std::optional<std::string>>;

constexpr std::chrono::milliseconds kWaitPoll{500};
constexpr std::uint64_t kMaxWaitSeconds = 24 * 60 * 60;
constexpr std::size_t kMaxTitle = 200;  // bytes

Refusal wrong_use(std::string message) {
  return {.code = 1105, .sqlstate = "45000", .rule = "sluice-call", .message = std::move(message)};
}

SluiceAnswer one_row(std::vector<std::string> columns,
                     std::vector<std::optional<std::string>> row) {
  SluiceAnswer answer;
  answer.columns = std::move(columns);
  answer.rows.push_back(std::move(row));
  return answer;
}

}  // namespace

// A prepared call is ours alone: no server hears of it.
net::Task<Flow> Session::prepare_call(Inbound& in, Statement& statement) {
  auto read = parse_sluice_call(statement.submission.text, dialect(statement));
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    const Refusal no = wrong_use(*wrong);
    co_return co_await refuse(no, in.next_sequence);
  }
  const auto& parsed = std::get<ParsedCall>(read);
  const auto count = static_cast<std::uint16_t>(
      std::ranges::count_if(parsed.arguments, [](const auto& a) { return a.placeholder; }));
  if (!calls_) calls_ = std::make_unique<std::vector<Prepared>>();
  if (calls_->size() >= settings_->limits.max_prepared_statements) {
    const Refusal no = wrong_use("Sluice refused the statement: too many calls are prepared.");
    co_return co_await refuse(no, in.next_sequence);
  }
  auto parameters = count == 0 ? nullptr : std::make_unique<ParameterState>();
  if (parameters) parameters->count = count;
  last_prepared_ = kFirstCallId + gate().next_call++;
  calls_->push_back({last_prepared_, std::string(statement.submission.text), statement.hints,
                     statement.facts, nullptr, std::move(parameters)});
  wire::Buffer frames;
  append_prepare_ok(last_prepared_, count, capabilities_, status_, in.next_sequence, frames);
  co_return co_await answer_owned(std::move(frames));
}

net::Task<Flow> Session::on_sluice_call(Inbound& in, Statement& statement) {
  if (statement.submission.kind == policy::Submission::Kind::kPrepare) {
    co_return co_await prepare_call(in, statement);
  }
  auto read = parse_sluice_call(statement.submission.text, dialect(statement));
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    const Refusal no = wrong_use(*wrong);
    co_return co_await refuse(no, in.next_sequence);
  }
  auto& parsed = std::get<ParsedCall>(read);
  Arguments given;
  const bool binary = statement.prepared != nullptr;
  if (binary && statement.prepared->parameters) {
    auto values = values_of(*statement.prepared->parameters, in.payload, sent_form());
    if (values) given = std::move(*values);
  }
  Arguments arguments;
  std::size_t used = 0;
  bool complete = true;
  for (auto& argument : parsed.arguments) {
    const bool there = !argument.placeholder || used < given.size();
    complete = complete && there;
    if (!there) continue;
    arguments.push_back(argument.placeholder ? given[used++] : std::move(argument.value));
  }
  if (!complete) {
    const Refusal no = wrong_use("sluice." + parsed.name + "(): a parameter has no value.");
    co_return co_await refuse(no, in.next_sequence);
  }
  const Answered answered = co_await call(std::move(parsed.name), std::move(arguments));
  if (const auto* no = std::get_if<Refusal>(&answered)) {
    co_return co_await refuse(*no, in.next_sequence);
  }
  const auto& rows = std::get<SluiceAnswer>(answered);
  if (rows.columns.empty()) co_return co_await answer_ok(in.next_sequence);
  wire::Buffer frames;
  append_result_set(rows, binary, capabilities_, status_, in.next_sequence, frames);
  co_return co_await answer_owned(std::move(frames));
}

net::Task<Answered> Session::call(std::string name, Arguments arguments) {
  if (name == "begin") co_return begin_collecting(arguments);
  if (name == "submit") co_return co_await submit();
  if (name == "wait") co_return co_await wait_for_issue(std::move(arguments));
  if (name == "discard") {
    if (!gate_ || !gate_->collecting) {
      co_return wrong_use(
          "sluice.discard(): nothing is collected; CALL sluice.begin('title') "
          "begins.");
    }
    const std::size_t count = gate_->collecting->request.statements.size();
    gate_->collecting.reset();
    co_return one_row({"discarded"}, {std::to_string(count)});
  }
  const bool glass = name == "break_glass";
  const std::string reason = glass && !arguments.empty() ? arguments.front().value_or("") : "";
  if (glass && reason.empty()) {
    co_return wrong_use("sluice.break_glass('reason') takes the reason, which is kept.");
  }
  auto work = [from = origin(), name = std::move(name), arguments = std::move(arguments)](
                  policy::ChangeSink& sink) { return sink.call(from, name, arguments); };
  auto answered = co_await ask_sink(worker_, std::move(work));
  if (!answered) co_return too_much_waits();
  if (glass && std::holds_alternative<SluiceAnswer>(*answered)) {
    gate().break_glass = reason;
    event(Level::kWarning, "break_glass", "granted");
  }
  co_return std::move(*answered);
}

Answered Session::begin_collecting(const Arguments& arguments) {
  if (gate().collecting) {
    return wrong_use(
        "sluice.begin(): statements are collected already; CALL sluice.submit() makes "
        "their issue, sluice.discard() forgets them.");
  }
  if (arguments.size() != 1 || !arguments.front() || arguments.front()->empty() ||
      arguments.front()->size() > kMaxTitle) {
    return wrong_use("sluice.begin('title') takes the issue's title, of at most 200 bytes.");
  }
  gate().collecting.emplace();
  gate().collecting->request.title = *arguments.front();
  return one_row({"message"}, {"Changes are collected until CALL sluice.submit(); nothing of them "
                               "runs before."});
}

// All that was collected as one issue. It stays collected until the issue is made.
net::Task<Answered> Session::submit() {
  if (!gate_ || !gate_->collecting || gate_->collecting->request.statements.empty()) {
    co_return wrong_use(gate_ && gate_->collecting
                            ? "sluice.submit(): no statement was collected yet."
                            : "sluice.submit(): CALL sluice.begin('title') first.");
  }
  gate_->collecting->request.origin = origin();
  auto work = [request = gate_->collecting->request](policy::ChangeSink& sink) {
    return sink.review(request, false);
  };
  auto made = co_await ask_sink(worker_, std::move(work));
  if (!made) co_return too_much_waits();
  if (auto* no = std::get_if<Refusal>(&*made)) co_return std::move(*no);
  const auto& review = std::get<policy::ChangeReview>(*made);
  gate_->collecting.reset();
  co_return one_row({"issue", "message"}, {std::to_string(review.issue), review.message});
}

net::Task<Answered> Session::wait_for_issue(Arguments arguments) {
  std::uint64_t seconds = 0;
  const std::string text = arguments.size() == 2 ? arguments[1].value_or("") : "";
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size() ||
      seconds > kMaxWaitSeconds) {
    co_return wrong_use(
        "sluice.wait(issue, seconds) takes two whole numbers; at most 86400 "
        "seconds.");
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const Interruptible interruptible(*this);
  for (;;) {
    auto work = [from = origin(), arguments](policy::ChangeSink& sink) {
      return sink.call(from, "wait", arguments);
    };
    auto answered = co_await ask_sink(worker_, std::move(work));
    if (!answered) co_return too_much_waits();
    const auto* rows = std::get_if<SluiceAnswer>(&*answered);
    const bool over = std::chrono::steady_clock::now() >= until;
    if (rows == nullptr || !rows->pending || over) co_return std::move(*answered);
    // Cut short, it tells what is so now; a client that is gone is met at the next write or read.
    const Waited waited = co_await wait_beside_client(kWaitPoll);
    if (waited != Waited::kTime) co_return std::move(*answered);
  }
}

// PREPARE … FROM @v: the text that is judged and sent has the variable's value in its place.
net::Task<Flow> Session::on_needs_value(Inbound& in, Statement& statement,
                                        const policy::NeedsValue& needed) {
  const std::string charset(parser::charset_name(statement.facts->charset));
  std::vector<std::string> names{needed.variable};
  const auto values = co_await ask_variables(std::move(names), charset);
  const bool known = values && values->front();
  const auto literal = known ? text_for_prepare(*values->front(), *statement.facts) : std::nullopt;
  const std::size_t before = in.payload.size() - statement.submission.text.size();
  const std::string text =
      "PREPARE " + sqltext::quote_identifier(needed.statement) + " FROM " + literal.value_or("");
  if (!literal || before + text.size() >= wire::kMaxFramePayload || !in.changed.empty()) {
    const Refusal no =
        known ? wrong_use("Sluice refused the statement: the text in @" + needed.variable +
                          " cannot be written as a literal of this session. Write it into the "
                          "PREPARE itself.")
              : Refusal{.code = 1064,
                        .sqlstate = "42000",
                        .rule = "prepare",
                        .message = "You have an error in your SQL syntax; the variable @" +
                                   needed.variable + " has no text to prepare"};
    co_return co_await refuse(no, in.next_sequence);
  }
  wire::append_packet_with(in.changed, 0, [&](wire::Buffer& out) {
    wire::Writer to(out);
    to.bytes(in.payload.first(before));
    to.text(text);
  });
  const policy::Submission again{
      policy::Submission::Kind::kQuery,
      wire::as_text(wire::Bytes(in.changed).subspan(wire::kFrameHeaderSize + before)), in.changed};
  co_return co_await serve(in, again);
}

}  // namespace sluice::session

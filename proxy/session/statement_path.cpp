// THE way of a statement. Six steps: a server connection and what its session makes of texts, the
// verdict, the judged bytes sent, the answer relayed, what it changed, the account of it. Sending
// and relaying are exchange() (relay.cpp).
#include <algorithm>
#include <utility>

#include "proxy/session/connection_id.h"
#include "proxy/session/session.h"
#include "proxy/wire/query_attributes.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

wire::OwnedError malformed() {
  return wire::make_error(wire::ErrorNumber::kMalformedPacket, "Malformed communication packet.");
}

// In the words of the engine.
wire::OwnedError unknown_statement(std::uint32_t id, wire::Command command, policy::Engine engine) {
  const char* where = "mysql_stmt_precheck";
  if (engine == policy::Engine::kMariadb) {
    where = command == wire::Command::kStmtFetch   ? "mysqld_stmt_fetch"
            : command == wire::Command::kStmtReset ? "mysqld_stmt_reset"
                                                   : "mysqld_stmt_execute";
  }
  return wire::make_error(
      wire::ErrorNumber::kUnknownStmtHandler,
      "Unknown prepared statement handler (" + std::to_string(id) + ") given to " + where);
}

// What a command may change. Prepared texts change nothing when they are prepared.
TextHints hints_of(const policy::Submission& submission, wire::Bytes payload) noexcept {
  if (submission.kind != policy::Submission::Kind::kCommand) return look_at(submission.text);
  TextHints hints;
  if (static_cast<wire::Command>(payload.front()) == wire::Command::kInitDb) {
    hints.changes = fact::kSchema;
  }
  return hints;
}

}  // namespace

net::Task<Flow> Session::serve(Inbound& in, policy::Submission submission, Prepared* prepared) {
  using Kind = policy::Submission::Kind;
  const bool has_text = submission.kind != Kind::kCommand;
  // 1: a server connection, taken at the first statement; and what its session makes of texts.
  if (!backend_ && !co_await take_backend()) {
    co_return co_await answer_error(*error_, in.next_sequence);
  }
  if (has_text && sent_form() != capabilities_) {
    wire::OwnedError error = adapt(in, submission, prepared);
    if (error.code != 0) co_return co_await answer_error(std::move(error), in.next_sequence);
  }
  if (prepared != nullptr && prepared->parameters) {
    note_types(*prepared->parameters, in.payload, sent_form());
  }
  if (has_text && tracking_.uncertain() && !reads_diagnostics(submission.text)) {
    co_await ask_server();
  }
  Statement statement;
  statement.submission = submission;
  statement.prepared = prepared;
  statement.facts = prepared != nullptr ? prepared->facts : tracking_.facts();
  statement.hints = prepared != nullptr ? prepared->hints : hints_of(submission, in.payload);
  // 2: what is asked, by whom, in which session; judged before a byte of it leaves.
  if (statement.hints.connection_id && prepared == nullptr) {
    statement.renaming = put_session_id(in, statement.submission);
  }
  policy::Decision decision = judge(statement);
  const Flow flow = co_await act(in, statement, decision);
  if (!statement.ran) worker_.digests.stopped(statement.digest, std::chrono::system_clock::now());
  if (flow == Flow::kContinue && submission.kind == Kind::kExecute) {
    co_await forget_parameters(statement);
  }
  co_return flow;
}

// 3: what passes goes on to 4; what is a change goes the way of its verdict.
net::Task<Flow> Session::act(Inbound& in, Statement& statement, policy::Decision& decision) {
  if (auto* permit = std::get_if<policy::Permit>(&decision)) {
    if (concerns_changes(statement)) co_return co_await run_planned(in, statement, nullptr, permit);
    co_return co_await run(in, statement, std::move(*permit), nullptr);
  }
  if (auto* change = std::get_if<policy::Change>(&decision);
      change != nullptr && worker_.shared.changes != nullptr) {
    co_return co_await serve_change(in, statement, *change);
  }
  if (const auto* needed = std::get_if<policy::NeedsValue>(&decision)) {
    co_return co_await on_needs_value(in, statement, *needed);
  }
  if (std::holds_alternative<policy::SluiceCall>(decision) && worker_.shared.changes != nullptr) {
    co_return co_await on_sluice_call(in, statement);
  }
  const auto refusal = policy::refusal_of(decision);
  co_return co_await refuse(*refusal, in.next_sequence);
}

// Values that came ahead of an execution are the execution's. One that did not run leaves them with
// the server, where the next ones would be added to them.
net::Task<void> Session::forget_parameters(Statement& statement) {
  if (statement.prepared == nullptr || !statement.prepared->parameters) co_return;
  ParameterState& parameters = *statement.prepared->parameters;
  const bool ahead = !parameters.ahead.empty() || parameters.ahead_lost;
  parameters.forget_ahead();
  if (!ahead || statement.ran || !backend_ || is_call_id(statement.prepared->id)) co_return;
  std::vector<std::uint8_t> frames;
  std::vector<policy::Permit> permits;
  permits.push_back(policy::Permit::reset_statement(statement.prepared->id, frames));
  const auto told = co_await backend_->tell(permits, kTellLimit);
  if (!told.front().good()) backend_->reusable = false;
}

// An EXECUTE of a name that is known is judged by the text behind the name.
policy::Decision Session::judge(Statement& statement) {
  policy::Decision decision = worker_.judge->judge(context(*statement.facts), statement.submission);
  const policy::TextJudge* texts = worker_.judge->texts();
  if (texts == nullptr) return decision;
  const NamedText* named = gate_ && texts->last_text() && !gate_->names.empty()
                               ? gate_->names.executed_by(*texts->last_text())
                               : nullptr;
  if (named != nullptr) {
    statement.executed = named->text;
    statement.sent = statement.submission.text;
    statement.facts = named->facts;
    statement.submission.kind = policy::Submission::Kind::kExecute;
    statement.submission.text = statement.executed;
    decision = worker_.judge->judge(context(*statement.facts), statement.submission);
  }
  statement.judged = texts->last_text();
  if (commits_unknown_xa(statement)) {
    statement.unknown_xa = true;
    policy::Context asked = context(*statement.facts);
    asked.session.unknown_xa = true;
    decision = worker_.judge->judge(asked, statement.submission);
  }
  count_verdict(statement, *texts);
  return decision;
}

// Whether the names of prepared texts may change with it. An EXECUTE by name runs what it was
// judged by, and nothing that prepares can be prepared.
bool Session::concerns_names(const Statement& statement) const {
  if (!gate_) {
    const auto& texts = statement.judged->statements;
    return texts.size() == 1 && texts.front().class_name == "prepare_sql";
  }
  return gate_->names.concerns(*statement.judged);
}

net::Task<Flow> Session::refuse(const policy::Refusal& refusal, std::uint8_t sequence) {
  worker_.counters.refused.add();
  const wire::OwnedError error{refusal.code, refusal.sqlstate, refusal.message};
  co_return co_await answer_error(error, sequence);
}

// 4, 5, 6: the text sent is the text that was judged; its answer; the account of both.
net::Task<Flow> Session::run(Inbound& in, Statement& statement, policy::Permit permit,
                             Underway* underway) {
  using Kind = policy::Submission::Kind;
  statement.ran = true;
  const bool has_text = statement.submission.kind != Kind::kCommand;
  const bool preparing = statement.submission.kind == Kind::kPrepare;
  if (statement.hints.names_trackers && !preparing) {
    const bool in_transaction = (status_ & wire::status::kInTransaction) != 0;
    [[maybe_unused]] const bool untracked = co_await backend_->untrack(in_transaction);
  }
  tracking_.begin(preparing ? TextHints{} : statement.hints);
  Exchange exchanged;
  exchanged.underway = underway;
  const Prepared* prepared = statement.prepared;
  exchanged.renaming = prepared != nullptr ? prepared->renaming.get() : statement.renaming.get();
  std::string text(preparing ? statement.submission.text : std::string_view{});
  const Flow flow = co_await exchange(in, std::move(permit), exchanged);
  const wire::ResponseTracker::Summary& summary = exchanged.summary;
  tracking_.end((summary.status & wire::status::kDbDropped) != 0);
  if (flow != Flow::kContinue) co_return flow;
  if (summary.prepared) {
    auto parameters = summary.parameters == 0 ? nullptr : std::make_unique<ParameterState>();
    if (parameters) parameters->count = summary.parameters;
    prepared_.push_back({summary.statement_id, std::move(text), statement.hints, statement.facts,
                         std::move(statement.renaming), std::move(parameters)});
    last_prepared_ = summary.statement_id;
  }
  if (!has_text) co_return flow;
  policy::Outcome outcome{statement.submission.kind,  summary.error, summary.warnings,
                          summary.affected_rows,      summary.rows,  tracking_.gtids(),
                          tracking_.gtids_complete(), false};
  outcome.in_transaction = (status_ & wire::status::kInTransaction) != 0;
  worker_.judge->ended(context(*tracking_.facts()), outcome);
  count_end(in, statement, summary);
  if (!statement.judged) {
    if (gate_) gate_->names.clear();  // nobody saw what it may have prepared
  } else if (!preparing && concerns_names(statement)) {
    gate().names.ended(*statement.judged, summary.error != 0, statement.facts);
  }
  co_return flow;
}

// Asks what the session makes of texts now. Where the server does not say, the facts stay
// uncertain, and the judge is told so.
net::Task<void> Session::ask_server() {
  using Ask = backend::Connection::Ask;
  const bool in_transaction = (status_ & wire::status::kInTransaction) != 0;
  const Ask how = fresh_ ? Ask::kNew : in_transaction ? Ask::kAgainInTransaction : Ask::kAgain;
  const auto asked = co_await backend_->ask(how);
  if (asked != backend::Connection::Asked::kDone) co_return;
  fresh_ = false;
  tracking_.learned(backend_->report());
}

// The greeting's id in place of CONNECTION_ID(): another text, which is then the one that is
// judged. What the columns are to be called, if there was such a call.
std::unique_ptr<wire::Renaming> Session::put_session_id(Inbound& in,
                                                        policy::Submission& submission) {
  constexpr std::size_t kOneFrame = wire::kMaxFramePayload / 2;  // longer texts stay as they are
  if (in.payload.size() > kOneFrame) return nullptr;
  const bool preparing = submission.kind == policy::Submission::Kind::kPrepare;
  auto made = with_session_id(submission.text,
                              policy::dialect(context(*tracking_.facts()), preparing), id_);
  const std::size_t before = in.payload.size() - submission.text.size();
  if (!made || before + made->text.size() > wire::kMaxFramePayload - 1) return nullptr;
  wire::append_packet_with(in.changed, 0, [&](wire::Buffer& out) {
    wire::Writer to(out);
    to.bytes(in.payload.first(before));
    to.text(made->text);
  });
  submission.frames = in.changed;
  submission.text = wire::as_text(wire::Bytes(in.changed).subspan(wire::kFrameHeaderSize + before));
  return std::make_unique<wire::Renaming>(std::move(made->renaming));
}

net::Task<Flow> Session::on_query(Inbound& in) {
  const auto query = wire::split_query(in.payload, capabilities_);
  if (!query) return answer_error(malformed(), in.next_sequence);
  if (const auto column = asks_connection_id(query->sql)) {
    in.joined.clear();
    wire::Buffer frames;
    append_number_result(*column, id_, capabilities_, status_, in.next_sequence, frames);
    in.joined = std::move(frames);
    return answer(in.joined);
  }
  if (const auto kill = parse_kill(query->sql); kill && is_session_id(kill->id)) {
    return kill_session(*kill, in.next_sequence);
  }
  return serve(in, {policy::Submission::Kind::kQuery, query->sql, in.frames});
}

net::Task<Flow> Session::on_prepare(Inbound& in) {
  const auto prepare = wire::decode_stmt_prepare(in.payload);
  if (!prepare) return answer_error(malformed(), in.next_sequence);
  if (prepared_.size() >= settings_->limits.max_prepared_statements) {
    return answer_error({1461, "42000",
                         "Can't create more than max_prepared_stmt_count statements (current "
                         "value: " +
                             std::to_string(prepared_.size()) + ")"},
                        in.next_sequence);
  }
  return serve(in, {policy::Submission::Kind::kPrepare, prepare->sql, in.frames});
}

// Judged again, with the text that it was prepared from. An id that was not handed out here (text
// PREPARE shares the server's id space) is refused as the server refuses an unknown one.
net::Task<Flow> Session::on_execute(Inbound& in) {
  Prepared* prepared = find_prepared(in.payload);
  if (prepared == nullptr) return on_prepared(in);
  return serve(in, {policy::Submission::Kind::kExecute, prepared->text, in.frames}, prepared);
}

// FETCH, RESET, CLOSE, SEND_LONG_DATA: about a statement that was judged when it was prepared.
net::Task<Flow> Session::on_prepared(Inbound& in) {
  const auto command = static_cast<wire::Command>(in.payload.front());
  Prepared* prepared = find_prepared(in.payload);
  if (prepared != nullptr && prepared->parameters) {
    note_ahead(*prepared->parameters, command, in.payload, in.partial);
  }
  if (in.partial) co_return co_await stream_long_data(in);
  if (prepared != nullptr && is_call_id(prepared->id)) {
    const std::uint32_t id = prepared->id;
    if (command == wire::Command::kStmtClose) {
      std::erase_if(*calls_, [id](const Prepared& p) { return p.id == id; });
    }
    if (!wire::has_answer(command)) co_return Flow::kContinue;
    if (command == wire::Command::kStmtReset) co_return co_await answer_ok(in.next_sequence);
    prepared = nullptr;  // a call opens no cursor
  }
  if (prepared == nullptr || !backend_) {
    if (!wire::has_answer(command)) co_return Flow::kContinue;  // as the server: nothing is said
    const auto id = wire::statement_id(in.payload);
    wire::OwnedError error =
        id ? unknown_statement(*id, command, instance_->engine()) : malformed();
    co_return co_await answer_error(std::move(error), in.next_sequence);
  }
  if (command == wire::Command::kStmtClose) {
    const std::uint32_t id = prepared->id;
    std::erase_if(prepared_, [id](const Prepared& p) { return p.id == id; });
  }
  co_return co_await serve(in,
                           {policy::Submission::Kind::kCommand, wire::name(command), in.frames});
}

// The form in which commands go to the server; the client's own once adapt() has done its work.
wire::Capabilities Session::sent_form() const noexcept {
  const bool lacks = backend_ && !backend_->capabilities().has(wire::cap::kQueryAttributes);
  return lacks ? capabilities_.without(wire::cap::kQueryAttributes) : capabilities_;
}

// The command without its query attributes, before it is judged. They are no part of the text, and
// a server without them has no function that reads them. Code 0: done.
wire::OwnedError Session::adapt(Inbound& in, policy::Submission& submission,
                                const Prepared* prepared) const {
  const auto command = static_cast<wire::Command>(in.payload.front());
  if (command != wire::Command::kQuery && command != wire::Command::kStmtExecute) return {};
  const ParameterState* state = prepared != nullptr ? prepared->parameters.get() : nullptr;
  std::vector<bool> ahead(state != nullptr ? state->count : 0, false);
  if (state != nullptr) {
    for (const auto& [index, value] : state->ahead) {
      if (index < ahead.size()) ahead[index] = true;
    }
  }
  wire::Buffer payload;
  if (!wire::drop_query_attributes(in.payload, ahead.size(), ahead, capabilities_, payload)) {
    return malformed();
  }
  // The answer is numbered behind the command's last frame.
  if (payload.size() / wire::kMaxFramePayload != in.payload.size() / wire::kMaxFramePayload) {
    return wire::make_error(wire::ErrorNumber::kNotSupportedYet,
                            "The server knows no query attributes, and a command of this length "
                            "cannot go without them: send it without attributes");
  }
  wire::append_packet(in.plain, 0, payload);
  in.frames = in.plain;
  if (payload.size() < wire::kMaxFramePayload) {
    in.payload = in.frames.subspan(wire::kFrameHeaderSize);
  } else {
    in.joined = std::move(payload);
    in.payload = in.joined;
  }
  submission.frames = in.frames;
  if (command == wire::Command::kQuery) submission.text = wire::as_text(in.payload.subspan(1));
  return {};
}

policy::Context Session::context(const Facts& facts) const noexcept {
  policy::Context context;
  context.account = account_.get();
  context.instance = instance_->config().name;
  context.engine = instance_->engine();
  if (backend_) {
    context.server_version = backend_->server_version();
    if (backend_->report()) {
      context.lower_case_table_names = backend_->report()->lower_case_table_names;
    }
  }
  context.session.schema = facts.schema;
  context.session.sql_mode = facts.sql_mode;
  context.session.charset = facts.charset;
  context.session.certain = !tracking_.uncertain();
  context.session.autocommit = (status_ & wire::status::kAutocommit) != 0;
  context.session.in_transaction = (status_ & wire::status::kInTransaction) != 0;
  context.session.multi_statements = capabilities_.has(wire::cap::kMultiStatements);
  context.session.break_glass = gate_ && !gate_->break_glass.empty();
  return context;
}

Session::Prepared* Session::find_prepared(wire::Bytes payload) noexcept {
  auto id = wire::statement_id(payload);
  if (id && *id == wire::kLastPrepared) id = last_prepared_;
  const bool call = id && is_call_id(*id);
  if (!id || (call && !calls_)) return nullptr;
  // A server's ids only grow, and so do ours.
  std::vector<Prepared>& among = call ? *calls_ : prepared_;
  const auto found = std::ranges::lower_bound(among, *id, {}, &Prepared::id);
  return found == among.end() || found->id != *id ? nullptr : &*found;
}

}  // namespace sluice::session

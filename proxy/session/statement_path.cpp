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

net::Task<Flow> Session::serve(Inbound& in, policy::Submission submission,
                               const Prepared* prepared) {
  using Kind = policy::Submission::Kind;
  const bool has_text = submission.kind != Kind::kCommand;
  // 1: a server connection, taken at the first statement; and what its session makes of texts.
  if (!backend_ && !co_await take_backend()) {
    co_return co_await answer_error(*error_, in.next_sequence);
  }
  if (has_text && tracking_.uncertain() && !reads_diagnostics(submission.text)) {
    co_await ask_server();
  }
  const auto facts = prepared != nullptr ? prepared->facts : tracking_.facts();
  const TextHints hints = prepared != nullptr ? prepared->hints : hints_of(submission, in.payload);
  // 2: what is asked, by whom, in which session; judged before a byte of it leaves.
  std::unique_ptr<wire::Renaming> renaming;
  if (hints.connection_id && prepared == nullptr) renaming = put_session_id(in, submission);
  policy::Decision decision = worker_.judge->judge(context(*facts), submission);
  if (const auto no = policy::refusal_of(decision)) {
    worker_.counters.refused.add();
    wire::OwnedError error{no->code, no->sqlstate, no->message};
    co_return co_await answer_error(std::move(error), in.next_sequence);
  }
  if (hints.names_trackers && submission.kind != Kind::kPrepare) {
    const bool in_transaction = (status_ & wire::status::kInTransaction) != 0;
    [[maybe_unused]] const bool untracked = co_await backend_->untrack(in_transaction);
  }
  // 3, 4, 5, 6: the text sent is the text that was judged; its answer; the account of both.
  tracking_.begin(submission.kind == Kind::kPrepare ? TextHints{} : hints);
  wire::ResponseTracker::Summary summary;
  const bool preparing = submission.kind == Kind::kPrepare;
  std::string text(preparing ? submission.text : std::string_view{});
  const wire::Renaming* names = prepared != nullptr ? prepared->renaming.get() : renaming.get();
  const Flow flow =
      co_await exchange(in, std::get<policy::Permit>(std::move(decision)), &summary, names);
  tracking_.end((summary.status & wire::status::kDbDropped) != 0);
  if (flow != Flow::kContinue) co_return flow;
  if (summary.prepared) {
    prepared_.push_back({summary.statement_id, std::move(text), hints, facts, std::move(renaming)});
  }
  if (has_text) {
    policy::Outcome outcome{
        submission.kind, summary.error,     summary.warnings,           summary.affected_rows,
        summary.rows,    tracking_.gtids(), tracking_.gtids_complete(), false};
    outcome.in_transaction = (status_ & wire::status::kInTransaction) != 0;
    worker_.judge->ended(context(*tracking_.facts()), outcome);
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
  const Prepared* prepared = find_prepared(in.payload);
  if (prepared == nullptr) return on_prepared(in);
  return serve(in, {policy::Submission::Kind::kExecute, prepared->text, in.frames}, prepared);
}

// FETCH, RESET, CLOSE, SEND_LONG_DATA: about a statement that was judged when it was prepared.
net::Task<Flow> Session::on_prepared(Inbound& in) {
  const auto command = static_cast<wire::Command>(in.payload.front());
  if (in.partial) co_return co_await stream_long_data(in);
  const Prepared* prepared = find_prepared(in.payload);
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
  return context;
}

const Session::Prepared* Session::find_prepared(wire::Bytes payload) const noexcept {
  const auto id = wire::statement_id(payload);
  if (!id || prepared_.empty()) return nullptr;
  if (*id == wire::kLastPrepared) return &prepared_.back();
  // A server's ids only grow.
  const auto found = std::ranges::lower_bound(prepared_, *id, {}, &Prepared::id);
  return found == prepared_.end() || found->id != *id ? nullptr : &*found;
}

}  // namespace sluice::session

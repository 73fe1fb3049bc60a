// THE way of a statement. Six steps: its text and facts, the verdict, a server connection, the
// judged bytes sent, the answer relayed, the account of it. Steps 5 and 6 are exchange()
// (relay.cpp).
#include <algorithm>
#include <utility>

#include "proxy/session/session.h"
#include "proxy/wire/query_attributes.h"

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

}  // namespace

net::Task<Flow> Session::serve(Inbound& in, policy::Submission submission) {
  // 1, 2: what is asked, by whom, in which session; judged before a byte of it leaves.
  policy::Decision decision = worker_.judge->judge(context(), submission);
  if (const auto* no = std::get_if<policy::Refusal>(&decision)) {
    worker_.counters.refused.add();
    wire::OwnedError error{no->code, no->sqlstate, no->message};
    co_return co_await answer_error(std::move(error), in.next_sequence);
  }
  // 3: a server connection, taken at the first statement.
  if (!backend_ && !co_await take_backend()) {
    co_return co_await answer_error(*error_, in.next_sequence);
  }
  // 4, 5, 6: the text sent is the text that was judged; its answer; the account of both.
  wire::ResponseTracker::Summary summary;
  const bool preparing = submission.kind == policy::Submission::Kind::kPrepare;
  std::string text(preparing ? submission.text : std::string_view{});
  const Flow flow = co_await exchange(in, std::get<policy::Permit>(std::move(decision)), &summary);
  if (flow == Flow::kContinue && summary.prepared) {
    prepared_.push_back({summary.statement_id, std::move(text)});
  }
  co_return flow;
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
  return serve(in, {policy::Submission::Kind::kExecute, prepared->text, in.frames});
}

// FETCH, RESET, CLOSE, SEND_LONG_DATA: about a statement that was judged when it was prepared.
net::Task<Flow> Session::on_prepared(Inbound& in) {
  const auto command = static_cast<wire::Command>(in.payload.front());
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

policy::Context Session::context() const noexcept {
  policy::Context context;
  context.account = account_.get();
  context.instance = instance_->config().name;
  context.engine = instance_->engine();
  context.session.schema = schema_;
  context.session.collation = collation_;
  context.session.no_backslash_escapes = (status_ & wire::status::kNoBackslashEscapes) != 0;
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

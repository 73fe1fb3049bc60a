#include "proxy/session/command_table.h"

#include <array>
#include <utility>

#include "proxy/wire/errors.h"
#include "proxy/wire/query_attributes.h"
#include "proxy/wire/writer.h"

namespace sluice::session {

CommandTable::Handler CommandTable::handler(const CommandRow& row) noexcept {
  return row.handler;
}

const CommandRow* CommandTable::rows(std::size_t& count) noexcept {
  using enum wire::Command;
  using S = Session;
  static constexpr std::array<CommandRow, 37> kRows{{
      {kSleep, &S::on_refused},
      {kQuit, &S::on_quit},
      {kInitDb, &S::on_relayed},
      {kQuery, &S::on_query},
      {kFieldList, &S::on_relayed},
      {kCreateDb, &S::on_refused},  // DDL around the gate; gone in 9.x: clients use the statement
      {kDropDb, &S::on_refused},
      {kRefresh, &S::on_refused},
      {kShutdown, &S::on_refused},
      {kStatistics, &S::on_relayed},
      {kProcessInfo, &S::on_relayed},
      {kConnect, &S::on_refused},
      {kProcessKill, &S::on_process_kill},
      {kDebug, &S::on_refused},
      {kPing, &S::on_ping},
      {kTime, &S::on_refused},
      {kDelayedInsert, &S::on_refused},
      {kChangeUser, &S::on_change_user},
      {kBinlogDump, &S::on_replication},
      {kTableDump, &S::on_refused},
      {kConnectOut, &S::on_refused},
      {kRegisterSlave, &S::on_replication},
      {kStmtPrepare, &S::on_prepare},
      {kStmtExecute, &S::on_execute},
      {kStmtSendLongData, &S::on_prepared},
      {kStmtClose, &S::on_prepared},
      {kStmtReset, &S::on_prepared},
      {kSetOption, &S::on_set_option},
      {kStmtFetch, &S::on_prepared},
      {kDaemon, &S::on_refused},
      {kBinlogDumpGtid, &S::on_replication},
      {kResetConnection, &S::on_reset},
      {kClone, &S::on_refused},
      {kSubscribeGroupReplication, &S::on_refused},
      {kStmtBulkExecute, &S::on_execute},
      {kMulti, &S::on_refused},
      {wire::Command{0xff}, &S::on_refused},  // every byte that has no row
  }};
  count = kRows.size();
  return kRows.data();
}

const CommandRow& command_row(std::uint8_t byte) noexcept {
  // Rows of the common commands stand at their own byte.
  std::size_t count = 0;
  const CommandRow* rows = CommandTable::rows(count);
  if (byte < count && static_cast<std::uint8_t>(rows[byte].command) == byte) return rows[byte];
  for (std::size_t i = 0; i < count; ++i) {
    if (static_cast<std::uint8_t>(rows[i].command) == byte) return rows[i];
  }
  return rows[count - 1];
}

net::Task<Flow> Session::on_quit(Inbound&) {
  co_return end(Reason::kQuit);
}

net::Task<Flow> Session::on_ping(Inbound& in) {
  // A server that is attached hears it too: its idle time begins anew.
  if (backend_) return on_relayed(in);
  return answer_ok(in.next_sequence);
}

net::Task<Flow> Session::on_relayed(Inbound& in) {
  if (!co_await take_backend()) co_return co_await answer_error(*error_, in.next_sequence);
  const auto command = static_cast<wire::Command>(in.payload.front());
  co_return co_await serve(in,
                           {policy::Submission::Kind::kCommand, wire::name(command), in.frames});
}

net::Task<Flow> Session::on_reset(Inbound& in) {
  prepared_.clear();
  calls_.reset();
  gate_.reset();  // what is open is rolled back
  if (!backend_) co_return co_await answer_ok(in.next_sequence);
  const Flow flow = co_await on_relayed(in);
  // Its trackers are the server's defaults again, whatever it answered.
  fresh_ = true;
  tracking_.must_ask();
  co_return flow;
}

net::Task<Flow> Session::on_set_option(Inbound& in) {
  const Flow flow = co_await on_relayed(in);
  if (backend_) backend_->reusable = false;  // what it changes is no part of a reset
  co_return flow;
}

net::Task<Flow> Session::on_refused(Inbound& in) {
  worker_.counters.refused.add();
  const std::string_view word = wire::name(static_cast<wire::Command>(in.payload.front()));
  return answer_error(
      wire::make_error(wire::ErrorNumber::kUnknownCommand,
                       word.empty() ? std::string("Unknown command")
                                    : "Unknown command: Sluice refuses " + std::string(word)),
      in.next_sequence);
}

net::Task<Flow> Session::on_replication(Inbound& in) {
  if (!account_->may_replicate) {
    worker_.counters.refused.add();
    wire::OwnedError error =
        wire::make_error(wire::ErrorNumber::kSpecificAccessDenied,
                         "Access denied; you need the replication right of your Sluice account "
                         "for this operation");
    co_return co_await answer_error(std::move(error), in.next_sequence);
  }
  const Flow flow = co_await on_relayed(in);
  if (backend_) backend_->reusable = false;
  co_return flow;
}

// The server's own ids: a text, judged as such.
net::Task<Flow> Session::on_process_kill(Inbound& in) {
  const auto command = wire::decode_process_kill(in.payload);
  if (command && is_session_id(command->connection_id)) {
    co_return co_await kill_session({KillScope::kConnection, command->connection_id},
                                    in.next_sequence);
  }
  if (!command) co_return co_await on_relayed(in);
  const std::string text = "KILL " + std::to_string(command->connection_id);
  wire::append_packet_with(
      in.changed, 0, [&](wire::Buffer& out) { wire::encode_query(text, {}, capabilities_, out); });
  in.frames = in.changed;
  in.payload = wire::Bytes(in.changed).subspan(wire::kFrameHeaderSize);
  const policy::Submission submission{
      policy::Submission::Kind::kQuery,
      wire::as_text(in.payload.subspan(in.payload.size() - text.size())), in.frames};
  co_return co_await serve(in, submission);
}

// KILL of an id from our range: the session of that greeting. Only one's own sessions: the server
// sees one account behind all of them and could not tell.
net::Task<Flow> Session::kill_session(Kill kill, std::uint8_t sequence) {
  const auto id = static_cast<std::uint32_t>(kill.id);
  const auto target = worker_.shared.registry.find(id);
  if (!target) {
    const wire::OwnedError error = wire::make_error(wire::ErrorNumber::kNoSuchThread,
                                                    "Unknown thread id: " + std::to_string(id));
    co_return co_await answer_error(error, sequence);
  }
  if (target->account != account_->name) {
    const wire::OwnedError error = wire::make_error(
        wire::ErrorNumber::kKillDenied, "You are not owner of thread " + std::to_string(id));
    co_return co_await answer_error(error, sequence);
  }
  if (id == id_) {
    const wire::OwnedError error =
        wire::make_error(wire::ErrorNumber::kQueryInterrupted, "Query execution was interrupted");
    (void)co_await answer_error(error, sequence);
    co_return kill.scope == KillScope::kConnection ? end(Reason::kKilled) : Flow::kContinue;
  }
  (void)worker_.shared.registry.kill(id, kill.scope);
  co_return co_await answer_ok(sequence);
}

}  // namespace sluice::session

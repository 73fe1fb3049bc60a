#include "proxy/wire/commands.h"

#include "proxy/wire/packets.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

Reader open(Bytes payload, Command command) {
  Reader in(payload);
  in.expect(static_cast<std::uint8_t>(command));
  return in;
}

Writer open(Buffer& out, Command command) {
  Writer to(out);
  to.u8(static_cast<std::uint8_t>(command));
  return to;
}

}  // namespace

std::string_view name(Command command) noexcept {
  switch (command) {
    case Command::kSleep: return "COM_SLEEP";
    case Command::kQuit: return "COM_QUIT";
    case Command::kInitDb: return "COM_INIT_DB";
    case Command::kQuery: return "COM_QUERY";
    case Command::kFieldList: return "COM_FIELD_LIST";
    case Command::kCreateDb: return "COM_CREATE_DB";
    case Command::kDropDb: return "COM_DROP_DB";
    case Command::kRefresh: return "COM_REFRESH";
    case Command::kShutdown: return "COM_SHUTDOWN";
    case Command::kStatistics: return "COM_STATISTICS";
    case Command::kProcessInfo: return "COM_PROCESS_INFO";
    case Command::kConnect: return "COM_CONNECT";
    case Command::kProcessKill: return "COM_PROCESS_KILL";
    case Command::kDebug: return "COM_DEBUG";
    case Command::kPing: return "COM_PING";
    case Command::kTime: return "COM_TIME";
    case Command::kDelayedInsert: return "COM_DELAYED_INSERT";
    case Command::kChangeUser: return "COM_CHANGE_USER";
    case Command::kBinlogDump: return "COM_BINLOG_DUMP";
    case Command::kTableDump: return "COM_TABLE_DUMP";
    case Command::kConnectOut: return "COM_CONNECT_OUT";
    case Command::kRegisterSlave: return "COM_REGISTER_SLAVE";
    case Command::kStmtPrepare: return "COM_STMT_PREPARE";
    case Command::kStmtExecute: return "COM_STMT_EXECUTE";
    case Command::kStmtSendLongData: return "COM_STMT_SEND_LONG_DATA";
    case Command::kStmtClose: return "COM_STMT_CLOSE";
    case Command::kStmtReset: return "COM_STMT_RESET";
    case Command::kSetOption: return "COM_SET_OPTION";
    case Command::kStmtFetch: return "COM_STMT_FETCH";
    case Command::kDaemon: return "COM_DAEMON";
    case Command::kBinlogDumpGtid: return "COM_BINLOG_DUMP_GTID";
    case Command::kResetConnection: return "COM_RESET_CONNECTION";
    case Command::kClone: return "COM_CLONE";
    case Command::kSubscribeGroupReplication: return "COM_SUBSCRIBE_GROUP_REPLICATION_STREAM";
    case Command::kStmtBulkExecute: return "COM_STMT_BULK_EXECUTE";
    case Command::kMulti: return "COM_MULTI";
  }
  return {};
}

bool has_answer(Command command) noexcept {
  return command != Command::kQuit && command != Command::kStmtSendLongData &&
         command != Command::kStmtClose;
}

Result<Command> decode_simple(Bytes payload) {
  Reader in(payload);
  const auto command = static_cast<Command>(in.u8());
  return in.finish_prefix(command);
}
void encode_simple(Command command, Buffer& out) {
  (void)open(out, command);
}

Result<InitDb> decode_init_db(Bytes payload) {
  Reader in = open(payload, Command::kInitDb);
  return in.finish(InitDb{in.rest_text()});
}
void encode(const InitDb& command, Buffer& out) {
  open(out, Command::kInitDb).text(command.schema);
}

Result<FieldList> decode_field_list(Bytes payload) {
  Reader in = open(payload, Command::kFieldList);
  FieldList command;
  command.table = in.text_nul();
  command.wildcard = in.rest_text();
  return in.finish(command);
}
void encode(const FieldList& command, Buffer& out) {
  Writer to = open(out, Command::kFieldList);
  to.text_nul(command.table);
  to.text(command.wildcard);
}

Result<ProcessKill> decode_process_kill(Bytes payload) {
  Reader in = open(payload, Command::kProcessKill);
  return in.finish_prefix(ProcessKill{in.u32()});
}
void encode(const ProcessKill& command, Buffer& out) {
  open(out, Command::kProcessKill).u32(command.connection_id);
}

Result<SetOption> decode_set_option(Bytes payload) {
  Reader in = open(payload, Command::kSetOption);
  return in.finish(SetOption{in.u16()});
}
void encode(const SetOption& command, Buffer& out) {
  open(out, Command::kSetOption).u16(command.option);
}

Result<ChangeUser> decode_change_user(Bytes payload, Capabilities capabilities) {
  Reader in = open(payload, Command::kChangeUser);
  ChangeUser command;
  command.user = in.text_nul();
  if (capabilities.has(cap::kSecureConnection)) {
    command.auth_response = in.bytes(in.u8());
  } else {
    command.auth_response = as_bytes(in.text_nul());
  }
  command.database = in.text_nul_or_rest();
  if (in.remaining() >= 2) command.collation = in.u16();
  if (capabilities.has(cap::kPluginAuth) && in.remaining() != 0)
    command.auth_plugin = in.text_nul_or_rest();
  if (capabilities.has(cap::kConnectAttrs) && in.remaining() != 0)
    command.attributes = in.bytes_lenenc();
  if (command.attributes.size() > kMaxAttributesSize) in.fail(Fault::kOversized);
  return in.finish_prefix(command);
}
void encode(const ChangeUser& command, Capabilities capabilities, Buffer& out) {
  Writer to = open(out, Command::kChangeUser);
  to.text_nul(command.user);
  if (capabilities.has(cap::kSecureConnection)) {
    to.u8(static_cast<std::uint8_t>(command.auth_response.size()));  // every plugin's is short
    to.bytes(command.auth_response.first(command.auth_response.size() & 0xff));
  } else {
    to.text_nul(as_text(command.auth_response));
  }
  to.text_nul(command.database);
  if (!command.collation) return;
  to.u16(*command.collation);
  if (capabilities.has(cap::kPluginAuth)) to.text_nul(command.auth_plugin);
  if (capabilities.has(cap::kConnectAttrs)) to.bytes_lenenc(command.attributes);
}

Result<StmtPrepare> decode_stmt_prepare(Bytes payload) {
  Reader in = open(payload, Command::kStmtPrepare);
  return in.finish(StmtPrepare{in.rest_text()});
}
void encode(const StmtPrepare& command, Buffer& out) {
  open(out, Command::kStmtPrepare).text(command.sql);
}

Result<StmtExecute> decode_stmt_execute(Bytes payload) {
  Reader in = open(payload, Command::kStmtExecute);
  StmtExecute command;
  command.statement_id = in.u32();
  command.flags = in.u8();
  command.iterations = in.u32();
  command.rest = in.rest();
  return in.finish(command);
}
void encode(const StmtExecute& command, Buffer& out) {
  Writer to = open(out, Command::kStmtExecute);
  to.u32(command.statement_id);
  to.u8(command.flags);
  to.u32(command.iterations);
  to.bytes(command.rest);
}

Result<ExecuteBlock> split_execute(const StmtExecute& command, std::size_t parameters,
                                   Capabilities capabilities) {
  Reader in(command.rest);
  ExecuteBlock block;
  block.count = parameters;
  const bool attributes = capabilities.has(cap::kQueryAttributes);
  const bool counted = (command.flags & StmtExecute::kParameterCountAvailable) != 0;
  // A statement that has parameters is counted whether or not the flag says so.
  if (attributes && (parameters != 0 || counted)) {
    const std::uint64_t count = in.lenenc();
    // Each parameter takes at least its NULL bit; nothing larger can be in the packet.
    if (count / 8 > in.remaining()) in.fail(Fault::kTruncated);
    block.count = static_cast<std::size_t>(count);
    if (count < parameters) in.fail(Fault::kMalformed);
    block.names = true;
  }
  block.block = in.rest();
  return in.finish(block);
}

Result<StmtSendLongData> decode_stmt_send_long_data(Bytes payload) {
  Reader in = open(payload, Command::kStmtSendLongData);
  StmtSendLongData command;
  command.statement_id = in.u32();
  command.parameter = in.u16();
  command.data = in.rest();
  return in.finish(command);
}
void encode(const StmtSendLongData& command, Buffer& out) {
  Writer to = open(out, Command::kStmtSendLongData);
  to.u32(command.statement_id);
  to.u16(command.parameter);
  to.bytes(command.data);
}

Result<StmtClose> decode_stmt_close(Bytes payload) {
  Reader in = open(payload, Command::kStmtClose);
  return in.finish_prefix(StmtClose{in.u32()});
}
void encode(const StmtClose& command, Buffer& out) {
  open(out, Command::kStmtClose).u32(command.statement_id);
}

Result<StmtReset> decode_stmt_reset(Bytes payload) {
  Reader in = open(payload, Command::kStmtReset);
  return in.finish_prefix(StmtReset{in.u32()});
}
void encode(const StmtReset& command, Buffer& out) {
  open(out, Command::kStmtReset).u32(command.statement_id);
}

Result<StmtFetch> decode_stmt_fetch(Bytes payload) {
  Reader in = open(payload, Command::kStmtFetch);
  StmtFetch command;
  command.statement_id = in.u32();
  command.rows = in.u32();
  return in.finish_prefix(command);
}
void encode(const StmtFetch& command, Buffer& out) {
  Writer to = open(out, Command::kStmtFetch);
  to.u32(command.statement_id);
  to.u32(command.rows);
}

Result<StmtBulkExecute> decode_stmt_bulk_execute(Bytes payload) {
  Reader in = open(payload, Command::kStmtBulkExecute);
  StmtBulkExecute command;
  command.statement_id = in.u32();
  command.flags = in.u16();
  command.rest = in.rest();
  return in.finish(command);
}
void encode(const StmtBulkExecute& command, Buffer& out) {
  Writer to = open(out, Command::kStmtBulkExecute);
  to.u32(command.statement_id);
  to.u16(command.flags);
  to.bytes(command.rest);
}

Result<std::uint32_t> statement_id(Bytes payload) {
  Reader in(payload);
  in.skip(1);
  const std::uint32_t id = in.u32();
  return in.finish_prefix(id);
}

Result<BinlogDump> decode_binlog_dump(Bytes payload) {
  Reader in = open(payload, Command::kBinlogDump);
  BinlogDump command;
  command.position = in.u32();
  command.flags = in.u16();
  command.server_id = in.u32();
  command.file = in.rest_text();
  return in.finish(command);
}
void encode(const BinlogDump& command, Buffer& out) {
  Writer to = open(out, Command::kBinlogDump);
  to.u32(command.position);
  to.u16(command.flags);
  to.u32(command.server_id);
  to.text(command.file);
}

Result<BinlogDumpGtid> decode_binlog_dump_gtid(Bytes payload) {
  Reader in = open(payload, Command::kBinlogDumpGtid);
  BinlogDumpGtid command;
  command.flags = in.u16();
  command.server_id = in.u32();
  command.file = in.text(in.u32());
  command.position = in.u64();
  command.gtid_set = in.bytes(in.u32());
  return in.finish(command);
}
void encode(const BinlogDumpGtid& command, Buffer& out) {
  Writer to = open(out, Command::kBinlogDumpGtid);
  to.u16(command.flags);
  to.u32(command.server_id);
  to.u32(static_cast<std::uint32_t>(command.file.size()));
  to.text(command.file);
  to.u64(command.position);
  to.u32(static_cast<std::uint32_t>(command.gtid_set.size()));
  to.bytes(command.gtid_set);
}

Result<RegisterSlave> decode_register_slave(Bytes payload) {
  Reader in = open(payload, Command::kRegisterSlave);
  RegisterSlave command;
  command.server_id = in.u32();
  command.host = in.text(in.u8());
  command.user = in.text(in.u8());
  command.password = in.text(in.u8());
  command.port = in.u16();
  command.rank = in.u32();
  command.master_id = in.u32();
  return in.finish(command);
}
void encode(const RegisterSlave& command, Buffer& out) {
  Writer to = open(out, Command::kRegisterSlave);
  const auto text = [&to](std::string_view value) {
    value = value.substr(0, 255);
    to.u8(static_cast<std::uint8_t>(value.size()));
    to.text(value);
  };
  to.u32(command.server_id);
  text(command.host);
  text(command.user);
  text(command.password);
  to.u16(command.port);
  to.u32(command.rank);
  to.u32(command.master_id);
}

}  // namespace sluice::wire

// One struct a COM_* with decode and encode. decode_*() takes a whole payload with its command
// byte; views live as long as it. MySQL Internals, "Command Phase"; MariaDB Knowledge Base,
// "COM_STMT_BULK_EXECUTE".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

enum class Command : std::uint8_t {
  kSleep = 0x00,
  kQuit = 0x01,
  kInitDb = 0x02,
  kQuery = 0x03,
  kFieldList = 0x04,
  kCreateDb = 0x05,
  kDropDb = 0x06,
  kRefresh = 0x07,
  kShutdown = 0x08,
  kStatistics = 0x09,
  kProcessInfo = 0x0a,
  kConnect = 0x0b,
  kProcessKill = 0x0c,
  kDebug = 0x0d,
  kPing = 0x0e,
  kTime = 0x0f,
  kDelayedInsert = 0x10,
  kChangeUser = 0x11,
  kBinlogDump = 0x12,
  kTableDump = 0x13,
  kConnectOut = 0x14,
  kRegisterSlave = 0x15,
  kStmtPrepare = 0x16,
  kStmtExecute = 0x17,
  kStmtSendLongData = 0x18,
  kStmtClose = 0x19,
  kStmtReset = 0x1a,
  kSetOption = 0x1b,
  kStmtFetch = 0x1c,
  kDaemon = 0x1d,
  kBinlogDumpGtid = 0x1e,
  kResetConnection = 0x1f,
  kClone = 0x20,
  kSubscribeGroupReplication = 0x21,
  kStmtBulkExecute = 0xfa,  // MariaDB
  kMulti = 0xfe,            // MariaDB, never released
};
// "COM_QUERY", …; "COM_0x63" is not made up: an unknown byte gives an empty view.
[[nodiscard]] std::string_view name(Command command) noexcept;
// Whether the server sends anything back.
[[nodiscard]] bool has_answer(Command command) noexcept;

// Commands that are one byte: PING, QUIT, STATISTICS, RESET_CONNECTION, DEBUG, PROCESS_INFO.
[[nodiscard]] Result<Command> decode_simple(Bytes payload);
void encode_simple(Command command, Buffer& out);

struct InitDb {
  std::string_view schema;  // may be empty: the server has its own error for it
};
[[nodiscard]] Result<InitDb> decode_init_db(Bytes payload);
void encode(const InitDb& command, Buffer& out);

struct FieldList {
  std::string_view table;
  std::string_view wildcard;
};
[[nodiscard]] Result<FieldList> decode_field_list(Bytes payload);
void encode(const FieldList& command, Buffer& out);

struct ProcessKill {
  std::uint32_t connection_id = 0;
};
[[nodiscard]] Result<ProcessKill> decode_process_kill(Bytes payload);
void encode(const ProcessKill& command, Buffer& out);

struct SetOption {
  std::uint16_t option = 0;  // 0 turns multi-statements on, 1 off
};
[[nodiscard]] Result<SetOption> decode_set_option(Bytes payload);
void encode(const SetOption& command, Buffer& out);

struct ChangeUser {
  std::string_view user;
  Bytes auth_response;
  std::string_view database;
  std::optional<std::uint16_t> collation;
  std::string_view auth_plugin;
  Bytes attributes;  // raw block, see packets.h
};
[[nodiscard]] Result<ChangeUser> decode_change_user(Bytes payload, Capabilities capabilities);
void encode(const ChangeUser& command, Capabilities capabilities, Buffer& out);

struct StmtPrepare {
  std::string_view sql;
};
[[nodiscard]] Result<StmtPrepare> decode_stmt_prepare(Bytes payload);
void encode(const StmtPrepare& command, Buffer& out);

struct StmtExecute {
  std::uint32_t statement_id = 0;
  std::uint8_t flags = 0;  // low bits: cursor type; bit 3: parameter count is available
  std::uint32_t iterations = 1;
  Bytes rest;  // [lenenc count] and the parameter block

  static constexpr std::uint8_t kCursorMask = 0x07;
  static constexpr std::uint8_t kParameterCountAvailable = 0x08;
};
[[nodiscard]] Result<StmtExecute> decode_stmt_execute(Bytes payload);
void encode(const StmtExecute& command, Buffer& out);
// The parameter block of an EXECUTE whose statement has `parameters` parameters: what
// decode_execute_parameters (query_attributes.h) takes.
struct ExecuteBlock {
  std::size_t count = 0;  // with query attributes, more than the statement's own
  bool names = false;
  Bytes block;
};
[[nodiscard]] Result<ExecuteBlock> split_execute(const StmtExecute& command, std::size_t parameters,
                                                 Capabilities capabilities);

struct StmtSendLongData {
  std::uint32_t statement_id = 0;
  std::uint16_t parameter = 0;
  Bytes data;
};
[[nodiscard]] Result<StmtSendLongData> decode_stmt_send_long_data(Bytes payload);
void encode(const StmtSendLongData& command, Buffer& out);

struct StmtClose {
  std::uint32_t statement_id = 0;
};
[[nodiscard]] Result<StmtClose> decode_stmt_close(Bytes payload);
void encode(const StmtClose& command, Buffer& out);

struct StmtReset {
  std::uint32_t statement_id = 0;
};
[[nodiscard]] Result<StmtReset> decode_stmt_reset(Bytes payload);
void encode(const StmtReset& command, Buffer& out);

struct StmtFetch {
  std::uint32_t statement_id = 0;
  std::uint32_t rows = 0;
};
[[nodiscard]] Result<StmtFetch> decode_stmt_fetch(Bytes payload);
void encode(const StmtFetch& command, Buffer& out);

struct StmtBulkExecute {
  std::uint32_t statement_id = 0;
  std::uint16_t flags = 0;  // 64: unit results; 128: types follow
  Bytes rest;
};
[[nodiscard]] Result<StmtBulkExecute> decode_stmt_bulk_execute(Bytes payload);
void encode(const StmtBulkExecute& command, Buffer& out);

// The statement id that an EXECUTE, BULK_EXECUTE, FETCH, RESET, CLOSE or SEND_LONG_DATA begins
// with, where a caller needs nothing else. MariaDB's 0xffffffff means "the last prepared".
[[nodiscard]] Result<std::uint32_t> statement_id(Bytes payload);
inline constexpr std::uint32_t kLastPrepared = 0xffffffff;

struct BinlogDump {
  std::uint32_t position = 4;
  std::uint16_t flags = 0;  // 1: end with EOF instead of waiting
  std::uint32_t server_id = 0;
  std::string_view file;
};
[[nodiscard]] Result<BinlogDump> decode_binlog_dump(Bytes payload);
void encode(const BinlogDump& command, Buffer& out);

struct BinlogDumpGtid {
  std::uint16_t flags = 0;
  std::uint32_t server_id = 0;
  std::string_view file;
  std::uint64_t position = 4;
  Bytes gtid_set;  // encoded set of those already had
};
[[nodiscard]] Result<BinlogDumpGtid> decode_binlog_dump_gtid(Bytes payload);
void encode(const BinlogDumpGtid& command, Buffer& out);

struct RegisterSlave {
  std::uint32_t server_id = 0;
  std::string_view host;
  std::string_view user;
  std::string_view password;
  std::uint16_t port = 0;
  std::uint32_t rank = 0;
  std::uint32_t master_id = 0;
};
[[nodiscard]] Result<RegisterSlave> decode_register_slave(Bytes payload);
void encode(const RegisterSlave& command, Buffer& out);

}  // namespace sluice::wire

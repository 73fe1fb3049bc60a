// For each packet that a back-end sends: what it is, and whether the answer to the command is over.
//
// The relay gives it the bytes as they come, cut anywhere; it walks the frame headers in place and
// never holds a payload except that of a control packet (OK, EOF, ERR, counts) which a run's end
// cut in two. Nothing is copied on the way of rows; nothing is allocated unless a control packet is
// split. Not thread-safe; one a back-end connection, begin() for each command.
//
//   kFirst ──OK/ERR──────────────────────────────────────────▶ kDone (or kFirst, MORE_RESULTS)
//     │  ├──0xFB──▶ kLocalInfile ──resume──▶ kFirst            (the client sends its file)
//     │  └──0xFFFF progress report (MariaDB) ──▶ kFirst
//     └──column count──▶ kColumns ──EOF──▶ kRows ──EOF/OK/ERR──▶ kDone (or kFirst, MORE_RESULTS)
//                          (no EOF under DEPRECATE_EOF; no kRows when a cursor was opened)
//   PREPARE:  PREPARE_OK ──▶ kParameters ──▶ kColumns ──▶ kDone
//   one packet: PING, INIT_DB, STATISTICS, …   stream: BINLOG_DUMP   exchange: CHANGE_USER
//
// MySQL Internals, "Command Phase", "Text Resultset", "COM_STMT_PREPARE Response"; MariaDB
// Knowledge Base, "Result Set Packets", "ERR_Packet" (progress).
#pragma once

#include <string_view>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/packets.h"

namespace sluice::wire {

// A control packet longer than this is a fault of the server. GTID sets of a tracked OK are the
// longest in practice.
inline constexpr std::size_t kMaxControlPacket = std::size_t{16} * 1024 * 1024;

enum class PacketKind : std::uint8_t {
  kOk,
  kErr,
  kEof,
  kColumnCount,
  kColumnDefinition,  // also of parameters
  kRow,
  kLocalInfile,
  kPrepareOk,
  kText,  // STATISTICS
  kAuth,  // auth switch or more data within CHANGE_USER
  kBinlogEvent,
  kProgress,  // MariaDB's progress report
};

class ResponseTracker {
 public:
  // What the caller must do next. Whatever it is, run.first(taken) may be forwarded to the client.
  enum class Event : std::uint8_t {
    kNeedMore,      // the answer goes on behind this run; taken is its whole size
    kDone,          // the answer is over at `taken`; bytes behind it belong to the next answer
    kStateChange,   // an OK within the answer has session_state(); read it, then scan on
    kLocalInfile,   // the server waits for the client's file; after it call resume_infile()
    kClientAnswer,  // CHANGE_USER: the server waits for a packet of the client; then scan on
    kFault,         // the server broke the protocol: fault() says how; the connection is lost
  };
  struct Progress {
    std::size_t taken = 0;
    Event event = Event::kNeedMore;
  };

  // `capabilities` are what was agreed with the server.
  explicit ResponseTracker(Capabilities capabilities = {}) noexcept : capabilities_(capabilities) {}

  // Starts on the answer to `command`; `sequence` is the id of the answer's first frame (1 unless
  // the command itself took several frames). Commands without an answer are done at once.
  void begin(Command command, std::uint8_t sequence = 1) noexcept;
  // The answer of a one-off exchange goes on after the client's file; `sequence` follows the file's
  // last (empty) frame.
  void resume_infile(std::uint8_t sequence) noexcept;
  // CHANGE_USER: the client's answer was sent with `sequence - 1`.
  void resume_client_answer(std::uint8_t sequence) noexcept;

  [[nodiscard]] Progress scan(Bytes run);

  [[nodiscard]] bool done() const noexcept { return state_ == State::kDone; }
  [[nodiscard]] Fault fault() const noexcept { return fault_; }
  // The sequence id that the next frame must have; after kDone, what an injected packet would use.
  [[nodiscard]] std::uint8_t next_sequence() const noexcept { return sequence_; }

  // The rest is about the answer so far, and stays until begin().
  struct Summary {
    std::uint64_t rows = 0;
    std::uint64_t bytes = 0;           // frames and headers
    std::uint64_t affected_rows = 0;   // of the last OK
    std::uint64_t total_affected = 0;  // of all OKs
    std::uint64_t last_insert_id = 0;  // of the last OK
    std::uint64_t columns = 0;         // of the last result set, or of the prepared statement
    std::uint32_t results = 0;         // result sets and OKs
    std::uint32_t statement_id = 0;    // of PREPARE
    std::uint16_t parameters = 0;      // of PREPARE
    std::uint16_t status = 0;          // the server's last status flags
    std::uint16_t warnings = 0;
    std::uint16_t error = 0;  // number of the ERR packet that ended it; 0: none
    bool has_status = false;  // an OK or EOF was seen
    bool prepared = false;    // PREPARE succeeded
  };
  [[nodiscard]] const Summary& summary() const noexcept { return summary_; }
  // Raw state-change items of the OK that scan() stopped at (kStateChange, or kDone); the view
  // lives until the run ends or scan() is called again. Empty when there are none.
  [[nodiscard]] Bytes session_state() const noexcept { return session_state_; }
  // The payload of the last control packet that scan() stopped at (kDone, kLocalInfile,
  // kClientAnswer, kStateChange), with the same life.
  [[nodiscard]] Bytes packet() const noexcept { return packet_; }
  [[nodiscard]] PacketKind packet_kind() const noexcept { return kind_; }
  // After kNeedMore: the bytes at the end of what was scanned that belong to a packet of which
  // nothing can be said yet, or to a control packet that is not whole. A packet of several frames
  // counts from its last frame's header on.
  [[nodiscard]] std::size_t unsettled() const noexcept;

  [[nodiscard]] Capabilities capabilities() const noexcept { return capabilities_; }

 private:
  friend class AnswerRewriter;  // sees the kind of every packet, not only of those it stops at

  enum class State : std::uint8_t {
    kFirst,       // first packet of a result
    kParameters,  // definitions of PREPARE's parameters
    kColumns,     // definitions of columns
    kRows,
    kOne,   // exactly one OK, EOF or ERR
    kText,  // exactly one packet of any text, or ERR
    kAuth,
    kFieldList,
    kStream,
    kInfile,  // waits for resume_infile()
    kDone,
    kFault,
  };

  // What the packet that begins with `header` and `first` is, in this state.
  [[nodiscard]] PacketKind classify(FrameHeader header, std::uint8_t first) const noexcept;
  [[nodiscard]] static bool is_control(PacketKind kind) noexcept;
  [[nodiscard]] std::size_t scan_rows(Bytes run, std::size_t offset) noexcept;
  [[nodiscard]] Event on_control(Bytes payload);
  [[nodiscard]] Event on_packet_end();
  [[nodiscard]] Event on_ok(Bytes payload);
  [[nodiscard]] Event on_eof(Bytes payload);
  [[nodiscard]] Event on_err(Bytes payload);
  [[nodiscard]] Event on_prepare_ok(Bytes payload);
  [[nodiscard]] Event on_column_count(Bytes payload);
  [[nodiscard]] Event end_of_definitions(std::uint16_t status, bool had_eof);
  [[nodiscard]] Event end_of_result(std::uint16_t status);
  [[nodiscard]] Event fail(Fault fault) noexcept;

  Capabilities capabilities_;
  State state_ = State::kDone;
  Command command_ = Command::kSleep;
  PacketKind kind_ = PacketKind::kOk;
  Fault fault_{};
  std::uint8_t sequence_ = 0;
  bool continued_ = false;       // the next frame goes on with the current packet
  bool in_control_ = false;      // the current packet is gathered in held_
  bool out_parameters_ = false;  // the current result set is one of OUT parameters
  std::uint64_t left_ = 0;       // definitions that are still to come in this state
  FrameScanner frames_;
  Buffer held_;  // a control packet in pieces
  Bytes packet_;
  Bytes session_state_;
  Summary summary_;
};

}  // namespace sluice::wire

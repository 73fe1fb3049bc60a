#include "proxy/wire/response_tracker.h"

#include <algorithm>

#include "proxy/wire/columns.h"

namespace sluice::wire {
namespace {

constexpr std::uint16_t kProgressCode = 0xffff;  // MariaDB's progress report in an ERR packet
// Every OK of protocol 4.1 is at least this long; so an answer's first packet that begins with 0x00
// and is shorter says "columns without definitions" under OPTIONAL_METADATA, and one that begins
// with 0xFE and is shorter is an EOF.
constexpr std::uint32_t kMinOkPayload = 7;
constexpr std::size_t kKeptCapacity = 4096;  // of the buffer for split control packets, when idle
constexpr std::uint8_t kFastAuthOkByte = 0x03;

}  // namespace

void ResponseTracker::begin(Command command, std::uint8_t sequence) noexcept {
  command_ = command;
  sequence_ = sequence;
  fault_ = Fault{};
  continued_ = in_control_ = out_parameters_ = false;
  left_ = 0;
  frames_.forget();
  if (held_.capacity() > kKeptCapacity) Buffer{}.swap(held_);
  held_.clear();
  packet_ = session_state_ = {};
  summary_ = {};
  switch (command) {
    case Command::kQuery:
    case Command::kStmtPrepare:
    case Command::kStmtExecute:
    case Command::kStmtBulkExecute:
    case Command::kProcessInfo: state_ = State::kFirst; break;
    case Command::kStmtFetch: state_ = State::kRows; break;
    case Command::kFieldList: state_ = State::kFieldList; break;
    case Command::kStatistics: state_ = State::kText; break;
    case Command::kChangeUser: state_ = State::kAuth; break;
    case Command::kBinlogDump:
    case Command::kBinlogDumpGtid: state_ = State::kStream; break;
    default: state_ = has_answer(command) ? State::kOne : State::kDone; break;
  }
}

void ResponseTracker::resume_infile(std::uint8_t sequence) noexcept {
  if (state_ != State::kInfile) return;
  sequence_ = sequence;
  state_ = State::kFirst;
}

void ResponseTracker::resume_client_answer(std::uint8_t sequence) noexcept {
  if (state_ == State::kAuth) sequence_ = sequence;
}

PacketKind ResponseTracker::classify(FrameHeader header, std::uint8_t first) const noexcept {
  const std::uint32_t length = header.length;
  if (length == 0) return PacketKind::kText;  // no packet but STATISTICS' may be empty
  if (first == kErrHeader) return PacketKind::kErr;
  switch (state_) {
    case State::kFirst:
      if (first == kOkHeader) {
        if (command_ == Command::kStmtPrepare) return PacketKind::kPrepareOk;
        const bool bare_columns =
            capabilities_.has(cap::kOptionalMetadata) && length < kMinOkPayload;
        return bare_columns ? PacketKind::kColumnCount : PacketKind::kOk;
      }
      if (first == kLocalInfileHeader) return PacketKind::kLocalInfile;
      if (first == kEofHeader) return length < kMinOkPayload ? PacketKind::kEof : PacketKind::kOk;
      return PacketKind::kColumnCount;
    case State::kParameters:
    case State::kColumns:
      return first == kEofHeader && length < kEofPayloadLimit ? PacketKind::kEof
                                                              : PacketKind::kColumnDefinition;
    case State::kRows:
    case State::kFieldList: {
      const auto other = state_ == State::kRows ? PacketKind::kRow : PacketKind::kColumnDefinition;
      if (first != kEofHeader) return other;
      if (length < kMinOkPayload) return PacketKind::kEof;
      if (capabilities_.has(cap::kDeprecateEof))
        return length < kMaxFramePayload ? PacketKind::kOk : other;
      return length < kEofPayloadLimit ? PacketKind::kEof : other;
    }
    case State::kOne:
      if (first == kEofHeader && length < kMinOkPayload) return PacketKind::kEof;
      return PacketKind::kOk;
    case State::kText: return PacketKind::kText;
    case State::kAuth: return first == kOkHeader ? PacketKind::kOk : PacketKind::kAuth;
    case State::kStream:
      return first == kEofHeader && length < kEofPayloadLimit ? PacketKind::kEof
                                                              : PacketKind::kBinlogEvent;
    case State::kInfile:
    case State::kDone:
    case State::kFault: break;
  }
  return PacketKind::kText;
}

bool ResponseTracker::is_control(PacketKind kind) noexcept {
  switch (kind) {
    case PacketKind::kOk:
    case PacketKind::kErr:
    case PacketKind::kEof:
    case PacketKind::kColumnCount:
    case PacketKind::kLocalInfile:
    case PacketKind::kPrepareOk:
    case PacketKind::kAuth:
    case PacketKind::kProgress: return true;
    case PacketKind::kColumnDefinition:
    case PacketKind::kRow:
    case PacketKind::kText:
    case PacketKind::kBinlogEvent: return false;
  }
  return false;
}

// Whole rows of one frame that lie in the run: the tight loop that all large results go through. It
// stops at whatever else there is, and leaves that to scan().
std::size_t ResponseTracker::scan_rows(Bytes run, std::size_t offset) noexcept {
  const std::uint8_t* at = run.data() + offset;
  const std::uint8_t* const end = run.data() + run.size();
  std::uint8_t sequence = sequence_;
  std::uint64_t rows = 0;
  while (static_cast<std::size_t>(end - at) > kFrameHeaderSize) {
    const FrameHeader header = load_frame_header(at);
    // One compare refuses both an empty frame and one that goes on in the next.
    if (header.length - 1 >= kMaxFramePayload - 1 || header.sequence != sequence ||
        at[kFrameHeaderSize] >= kEofHeader)
      break;
    const std::size_t size = kFrameHeaderSize + header.length;
    if (static_cast<std::size_t>(end - at) < size) break;
    at += size;
    ++sequence;
    ++rows;
  }
  sequence_ = sequence;
  summary_.rows += rows;
  return static_cast<std::size_t>(at - run.data());
}

ResponseTracker::Progress ResponseTracker::scan(Bytes run) {
  packet_ = session_state_ = {};
  if (state_ == State::kDone) return {0, Event::kDone};
  if (state_ == State::kFault) return {0, Event::kFault};
  if (state_ == State::kInfile) return {0, Event::kLocalInfile};
  std::size_t offset = 0;
  const auto stop = [&](Event event) {
    summary_.bytes += offset;
    return Progress{offset, event};
  };
  for (;;) {
    if (frames_.left() == 0) {
      if (state_ == State::kRows && frames_.between_frames() && !continued_)
        offset = scan_rows(run, offset);
      if (frames_.next(run, offset) == FrameScanner::Stop::kRunEnd) return stop(Event::kNeedMore);
      const FrameHeader header = frames_.header();
      if (header.sequence != sequence_) return stop(fail(Fault::kSequence));
      ++sequence_;
      if (!continued_) {
        if (header.length == 0 && state_ != State::kText) return stop(fail(Fault::kMalformed));
        kind_ = classify(header, frames_.first_byte());
        in_control_ = is_control(kind_);
        held_.clear();
      }
    }
    const bool more_frames = frames_.header().length == kMaxFramePayload;
    const std::size_t count = std::min<std::size_t>(frames_.left(), run.size() - offset);
    const Bytes piece = run.subspan(offset, count);
    const bool whole = !continued_ && !more_frames && count == frames_.header().length;
    offset += count;
    frames_.take(static_cast<std::uint32_t>(count));
    if (in_control_ && !whole) {
      if (held_.size() + count > kMaxControlPacket) return stop(fail(Fault::kOversized));
      held_.insert(held_.end(), piece.begin(), piece.end());
    }
    if (frames_.left() != 0) return stop(Event::kNeedMore);
    continued_ = more_frames;
    if (continued_) continue;
    const Event event = in_control_ ? on_control(whole ? piece : Bytes{held_}) : on_packet_end();
    if (event != Event::kNeedMore) return stop(event);
  }
}

std::size_t ResponseTracker::unsettled() const noexcept {
  if (frames_.partial() != 0) return frames_.partial();
  if (!in_control_ || frames_.left() == 0) return 0;
  return kFrameHeaderSize + frames_.header().length - frames_.left();
}

ResponseTracker::Event ResponseTracker::on_packet_end() {
  switch (kind_) {
    case PacketKind::kRow: ++summary_.rows; return Event::kNeedMore;
    case PacketKind::kColumnDefinition:
      if (state_ == State::kFieldList) return Event::kNeedMore;
      if (left_ == 0) return fail(Fault::kUnexpectedPacket);
      --left_;
      if (left_ == 0 && capabilities_.has(cap::kDeprecateEof)) return end_of_definitions(0, false);
      return Event::kNeedMore;
    case PacketKind::kText: state_ = State::kDone; return Event::kDone;
    default: return Event::kNeedMore;  // a binlog event
  }
}

ResponseTracker::Event ResponseTracker::on_control(Bytes payload) {
  packet_ = payload;
  switch (kind_) {
    case PacketKind::kOk: return on_ok(payload);
    case PacketKind::kErr: return on_err(payload);
    case PacketKind::kEof: return on_eof(payload);
    case PacketKind::kColumnCount: return on_column_count(payload);
    case PacketKind::kPrepareOk: return on_prepare_ok(payload);
    case PacketKind::kLocalInfile: state_ = State::kInfile; return Event::kLocalInfile;
    case PacketKind::kAuth: {
      const bool ok_follows =
          payload.size() == 2 && payload[0] == kAuthMoreHeader && payload[1] == kFastAuthOkByte;
      return ok_follows ? Event::kNeedMore : Event::kClientAnswer;
    }
    default: return fail(Fault::kUnexpectedPacket);
  }
}

ResponseTracker::Event ResponseTracker::on_ok(Bytes payload) {
  const auto ok = decode_ok(payload, capabilities_);
  if (!ok) return fail(Fault::kMalformed);
  summary_.affected_rows = ok->affected_rows;
  summary_.total_affected += ok->affected_rows;
  summary_.last_insert_id = ok->last_insert_id;
  summary_.warnings = ok->warnings;
  session_state_ = ok->session_state;
  const Event event = end_of_result(ok->status);
  if (event == Event::kNeedMore && !session_state_.empty()) return Event::kStateChange;
  return event;
}

ResponseTracker::Event ResponseTracker::on_eof(Bytes payload) {
  const auto eof = decode_eof(payload);
  if (!eof) return fail(Fault::kMalformed);
  summary_.warnings = eof->warnings;
  if (state_ == State::kParameters || state_ == State::kColumns) {
    if (left_ != 0) return fail(Fault::kUnexpectedPacket);
    return end_of_definitions(eof->status, true);
  }
  return end_of_result(eof->status);
}

ResponseTracker::Event ResponseTracker::on_err(Bytes payload) {
  const auto error = decode_err(payload);
  if (!error) return fail(Fault::kMalformed);
  if (error->code == kProgressCode && capabilities_.has(cap::kMariadbProgress)) {
    kind_ = PacketKind::kProgress;
    return Event::kNeedMore;
  }
  summary_.error = error->code;
  state_ = State::kDone;
  return Event::kDone;
}

ResponseTracker::Event ResponseTracker::on_prepare_ok(Bytes payload) {
  const auto ok = decode_prepare_ok(payload, capabilities_);
  if (!ok) return fail(Fault::kMalformed);
  summary_.prepared = true;
  summary_.statement_id = ok->statement_id;
  summary_.parameters = ok->parameters;
  summary_.columns = ok->columns;
  summary_.warnings = ok->warnings;
  if (!ok->metadata_follows) {
    state_ = State::kDone;
    return Event::kDone;
  }
  if (ok->parameters != 0) {
    state_ = State::kParameters;
    left_ = ok->parameters;
    return Event::kNeedMore;
  }
  state_ = State::kParameters;
  return end_of_definitions(0, false);
}

ResponseTracker::Event ResponseTracker::on_column_count(Bytes payload) {
  const auto count = decode_column_count(payload, capabilities_);
  if (!count || count->columns == 0) return fail(Fault::kMalformed);
  summary_.columns = count->columns;
  state_ = State::kColumns;
  left_ = count->metadata_follows ? count->columns : 0;
  if (left_ == 0 && capabilities_.has(cap::kDeprecateEof)) return end_of_definitions(0, false);
  return Event::kNeedMore;
}

ResponseTracker::Event ResponseTracker::end_of_definitions(std::uint16_t status, bool had_eof) {
  if (had_eof) {
    summary_.status = status;
    summary_.has_status = true;
    out_parameters_ = (status & status::kPsOutParams) != 0;
  }
  if (command_ == Command::kStmtPrepare) {
    if (state_ == State::kParameters && summary_.columns != 0) {
      state_ = State::kColumns;
      left_ = summary_.columns;
      return Event::kNeedMore;
    }
    state_ = State::kDone;
    return Event::kDone;
  }
  if (had_eof && command_ != Command::kQuery && (status & status::kCursorExists) != 0)
    return end_of_result(status);
  state_ = State::kRows;
  return Event::kNeedMore;
}

ResponseTracker::Event ResponseTracker::end_of_result(std::uint16_t status) {
  summary_.status = status;
  summary_.has_status = true;
  ++summary_.results;
  const bool may_go_on = command_ == Command::kQuery || command_ == Command::kStmtExecute ||
                         command_ == Command::kStmtBulkExecute || command_ == Command::kProcessInfo;
  // MySQL says MORE_RESULTS of a set of OUT parameters in the EOF of its definitions only.
  const bool more = may_go_on && ((status & status::kMoreResults) != 0 || out_parameters_);
  out_parameters_ = false;
  state_ = more ? State::kFirst : State::kDone;
  return more ? Event::kNeedMore : Event::kDone;
}

ResponseTracker::Event ResponseTracker::fail(Fault fault) noexcept {
  fault_ = fault;
  state_ = State::kFault;
  return Event::kFault;
}

}  // namespace sluice::wire

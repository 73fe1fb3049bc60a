#include "proxy/wire/answer_rewriter.h"

#include <algorithm>

#include "proxy/wire/answer_follower.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

// Every `made` in a name, as the text had it.
std::string renamed(std::string_view name, const Renaming& renaming) {
  std::string result(name);
  for (std::size_t at = 0; (at = result.find(renaming.made, at)) != std::string::npos;) {
    result.replace(at, renaming.made.size(), renaming.original);
    at += renaming.original.size();
  }
  return result;
}

}  // namespace

AnswerRewriter::AnswerRewriter(Capabilities server, Capabilities client, StateFilter filter,
                               const Renaming* renaming) noexcept
    : tracker_(server), client_(client), filter_(filter), renaming_(renaming) {}

bool AnswerRewriter::needed(Capabilities server, Capabilities client) noexcept {
  return (server & cap::kDeprecateEof) != (client & cap::kDeprecateEof);
}

void AnswerRewriter::begin(Command command, std::uint8_t server_sequence,
                           std::uint8_t client_sequence, std::uint16_t last_status) noexcept {
  tracker_.begin(command, server_sequence);
  command_ = command;
  sequence_ = client_sequence;
  last_status_ = last_status;
  have_ = 0;
  left_ = 0;
  continued_ = gather_ = eof_due_ = false;
  gathered_.clear();
}

void AnswerRewriter::resume_infile(std::uint8_t server_sequence,
                                   std::uint8_t client_sequence) noexcept {
  tracker_.resume_infile(server_sequence);
  sequence_ = client_sequence;
}

ResponseTracker::Progress AnswerRewriter::scan(Bytes run, Buffer& out) {
  using Event = ResponseTracker::Event;
  std::size_t taken = 0;
  if (tracker_.done()) return {0, Event::kDone};
  while (taken < run.size()) {
    Bytes piece;
    if (left_ != 0) {
      piece = run.subspan(taken, std::min<std::size_t>(left_, run.size() - taken));
      taken += piece.size();
    } else {
      // A header goes to the tracker together with the byte that says what the packet is.
      head_[have_++] = run[taken++];
      const bool header = have_ >= kFrameHeaderSize;
      const std::uint32_t length = header ? load_frame_header(head_).length : 0;
      if (!header || (have_ == kFrameHeaderSize && length != 0)) continue;
      piece = Bytes(head_, have_);
    }
    const Event event = feed(piece, out);
    if (event != Event::kNeedMore) return {taken, event};
  }
  return {taken, Event::kNeedMore};
}

ResponseTracker::Event AnswerRewriter::feed(Bytes piece, Buffer& out) {
  const bool head = left_ == 0;
  if (head && !continued_) before_ = tracker_.state_;
  const auto progress = tracker_.scan(piece);
  if (progress.event == ResponseTracker::Event::kFault) return progress.event;
  const std::uint32_t length = load_frame_header(head_).length;
  if (head) {
    if (!continued_) {
      gather_ = ResponseTracker::is_control(tracker_.kind_) ||
                tracker_.kind_ == PacketKind::kProgress ||
                (renaming_ != nullptr && tracker_.kind_ == PacketKind::kColumnDefinition);
      gathered_.clear();
    }
    begin_frame(out);
    piece = piece.subspan(kFrameHeaderSize);
    left_ = length;
    have_ = 0;
  }
  Buffer& to = gather_ ? gathered_ : out;
  to.insert(to.end(), piece.begin(), piece.end());
  left_ -= static_cast<std::uint32_t>(piece.size());
  if (left_ == 0) {
    continued_ = length == kMaxFramePayload;
    if (!continued_) end_packet(out);
  }
  return progress.event;
}

// Whatever is held back for want of knowing what follows is known now.
void AnswerRewriter::begin_frame(Buffer& out) {
  if (eof_due_ && !continued_) {
    const bool may_be_cursor = gather_ && tracker_.kind_ == PacketKind::kOk;
    if (!may_be_cursor) {
      write_eof(0, last_status_, out);
      eof_due_ = false;
    }
  }
  if (gather_) return;
  const std::size_t place = out.size();
  out.resize(place + kFrameHeaderSize);
  store_frame_header(out.data() + place,
                     {.length = load_frame_header(head_).length, .sequence = sequence_++});
}

void AnswerRewriter::end_packet(Buffer& out) {
  const PacketKind kind = tracker_.kind_;
  if (gather_) write_gathered(out);
  const bool definitions = before_ == State::kParameters || before_ == State::kColumns;
  const bool left_them = tracker_.state_ != before_;
  if (kind == PacketKind::kColumnDefinition && definitions && left_them) end_of_definitions(out);
  // Definitions that were agreed to be left out still end.
  if (kind == PacketKind::kColumnCount && tracker_.state_ == State::kRows) end_of_definitions(out);
}

void AnswerRewriter::end_of_definitions(Buffer& out) {
  if (!server_deprecates() || client_deprecates()) return;
  if (command_ == Command::kStmtPrepare) {
    write_eof(0, last_status_, out);
  } else {
    eof_due_ = true;
  }
}

void AnswerRewriter::write_definition(Buffer& out) {
  auto definition = decode_column(gathered_, tracker_.capabilities());
  if (!definition || definition->name.find(renaming_->made) == std::string_view::npos) {
    sequence_ = append_packet(out, sequence_, gathered_);
    return;
  }
  const std::string name = renamed(definition->name, *renaming_);
  definition->name = name;
  sequence_ =
      append_packet_with(out, sequence_, [&](Buffer& to) { encode(*definition, client_, to); });
}

void AnswerRewriter::write_eof(std::uint16_t warnings, std::uint16_t status, Buffer& out) {
  sequence_ = append_packet_with(out, sequence_, [&](Buffer& to) {
    encode(EofPacket{.warnings = warnings, .status = status}, to);
  });
}

void AnswerRewriter::write_gathered(Buffer& out) {
  const auto copy = [&] { sequence_ = append_packet(out, sequence_, gathered_); };
  if (before_ == State::kStream) return copy();
  if (tracker_.kind_ == PacketKind::kColumnDefinition) return write_definition(out);
  if (tracker_.kind_ == PacketKind::kEof) {
    const auto eof = decode_eof(gathered_);
    if (!eof) return copy();
    last_status_ = eof->status;
    if (!client_deprecates() || server_deprecates()) return copy();
    const bool definitions = before_ == State::kParameters || before_ == State::kColumns;
    const bool cursor = definitions && command_ != Command::kStmtPrepare &&
                        tracker_.state_ != State::kRows && tracker_.state_ != State::kColumns;
    if (definitions && !cursor) return;  // the client does not expect one here
    OkPacket ok;
    ok.header = kEofHeader;
    ok.status = eof->status;
    ok.warnings = eof->warnings;
    sequence_ = append_packet_with(out, sequence_, [&](Buffer& to) { encode(ok, client_, to); });
    return;
  }
  if (tracker_.kind_ != PacketKind::kOk) return copy();
  const auto ok = decode_ok(gathered_, tracker_.capabilities());
  if (!ok) return copy();
  last_status_ = ok->status;
  if (ok->header == kEofHeader && server_deprecates() && !client_deprecates()) {
    const bool cursor = eof_due_ && (ok->status & status::kCursorExists) != 0;
    if (eof_due_ && !cursor) write_eof(0, ok->status, out);  // an empty result: two of them
    eof_due_ = false;
    write_eof(ok->warnings, ok->status & static_cast<std::uint16_t>(~status::kSessionStateChanged),
              out);
    return;
  }
  Buffer rewritten;
  if (!filter_ok(gathered_, tracker_.capabilities(), client_, filter_, rewritten)) return copy();
  sequence_ = append_packet(out, sequence_, rewritten);
}

}  // namespace sluice::wire

// An answer as the back-end sends it, to the same answer as the client agreed to read it: where one
// side deprecated EOF packets and the other did not, they are put in or taken out, and trackers
// that the client did not ask for are removed from OK packets; sequence ids follow. It copies, and
// is only for connections whose two sides differ; all others relay in place with ResponseTracker.
//
//   server without DEPRECATE_EOF, client with it:
//     definitions EOF rows EOF   ->  definitions rows OK(0xFE)
//     definitions EOF(CURSOR)    ->  definitions OK(0xFE, CURSOR)
//   and the reverse. An EOF that is put in between definitions and rows has the status of the last
//   OK or EOF seen on the connection, as nothing newer is known yet.
#pragma once

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/session_track.h"

namespace sluice::wire {

struct Renaming;  // answer_follower.h

class AnswerRewriter {
 public:
  // `server` and `client`: what was agreed with each. They may differ in DEPRECATE_EOF and in
  // SESSION_TRACK; everything else must be equal. The filter's text and the renaming (null: no
  // column name is changed) must outlive this object.
  AnswerRewriter(Capabilities server, Capabilities client, StateFilter filter = {},
                 const Renaming* renaming = nullptr) noexcept;

  // Whether the two sides agreed on different packets. OK packets alone can be filtered in place.
  [[nodiscard]] static bool needed(Capabilities server, Capabilities client) noexcept;

  void begin(Command command, std::uint8_t server_sequence = 1, std::uint8_t client_sequence = 1,
             std::uint16_t last_status = 0) noexcept;
  void resume_infile(std::uint8_t server_sequence, std::uint8_t client_sequence) noexcept;

  // As ResponseTracker::scan; what is to be sent to the client is appended to `out`, in place of
  // run.first(taken). Packets are passed on in pieces as they come, except control packets, which
  // are written when they are whole.
  [[nodiscard]] ResponseTracker::Progress scan(Bytes run, Buffer& out);

  [[nodiscard]] const ResponseTracker& tracker() const noexcept { return tracker_; }
  [[nodiscard]] std::uint8_t next_client_sequence() const noexcept { return sequence_; }

 private:
  using State = ResponseTracker::State;

  // A packet on its way: passed on as it comes, or gathered because it may be written anew.
  [[nodiscard]] ResponseTracker::Event feed(Bytes piece, Buffer& out);
  void begin_frame(Buffer& out);
  void end_packet(Buffer& out);
  void end_of_definitions(Buffer& out);
  void write_eof(std::uint16_t warnings, std::uint16_t status, Buffer& out);
  void write_gathered(Buffer& out);
  void write_definition(Buffer& out);
  [[nodiscard]] bool server_deprecates() const noexcept {
    return tracker_.capabilities().has(cap::kDeprecateEof);
  }
  [[nodiscard]] bool client_deprecates() const noexcept { return client_.has(cap::kDeprecateEof); }

  ResponseTracker tracker_;
  Capabilities client_;
  StateFilter filter_;
  const Renaming* renaming_;
  std::uint8_t sequence_ = 1;
  std::uint16_t last_status_ = 0;
  Command command_ = Command::kSleep;
  // The frame that is being read: header and first payload byte, then what is left of it.
  std::uint8_t head_[kFrameHeaderSize + 1]{};
  std::uint8_t have_ = 0;
  std::uint32_t left_ = 0;
  bool continued_ = false;  // the next frame goes on with the same packet
  bool gather_ = false;
  Buffer gathered_;
  State before_ = State::kDone;  // when the packet began
  bool eof_due_ = false;  // definitions ended; whether rows or a cursor follow is not known yet
};

}  // namespace sluice::wire

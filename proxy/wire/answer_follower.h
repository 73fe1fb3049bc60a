// An answer on its way from a server to a client, in the caller's own buffer: followed to its end,
// its state changes told, and those that the client did not ask for taken out of the OK packets in
// place. Rows are neither copied nor looked at beyond their headers. Where the two sides agreed on
// different forms, or column names must be given back, AnswerRewriter does the work and copies.
//
//   read buffer:  | carried() | what was read behind it | free |
//   scan():       | send                      | cut in two: carried() next time |
//
// An OK packet can be changed only while no byte of it was sent; so a packet that a run's end cuts
// is held back, up to kMaxCarried bytes, unless it is a row or a definition.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "proxy/wire/answer_rewriter.h"
#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/session_track.h"

namespace sluice::wire {

// Hears of each OK packet with state changes, in order. `ends_rows`: it ended a result set, so that
// what it says of a variable may be that of a routine that is still running.
class StateListener {
 public:
  virtual ~StateListener() = default;
  virtual void on_state(Bytes session_state, bool ends_rows) = 0;
};

// Column names that were changed by a change of the text: each `made` in them becomes `original`.
struct Renaming {
  std::string made;
  std::string original;
};

class AnswerFollower {
 public:
  // A control packet longer than this is passed on as it comes, without being filtered. Only a set
  // of all GTIDs gets there, and a client has to ask for it.
  static constexpr std::size_t kMaxCarried = std::size_t{64} * 1024;

  // The filter's text and the listener must outlive it; no listener: nobody hears. `renaming` may
  // be null, and must outlive it otherwise.
  AnswerFollower(Capabilities server, Capabilities client, const StateFilter& filter,
                 StateListener* listener, const Renaming* renaming = nullptr);

  void begin(Command command, std::uint8_t sequence, std::uint16_t last_status);
  void resume_infile(std::uint8_t sequence) noexcept;

  // Bytes that belong in front of the next run.
  [[nodiscard]] Bytes carried() const noexcept { return carried_; }

  struct Step {
    ResponseTracker::Event event = ResponseTracker::Event::kNeedMore;  // never kStateChange
    Bytes send;            // for the client; lives as long as the run, and until the next call
    std::size_t rest = 0;  // bytes of the run behind the end of the answer
  };
  // `run` is carried() and what was read behind it. Its bytes may be moved and changed.
  [[nodiscard]] Step scan(std::span<std::uint8_t> run);

  [[nodiscard]] const ResponseTracker& tracker() const noexcept {
    return rewriter_ ? rewriter_->tracker() : plain_;
  }

 private:
  [[nodiscard]] Step scan_rewritten(Bytes run);
  void tell(const ResponseTracker& tracker);
  // The OK packet run[start, end) in its new form, at `to` of the run; its new size.
  [[nodiscard]] std::size_t filter_packet(std::span<std::uint8_t> run, std::size_t start,
                                          std::size_t end, std::size_t to);

  ResponseTracker plain_;
  std::unique_ptr<AnswerRewriter> rewriter_;
  Capabilities client_;
  StateFilter filter_;
  StateListener* listener_;
  bool filters_;
  bool passing_ = false;  // a packet was too long to be held back: it goes on as it comes
  Buffer carried_;
  Buffer scratch_;
};

}  // namespace sluice::wire

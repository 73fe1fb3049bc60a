#include "proxy/wire/answer_follower.h"

#include <algorithm>
#include <cstring>

#include "proxy/wire/frame.h"

namespace sluice::wire {

using Event = ResponseTracker::Event;

AnswerFollower::AnswerFollower(Capabilities server, Capabilities client, const StateFilter& filter,
                               StateListener* listener, const Renaming* renaming)
    : plain_(server),
      client_(client),
      filter_(filter),
      listener_(listener),
      filters_(server.has(cap::kSessionTrack) &&
               (!filter.keeps_everything() || !client.has(cap::kSessionTrack))) {
  if (AnswerRewriter::needed(server, client) || renaming != nullptr) {
    rewriter_ = std::make_unique<AnswerRewriter>(server, client, filter, renaming);
  }
}

void AnswerFollower::begin(Command command, std::uint8_t sequence, std::uint16_t last_status) {
  carried_.clear();
  passing_ = false;
  if (rewriter_) {
    rewriter_->begin(command, sequence, sequence, last_status);
  } else {
    plain_.begin(command, sequence);
  }
}

void AnswerFollower::resume_infile(std::uint8_t sequence) noexcept {
  if (rewriter_) {
    rewriter_->resume_infile(sequence, sequence);
  } else {
    plain_.resume_infile(sequence);
  }
}

void AnswerFollower::tell(const ResponseTracker& tracker) {
  if (listener_ == nullptr || tracker.session_state().empty()) return;
  listener_->on_state(tracker.session_state(), tracker.packet().front() == kEofHeader);
}

AnswerFollower::Step AnswerFollower::scan_rewritten(Bytes run) {
  Step step;
  std::size_t at = 0;
  scratch_.clear();
  do {
    const auto progress = rewriter_->scan(run.subspan(at), scratch_);
    at += progress.taken;
    step.event = progress.event;
    // A run may give the tracker nothing: then what it says of the last packet is of a run before.
    if (step.event == Event::kStateChange || step.event == Event::kDone) {
      tell(rewriter_->tracker());
    }
  } while (step.event == Event::kStateChange && at < run.size());
  if (step.event == Event::kStateChange) step.event = Event::kNeedMore;
  step.send = scratch_;
  step.rest = run.size() - at;
  return step;
}

AnswerFollower::Step AnswerFollower::scan(std::span<std::uint8_t> run) {
  if (rewriter_) return scan_rewritten(run);
  std::size_t at = carried_.size();  // the tracker has seen these
  std::size_t out = 0;               // run[0, out) is to be sent
  std::size_t kept = 0;              // run[kept, at) follows it, unchanged
  const auto settle = [&](std::size_t end) {
    if (out != kept) std::memmove(run.data() + out, run.data() + kept, end - kept);
    out += end - kept;
  };
  carried_.clear();
  Step step;
  do {
    const auto progress = plain_.scan(run.subspan(at));
    at += progress.taken;
    step.event = progress.event;
    const std::size_t size = kFrameHeaderSize + plain_.packet().size();
    if (!plain_.session_state().empty()) {
      tell(plain_);
      if (filters_ && !passing_ && size <= at) {
        settle(at - size);
        out += filter_packet(run, at - size, at, out);
        kept = at;
      }
    }
    if (step.event != Event::kNeedMore) passing_ = false;
  } while (step.event == Event::kStateChange && at < run.size());
  if (step.event == Event::kStateChange) step.event = Event::kNeedMore;
  std::size_t held = 0;
  if (step.event == Event::kNeedMore && filters_ && !passing_) {
    held = plain_.unsettled();
    passing_ = held > kMaxCarried;
    if (passing_) held = 0;
  }
  settle(at - held);
  carried_.assign(run.begin() + static_cast<std::ptrdiff_t>(at - held),
                  run.begin() + static_cast<std::ptrdiff_t>(at));
  step.send = Bytes(run).first(out);
  step.rest = run.size() - at;
  return step;
}

std::size_t AnswerFollower::filter_packet(std::span<std::uint8_t> run, std::size_t start,
                                          std::size_t end, std::size_t to) {
  const FrameHeader header = load_frame_header(run.data() + start);
  const Bytes payload =
      Bytes(run).subspan(start + kFrameHeaderSize, end - start - kFrameHeaderSize);
  scratch_.clear();
  // What cannot be read goes as it came: it was an OK packet for the tracker.
  const bool done =
      filter_ok(payload, plain_.capabilities(), client_, filter_, scratch_).has_value() &&
      scratch_.size() <= payload.size();
  if (!done) scratch_.assign(payload.begin(), payload.end());
  store_frame_header(run.data() + to, {.length = static_cast<std::uint32_t>(scratch_.size()),
                                       .sequence = header.sequence});
  std::copy(scratch_.begin(), scratch_.end(),
            run.begin() + static_cast<std::ptrdiff_t>(to + kFrameHeaderSize));
  return kFrameHeaderSize + scratch_.size();
}

}  // namespace sluice::wire

// Law: what the tracker says of an answer does not depend on how its bytes are cut, and it never
// takes more than it was given. The first three bytes choose command, capabilities and the cut.
#include <algorithm>
#include <cstdlib>

#include "proxy/wire/answer_rewriter.h"
#include "proxy/wire/response_tracker.h"

namespace {
using namespace sluice::wire;  // one screen, one subject

struct Outcome {
  ResponseTracker::Event event{};
  std::size_t taken = 0;
  std::uint64_t rows = 0;
};

Outcome follow(Capabilities capabilities, Command command, Bytes answer, std::size_t step) {
  ResponseTracker tracker(capabilities);
  tracker.begin(command);
  Outcome outcome;
  while (outcome.taken < answer.size()) {
    const Bytes run = answer.subspan(outcome.taken, std::min(step, answer.size() - outcome.taken));
    const auto progress = tracker.scan(run);
    if (progress.taken > run.size()) std::abort();
    outcome.taken += progress.taken;
    outcome.event = progress.event;
    if (progress.event == ResponseTracker::Event::kStateChange) continue;
    if (progress.event != ResponseTracker::Event::kNeedMore) break;
    if (progress.taken != run.size()) std::abort();
  }
  outcome.rows = tracker.summary().rows;
  return outcome;
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const auto command = static_cast<Command>(data[0]);
  Capabilities capabilities = cap::kProtocol41;
  if ((data[1] & 1) != 0) capabilities |= cap::kDeprecateEof;
  if ((data[1] & 2) != 0) capabilities |= cap::kSessionTrack;
  if ((data[1] & 4) != 0) capabilities |= cap::kOptionalMetadata;
  if ((data[1] & 8) != 0) capabilities |= cap::kMariadbCacheMetadata | cap::kMariadbProgress;
  const Bytes answer{data + 3, size - 3};
  const Outcome whole = follow(capabilities, command, answer, answer.size() + 1);
  const Outcome pieces = follow(capabilities, command, answer, std::size_t{1} + data[2] % 16);
  if (whole.taken != pieces.taken || whole.rows != pieces.rows) std::abort();
  if (!answer.empty() && whole.event != pieces.event &&
      whole.event != ResponseTracker::Event::kStateChange &&
      pieces.event != ResponseTracker::Event::kStateChange)
    std::abort();
  AnswerRewriter rewriter(capabilities, Capabilities{capabilities.bits ^ cap::kDeprecateEof.bits});
  rewriter.begin(command);
  Buffer out;
  if (rewriter.scan(answer, out).taken > answer.size()) std::abort();
  return 0;
}

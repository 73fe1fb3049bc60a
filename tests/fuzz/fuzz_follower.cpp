// Law: what a client is sent of an answer, what is heard of its state changes and how it ends do
// not depend on how its bytes are cut; every byte is taken until the answer is over; and where
// nothing is to be changed, what is sent is what came. The first four bytes choose the command,
// what was agreed on both sides, what the client asked to be told, and the cut.
#include <algorithm>
#include <cstdlib>
#include <memory>

#include "proxy/wire/answer_follower.h"

namespace {
using namespace sluice::wire;  // one screen, one subject
using Event = ResponseTracker::Event;

struct Heard final : StateListener {
  void on_state(Bytes state, bool ends_rows) override {
    bytes.insert(bytes.end(), state.begin(), state.end());
    bytes.push_back(ends_rows ? 1 : 0);
  }
  Buffer bytes;
};

struct Choice {
  Command command{};
  Capabilities server;
  Capabilities client;
  StateFilter filter;
  const Renaming* renaming = nullptr;
};

struct Outcome {
  Event event = Event::kNeedMore;
  std::size_t taken = 0;
  Buffer sent;
  Buffer carried;
  Buffer heard;
  ResponseTracker::Summary summary;
};

// Pieces of 1 to `most` bytes, or all at once. Each run has memory of its own size, so that a byte
// read behind it is seen.
Outcome follow(const Choice& choice, Bytes answer, std::size_t most, std::uint32_t seed) {
  Heard heard;
  AnswerFollower follower(choice.server, choice.client, choice.filter, &heard, choice.renaming);
  follower.begin(choice.command, 1, 2);
  Outcome outcome;
  while (outcome.taken < answer.size()) {
    seed = seed * 1664525 + 1013904223;
    const std::size_t piece = std::min(1 + (seed >> 8) % most, answer.size() - outcome.taken);
    const std::size_t kept = follower.carried().size();
    const auto run = std::make_unique<std::uint8_t[]>(kept + piece);
    std::copy(follower.carried().begin(), follower.carried().end(), run.get());
    std::copy_n(answer.begin() + static_cast<std::ptrdiff_t>(outcome.taken), piece,
                run.get() + kept);
    const auto step = follower.scan({run.get(), kept + piece});
    if (step.rest > piece) std::abort();
    outcome.taken += piece - step.rest;
    outcome.sent.insert(outcome.sent.end(), step.send.begin(), step.send.end());
    outcome.event = step.event;
    if (step.event == Event::kStateChange) std::abort();
    if (step.event == Event::kNeedMore && step.rest != 0) std::abort();
    if (step.event == Event::kLocalInfile) {
      follower.resume_infile(follower.tracker().next_sequence());
    } else if (step.event != Event::kNeedMore) {
      break;
    }
  }
  outcome.carried.assign(follower.carried().begin(), follower.carried().end());
  outcome.heard = heard.bytes;
  outcome.summary = follower.tracker().summary();
  return outcome;
}

void must_be_same(const Outcome& a, const Outcome& b) {
  if (a.event != b.event || a.taken != b.taken || a.heard != b.heard) std::abort();
  if (a.event == Event::kFault) {
    // What came of the broken packet in the same run is not sent; the session ends.
    const std::size_t both = std::min(a.sent.size(), b.sent.size());
    if (!std::equal(a.sent.begin(), a.sent.begin() + static_cast<std::ptrdiff_t>(both),
                    b.sent.begin()))
      std::abort();
  } else if (a.sent != b.sent || a.carried != b.carried) {
    std::abort();
  }
  const auto& x = a.summary;
  const auto& y = b.summary;
  if (x.rows != y.rows || x.bytes != y.bytes || x.affected_rows != y.affected_rows ||
      x.total_affected != y.total_affected || x.columns != y.columns || x.results != y.results ||
      x.status != y.status || x.error != y.error || x.warnings != y.warnings ||
      x.prepared != y.prepared || x.statement_id != y.statement_id) {
    std::abort();
  }
}

Capabilities agreed(std::uint8_t bits) {
  Capabilities all = cap::kProtocol41 | cap::kTransactions;
  if ((bits & 1U) != 0) all |= cap::kDeprecateEof;
  if ((bits & 2U) != 0) all |= cap::kSessionTrack;
  if ((bits & 4U) != 0) all |= cap::kOptionalMetadata;
  if ((bits & 8U) != 0) all |= cap::kMariadbCacheMetadata | cap::kMariadbProgress;
  return all;
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A packet that is too long to be held back is passed on where a run cuts it.
  if (size < 4 || size > AnswerFollower::kMaxCarried) return 0;
  static const Renaming kRenaming{"7", "CONNECTION_ID()"};
  Choice choice;
  choice.command = static_cast<Command>(data[0]);
  choice.server = agreed(data[1]);
  // The sides may differ in these two only.
  choice.client = choice.server;
  if ((data[1] & 16U) != 0) choice.client.bits ^= cap::kDeprecateEof.bits;
  if ((data[1] & 32U) != 0) choice.client = choice.client.without(cap::kSessionTrack);
  choice.filter.schema = (data[2] & 1U) == 0;
  choice.filter.gtids = (data[2] & 2U) == 0;
  choice.filter.all_variables = (data[2] & 4U) == 0;
  choice.filter.variables = "sql_mode,autocommit";
  if ((data[2] & 8U) != 0) choice.renaming = &kRenaming;
  const Bytes answer{data + 4, size - 4};
  const Outcome whole = follow(choice, answer, 1, 0);  // byte by byte
  must_be_same(whole, follow(choice, answer, 1U + data[3] % 64U, data[3]));
  // At once: one run of everything.
  Heard heard;
  AnswerFollower follower(choice.server, choice.client, choice.filter, &heard, choice.renaming);
  follower.begin(choice.command, 1, 2);
  Buffer run(answer.begin(), answer.end());
  if (whole.event != Event::kLocalInfile && whole.event != Event::kClientAnswer && !run.empty()) {
    const auto step = follower.scan(run);
    const Bytes sent = step.send;
    if (sent.size() > whole.sent.size() ||
        !std::equal(sent.begin(), sent.end(), whole.sent.begin()))
      std::abort();
  }
  const bool changed = choice.client != choice.server || choice.renaming != nullptr ||
                       (choice.server.has(cap::kSessionTrack) && !choice.filter.keeps_everything());
  if (!changed && whole.event != Event::kFault) {
    const Bytes came = answer.first(whole.sent.size() + whole.carried.size());
    Buffer all = whole.sent;
    all.insert(all.end(), whole.carried.begin(), whole.carried.end());
    if (came.size() != whole.taken || !std::equal(all.begin(), all.end(), came.begin()))
      std::abort();
  }
  return 0;
}

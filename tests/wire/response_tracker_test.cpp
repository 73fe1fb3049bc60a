// Answers are followed whatever way their bytes are cut, and end exactly where they end.
#include "proxy/wire/response_tracker.h"

#include <string>

#include <gtest/gtest.h>

#include "proxy/wire/columns.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

using Event = ResponseTracker::Event;
constexpr Capabilities kOld = cap::kProtocol41;
constexpr Capabilities kNew = cap::kProtocol41 | cap::kDeprecateEof;

// A result of one column and two rows, as a server with `capabilities` sends it.
Buffer result_set(Capabilities capabilities, std::uint16_t status, std::uint8_t sequence = 1,
                  std::uint16_t definitions_status = status::kAutocommit) {
  Buffer out;
  const auto add = [&](auto&& write) { sequence = append_packet_with(out, sequence, write); };
  add([&](Buffer& to) { encode(ColumnCount{1, true}, capabilities, to); });
  ColumnDefinition column;
  column.name = "a";
  column.type = ColumnType::kVarString;
  add([&](Buffer& to) { encode(column, capabilities, to); });
  const bool deprecated = capabilities.has(cap::kDeprecateEof);
  if (!deprecated) add([&](Buffer& to) { encode(EofPacket{0, definitions_status}, to); });
  for (const char* text : {"one", "two"}) add([&](Buffer& to) { append_text_value(text, to); });
  if (deprecated) {
    OkPacket ok;
    ok.header = kEofHeader;
    ok.status = status;
    add([&](Buffer& to) { encode(ok, capabilities, to); });
  } else {
    add([&](Buffer& to) { encode(EofPacket{0, status}, to); });
  }
  return out;
}

TEST(Tracker, FollowsAResultHoweverItsBytesAreCut) {
  for (const Capabilities capabilities : {kOld, kNew}) {
    const Buffer answer = result_set(capabilities, status::kAutocommit);
    for (std::size_t step = 1; step <= answer.size(); ++step) {
      ResponseTracker tracker(capabilities);
      tracker.begin(Command::kQuery);
      Event event = Event::kNeedMore;
      std::size_t taken = 0;
      while (taken < answer.size()) {
        ASSERT_EQ(event, Event::kNeedMore);
        const auto run = Bytes{answer}.subspan(taken, std::min(step, answer.size() - taken));
        const auto progress = tracker.scan(run);
        ASSERT_EQ(progress.taken, run.size());
        event = progress.event;
        taken += progress.taken;
      }
      EXPECT_EQ(event, Event::kDone);
      EXPECT_EQ(tracker.summary().rows, 2U);
      EXPECT_EQ(tracker.summary().bytes, answer.size());
      EXPECT_EQ(tracker.summary().status, status::kAutocommit);
    }
  }
}

TEST(Tracker, StopsExactlyBehindTheLastOfSeveralResults) {
  Buffer answer = result_set(kNew, status::kMoreResults);
  const Buffer second = result_set(kNew, 0, 6);
  answer.insert(answer.end(), second.begin(), second.end());
  const std::size_t size = answer.size();
  answer.push_back(0x07);  // the next answer's
  ResponseTracker tracker(kNew);
  tracker.begin(Command::kQuery);
  const auto progress = tracker.scan(answer);
  EXPECT_EQ(progress.event, Event::kDone);
  EXPECT_EQ(progress.taken, size);
  EXPECT_EQ(tracker.summary().results, 2U);
}

// As MySQL 9.7 answers a prepared CALL: the EOF behind the rows says nothing of the OK that
// follows.
TEST(Tracker, OutParametersAreFollowedByAnOkWhateverTheirLastEofSays) {
  Buffer answer = result_set(kOld, status::kAutocommit, 1,
                             status::kPsOutParams | status::kMoreResults | status::kAutocommit);
  ResponseTracker tracker(kOld);
  tracker.begin(Command::kStmtExecute);
  EXPECT_EQ(tracker.scan(answer).event, Event::kNeedMore);
  Buffer last;
  append_packet_with(last, tracker.next_sequence(),
                     [](Buffer& to) { encode(OkPacket{}, kOld, to); });
  EXPECT_EQ(tracker.scan(last).event, Event::kDone);
  EXPECT_EQ(tracker.summary().results, 2U);
  EXPECT_EQ(tracker.fault(), Fault{});
}

TEST(Tracker, RefusesAWrongSequenceAndAnEmptyPacket) {
  Buffer answer = result_set(kNew, 0);
  answer[3] = 9;
  ResponseTracker tracker(kNew);
  tracker.begin(Command::kQuery);
  EXPECT_EQ(tracker.scan(answer).event, Event::kFault);
  EXPECT_EQ(tracker.fault(), Fault::kSequence);
  const Buffer empty{0, 0, 0, 1};
  tracker.begin(Command::kQuery);
  EXPECT_EQ(tracker.scan(empty).event, Event::kFault);
}

TEST(Tracker, ARowOf16MebibytesThatBeginsWithFEIsARow) {
  Buffer answer = result_set(kNew, 0);
  Buffer head(answer.begin(),
              answer.begin() + static_cast<std::ptrdiff_t>(answer.size() - 4 - 7 - 16));
  std::uint8_t sequence = 3;
  sequence = append_packet_with(
      head, sequence, [&](Buffer& to) { append_text_value(std::string(0x1000000, 'x'), to); });
  OkPacket ok;
  ok.header = kEofHeader;
  append_packet_with(head, sequence, [&](Buffer& to) { encode(ok, kNew, to); });
  ResponseTracker tracker(kNew);
  tracker.begin(Command::kQuery);
  EXPECT_EQ(tracker.scan(head).event, Event::kDone);
  EXPECT_EQ(tracker.summary().rows, 1U);
}

}  // namespace
}  // namespace sluice::wire

// The answers that are not a query's: FETCH, FIELD_LIST, BULK_EXECUTE, CHANGE_USER, STATISTICS,
// PREPARE, and commands that have none.
#include <gtest/gtest.h>

#include "proxy/wire/columns.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

using Event = ResponseTracker::Event;
constexpr Capabilities kOld = cap::kProtocol41;
constexpr Capabilities kNew = cap::kProtocol41 | cap::kDeprecateEof;

// Packets in order, with the ids that follow.
class Packets {
 public:
  template <class Write>
  Packets& add(Write&& write) {
    sequence_ = append_packet_with(bytes_, sequence_, write);
    return *this;
  }
  Packets& raw(const Buffer& payload) {
    return add([&](Buffer& to) { to.insert(to.end(), payload.begin(), payload.end()); });
  }
  Packets& column() {
    return add([](Buffer& to) { encode(ColumnDefinition{}, kOld, to); });
  }
  Packets& row() {
    return add([](Buffer& to) { append_text_value("row", to); });
  }
  Packets& end(Capabilities capabilities, std::uint16_t flags) {
    if (!capabilities.has(cap::kDeprecateEof)) {
      return add([&](Buffer& to) { encode(EofPacket{0, flags}, to); });
    }
    OkPacket ok;
    ok.header = kEofHeader;
    ok.status = flags;
    return add([&](Buffer& to) { encode(ok, capabilities, to); });
  }
  Packets& ok(std::uint16_t flags = status::kAutocommit) {
    OkPacket ok;
    ok.status = flags;
    ok.affected_rows = 4;
    return add([&](Buffer& to) { encode(ok, kOld, to); });
  }
  Packets& error() {
    return add([](Buffer& to) { encode(ErrPacket{1064, "42000", "no"}, to); });
  }
  [[nodiscard]] const Buffer& bytes() const { return bytes_; }

 private:
  Buffer bytes_;
  std::uint8_t sequence_ = 1;
};

// Scans the whole, cut at every place once; it must end exactly at its end each time.
ResponseTracker::Summary follow(Command command, Capabilities capabilities, const Buffer& answer) {
  ResponseTracker::Summary summary;
  for (std::size_t cut = 0; cut < answer.size(); ++cut) {
    ResponseTracker tracker(capabilities);
    tracker.begin(command);
    if (cut != 0) {
      const auto head = tracker.scan(Bytes(answer).first(cut));
      EXPECT_EQ(head.event, Event::kNeedMore) << cut;
      EXPECT_EQ(head.taken, cut);
    }
    const auto tail = tracker.scan(Bytes(answer).subspan(cut));
    EXPECT_EQ(tail.event, Event::kDone) << cut << ' ' << name(tracker.fault());
    EXPECT_EQ(tail.taken, answer.size() - cut);
    summary = tracker.summary();
  }
  return summary;
}

TEST(TrackerCommands, FetchIsRowsWithoutDefinitions) {
  for (const Capabilities capabilities : {kOld, kNew}) {
    const auto flags = static_cast<std::uint16_t>(status::kCursorExists | status::kLastRowSent);
    const auto summary = follow(Command::kStmtFetch, capabilities,
                                Packets().row().row().end(capabilities, flags).bytes());
    EXPECT_EQ(summary.rows, 2U);
    EXPECT_EQ(summary.status, flags);
    EXPECT_EQ(follow(Command::kStmtFetch, capabilities, Packets().error().bytes()).error, 1064);
    EXPECT_EQ(follow(Command::kStmtFetch, capabilities,
                     Packets().end(capabilities, status::kCursorExists).bytes())
                  .rows,
              0U);
  }
}

TEST(TrackerCommands, AnOpenedCursorEndsBehindItsDefinitions) {
  const auto flags = static_cast<std::uint16_t>(status::kCursorExists | status::kAutocommit);
  for (const Capabilities capabilities : {kOld, kNew}) {
    const auto summary = follow(Command::kStmtExecute, capabilities,
                                Packets().raw({1}).column().end(capabilities, flags).bytes());
    EXPECT_EQ(summary.columns, 1U);
    EXPECT_EQ(summary.rows, 0U);
    EXPECT_EQ(summary.status, flags);
  }
}

TEST(TrackerCommands, FieldListIsDefinitionsWithoutACount) {
  for (const Capabilities capabilities : {kOld, kNew}) {
    const auto summary =
        follow(Command::kFieldList, capabilities,
               Packets().column().column().end(capabilities, status::kAutocommit).bytes());
    EXPECT_EQ(summary.rows, 0U);
    EXPECT_TRUE(summary.has_status);
    EXPECT_EQ(follow(Command::kFieldList, capabilities, Packets().error().bytes()).error, 1064);
  }
}

TEST(TrackerCommands, BulkExecuteIsAnOkOrOneResultOfUnits) {
  EXPECT_EQ(follow(Command::kStmtBulkExecute, kNew, Packets().ok().bytes()).affected_rows, 4U);
  const auto units =
      follow(Command::kStmtBulkExecute, kNew,
             Packets().raw({2}).column().column().row().row().row().end(kNew, 0).bytes());
  EXPECT_EQ(units.rows, 3U);
  EXPECT_EQ(units.columns, 2U);
}

TEST(TrackerCommands, ChangeUserWaitsForTheClientAsOftenAsTheServerAsks) {
  ResponseTracker tracker(kOld);
  tracker.begin(Command::kChangeUser);
  Buffer change;
  append_packet_with(change, 1, [](Buffer& to) {
    encode(AuthSwitch{plugin::kCachingSha2, Bytes{}}, to);
  });
  EXPECT_EQ(tracker.scan(change).event, Event::kClientAnswer);
  tracker.resume_client_answer(3);
  Buffer full;
  append_packet(full, 3, Buffer{kAuthMoreHeader, 0x04});
  EXPECT_EQ(tracker.scan(full).event, Event::kClientAnswer);
  tracker.resume_client_answer(5);
  Buffer end;
  std::uint8_t next = append_packet(end, 5, Buffer{kAuthMoreHeader, 0x03});  // no answer to this
  append_packet_with(end, next, [](Buffer& to) { encode(OkPacket{}, kOld, to); });
  const auto progress = tracker.scan(end);
  EXPECT_EQ(progress.event, Event::kDone);
  EXPECT_EQ(progress.taken, end.size());
}

TEST(TrackerCommands, StatisticsIsOneTextAndMayBeEmpty) {
  EXPECT_EQ(follow(Command::kStatistics, kOld, Packets().raw({'U', 'p'}).bytes()).error, 0);
  EXPECT_EQ(follow(Command::kStatistics, kOld, Packets().raw({}).bytes()).error, 0);
}

TEST(TrackerCommands, PrepareHasBothListsOfDefinitions) {
  for (const Capabilities capabilities : {kOld, kNew}) {
    Packets answer;
    answer.add([&](Buffer& to) {
      encode(PrepareOk{.statement_id = 7, .columns = 1, .parameters = 2}, capabilities, to);
    });
    const bool eofs = !capabilities.has(cap::kDeprecateEof);
    answer.column().column();
    if (eofs) answer.end(kOld, 0);
    answer.column();
    if (eofs) answer.end(kOld, 0);
    const auto summary = follow(Command::kStmtPrepare, capabilities, answer.bytes());
    EXPECT_EQ(summary.statement_id, 7U);
    EXPECT_EQ(summary.parameters, 2U);
    EXPECT_TRUE(summary.prepared);
  }
}

TEST(TrackerCommands, CommandsWithoutAnAnswerAreDoneAtOnce) {
  for (const Command command : {Command::kQuit, Command::kStmtClose, Command::kStmtSendLongData}) {
    ResponseTracker tracker(kOld);
    tracker.begin(command);
    EXPECT_TRUE(tracker.done());
  }
}

}  // namespace
}  // namespace sluice::wire

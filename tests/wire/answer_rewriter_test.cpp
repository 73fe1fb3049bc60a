// An answer of a server without DEPRECATE_EOF, rewritten for a client with it, must be the answer
// that a server with it would have sent, and the reverse; whatever the pieces in which it comes.
#include "proxy/wire/answer_rewriter.h"

#include <gtest/gtest.h>

#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

constexpr Capabilities kOld = cap::kProtocol41 | cap::kTransactions | cap::kMultiResults;
constexpr Capabilities kNew = kOld | cap::kDeprecateEof;
constexpr std::uint16_t kStatus = status::kAutocommit;

// Answers as either kind of server sends them.
class Answer {
 public:
  explicit Answer(bool deprecated) : deprecated_(deprecated) {}

  Answer& raw(const Buffer& payload) {
    sequence_ = append_packet(bytes_, sequence_, payload);
    return *this;
  }
  Answer& columns(int count, bool cursor = false) {
    raw({static_cast<std::uint8_t>(count)});
    for (int i = 0; i < count; ++i) raw({3, 'd', 'e', 'f', 9, 9, 9});
    if (cursor) return end(kStatus | status::kCursorExists);
    if (!deprecated_) end(kStatus);
    return *this;
  }
  Answer& row(std::size_t size) {
    Buffer payload(size, 'r');
    payload[0] = 1;
    return raw(payload);
  }
  Answer& end(std::uint16_t flags) {
    Buffer payload;
    if (deprecated_) {
      OkPacket ok;
      ok.header = kEofHeader;
      ok.status = flags;
      encode(ok, kNew, payload);
    } else {
      encode(EofPacket{.warnings = 0, .status = flags}, payload);
    }
    return raw(payload);
  }
  Answer& ok(std::uint16_t flags) {
    Buffer payload;
    OkPacket packet;
    packet.status = flags;
    packet.affected_rows = 3;
    encode(packet, deprecated_ ? kNew : kOld, payload);
    return raw(payload);
  }
  Answer& error() {
    Buffer payload;
    encode(ErrPacket{.code = 1317, .sqlstate = "70100", .message = "interrupted"}, payload);
    return raw(payload);
  }
  [[nodiscard]] const Buffer& bytes() const { return bytes_; }

 private:
  bool deprecated_;
  std::uint8_t sequence_ = 1;
  Buffer bytes_;
};

Buffer rewrite(const Buffer& from, Command command, bool server_deprecates, std::size_t piece) {
  const Capabilities server = server_deprecates ? kNew : kOld;
  const Capabilities client = server_deprecates ? kOld : kNew;
  AnswerRewriter rewriter(server, client);
  rewriter.begin(command, 1, 1, kStatus);
  Buffer out;
  std::size_t at = 0;
  while (at < from.size()) {
    const Bytes run = Bytes(from).subspan(at, std::min(piece, from.size() - at));
    const auto progress = rewriter.scan(run, out);
    EXPECT_NE(progress.event, ResponseTracker::Event::kFault);
    at += progress.taken;
    if (progress.event == ResponseTracker::Event::kDone) break;
    if (progress.event == ResponseTracker::Event::kFault) break;
  }
  EXPECT_EQ(at, from.size());
  EXPECT_TRUE(rewriter.tracker().done());
  return out;
}

template <class Build>
void expect_both_ways(Command command, Build build) {
  Answer with_eof(false);
  Answer without(true);
  build(with_eof);
  build(without);
  for (const std::size_t piece :
       {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{1000}, std::size_t{1} << 26}) {
    if (piece < 1000 && with_eof.bytes().size() > 100000) continue;
    EXPECT_EQ(rewrite(with_eof.bytes(), command, false, piece), without.bytes()) << piece;
    EXPECT_EQ(rewrite(without.bytes(), command, true, piece), with_eof.bytes()) << piece;
  }
}

TEST(AnswerRewriter, RowsAndNoRows) {
  expect_both_ways(Command::kQuery, [](Answer& a) { a.columns(2).row(10).row(300).end(kStatus); });
  expect_both_ways(Command::kQuery, [](Answer& a) { a.columns(1).end(kStatus); });
}

TEST(AnswerRewriter, SeveralResults) {
  expect_both_ways(Command::kQuery, [](Answer& a) {
    a.columns(1).row(5).end(kStatus | status::kMoreResults);
    a.ok(kStatus | status::kMoreResults);
    a.columns(3).end(kStatus);
  });
}

TEST(AnswerRewriter, ErrorsAtEveryPlace) {
  expect_both_ways(Command::kQuery, [](Answer& a) { a.error(); });
  expect_both_ways(Command::kQuery, [](Answer& a) { a.columns(1).error(); });
  expect_both_ways(Command::kQuery, [](Answer& a) { a.columns(1).row(9).error(); });
}

TEST(AnswerRewriter, ACursorAndItsRows) {
  expect_both_ways(Command::kStmtExecute, [](Answer& a) { a.columns(2, true); });
  expect_both_ways(Command::kStmtFetch,
                   [](Answer& a) { a.row(5).row(6).end(kStatus | status::kCursorExists); });
}

TEST(AnswerRewriter, PreparedDefinitions) {
  for (const auto& [parameters, columns] :
       std::vector<std::pair<int, int>>{{0, 0}, {2, 0}, {0, 3}, {2, 3}}) {
    Answer with_eof(false);
    Answer without(true);
    for (Answer* answer : {&with_eof, &without}) {
      Buffer ok;
      PrepareOk packet;
      packet.statement_id = 1;
      packet.parameters = static_cast<std::uint16_t>(parameters);
      packet.columns = static_cast<std::uint16_t>(columns);
      encode(packet, kOld, ok);
      answer->raw(ok);
      for (const int count : {parameters, columns}) {
        for (int i = 0; i < count; ++i) answer->raw({3, 'd', 'e', 'f', 9, 9});
        if (count != 0 && answer == &with_eof) answer->end(kStatus);
      }
    }
    EXPECT_EQ(rewrite(with_eof.bytes(), Command::kStmtPrepare, false, 3), without.bytes());
    EXPECT_EQ(rewrite(without.bytes(), Command::kStmtPrepare, true, 3), with_eof.bytes());
  }
}

TEST(AnswerRewriter, RowsOf16MiBKeepTheirContinuations) {
  expect_both_ways(Command::kQuery, [](Answer& a) {
    a.columns(1).row(0xffffff).row(0xffffff + 10).row(20).end(kStatus);
  });
}

}  // namespace
}  // namespace sluice::wire

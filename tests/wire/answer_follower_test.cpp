// What the follower leaves of an answer in its buffer is what the rewriter makes of it as a whole,
// however the answer is cut; and every state change is told once.
#include "proxy/wire/answer_follower.h"

#include <gtest/gtest.h>

#include "proxy/wire/columns.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

using Event = ResponseTracker::Event;

constexpr Capabilities kServer = cap::kProtocol41 | cap::kTransactions | cap::kMultiResults |
                                 cap::kSessionTrack | cap::kDeprecateEof;

class Answer {
 public:
  Answer& ok(std::uint8_t header, std::uint16_t flags, std::string_view schema,
             std::string_view mode) {
    Buffer state;
    if (!schema.empty()) append_state_change({StateType::kSchema, {}, schema}, state);
    if (!mode.empty()) append_state_change({StateType::kSystemVariable, "sql_mode", mode}, state);
    OkPacket packet;
    packet.header = header;
    packet.info = "Rows matched: 1";
    packet.session_state = state;
    packet.status = static_cast<std::uint16_t>(flags | status::kAutocommit |
                                               (state.empty() ? 0 : status::kSessionStateChanged));
    return add([&](Buffer& to) { encode(packet, kServer, to); });
  }
  Answer& definition(std::string_view name) {
    add([](Buffer& to) { Writer(to).u8(1); });
    ColumnDefinition column;
    column.name = name;
    column.type = ColumnType::kLongLong;
    return add([&](Buffer& to) { encode(column, kServer, to); });
  }
  Answer& row(std::size_t size) {
    return add([&](Buffer& to) { to.insert(to.end(), size, std::uint8_t{1}); });
  }
  template <class Write>
  Answer& add(Write&& write) {
    sequence_ = append_packet_with(bytes_, sequence_, write);
    return *this;
  }
  [[nodiscard]] const Buffer& bytes() const { return bytes_; }

 private:
  Buffer bytes_;
  std::uint8_t sequence_ = 1;
};

Buffer long_answer() {
  return Answer()
      .ok(kOkHeader, status::kMoreResults, "shop", "ANSI_QUOTES")
      .definition("a")
      .row(300)
      .row(5)
      .ok(kEofHeader, status::kMoreResults, {}, "STRICT_ALL_TABLES")
      .ok(kOkHeader, status::kMoreResults, {}, {})
      .ok(kOkHeader, 0, "other", {})
      .bytes();
}

struct Heard final : StateListener {
  void on_state(Bytes state, bool ends_rows) override {
    StateReader changes(state);
    for (auto change = changes.next(); change && *change; change = changes.next()) {
      text += std::string((*change)->value) + (ends_rows ? "(rows) " : " ");
    }
  }
  std::string text;
};

// Reads the answer `piece` bytes at a time into a buffer behind what is carried, as a relay does.
Buffer follow(AnswerFollower& follower, const Buffer& from, std::size_t piece) {
  follower.begin(Command::kQuery, 1, 0);
  Buffer sent;
  Buffer buffer(piece + AnswerFollower::kMaxCarried + kFrameHeaderSize);
  for (std::size_t at = 0; at < from.size();) {
    const Bytes carried = follower.carried();
    const std::size_t kept = carried.size();
    std::copy(carried.begin(), carried.end(), buffer.begin());
    const std::size_t count = std::min(piece, from.size() - at);
    std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(at), count,
                buffer.begin() + static_cast<std::ptrdiff_t>(kept));
    at += count;
    const auto step = follower.scan(std::span(buffer).first(kept + count));
    sent.insert(sent.end(), step.send.begin(), step.send.end());
    EXPECT_EQ(step.event, at == from.size() ? Event::kDone : Event::kNeedMore) << at;
    EXPECT_EQ(step.rest, 0U);
  }
  return sent;
}

TEST(AnswerFollower, LeavesWhatTheRewriterMakes) {
  const Buffer answer = long_answer();
  StateFilter no_schema;
  no_schema.schema = false;
  StateFilter autocommit_only;
  autocommit_only.all_variables = false;
  autocommit_only.variables = "autocommit";
  for (const StateFilter& filter : {StateFilter{}, no_schema, autocommit_only}) {
    for (const Capabilities client : {kServer, kServer.without(cap::kSessionTrack)}) {
      AnswerRewriter whole(kServer, client, filter);
      whole.begin(Command::kQuery);
      Buffer wanted;
      for (std::size_t at = 0; at < answer.size();) {
        at += whole.scan(Bytes(answer).subspan(at), wanted).taken;
      }
      for (std::size_t piece = 1; piece < answer.size() + 3; ++piece) {
        Heard heard;
        AnswerFollower follower(kServer, client, filter, &heard);
        EXPECT_EQ(follow(follower, answer, piece), wanted) << piece;
        EXPECT_EQ(heard.text, "shop ANSI_QUOTES STRICT_ALL_TABLES(rows) other ") << piece;
      }
    }
  }
}

TEST(AnswerFollower, EachChangeIsHeardOnceOfARewrittenAnswer) {
  const Buffer answer = long_answer();
  const Capabilities client = kServer.without(cap::kDeprecateEof);
  for (std::size_t piece = 1; piece < answer.size() + 3; ++piece) {
    Heard heard;
    AnswerFollower follower(kServer, client, {}, &heard);
    (void)follow(follower, answer, piece);
    EXPECT_EQ(heard.text, "shop ANSI_QUOTES STRICT_ALL_TABLES(rows) other ") << piece;
  }
}

TEST(AnswerFollower, RowsAreNeverHeldBack) {
  AnswerFollower follower(kServer, kServer.without(cap::kSessionTrack), {}, nullptr);
  follower.begin(Command::kQuery, 1, 0);
  Buffer run = Answer().definition("a").row(10000).bytes();
  const auto step = follower.scan(std::span(run).first(run.size() - 700));
  EXPECT_EQ(step.send.size(), run.size() - 700);
  EXPECT_TRUE(follower.carried().empty());
}

TEST(AnswerFollower, APacketTooLongToHoldBackIsPassedOn) {
  const Buffer answer =
      Answer().ok(kOkHeader, 0, "shop", std::string(AnswerFollower::kMaxCarried * 2, 'x')).bytes();
  StateFilter nothing;
  nothing.all_variables = nothing.schema = false;
  Heard heard;
  AnswerFollower follower(kServer, kServer, nothing, &heard);
  EXPECT_EQ(follow(follower, answer, 30000), answer);
  EXPECT_EQ(heard.text.substr(0, 6), "shop x");
}

TEST(AnswerFollower, ColumnNamesAreGivenBack) {
  const auto answer = [](std::string_view name) {
    return Answer().definition(name).row(9).ok(kEofHeader, 0, {}, {}).bytes();
  };
  const Renaming renaming{"CAST(7 AS UNSIGNED)", "Connection_Id()"};
  for (const std::size_t piece : {1U, 5U, 1000U}) {
    AnswerFollower follower(kServer, kServer, {}, nullptr, &renaming);
    EXPECT_EQ(follow(follower, answer("CAST(7 AS UNSIGNED)+CAST(7 AS UNSIGNED)"), piece),
              answer("Connection_Id()+Connection_Id()"));
    EXPECT_EQ(follow(follower, answer("CAST(8 AS UNSIGNED)"), piece),
              answer("CAST(8 AS UNSIGNED)"));
  }
}

}  // namespace
}  // namespace sluice::wire

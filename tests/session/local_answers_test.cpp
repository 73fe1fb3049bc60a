#include "proxy/session/local_answers.h"

#include <set>

#include <gtest/gtest.h>

#include "proxy/session/command_table.h"
#include "proxy/session/verifier.h"
#include "proxy/wire/auth_native.h"

namespace sluice::session {
namespace {

TEST(ConnectionId, is_asked_for_by_the_whole_text_only) {
  EXPECT_EQ(asks_connection_id("SELECT CONNECTION_ID()"), "CONNECTION_ID()");
  EXPECT_EQ(asks_connection_id("  select\tconnection_id() ; "), "connection_id()");
  EXPECT_EQ(asks_connection_id("SELECT @@pseudo_thread_id"), "@@pseudo_thread_id");
  for (const auto* other :
       {"", "SELECT 1", "SELECT CONNECTION_ID(), 1", "SELECT CONNECTION_ID() x",
        "SELECTCONNECTION_ID()   ", "DELETE CONNECTION_ID()", ";;;;;;;;;;;;;;;;;;;;;;;;;;"}) {
    EXPECT_FALSE(asks_connection_id(other)) << other;
  }
}

TEST(Kill, is_read_in_all_its_forms) {
  const auto plain = parse_kill("KILL 12");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->id, 12U);
  EXPECT_EQ(plain->scope, KillScope::kConnection);
  EXPECT_EQ(parse_kill("kill query 1073741824;")->scope, KillScope::kQuery);
  EXPECT_EQ(parse_kill(" KILL HARD CONNECTION 7 ")->id, 7U);
  EXPECT_EQ(parse_kill("KILL SOFT QUERY 7")->scope, KillScope::kQuery);
  for (const auto* other : {"", "KILL", "KILL x", "KILL 1 2", "KILL -1", "KILL USER 'a'", "KILLS 1",
                            "KILL QUERY", "KILL 99999999999999999999", "SELECT 1"}) {
    EXPECT_FALSE(parse_kill(other)) << other;
  }
}

TEST(SessionId, has_a_range_of_its_own) {
  EXPECT_FALSE(is_session_id(1));
  EXPECT_TRUE(is_session_id(kFirstSessionId));
  EXPECT_FALSE(is_session_id(0x80000000U));
}

TEST(CommandTable, every_byte_has_a_row_and_no_command_two) {
  std::size_t count = 0;
  const CommandRow* rows = CommandTable::rows(count);
  std::set<std::uint8_t> seen;
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_TRUE(seen.insert(static_cast<std::uint8_t>(rows[i].command)).second) << i;
  }
  for (unsigned byte = 0; byte < 256; ++byte) {
    const CommandRow& row = command_row(static_cast<std::uint8_t>(byte));
    const bool known = !wire::name(static_cast<wire::Command>(byte)).empty();
    EXPECT_EQ(&row == &rows[count - 1], !known) << byte;
    if (known) {
      EXPECT_EQ(static_cast<unsigned>(row.command), byte);
    }
  }
}

TEST(Verifier, is_read_in_each_form) {
  const std::string native = wire::to_text(wire::native_verifier("secret"));
  const auto read = parse_verifier({native, {}});
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->plugin, wire::AccountVerifier::Plugin::kNative);
  const auto empty = parse_verifier({});
  ASSERT_TRUE(empty.has_value());
  EXPECT_TRUE(empty->empty_password);
  const auto fast = parse_verifier({{}, std::string(64, 'a')});
  ASSERT_TRUE(fast.has_value());
  EXPECT_TRUE(fast->fast.has_value());
  EXPECT_FALSE(fast->empty_password);
  EXPECT_FALSE(parse_verifier({"rubbish", {}}).has_value());
  EXPECT_FALSE(parse_verifier({"*12", {}}).has_value());
  EXPECT_FALSE(parse_verifier({{}, "xy"}).has_value());
  EXPECT_FALSE(parse_verifier({"0xzz", {}}).has_value());
}

TEST(Histogram, counts_into_the_bucket_whose_bound_is_reached) {
  Histogram histogram;
  histogram.record(50);
  histogram.record(51);
  histogram.record(99'000'000);
  EXPECT_EQ(histogram.bucket(0), 1U);
  EXPECT_EQ(histogram.bucket(1), 1U);
  EXPECT_EQ(histogram.bucket(Histogram::kBounds.size()), 1U);
  EXPECT_EQ(histogram.sum_microseconds(), 99'000'101U);
}

}  // namespace
}  // namespace sluice::session

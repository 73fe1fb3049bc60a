// The text of a query is found behind its attributes, and never past a cut packet.
#include "proxy/wire/query_attributes.h"

#include <initializer_list>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "proxy/wire/commands.h"

namespace sluice::wire {
namespace {

constexpr Capabilities kNew = cap::kProtocol41 | cap::kDeprecateEof;

TEST(QueryAttributes, TheTextBeginsBehindThem) {
  const Capabilities with = kNew | cap::kQueryAttributes;
  Parameter attribute;
  attribute.type = static_cast<std::uint16_t>(ColumnType::kVarString);
  attribute.name = "trace";
  attribute.value = std::string_view("abc");
  for (const auto& attributes : {std::vector<Parameter>{}, std::vector<Parameter>{attribute}}) {
    Buffer packet;
    encode_query("SELECT 1", attributes, with, packet);
    const auto query = split_query(packet, with);
    ASSERT_TRUE(query.has_value());
    EXPECT_EQ(query->sql, "SELECT 1");
    EXPECT_EQ(decode_query_attributes(*query)->size(), attributes.size());
    for (std::size_t size = 1; size + 8 < packet.size(); ++size)
      EXPECT_FALSE(split_query(Bytes{packet}.first(size), with).has_value()) << size;
  }
}

constexpr Capabilities kWith = kNew | cap::kQueryAttributes;

Buffer execution(std::uint8_t flags, std::string_view rest) {
  StmtExecute command;
  command.statement_id = 7;
  command.flags = flags;
  command.rest = as_bytes(rest);
  Buffer packet;
  encode(command, packet);
  return packet;
}

// What is left of the block; "refused" where it cannot be told.
std::string dropped(std::uint8_t flags, std::string_view rest, std::size_t parameters,
                    const std::vector<bool>& long_data = {}) {
  Buffer out;
  if (!drop_query_attributes(execution(flags, rest), parameters, long_data, kWith, out)) {
    return "refused";
  }
  const auto command = decode_stmt_execute(out);
  EXPECT_TRUE(command.has_value());
  EXPECT_EQ(command->statement_id, 7U);
  EXPECT_EQ(command->flags, flags & StmtExecute::kCursorMask);
  return std::string(as_text(command->rest));
}

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

TEST(QueryAttributes, AServerWithoutThemGetsTheTextAlone) {
  Parameter attribute;
  attribute.type = static_cast<std::uint16_t>(ColumnType::kVarString);
  attribute.name = "trace";
  attribute.value = std::string_view("abc");
  Buffer packet;
  encode_query("SELECT 1", {attribute, attribute}, kWith, packet);
  Buffer out;
  ASSERT_TRUE(drop_query_attributes(packet, 0, {}, kWith, out).has_value());
  EXPECT_EQ(as_text(out), "\x03SELECT 1");
  packet.resize(packet.size() - 20);
  EXPECT_FALSE(drop_query_attributes(packet, 0, {}, kWith, out).has_value());
}

// Two parameters, 'a' and a number, and an attribute t = 'xyz'.
TEST(QueryAttributes, AnExecutionKeepsItsOwnParameters) {
  constexpr std::uint8_t kCounted = StmtExecute::kParameterCountAvailable;
  const std::string own = bytes({0, 1, 0xfd, 0, 1, 0x80, 1, 'a', 9});
  EXPECT_EQ(dropped(kCounted, bytes({2, 0, 1, 0xfd, 0, 0, 1, 0x80, 0, 1, 'a', 9}), 2), own);
  EXPECT_EQ(dropped(kCounted | 1, bytes({3, 0, 1,   0xfd, 0,   0, 1, 0x80, 0,   0xfd,
                                         0, 1, 't', 1,    'a', 9, 3, 'x',  'y', 'z'}),
                    2),
            own);
  // NULL, and a value that was sent ahead, have no bytes here.
  EXPECT_EQ(dropped(kCounted, bytes({3, 5, 1, 0xfd, 0, 0, 1, 0x80, 0, 0xfd, 0, 1, 't', 9}), 2),
            bytes({1, 1, 0xfd, 0, 1, 0x80, 9}));
  EXPECT_EQ(dropped(kCounted,
                    bytes({3, 0, 1, 0xfc, 0, 0, 1, 0x80, 0, 0xfd, 0, 1, 't', 9, 3, 'x', 'y', 'z'}),
                    2, {true, false}),
            bytes({0, 1, 0xfc, 0, 1, 0x80, 9}));
  // The types of the execution before: they say nothing of attributes.
  EXPECT_EQ(dropped(kCounted, bytes({2, 0, 0, 1, 'a', 9}), 2), bytes({0, 0, 1, 'a', 9}));
  EXPECT_EQ(dropped(kCounted, bytes({3, 0, 0, 1, 'a', 9, 3, 'x', 'y', 'z'}), 2), "refused");
  // Attributes alone.
  EXPECT_EQ(dropped(kCounted, bytes({1, 0, 1, 0xfd, 0, 1, 't', 3, 'x', 'y', 'z'}), 0), "");
  EXPECT_EQ(dropped(kCounted, bytes({0}), 0), "");
  EXPECT_EQ(dropped(0, "", 0), "");
  // Fewer than the statement has; cut short; of a type that is none.
  EXPECT_EQ(dropped(kCounted, bytes({1, 0, 1, 0xfd, 0, 0, 1, 'a'}), 2), "refused");
  EXPECT_EQ(dropped(kCounted, bytes({3, 0, 1, 0xfd, 0, 0, 1}), 2), "refused");
  EXPECT_EQ(dropped(kCounted, bytes({2, 0, 1, 0x44, 0, 0, 0xfd, 0, 1, 't', 1, 'a'}), 1), "refused");
}

// As MySQL 9.7 reads it: the count of a statement with parameters is there without the flag too.
TEST(QueryAttributes, AnExecutionIsCountedWhateverItsFlags) {
  const Buffer packet = execution(0, bytes({1, 0, 1, 0xfd, 0, 0, 1, 'a'}));
  const auto command = decode_stmt_execute(packet);
  ASSERT_TRUE(command.has_value());
  const auto block = split_execute(*command, 1, kWith);
  ASSERT_TRUE(block.has_value());
  EXPECT_EQ(block->count, 1U);
  EXPECT_TRUE(block->names);
  std::vector<std::uint16_t> types;
  const auto parameters = decode_execute_parameters(block->block, 1, true, types, {});
  ASSERT_TRUE(parameters.has_value());
  EXPECT_EQ(std::get<std::string_view>(parameters->front().value), "a");
}

}  // namespace
}  // namespace sluice::wire

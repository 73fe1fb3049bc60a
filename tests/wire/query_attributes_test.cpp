// The text of a query is found behind its attributes, and never past a cut packet.
#include "proxy/wire/query_attributes.h"

#include <string>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sluice::wire

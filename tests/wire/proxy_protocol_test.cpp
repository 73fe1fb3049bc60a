// PROXY headers are read as they arrive, and nothing else is taken for one.
#include "proxy/wire/proxy_protocol.h"

#include <string>

#include <gtest/gtest.h>

namespace sluice::wire {
namespace {

TEST(ProxyProtocol, BothVersionsAreReadByteByByte) {
  const std::string line = "PROXY TCP4 192.0.2.1 198.51.100.2 56324 3306\r\n";
  for (std::size_t size = 0; size < line.size(); ++size)
    EXPECT_FALSE(parse_proxy_header(as_bytes(line).first(size))->has_value());
  const auto header = parse_proxy_header(as_bytes(line));
  ASSERT_TRUE(header.has_value() && header->has_value());
  EXPECT_EQ((*header)->source.to_text(), "192.0.2.1");
  EXPECT_EQ((*header)->source.port, 56324);
  EXPECT_EQ(parse_proxy_header(as_bytes("GET / HTTP")).error(), Fault::kMalformed);
}

}  // namespace
}  // namespace sluice::wire

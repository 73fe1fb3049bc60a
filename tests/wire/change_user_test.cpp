// COM_CHANGE_USER's attributes have a limit, as a login's have.
#include <gtest/gtest.h>

#include "proxy/wire/commands.h"
#include "proxy/wire/packets.h"

namespace sluice::wire {
namespace {

TEST(ChangeUser, AttributesBeyondTheLimitAreRefused) {
  const Capabilities capabilities =
      cap::kProtocol41 | cap::kSecureConnection | cap::kPluginAuth | cap::kConnectAttrs;
  const Buffer block(kMaxAttributesSize + 1, std::uint8_t{'a'});
  for (const std::size_t size : {kMaxAttributesSize, kMaxAttributesSize + 1}) {
    ChangeUser command;
    command.user = "app";
    command.collation = 255;
    command.auth_plugin = "mysql_native_password";
    command.attributes = Bytes(block).first(size);
    Buffer payload;
    encode(command, capabilities, payload);
    const auto read = decode_change_user(payload, capabilities);
    EXPECT_EQ(static_cast<bool>(read), size == kMaxAttributesSize) << size;
    if (read) {
      EXPECT_EQ(read->attributes.size(), size);
    }
  }
}

}  // namespace
}  // namespace sluice::wire

// The arithmetic of passwords agrees with published vectors and with itself.
#include <string>

#include <gtest/gtest.h>

#include "proxy/wire/auth_caching_sha2.h"
#include "proxy/wire/auth_native.h"
#include "proxy/wire/server_handshake.h"
#include "proxy/wire/sha256_crypt.h"

namespace sluice::wire {
namespace {

TEST(Authentication, KnownVectorsHold) {
  EXPECT_EQ(to_text(native_verifier("password")), "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
  // U. Drepper's published vector; its salt is within crypt(3)'s 16 bytes.
  const auto digest = sha256_crypt("Hello world!", as_bytes("saltstring"), 5000);
  EXPECT_EQ(std::string(digest.data(), digest.size()),
            "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5");
  const Nonce nonce = make_nonce({1, 2, 3, 36});
  EXPECT_TRUE(check_native(native_response("x", nonce), nonce, native_verifier("x")));
  EXPECT_FALSE(check_native(native_response("y", nonce), nonce, native_verifier("x")));
  EXPECT_TRUE(check_fast(fast_response("x", nonce), nonce, fast_verifier("x")));
  EXPECT_FALSE(check_fast(fast_response("y", nonce), nonce, fast_verifier("x")));
  const auto full = full_verifier("secret", make_salt({7, 9}));
  const auto parsed = parse_full_verifier(to_text(full));
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(check_full("secret", *parsed));
  EXPECT_FALSE(check_full("Secret", *parsed));
}

}  // namespace
}  // namespace sluice::wire

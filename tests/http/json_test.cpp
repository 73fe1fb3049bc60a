#include "admin/http/json.h"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

TEST(Json, TimesGoRound) {
  for (const auto* text : {"2026-11-26T11:43:00.000000Z", "1970-01-01T00:00:00.000001Z",
                           "2024-02-29T23:59:59.999999Z"}) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(to_text(*time), text);
  }
  EXPECT_EQ(to_text(*parse_time("2026-01-01T01:30:00+02:00")), "2025-12-31T23:30:00.000000Z");
  EXPECT_EQ(to_text(*parse_time("2026-01-01T01:30:00.5Z")), "2026-01-01T01:30:00.500000Z");
  EXPECT_EQ(to_text(*parse_time("2026-01-01T01:30:00.1234567Z")), "2026-01-01T01:30:00.123456Z");
}

TEST(Json, WhatIsNoTimeIsNone) {
  for (const auto* text :
       {"", "2026", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0200",
        "2026-01-01T00:00:00Zx", "+026-01-01T00:00:00Z", "2026-01-01T0a:00:00Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

TEST(Json, IdsAreDecimalAndNotZero) {
  EXPECT_EQ(parse_id("42"), 42);
  for (const auto* text : {"", "0", "-1", "4x", " 4", "99999999999999999999", "0x4"}) {
    EXPECT_EQ(parse_id(text), 0) << text;
  }
}

TEST(Json, ASingleLineHoldsNoControlCharacter) {
  EXPECT_FALSE(check_text("plain – text", {}));
  for (const std::string text : {"", " ", "a\nb", "a\rb", "a\x1b[0m", "a\x01", "a\x7f"}) {
    EXPECT_TRUE(check_text(text, {})) << text;
  }
  EXPECT_TRUE(check_text(std::string_view("a\0b", 3), {1, 10, true}));
  EXPECT_FALSE(check_text("a\nb", {1, 10, true}));
  EXPECT_TRUE(check_text(std::string(201, 'a'), {}));
}

TEST(Json, AFaultOfTheStoreSaysWhatToDoAndNothingOfTheInside) {
  using store::Failure;
  EXPECT_EQ(problem(store::Fault{Failure::kNotFound, "secret"}).status, 404U);
  EXPECT_EQ(problem(store::Fault{Failure::kConflict, "secret"}).status, 409U);
  EXPECT_EQ(problem(store::Fault{Failure::kBusy, "secret"}).status, 503U);
  EXPECT_EQ(problem(store::Fault{Failure::kFull, "secret"}).status, 507U);
  EXPECT_EQ(problem(store::Fault{Failure::kUnavailable, "secret"}).body.find("secret"),
            std::string::npos);
  EXPECT_THROW((void)problem(store::Fault{Failure::kOther, "secret"}), std::runtime_error);
}

}  // namespace
}  // namespace sluice::http

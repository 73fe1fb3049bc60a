#include "parser/sqltext/quote.h"

#include <gtest/gtest.h>

namespace sluice::sqltext {
namespace {

TEST(Quote, IdentifiersDoubleBackticks) {
  EXPECT_EQ(quote_identifier("a"), "`a`");
  EXPECT_EQ(quote_identifier("a`b\"c"), "`a``b\"c`");
  EXPECT_EQ(quote_qualified("", "t"), "`t`");
  EXPECT_EQ(quote_qualified("d`", "t"), "`d```.`t`");
}

TEST(Quote, StringsReadTheSameInEverySqlMode) {
  EXPECT_EQ(quote_string("it's"), "'it''s'");
  EXPECT_EQ(quote_string("a\\'b"), "_utf8mb4 0x615C2762");
  EXPECT_EQ(quote_string(""), "''");
}

TEST(Quote, Hex) {
  EXPECT_EQ(hex_literal(std::string_view("\x00\xff", 2)), "0x00FF");
  EXPECT_EQ(hex_literal(std::string_view()), "''");
}

}  // namespace
}  // namespace sluice::sqltext

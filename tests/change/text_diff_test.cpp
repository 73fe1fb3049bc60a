#include "admin/change/text_diff.h"

#include <gtest/gtest.h>

namespace sluice::change {
namespace {

TEST(TextDiff, SaysNothingOfWhatIsTheSame) {
  EXPECT_EQ(unified_diff("", ""), "");
  EXPECT_EQ(unified_diff("a\nb\n", "a\nb\n"), "");
}

TEST(TextDiff, ShowsALineThatIsNewRemovedAndChanged) {
  EXPECT_EQ(unified_diff("", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
  EXPECT_EQ(unified_diff("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
  EXPECT_EQ(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(TextDiff, DifferencesFarApartAreHunksOfTheirOwn) {
  std::string from;
  for (int i = 1; i <= 40; ++i) from += std::to_string(i) + "\n";
  std::string to = from;
  to.replace(to.find("\n5\n"), 3, "\nx\n");
  to.replace(to.find("\n30\n"), 4, "\n");
  const auto text = unified_diff(from, to);
  EXPECT_EQ(text,
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"
            "@@ -27,7 +27,6 @@\n 27\n 28\n 29\n-30\n 31\n 32\n 33\n");
}

TEST(TextDiff, TooManyDifferencesAreTwoBlocks) {
  std::string from;
  std::string to;
  for (int i = 0; i < 5000; ++i) {
    from += "a" + std::to_string(i) + "\n";
    to += "b" + std::to_string(i) + "\n";
  }
  const auto text = unified_diff(from, to);
  EXPECT_TRUE(text.starts_with("@@ -1,5000 +1,5000 @@\n-a0\n-a1\n"));
  EXPECT_TRUE(text.ends_with("+b4999\n"));
}

}  // namespace
}  // namespace sluice::change

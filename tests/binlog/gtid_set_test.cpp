#include "proxy/binlog/gtid_set.h"

namespace sluice::binlog {
namespace {

constexpr const char* kA = "3766ae62-e9b0-11f1-9e00-02fc00000001";
constexpr const char* kB = "00000000-0000-0000-0000-000000000001";

GtidSet set(const std::string& text) {
  const auto parsed = GtidSet::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : GtidSet{};
}

TEST(GtidSetTest, PrintsAsTheServerDoes) {
  const std::string a = kA;
  EXPECT_EQ(set("").text(), "");
  EXPECT_EQ(set(a + ":5").text(), a + ":5");
  EXPECT_EQ(set(a + ":1-3:4:7-9,\n" + a + ":20").text(), a + ":1-4:7-9:20");
  EXPECT_EQ(set(a + ":2:tag:1-2:Other:3").text(), a + ":2:other:3:tag:1-2");
  EXPECT_EQ(set(a + ":1," + kB + ":2").text(), std::string(kB) + ":2," + a + ":1");
  EXPECT_EQ(set("0-1-5, 0-1-6,2-3-1").text(), "0-1-5,0-1-6,2-3-1");
}

TEST(GtidSetTest, RefusesWhatIsNone) {
  const std::string a = kA;
  for (const std::string& text :
       {a, a + ":", a + ":0", a + ":5-3", a + ":1-", a + ":tag", a + ":1:9tag:1",
        std::string("x:1"), std::string("0-1"), std::string("0-1-5-6"), a + ":1,0-1-5",
        a + ":99999999999999999999", a + ":9223372036854775807",
        std::string("zz66ae62-e9b0-11f1-9e00-02fc00000001:1")}) {
    const auto parsed = GtidSet::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().fault, Fault::kMalformed);
  }
}

TEST(GtidSetTest, ContainsAndSubtracts) {
  const std::string a = kA;
  auto some = set(a + ":1-10:20-30:tag:1-5");
  const auto source = some.groups().begin()->first.source;
  EXPECT_TRUE(some.contains(MysqlGtid{source, "", 10}));
  EXPECT_FALSE(some.contains(MysqlGtid{source, "", 11}));
  EXPECT_TRUE(some.contains(MysqlGtid{source, "tag", 5}));
  EXPECT_FALSE(some.contains(MysqlGtid{source, "tag", 20}));
  EXPECT_EQ(some.size(), 26U);
  some.subtract(set(a + ":5-25:tag:1-5"));
  EXPECT_EQ(some.text(), a + ":1-4:26-30");
  some.subtract(set(a + ":1-100"));
  EXPECT_TRUE(some.empty());
  auto maria = set("0-1-5,0-1-6");
  EXPECT_TRUE(maria.contains(MariaGtid{0, 1, 6}));
  maria.subtract(set("0-1-6"));
  EXPECT_EQ(maria.text(), "0-1-5");
}

TEST(GtidSetTest, EncodesAndDecodes) {
  const std::string a = kA;
  for (const std::string& text :
       {std::string(), a + ":1-10:20", a + ":1-10:tag:3-4," + kB + ":x:1"}) {
    const auto original = set(text);
    const auto bytes = original.encode();
    const auto back = GtidSet::decode(bytes);
    ASSERT_TRUE(back) << text;
    EXPECT_EQ(*back, original);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut)
      EXPECT_FALSE(GtidSet::decode(wire::Bytes(bytes).first(cut))) << text << " cut at " << cut;
  }
}

}  // namespace
}  // namespace sluice::binlog

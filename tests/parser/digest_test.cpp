#include "parser/digest.h"

#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "parser/sha256.h"

namespace sluice::parser {
namespace {

std::string digest(std::string_view sql, const Dialect& dialect = {}) {
  const auto state = std::make_unique<StatementDigest>();
  state->read(sql, dialect);
  return state->text();
}

// cases/digest.txt: a statement on one line, and below it what MySQL 9.7 said of it.
TEST(Digest, AsTheServerSays) {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/digest.txt");
  ASSERT_TRUE(file.is_open());
  const auto state = std::make_unique<StatementDigest>();
  std::string sql;
  std::string expected;
  int cases = 0;
  while (std::getline(file, sql)) {
    if (sql.empty() || sql.front() == '#') continue;
    ASSERT_TRUE(std::getline(file, expected));
    state->read(sql, {});
    EXPECT_EQ("---- " + state->hash_hex() + " " + state->text(), expected) << sql;
    ++cases;
  }
  EXPECT_GE(cases, 900);
}

TEST(Digest, ALongStatementIsCutLikeTheServers) {
  std::string sql = "SELECT a";
  for (int i = 0; i < 2000; ++i) sql += ", column_" + std::to_string(i);
  const auto state = std::make_unique<StatementDigest>();
  state->read(sql, {});
  EXPECT_LE(state->text().size(), 2 * StatementDigest::kServerBytes);
  EXPECT_FALSE(state->cacheable());
}

TEST(Digest, OtherModes) {
  Dialect ansi;
  ansi.sql_mode = kAnsiQuotes | kPipesAsConcat;
  EXPECT_EQ(digest("SELECT \"a\" || 'b'", ansi), "SELECT `a` || ?");
  EXPECT_EQ(digest("SELECT \"a\""), "SELECT ?");
}

// As MySQL 9.7 gives it for the same bytes: names in UTF-8, the hash over the client's bytes.
TEST(Digest, NamesOfOtherCharacterSetsAreUtf8InTheText) {
  Dialect dialect;
  dialect.charset = Charset::Latin1;
  EXPECT_EQ(digest("select `\xE9t\xE9` from t", dialect), "SELECT `été` FROM `t`");
  dialect.charset = Charset::Gbk;
  EXPECT_EQ(digest("select \xD6\xD0\xCE\xC4 from t", dialect), "SELECT `中文` FROM `t`");
  dialect.charset = Charset::Sjis;
  EXPECT_EQ(digest("select `\x83\x5C` from t", dialect), "SELECT `ソ` FROM `t`");
  const auto state = std::make_unique<StatementDigest>();
  state->read("select \x83\x5C from t", dialect);
  const std::string bytes(state->tokens());
  EXPECT_NE(bytes.find("\x83\x5C"), std::string::npos);
}

TEST(Digest, NumbersOfGroupingSetsNameColumns) {
  EXPECT_EQ(digest("select a from t group by grouping sets((1,2),(2),())"),
            "SELECT `a` FROM `t` GROUP BY GROUPING SETS ( ( 1 , 2 ) , (?) , ( ) )");
}

TEST(Digest, RowsAreCounted) {
  const auto state = std::make_unique<StatementDigest>();
  state->read("INSERT INTO t VALUES (1,2),(3,4),(5,6)", {});
  EXPECT_EQ(state->collapsed_rows(), 2U);
}

TEST(Sha256, PublishedVectors) {
  const auto hex = [](std::string_view text) {
    std::string out;
    for (const std::uint8_t byte : sha256(text)) {
      out += "0123456789abcdef"[byte >> 4U];
      out += "0123456789abcdef"[byte & 15U];
    }
    return out;
  };
  EXPECT_EQ(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

}  // namespace
}  // namespace sluice::parser

#include "parser/cache.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace sluice::parser {
namespace {

class Cache : public testing::Test {
 protected:
  // What the cache has for the text; when nothing, the text itself is put in.
  std::string look(const std::string& sql, const Dialect& dialect = {}) {
    digest_->read(sql, dialect);
    if (const auto* found = cache_.find(*digest_, dialect)) return **found;
    cache_.insert(*digest_, dialect, std::make_shared<const std::string>(sql));
    return "";
  }

  std::unique_ptr<StatementDigest> digest_ = std::make_unique<StatementDigest>();
  FactsCache<std::string> cache_{64};
};

TEST_F(Cache, LiteralsOfDataStatementsAreNoPartOfTheKey) {
  EXPECT_EQ(look("SELECT a FROM t WHERE id = 1"), "");
  EXPECT_EQ(look("select a  from t where id = 27"), "SELECT a FROM t WHERE id = 1");
  EXPECT_EQ(look("SELECT a FROM t WHERE id IN (1, 2)"), "");
  EXPECT_EQ(look("SELECT a FROM t WHERE id IN (7, 'x', -9)"), "SELECT a FROM t WHERE id IN (1, 2)");
  EXPECT_EQ(look("SELECT b FROM t WHERE id = 1"), "");
  EXPECT_EQ(look("SELECT A FROM t WHERE id = 1"), "");
}

TEST_F(Cache, LiteralsThatMatterAre) {
  EXPECT_EQ(look("PREPARE s FROM 'SELECT 1'"), "");
  EXPECT_EQ(look("PREPARE s FROM 'DELETE FROM t'"), "");
  EXPECT_EQ(look("SELECT a FROM t LIMIT 1"), "");
  EXPECT_EQ(look("SELECT a FROM t LIMIT 2"), "");
  EXPECT_EQ(look("SELECT a FROM t LIMIT 1"), "SELECT a FROM t LIMIT 1");
  EXPECT_EQ(look("SELECT @a"), "");
  EXPECT_EQ(look("SELECT @b"), "");
  EXPECT_EQ(look("SELECT @'c'"), "");
  EXPECT_EQ(look("SELECT @'d'"), "");
  EXPECT_EQ(look("SET @a = 1"), "");
  EXPECT_EQ(look("SET @a = NULL"), "");
  EXPECT_EQ(look("SET @a = 2"), "");
  EXPECT_EQ(look("SELECT /*+ SET_VAR(a=1) */ 1"), "");
  EXPECT_EQ(look("SELECT /*+ SET_VAR(a=2) */ 1"), "");
}

// The digest is the same, and the server takes the one and refuses the other.
TEST_F(Cache, TheKindsAndTheNumberOfLiteralsAre) {
  EXPECT_EQ(look("SELECT LAG(a, 1) OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT LAG(a, 1, 7) OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT NTILE(1) OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT NTILE('a') OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT NTILE(-1) OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT NTILE(NULL) OVER () FROM t"), "");
  EXPECT_EQ(look("SELECT NTILE(8) OVER () FROM t"), "SELECT NTILE(1) OVER () FROM t");
  EXPECT_EQ(look("CREATE TABLE t (a DATETIME(1))"), "");
  EXPECT_EQ(look("CREATE TABLE t (a DATETIME(-1))"), "");
  EXPECT_EQ(look("select a from t where id = 'x' -- c"), "");
}

TEST_F(Cache, TheNumberOfRowsIs) {
  EXPECT_EQ(look("INSERT INTO t VALUES (1,2),(3,4)"), "");
  EXPECT_EQ(look("INSERT INTO t VALUES (1,2),(3,4),(5,6)"), "");
  EXPECT_EQ(look("INSERT INTO t VALUES (5,NULL),('x',8)"), "INSERT INTO t VALUES (1,2),(3,4)");
}

TEST_F(Cache, EveryPartOfTheDialectIs) {
  const std::string sql = "SELECT \"a\" FROM t";
  EXPECT_EQ(look(sql), "");
  Dialect other;
  other.sql_mode = kAnsiQuotes;
  EXPECT_EQ(look(sql, other), "");
  other = {};
  other.schema = "db";
  EXPECT_EQ(look(sql, other), "");
  other = {};
  other.server_version = 80030;
  EXPECT_EQ(look(sql, other), "");
  other = {};
  other.engine = Engine::MariaDb;
  EXPECT_EQ(look(sql, other), "");
  other = {};
  other.charset = Charset::Gbk;
  EXPECT_EQ(look(sql, other), "");
  EXPECT_EQ(look(sql), sql);
}

TEST_F(Cache, SeveralStatementsAreNotCached) {
  EXPECT_EQ(look("SELECT 1; DROP TABLE t"), "");
  EXPECT_EQ(look("SELECT 1; DROP TABLE t"), "");
  EXPECT_EQ(cache_.counters().uncacheable, 2U);
}

TEST_F(Cache, ItIsBounded) {
  for (int i = 0; i < 1000; ++i) look("SELECT c" + std::to_string(i));
  EXPECT_EQ(cache_.capacity(), 64U);
  EXPECT_GE(cache_.counters().evictions, 1000U - 64U);
  std::string wide = "SELECT a";
  for (int i = 0; i < 3000; ++i) wide += ",a" + std::to_string(i);
  EXPECT_EQ(look(wide), "");
  EXPECT_EQ(look(wide), "");
}

}  // namespace
}  // namespace sluice::parser

// What a version of a server knows: cases/versions.txt, and what holds for all of the table.
#include "parser/form_versions.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "parser/parse.h"

namespace sluice::parser {
namespace {

bool taken(const std::string& sql, Engine engine, std::uint32_t version) {
  Dialect dialect;
  dialect.engine = engine;
  dialect.server_version = version;
  dialect.schema = "shop";
  return parse(sql, dialect).accepted();
}

TEST(FormVersions, AFormIsTakenFromItsFirstVersionToItsLast) {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/versions.txt");
  ASSERT_TRUE(file.is_open());
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    std::string name;
    std::uint32_t first = 0;
    std::uint32_t gone = 0;
    std::string sql;
    words >> name >> first >> gone;
    std::getline(words >> std::ws, sql);
    const Engine engine = name == "mysql" ? Engine::MySql : Engine::MariaDb;
    const std::uint32_t oldest = engine == Engine::MySql ? 50700 : 100100;
    const std::uint32_t newest = engine == Engine::MySql ? 90704 : 110800;
    EXPECT_TRUE(taken(sql, engine, first == 0 ? oldest : first)) << line;
    if (first != 0) {
      EXPECT_FALSE(taken(sql, engine, first - 1)) << line;
    }
    EXPECT_TRUE(taken(sql, engine, gone == 0 ? newest : gone - 1)) << line;
    if (gone != 0) {
      EXPECT_FALSE(taken(sql, engine, gone)) << line;
    }
    ++cases;
  }
  EXPECT_GE(cases, 120);
}

TEST(FormVersions, TheOtherServersFormsAreNone) {
  EXPECT_FALSE(taken("DELETE FROM t RETURNING a", Engine::MySql, 90704));
  EXPECT_TRUE(taken("DELETE FROM t RETURNING a", Engine::MariaDb, 101119));
  EXPECT_FALSE(taken("SHOW SLAVE 'c' STATUS", Engine::MySql, 80036));
  EXPECT_FALSE(taken("SHOW ALL SLAVES STATUS", Engine::MySql, 80036));
  EXPECT_FALSE(taken("FLUSH SSL", Engine::MySql, 80036));
  EXPECT_FALSE(taken("CREATE RESOURCE GROUP g TYPE = USER", Engine::MariaDb, 101119));
  EXPECT_FALSE(taken("CREATE TABLE t (a INT CONSTRAINT c CHECK (a < 5))", Engine::MariaDb, 101119));
}

// The place is the form's own.
TEST(FormVersions, TheErrorIsAtTheForm) {
  Dialect old;
  old.server_version = 80012;
  const Parsed parsed = parse("CREATE TABLE t (a INT, KEY k ((a + 1)))", old);
  ASSERT_FALSE(parsed.accepted());
  EXPECT_EQ(parsed.error->near.substr(0, 7), "(a + 1)");
}

}  // namespace
}  // namespace sluice::parser

// What the servers' own parsers say of each statement of
// cases/{ddl,account,server,program,names}.txt, held against ours.
#include <fstream>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "parser/parse.h"

namespace sluice::parser {
namespace {

Dialect dialect_of(Engine engine) {
  Dialect dialect;
  dialect.engine = engine;
  dialect.server_version = engine == Engine::MySql ? 90704 : 101119;
  dialect.schema = "d";
  return dialect;
}

class StatementCases : public testing::TestWithParam<const char*> {};

TEST_P(StatementCases, AgreeWithTheServers) {
  std::ifstream file(std::string(SLUICE_TEST_DIR "/parser/cases/") + GetParam());
  ASSERT_TRUE(file.is_open());
  const auto mysql = dialect_of(Engine::MySql);
  const auto mariadb = dialect_of(Engine::MariaDb);
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    ++cases;
    const auto blank = line.find(' ', 3);
    ASSERT_NE(blank, std::string::npos) << line;
    const std::string class_name = line.substr(3, blank - 3);
    const std::string sql = line.substr(blank + 1);
    const auto ours = parse(sql, mysql);
    EXPECT_EQ(ours.accepted(), line[0] == '+') << "MySQL: " << sql;
    if (ours.accepted() && class_name != "-") {
      ASSERT_EQ(ours.statements.size(), 1U) << sql;
      EXPECT_EQ(ours.statements[0].facts.class_name, class_name) << sql;
      const bool reads =
          class_name == "checksum" || class_name == "select" || class_name.starts_with("show_");
      EXPECT_TRUE(reads || ours.group() != ActionGroup::Read) << sql;
    }
    EXPECT_EQ(parse(sql, mariadb).accepted(), line[1] == '+') << "MariaDB: " << sql;
  }
  EXPECT_GE(cases, 40);
}

INSTANTIATE_TEST_SUITE_P(Files, StatementCases,
                         testing::Values("ddl.txt", "account.txt", "server.txt", "program.txt",
                                         "names.txt"));

}  // namespace
}  // namespace sluice::parser

// cases/bypass.txt: no way to hide a change may come out as something more harmless than is written
// there.
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "parser/parse.h"
#include "tests/support/escaped.h"

namespace sluice::parser {
namespace {

void apply(std::string_view context, Dialect& dialect) {
  std::stringstream words{std::string(context)};
  std::string word;
  while (std::getline(words, word, ',')) {
    while (!word.empty() && word.front() == ' ') word.erase(0, 1);
    const std::size_t equal = word.find('=');
    const std::string key = word.substr(0, equal);
    const std::string value = equal == std::string::npos ? "" : word.substr(equal + 1);
    if (key == "multi") dialect.multi_statements = true;
    if (key == "charset") dialect.charset = charset_by_name(value).value();
    if (key == "sql_mode") dialect.sql_mode = sql_mode_bits(value);
    if (key == "version") dialect.server_version = static_cast<std::uint32_t>(std::stoul(value));
    if (key == "engine") {
      dialect.engine = Engine::MariaDb;
      dialect.server_version = 101119;
    }
  }
}

// "read dynamic": the group and what has to be said of it.
bool matches(const Parsed& parsed, const std::string& wanted) {
  std::stringstream words(wanted);
  std::string group;
  words >> group;
  if (group != to_string(parsed.group())) return false;
  for (std::string flag; words >> flag;) {
    bool found = false;
    for (const Statement& statement : parsed.statements) {
      const StatementFacts& facts = statement.facts;
      bool foreign = facts.dynamic;
      for (const FunctionUse& function : facts.functions) foreign = foreign || !function.builtin;
      if (flag == "dynamic") found = found || foreign;
      if (flag == "file") {
        found = found || facts.into == IntoKind::Outfile || facts.into == IntoKind::Dumpfile;
      }
    }
    if (!found) return false;
  }
  return true;
}

TEST(Bypass, NothingHides) {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/bypass.txt");
  ASSERT_TRUE(file.is_open());
  int cases = 0;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line.starts_with("##")) continue;
    std::string expected;
    ASSERT_TRUE(std::getline(file, expected)) << line;
    ASSERT_TRUE(expected.starts_with("---- ")) << line;
    Dialect dialect;
    dialect.schema = "d";
    std::string_view text = line;
    if (text.front() == '{') {
      const std::size_t close = text.find('}');
      apply(text.substr(1, close - 1), dialect);
      text.remove_prefix(close + 2);
    }
    const Parsed parsed = parse(test::unescape(text), dialect);
    std::stringstream alternatives(expected.substr(5));
    bool found = false;
    for (std::string one; std::getline(alternatives, one, '|');) {
      found = found || matches(parsed, one);
    }
    EXPECT_TRUE(found) << line << "\n  is " << to_string(parsed.group()) << ", not " << expected
                       << (parsed.error ? "\n  " + parsed.error->message : "");
    ++cases;
  }
  EXPECT_GE(cases, 150);
}

}  // namespace
}  // namespace sluice::parser

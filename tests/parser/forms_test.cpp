// Statements from every branch of the grammar (cases/forms.txt, made by oracle/make_forms.py) as
// the live servers took them, held against ours: taken or not, class, digest.
#include <array>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "parser/digest.h"
#include "parser/parse.h"

namespace sluice::parser {
namespace {

struct Form {
  std::string taken;  // by MySQL and by MariaDB: +, -, or ? when the server leaves it open
  std::array<std::string, 2> classes;
  std::string digest;
  std::string sql;
};

std::vector<Form> read_forms() {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/forms.txt");
  std::vector<Form> forms;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream words(line);
    Form form;
    words >> form.taken >> form.classes[0] >> form.classes[1] >> form.digest;
    std::getline(words >> std::ws, form.sql);
    forms.push_back(std::move(form));
  }
  return forms;
}

// "<engine> <text>" a line: what we still take otherwise than the server. The list may only shrink:
// a form in it that agrees fails the test.
std::set<std::string> read_open() {
  std::ifstream file(SLUICE_TEST_DIR "/parser/cases/forms_open.txt");
  std::set<std::string> open;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') open.insert(line);
  }
  return open;
}

class Forms : public testing::TestWithParam<int> {};

TEST_P(Forms, AgreeWithTheServer) {
  const auto which = static_cast<std::size_t>(GetParam());
  Dialect dialect;
  dialect.engine = which == 0 ? Engine::MySql : Engine::MariaDb;
  dialect.server_version = which == 0 ? 90704 : 101119;
  dialect.schema = "oracle";
  const std::string engine = which == 0 ? "mysql" : "mariadb";
  const auto open = read_open();
  const auto digest = std::make_unique<StatementDigest>();
  std::size_t judged = 0;
  for (const Form& form : read_forms()) {
    const char taken = form.taken.at(which);
    if (taken == '?') continue;
    ++judged;
    const Parsed ours = parse(form.sql, dialect);
    bool agrees = ours.accepted() == (taken == '+');
    std::string why = ours.error ? "near " + ours.error->near : "taken";
    if (agrees && taken == '+') {
      ASSERT_EQ(ours.statements.size(), 1U) << form.sql;
      const std::string& class_name = ours.statements[0].facts.class_name;
      const std::string& wanted = form.classes.at(which);
      agrees = wanted == "-" || class_name == wanted;
      if (!agrees) why = "class " + class_name;
      if (which == 0 && form.digest != "-") {
        digest->read(form.sql, dialect);
        if (digest->hash_hex() != form.digest) agrees = false, why = "digest " + digest->text();
      }
    }
    EXPECT_EQ(agrees, !open.contains(engine + " " + form.sql))
        << engine << " " << form.sql << "\n  " << why;
  }
  EXPECT_GE(judged, 4000U);
}

INSTANTIATE_TEST_SUITE_P(Engines, Forms, testing::Values(0, 1));

}  // namespace
}  // namespace sluice::parser

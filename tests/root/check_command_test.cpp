#include <filesystem>
#include <fstream>
#include <sstream>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

class CheckCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "sluice_check_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  int run(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.begin(), "check");
    std::istringstream in(input);
    std::ostringstream out;
    std::ostringstream err;
    const Environment environment;
    Invocation invocation{std::move(arguments), in, out, err, environment};
    const int status = dispatch(invocation);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  std::string folder_;
  std::string out_;
  std::string err_;
};

TEST_F(CheckCommand, TheStatusTellsWhetherAnythingWasFound) {
  EXPECT_EQ(run({"-"}, "DELETE FROM t WHERE id = 1"), kDone);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("1 file, 1 statement: 0 errors, 0 warnings"));
  EXPECT_EQ(run({"-"}, "DELETE FROM t"), kFindings);
  EXPECT_THAT(err_, HasSubstr("1 error, 0 warnings"));
}

TEST_F(CheckCommand, AFindingIsShownInItsLine) {
  const auto a = file("a.sql", "SELECT 1;\n\tSELECT 'äöü' ; DELETE FROM t;\n");
  EXPECT_EQ(run({a}), kFindings);
  EXPECT_EQ(out_,
            a + ":2:17: error: DELETE without WHERE touches every row of the table; say which "
                "rows are meant. [statement.where-required]\n"
                "  2 | \tSELECT 'äöü' ; DELETE FROM t;\n"
                "    | \t               ^~~~~~\n");
}

TEST_F(CheckCommand, ALongLineIsCutAndControlCharactersAreNot) {
  EXPECT_EQ(run({"-"}, "SELECT '" + std::string(1000, 'x') + "\x1b[31m'; DELETE FROM t WHERE 1; " +
                           std::string(1000, ' ') + "SELECT 2"),
            kFindings);
  EXPECT_THAT(out_, HasSubstr("| …xxx"));
  EXPECT_THAT(out_, HasSubstr("?[31m"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
  EXPECT_LT(out_.size(), 800U);
}

TEST_F(CheckCommand, WarningsMayPass) {
  const std::string sheet = "ALTER TABLE t DROP COLUMN a";
  EXPECT_EQ(run({"-"}, sheet), kFindings);
  EXPECT_EQ(run({"-", "--fail-on", "error"}, sheet), kDone);
  EXPECT_THAT(out_, HasSubstr("warning: Column 'a'"));
}

TEST_F(CheckCommand, FilesRunOneAfterTheOther) {
  const auto empty = file("empty.sql", "");
  const auto one = file("1.sql", "CREATE TABLE t (id INT PRIMARY KEY);");
  const auto two = file("2.sql", "ALTER TABLE t ADD COLUMN a INT;");
  EXPECT_EQ(run({one, two, "--schema", empty}), kDone) << out_;
  EXPECT_EQ(run({two, one, "--schema", empty}), kFindings);
  EXPECT_THAT(out_, HasSubstr("2.sql:1:13: error: Table 't' does not exist"));
}

TEST_F(CheckCommand, TheSchemaTellsWhatIsWider) {
  const auto schema = file("schema.sql", "CREATE TABLE t (id INT PRIMARY KEY, a INT);");
  const std::string sheet = "ALTER TABLE t MODIFY a BIGINT";
  EXPECT_EQ(run({"-"}, sheet), kFindings);
  EXPECT_EQ(run({"-", "--schema", schema}, sheet), kDone) << out_;
}

TEST_F(CheckCommand, DelimitersAreUnderstood) {
  EXPECT_EQ(run({"-"},
                "DELIMITER $$\nCREATE PROCEDURE p() BEGIN DELETE FROM t WHERE a = 1; SELECT 1; "
                "END$$\nDELIMITER ;\nDELETE FROM t;\n"),
            kFindings);
  EXPECT_THAT(out_, HasSubstr("standard input:4:1: error"));
  EXPECT_THAT(err_, HasSubstr("2 statements: 1 error, 1 warning"));
}

TEST_F(CheckCommand, EngineAndServerDefaultsCount) {
  const auto rules = file("r.json", R"({"schema.charset-allowlist": {"level": "error"}})");
  const std::string sheet = "CREATE TABLE t (id INT PRIMARY KEY, a TEXT)";
  EXPECT_EQ(run({"-", "--rules", rules}, sheet), kDone) << out_;
  EXPECT_EQ(run({"-", "--rules", rules, "--server-version", "5.7.44"}, sheet), kFindings);
  EXPECT_EQ(run({"-", "--rules", rules, "--server-charset", "latin1"}, sheet), kFindings);
  EXPECT_EQ(
      run({"-", "--rules", rules, "--engine", "mariadb", "--server-charset", "utf8mb4"}, sheet),
      kDone);
  EXPECT_EQ(run({"-", "--database", "shop"}, "USE other"), kFindings);
  const auto schema = file("s.sql", "CREATE TABLE t (id INT PRIMARY KEY)");
  EXPECT_EQ(run({"-", "--schema", schema}, "SELECT id FROM T WHERE id = 1"), kFindings);
  EXPECT_EQ(
      run({"-", "--schema", schema, "--lower-case-table-names"}, "SELECT id FROM T WHERE id = 1"),
      kDone)
      << out_;
}

TEST_F(CheckCommand, APolicyIsTakenOrItsFaultsAreNamed) {
  const auto rules = file("r.json", R"({"*": {"level": "off"}, "naming.table":
      {"level": "warning", "parameters": {"pattern": "^app_"}}})");
  EXPECT_EQ(run({"-", "--rules", rules}, "DELETE FROM t; CREATE TABLE t (a INT)"), kFindings);
  EXPECT_THAT(out_, HasSubstr("warning: Table name 't' does not match ^app_"));
  EXPECT_THAT(out_, Not(HasSubstr("DELETE without")));
  const auto bad = file("bad.json", R"({"naming.table": {"level": "loud"}, "none": {}})");
  EXPECT_EQ(run({"-", "--rules", bad}, ""), kWrongUse);
  EXPECT_THAT(err_, HasSubstr("bad.json: naming.table.level: expected"));
  EXPECT_THAT(err_, HasSubstr("bad.json: none: there is no such rule"));
}

TEST_F(CheckCommand, WrongUseAndFailuresAreTold) {
  EXPECT_EQ(run({}), kWrongUse);
  EXPECT_THAT(err_, HasSubstr("name the files"));
  EXPECT_EQ(run({"-", "--format", "xml"}), kWrongUse);
  EXPECT_EQ(run({"-", "--server-version", "x"}), kWrongUse);
  EXPECT_EQ(run({folder_ + "/none.sql"}), kFailed);
  EXPECT_THAT(err_, HasSubstr("cannot read"));
  EXPECT_EQ(run({"-", "--rules", folder_ + "/none.json"}), kFailed);
  EXPECT_EQ(run({"-", "--schema", file("bad.sql", "CREATE TABLE t (a INT,,)")}), kFailed);
  EXPECT_THAT(err_, HasSubstr("bad.sql:1:"));
}

TEST_F(CheckCommand, JsonHasEveryFinding) {
  EXPECT_EQ(run({"-", "--format", "json"}, "SELECT 1;\nDELETE FROM `a`"), kFindings);
  const auto value = json::parse(out_);
  EXPECT_EQ(value.at("errors").as_int64(), 1);
  const auto& one = value.at("files").at(0);
  EXPECT_EQ(one.at("statements").as_int64(), 2);
  const auto& finding = one.at("findings").at(0);
  EXPECT_EQ(finding.at("rule").as_string(), "statement.where-required");
  EXPECT_EQ(finding.at("level").as_string(), "error");
  EXPECT_EQ(finding.at("line").as_int64(), 2);
  EXPECT_EQ(finding.at("column").as_int64(), 1);
  EXPECT_EQ(finding.at("offset").as_int64(), 10);
  EXPECT_EQ(finding.at("end").as_int64(), 16);
  EXPECT_EQ(finding.at("statement").as_int64(), 1);
}

// A name that is no text of the character set is an error, and what is told of it is UTF-8.
TEST_F(CheckCommand, JsonIsUtf8WhateverTheSqlIs) {
  EXPECT_EQ(run({"-", "--format", "json"}, "DELETE FROM `a\xff`"), kFindings);
  const auto value = json::parse(out_);
  const auto& finding = value.at("files").at(0).at("findings").at(0);
  EXPECT_EQ(finding.at("rule").as_string(), "statement.syntax");
}

TEST_F(CheckCommand, SarifPointsToRuleAndPlace) {
  const auto a = file("a b.sql", "CREATE TABLE\n  t (a INT)");
  EXPECT_EQ(run({a, "--format", "sarif"}), kFindings);
  const auto value = json::parse(out_);
  EXPECT_EQ(value.at("version").as_string(), "2.1.0");
  const auto& one = value.at("runs").at(0);
  EXPECT_EQ(one.at("columnKind").as_string(), "unicodeCodePoints");
  const auto& result = one.at("results").at(0);
  const auto index = static_cast<std::size_t>(result.at("ruleIndex").as_int64());
  EXPECT_EQ(one.at("tool").at("driver").at("rules").at(index).at("id"), result.at("ruleId"));
  EXPECT_EQ(result.at("ruleId").as_string(), "table.require-pk");
  EXPECT_EQ(result.at("level").as_string(), "error");
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  const std::string uri(place.at("artifactLocation").at("uri").as_string());
  EXPECT_TRUE(uri.starts_with("file:///") && uri.ends_with("/a%20b.sql")) << uri;
  EXPECT_EQ(place.at("region"),
            json::value(json::object{
                {"startLine", 2}, {"startColumn", 3}, {"endLine", 2}, {"endColumn", 4}}));
}

TEST_F(CheckCommand, TheRulesAreListed) {
  EXPECT_EQ(run({"--list-rules"}), kDone);
  EXPECT_THAT(out_, HasSubstr("table.require-pk (error): Every table has a primary key\n"));
  EXPECT_THAT(out_, HasSubstr("    limit = 1000: "));
  EXPECT_EQ(run({"--list-rules", "--format", "json"}), kDone);
  EXPECT_GT(json::parse(out_).as_array().size(), 20U);
}

}  // namespace
}  // namespace sluice::cli

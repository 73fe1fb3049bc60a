#include "policy/rules/rule_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/rules/pattern.h"
#include "policy/rules/review.h"

namespace sluice::policy::rules {
namespace {

using testing::HasSubstr;

std::string faults(std::string_view json) {
  std::string out;
  for (const auto& error : read_rule_set(json).errors)
    out += error.key + ": " + error.message + "\n";
  return out;
}

TEST(RuleSet, NothingSaidIsTheCataloguesOwn) {
  EXPECT_EQ(faults(""), "");
  EXPECT_EQ(faults("{}"), "");
  EXPECT_EQ(to_json(read_rule_set("").rules), to_json(RuleSet()));
  EXPECT_EQ(RuleSet().level("table.require-pk"), Level::kError);
  EXPECT_EQ(RuleSet().level("no.rule"), Level::kOff);
}

TEST(RuleSet, WhatIsNamedIsSetAndTheRestStays) {
  const auto reading = read_rule_set(
      R"({"table.require-pk": {"level": "warning"},
          "statement.affected-row-limit": {"parameters": {"limit": 7}}})");
  EXPECT_TRUE(reading.errors.empty());
  EXPECT_EQ(reading.rules.level("table.require-pk"), Level::kWarning);
  const auto& setting = reading.rules.setting(*find_rule("statement.affected-row-limit"));
  EXPECT_EQ(setting.level, Level::kWarning);
  EXPECT_EQ(std::get<std::int64_t>(setting.values.at(0)), 7);
  EXPECT_EQ(reading.rules.level("statement.where-required"), Level::kError);
}

TEST(RuleSet, AStarSetsEveryOtherRuleWhereverItStands) {
  const auto rules =
      read_rule_set(R"({"table.require-pk": {"level": "error"}, "*": {"level": "off"}})").rules;
  EXPECT_EQ(rules.level("table.require-pk"), Level::kError);
  EXPECT_EQ(rules.level("statement.where-required"), Level::kOff);
  EXPECT_EQ(rules.level("statement.syntax"), Level::kError);
}

TEST(RuleSet, ItsTextReadsBackToItself) {
  const auto rules = read_rule_set(R"({"*": {"level": "warning"}, "naming.table":
      {"level": "error", "parameters": {"pattern": "^a\"b", "max-length": 9}},
      "column.required": {"parameters": {"columns": ["x", "y"]}}})")
                         .rules;
  const auto text = to_json(rules);
  EXPECT_EQ(faults(text), "");
  EXPECT_EQ(to_json(read_rule_set(text).rules), text);
  EXPECT_THAT(text, HasSubstr(R"(["x","y"])"));
}

TEST(RuleSet, EachFaultNamesItsKey) {
  EXPECT_THAT(faults("{"), HasSubstr(": the policy is no JSON"));
  EXPECT_THAT(faults("[]"), HasSubstr(": expected an object of rules"));
  EXPECT_EQ(faults(R"({"no.rule": {}})"), "no.rule: there is no such rule\n");
  EXPECT_EQ(faults(R"({"*": {"level": "x"}})"),
            "*.level: expected \"error\", \"warning\" or \"off\"\n");
  EXPECT_THAT(faults(R"({"*": {}})"), HasSubstr("*: expected"));
  EXPECT_THAT(faults(R"({"table.require-pk": "error"})"),
              HasSubstr("table.require-pk: expected an object"));
  EXPECT_THAT(faults(R"({"table.require-pk": {"lvl": "error"}})"),
              HasSubstr("table.require-pk.lvl: expected \"level\" or"));
  EXPECT_THAT(faults(R"({"naming.table": {"parameters": {"max": 1}}})"),
              HasSubstr("naming.table.parameters.max: the rule has no such parameter; it has "
                        "pattern, max-length"));
  EXPECT_THAT(faults(R"({"naming.table": {"parameters": {"max-length": 0}}})"),
              HasSubstr("naming.table.parameters.max-length: expected a number of at least 1"));
  EXPECT_THAT(faults(R"({"naming.table": {"parameters": {"max-length": "9"}}})"),
              HasSubstr("expected a number"));
  EXPECT_THAT(faults(R"({"naming.table": {"parameters": {"pattern": "(a"}}})"),
              HasSubstr("naming.table.parameters.pattern: not a regular expression"));
  EXPECT_THAT(faults(R"({"column.required": {"parameters": {"columns": ["a", 1]}}})"),
              HasSubstr("column.required.parameters.columns: expected a list of texts"));
  EXPECT_THAT(faults(R"({"statement.where-required": {"parameters": {"select": 1}}})"),
              HasSubstr("statement.where-required.parameters.select: expected true or false"));
  EXPECT_THAT(
      faults(R"({"statement.syntax": {"level": "off"}})"),
      HasSubstr("statement.syntax.level: a text that is not understood is always an error"));
}

TEST(RuleSet, AllFaultsAreToldAtOnce) {
  const auto reading = read_rule_set(R"({"a": {}, "b": {}, "table.require-pk": {"level": 1}})");
  EXPECT_EQ(reading.errors.size(), 3U);
}

TEST(Pattern, ASlowOneMatchesNothingInsteadOfTakingForEver) {
  EXPECT_FALSE(matches(std::string(60, 'a') + "!", "^((a|aa)+)+$"));
  EXPECT_TRUE(matches("order_lines", "^[a-z_]+$"));
  EXPECT_FALSE(matches(std::string(65, 'a'), "a"));
  EXPECT_EQ(pattern_fault("^idx_{{table}}_{{columns}}$"), "");
  EXPECT_NE(pattern_fault("{{table"), "");
  EXPECT_EQ(fill_in("^{{table}}$", {{"table", "a.b(c"}}), "^a\\.b\\(c$");
}

TEST(Review, ASheetThatIsTooLongIsRefused) {
  const std::string text(parser::kMaxTextBytes + 1, ' ');
  const auto found = review(text, {}, RuleSet()).findings;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, "statement.syntax");
  EXPECT_THAT(found[0].detail, HasSubstr("split it"));
}

TEST(Review, FindingsOfOneRuleHaveALimitAndSayWhatIsBeyond) {
  std::string text;
  for (int i = 0; i < 250; ++i) text += "DELETE FROM t;\n";
  const auto rules =
      read_rule_set(R"({"*": {"level": "off"}, "statement.where-required": {"level": "error"}})");
  const auto found = review(text, {}, rules.rules).findings;
  ASSERT_EQ(found.size(), Check::kMaxFindings);
  EXPECT_THAT(found.back().detail, HasSubstr("and 50 more like this"));
}

TEST(Review, AManyRowInsertIsReadOnce) {
  std::string text = "INSERT INTO t (a, b) VALUES (1, 'x')";
  for (int i = 0; i < 100'000; ++i) text += ", (2, 'y')";
  text += ", (3, (SELECT * FROM u))";
  const auto rules =
      read_rule_set(R"({"*": {"level": "off"}, "statement.no-select-all": {"level": "error"}})");
  const auto found = review(text, {}, rules.rules).findings;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(text.substr(found[0].offset, 1), "*");
}

TEST(Review, TheSheetsStatementsForWhichRowsAreEstimated) {
  const Sheet sheet(
      "SELECT 1; UPDATE t SET a = 1; EXPLAIN DELETE FROM t; INSERT INTO t SELECT 1; "
      "INSERT INTO t VALUES (1); DELETE FROM t",
      {}, "");
  EXPECT_EQ(wants_row_estimate(sheet), (std::vector<std::size_t>{1, 3, 5}));
}

TEST(Sheet, TheRangesOfItsStatements) {
  const std::string text =
      "-- first\nSELECT 1 ; /* second */ SELECT 2 -- end\n;\n/*!80000 SELECT 3 */;\n"
      "CREATE PROCEDURE p() BEGIN SELECT ';'; SELECT 4; END;\nSELECT 5";
  std::vector<std::string> got;
  for (const auto& range : split_sheet(text, {}))
    got.push_back(text.substr(range.begin, range.end - range.begin));
  EXPECT_EQ(got, (std::vector<std::string>{"SELECT 1", "SELECT 2", "/*!80000 SELECT 3 */",
                                           "CREATE PROCEDURE p() BEGIN SELECT ';'; SELECT 4; END",
                                           "SELECT 5"}));
}

}  // namespace
}  // namespace sluice::policy::rules

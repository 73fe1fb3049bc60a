// Every rule by its case file: what it finds, where, and what it lets be.
#include <filesystem>
#include <set>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/rule_cases.h"

namespace sluice::policy::rules {
namespace {

namespace json = boost::json;

const std::string kFolder = SLUICE_TEST_DIR "/policy/cases/rules/";

json::value value_of(const Parameter& parameter, const std::string& text) {
  switch (parameter.kind) {
    case Parameter::Kind::kFlag: return text == "true";
    case Parameter::Kind::kNumber: return std::stoll(text);
    case Parameter::Kind::kPattern: return json::string(text);
    case Parameter::Kind::kList: break;
  }
  json::array out;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) out.emplace_back(trimmed(item));
  return out;
}

// The rule alone, with the case's parameters.
RuleSet rules_of(const Rule& rule, const RuleCase& one, bool with) {
  json::object parameters;
  for (const auto& [name, text] : one.with) {
    const auto* parameter = rule.parameter(name);
    EXPECT_NE(parameter, nullptr) << one.file << ":" << one.line << " has no parameter " << name;
    if (parameter && with) parameters[name] = value_of(*parameter, text);
  }
  json::object policy;
  policy["*"] = json::object{{"level", "off"}};
  policy[rule.id] = json::object{{"level", "error"}, {"parameters", parameters}};
  auto reading = read_rule_set(json::serialize(policy));
  for (const auto& error : reading.errors) ADD_FAILURE() << error.key << ": " << error.message;
  return reading.rules;
}

std::vector<Finding> findings(const Rule& rule, const RuleCase& one, bool with) {
  schema::Schema schema;
  auto situation = one.situation;
  if (one.has_schema) {
    auto reading = schema::read(one.schema, situation.server.target());
    for (const auto& error : reading.errors) ADD_FAILURE() << one.file << ": " << error.message;
    schema = std::move(reading.schema);
    situation.schema = &schema;
  }
  auto found = review(one.sheet, situation, rules_of(rule, one, with)).findings;
  for (const auto& finding : found) {
    EXPECT_EQ(finding.rule, rule.id) << one.file << ":" << one.line << ": " << finding.detail;
    EXPECT_LE(finding.end, one.sheet.size());
    EXPECT_LE(finding.offset, finding.end);
    EXPECT_TRUE(finding.detail.ends_with('.') || finding.detail.ends_with(')')) << finding.detail;
  }
  return found;
}

std::string told(const Finding& finding) {
  return std::to_string(finding.line) + ":" + std::to_string(finding.column) + " " + finding.detail;
}

std::string told(const std::vector<Finding>& found) {
  std::string out;
  for (const auto& finding : found) out += told(finding) + "\n";
  return out;
}

void expect_answer(const Rule& rule, const RuleCase& one) {
  const auto found = findings(rule, one, true);
  const auto where = one.file + ":" + std::to_string(one.line);
  for (std::size_t i = 0; i < std::max(found.size(), one.wanted.size()); ++i) {
    const auto got = i < found.size() ? told(found[i]) : "nothing";
    const auto wanted = i < one.wanted.size() ? one.wanted[i] : "nothing";
    const auto space = wanted.find(' ');
    const auto words = space == std::string::npos ? wanted : wanted.substr(space + 1);
    const bool same =
        got.starts_with(wanted.substr(0, space == std::string::npos ? 0 : space + 1)) &&
        got.find(words) != std::string::npos;
    EXPECT_TRUE(same) << where << "\n  wanted " << wanted << "\n  found  " << got;
  }
}

std::vector<RuleCase> cases_of(const Rule& rule) {
  std::string fault;
  auto cases = read_rule_cases(kFolder + std::string(rule.id) + ".txt", fault);
  EXPECT_EQ(fault, "");
  for (auto& one : cases) one.file = std::string(rule.id) + ".txt";
  return cases;
}

TEST(Rules, CasesGiveTheirAnswers) {
  for (const auto& rule : catalog()) {
    for (const auto& one : cases_of(rule)) expect_answer(rule, one);
  }
}

TEST(Rules, EveryRuleIsSeenToFindAndToLetBe) {
  std::set<std::string> files;
  for (const auto& rule : catalog()) {
    files.insert(std::string(rule.id) + ".txt");
    bool finds = false;
    bool lets_be = false;
    for (const auto& one : cases_of(rule)) (one.wanted.empty() ? lets_be : finds) = true;
    EXPECT_TRUE(finds && lets_be) << rule.id;
  }
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    EXPECT_TRUE(files.contains(entry.path().filename())) << entry.path() << " is of no rule";
}

// A parameter that changes no answer is not used.
TEST(Rules, EveryParameterIsSeenToMatter) {
  for (const auto& rule : catalog()) {
    const auto cases = cases_of(rule);
    for (const auto& parameter : rule.parameters) {
      bool matters = false;
      for (const auto& one : cases) {
        if (one.with.size() != 1 || one.with.front().first != parameter.name) continue;
        matters = matters || told(findings(rule, one, true)) != told(findings(rule, one, false));
      }
      EXPECT_TRUE(matters) << rule.id << " " << parameter.name;
    }
  }
}

TEST(Rules, TheCatalogueIsWellFormed) {
  std::set<std::string_view> ids;
  for (const auto& rule : catalog()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_NE(rule.id.find('.'), std::string_view::npos) << rule.id;
    EXPECT_FALSE(rule.title.empty() || rule.title.ends_with('.')) << rule.id;
    for (const auto& parameter : rule.parameters) EXPECT_FALSE(parameter.says.empty()) << rule.id;
  }
}

}  // namespace
}  // namespace sluice::policy::rules

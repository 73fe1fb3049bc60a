#include "proxy/cli/classify.h"

#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

boost::json::object ask(Classifier& classifier, std::string_view line) {
  return boost::json::parse(classifier.answer(line)).as_object();
}

TEST(Classify, AStatementsFacts) {
  Classifier classifier;
  const auto answer =
      ask(classifier, R"({"sql": "  DELETE FROM t WHERE a = 1 ;", "schema": "shop"})");
  EXPECT_TRUE(answer.at("accepted").as_bool());
  EXPECT_TRUE(answer.at("error").is_null());
  EXPECT_EQ(answer.at("group").as_string(), "dml");
  const auto& statement = answer.at("statements").as_array().at(0).as_object();
  EXPECT_EQ(statement.at("class").as_string(), "delete");
  EXPECT_EQ(statement.at("digest_text").as_string(), "DELETE FROM `t` WHERE `a` = ?");
  EXPECT_EQ(statement.at("digest").as_string().size(), 64U);
  EXPECT_TRUE(statement.at("has_where").as_bool());
  const auto& object = statement.at("objects").as_array().at(0).as_object();
  EXPECT_EQ(object.at("schema").as_string(), "shop");
  EXPECT_EQ(object.at("name").as_string(), "t");
}

TEST(Classify, AHitAnswersForItsOwnText) {
  Classifier classifier;
  const auto first = ask(classifier, R"({"sql": "SELECT a FROM t WHERE b = 1"})");
  const auto second = ask(classifier, R"({"sql": "   SELECT a FROM t WHERE b = 123456 ; "})");
  const auto& statement = second.at("statements").as_array().at(0).as_object();
  EXPECT_EQ(statement.at("start").to_number<int>(), 3);
  EXPECT_EQ(statement.at("end").to_number<int>(), 35);
  EXPECT_NE(classifier.statistics().find("cache hits 1"), std::string::npos);
  EXPECT_EQ(statement.at("digest"),
            first.at("statements").as_array().at(0).as_object().at("digest"));
}

TEST(Classify, SeveralStatements) {
  Classifier classifier;
  const auto answer =
      ask(classifier, R"({"sql": "SELECT 1; DROP TABLE t", "multi_statements": true})");
  EXPECT_EQ(answer.at("group").as_string(), "ddl");
  ASSERT_EQ(answer.at("statements").as_array().size(), 2U);
  EXPECT_EQ(answer.at("statements").as_array().at(1).as_object().at("class").as_string(),
            "drop_table");
}

TEST(Classify, ErrorsHaveTheirPlace) {
  Classifier classifier;
  const auto answer = ask(classifier, R"({"sql": "SELECT 1\nFRM t WHERE"})");
  EXPECT_FALSE(answer.at("accepted").as_bool());
  EXPECT_EQ(answer.at("group").as_string(), "opaque");
  EXPECT_EQ(answer.at("error").as_object().at("line").to_number<int>(), 2);
}

TEST(Classify, WhatIsNoQuestionIsOpaque) {
  Classifier classifier;
  for (const char* line :
       {"", "[]", "{", R"({"sql": 1})", R"({"sql_b64": "*"})",
        R"({"sql": "SELECT 1", "charset": "klingon"})", R"({"sql": "SELECT 1", "engine": "db2"})",
        R"({"sql": "SELECT 1", "server_version": "x"})"}) {
    const auto answer = ask(classifier, line);
    EXPECT_FALSE(answer.at("accepted").as_bool()) << line;
    EXPECT_EQ(answer.at("group").as_string(), "opaque") << line;
  }
}

TEST(Classify, BytesInBase64AreReadInTheirCharacterSet) {
  Classifier classifier;
  // SELECT '<BF>\' in GBK
  const auto answer = ask(classifier, R"({"sql_b64": "U0VMRUNUICe/XCc=", "charset": "gbk"})");
  EXPECT_TRUE(answer.at("accepted").as_bool());
  EXPECT_FALSE(ask(classifier, R"({"sql_b64": "U0VMRUNUICe/XCc="})").at("accepted").as_bool());
}

TEST(Classify, TheCommandAnswersLineByLine) {
  std::istringstream in("{\"sql\": \"SELECT 1\"}\n\n{\"sql\": \"DO 1\"}\n");
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment;
  Invocation invocation{{"classify", "--stats"}, in, out, err, environment};
  EXPECT_EQ(dispatch(invocation), kDone);
  const std::string text = out.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_NE(err.str().find("LL fall-backs"), std::string::npos);
}

}  // namespace
}  // namespace sluice::cli

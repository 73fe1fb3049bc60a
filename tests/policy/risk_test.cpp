#include "policy/risk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::policy {
namespace {

using testing::HasSubstr;

RiskAssessment assess_text(std::string_view text, rules::Situation situation = {},
                           std::string_view policy = R"({"*": {"level": "off"}})") {
  const rules::Sheet sheet(text, situation.server, situation.database);
  const auto rules = rules::read_rule_set(policy).rules;
  return assess(sheet, rules::review(sheet, situation, rules), situation);
}

TEST(Risk, EachKindOfStatementHasItsLevel) {
  const std::pair<std::string_view, Risk> cases[] = {
      {"SELECT a FROM t", Risk::kLow},
      {"SET @a = 1; START TRANSACTION; COMMIT", Risk::kLow},
      {"CREATE TABLE t (a INT); CREATE VIEW v AS SELECT 1; CREATE DATABASE d", Risk::kLow},
      {"CREATE TEMPORARY TABLE t (a INT); DROP TEMPORARY TABLE t", Risk::kLow},
      {"INSERT INTO t VALUES (1), (2)", Risk::kLow},
      {"DELETE FROM t WHERE a = 1 LIMIT 10", Risk::kLow},
      {"DELETE FROM t WHERE a = 1", Risk::kModerate},
      {"ALTER TABLE t ADD COLUMN a INT", Risk::kModerate},
      {"RENAME TABLE t TO u", Risk::kModerate},
      {"CREATE OR REPLACE VIEW v AS SELECT 1", Risk::kModerate},
      {"DROP VIEW v", Risk::kModerate},
      {"ALTER DATABASE d CHARACTER SET utf8mb4", Risk::kModerate},
      {"DELETE FROM t", Risk::kHigh},
      {"DROP TABLE t", Risk::kHigh},
      {"TRUNCATE TABLE t", Risk::kHigh},
      {"ALTER TABLE t DROP COLUMN a", Risk::kHigh},
      {"GRANT SELECT ON t TO u", Risk::kHigh},
      {"SET GLOBAL max_connections = 1", Risk::kHigh},
      {"CALL p()", Risk::kHigh},
      {"SELECT FROM", Risk::kHigh},
  };
  for (const auto& [text, wanted] : cases) {
    const auto found = assess_text(text);
    EXPECT_EQ(found.risk, wanted) << text << (found.reasons.empty() ? "" : found.reasons[0].what);
    EXPECT_EQ(found.reasons.empty(), wanted == Risk::kLow) << text;
  }
}

TEST(Risk, RowsDecideWhereTheyAreKnown) {
  const auto with = [](std::uint64_t rows) {
    rules::Situation situation;
    situation.affected_rows[0] = rows;
    return assess_text("UPDATE t SET a = 1 WHERE b = 2", situation).risk;
  };
  EXPECT_EQ(with(100), Risk::kLow);
  EXPECT_EQ(with(101), Risk::kModerate);
  EXPECT_EQ(with(10'000), Risk::kModerate);
  EXPECT_EQ(with(10'001), Risk::kHigh);
  rules::Situation large;
  large.table_rows["t"] = 1'000'001;
  const auto altered = assess_text("SELECT 1; ALTER TABLE t ADD COLUMN a INT", large);
  EXPECT_EQ(altered.risk, Risk::kHigh);
  EXPECT_EQ(altered.reasons.at(0).statement, 1U);
  EXPECT_THAT(altered.reasons.at(0).what, HasSubstr("1000001 rows"));
}

TEST(Risk, FindingsCountAndTheHighestReasonIsFirst) {
  const auto found =
      assess_text("CREATE TABLE t (a INT); ALTER TABLE u ADD COLUMN a INT", {},
                  R"({"*": {"level": "off"}, "table.require-pk": {"level": "error"}})");
  EXPECT_EQ(found.risk, Risk::kHigh);
  ASSERT_EQ(found.reasons.size(), 2U);
  EXPECT_THAT(found.reasons[0].what, HasSubstr("no primary key"));
  EXPECT_EQ(found.reasons[1].risk, Risk::kModerate);
  const auto warned =
      assess_text("CREATE TABLE t (a INT)", {},
                  R"({"*": {"level": "off"}, "table.require-pk": {"level": "warning"}})");
  EXPECT_EQ(warned.risk, Risk::kModerate);
  EXPECT_EQ(name(warned.risk), "moderate");
}

}  // namespace
}  // namespace sluice::policy

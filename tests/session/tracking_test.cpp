#include "proxy/session/tracking.h"

#include <gtest/gtest.h>

namespace sluice::session {
namespace {

using wire::StateChange;
using wire::StateType;

wire::Buffer state(std::initializer_list<StateChange> changes) {
  wire::Buffer out;
  for (const StateChange& change : changes) append_state_change(change, out);
  return out;
}
StateChange variable(std::string_view name, std::string_view value) {
  return {StateType::kSystemVariable, name, value};
}

Tracking learned() {
  Tracking tracking;
  backend::SessionReport report;
  report.sql_mode = "STRICT_TRANS_TABLES";
  report.charset = "utf8mb4";
  report.variables = "autocommit";
  report.gtids = "OFF";
  tracking.learned(std::make_shared<const backend::SessionReport>(report));
  return tracking;
}

TEST(Tracking, ConfirmedChangesAreTheFacts) {
  Tracking tracking = learned();
  EXPECT_FALSE(tracking.uncertain());
  const auto before = tracking.facts();
  tracking.begin(look_at("SET sql_mode='ansi_quotes', names gbk"));
  tracking.on_state(state({variable("sql_mode", "ANSI_QUOTES"),
                           variable("character_set_client", "gbk"),
                           {StateType::kSchema, {}, "shop"}}),
                    false);
  tracking.end(false);
  EXPECT_FALSE(tracking.uncertain());
  EXPECT_EQ(tracking.facts()->sql_mode, parser::kAnsiQuotes);
  EXPECT_EQ(tracking.facts()->charset, parser::Charset::Gbk);
  EXPECT_EQ(tracking.facts()->schema, "shop");
  EXPECT_EQ(before->sql_mode, 0U) << "what was prepared before keeps its facts";
}

TEST(Tracking, WhatNoTrackerConfirmsIsUncertain) {
  for (const char* text : {"USE shop", "SET NAMES gbk", "SET sql_mode=''", "EXECUTE s"}) {
    Tracking tracking = learned();
    tracking.begin(look_at(text));
    tracking.end(false);
    EXPECT_TRUE(tracking.uncertain()) << text;
  }
  Tracking tracking = learned();
  tracking.begin(look_at("SELECT 1"));
  tracking.end(false);
  EXPECT_FALSE(tracking.uncertain());
  tracking.end(true);
  EXPECT_FALSE(tracking.uncertain()) << "no schema that could have been dropped";
}

TEST(Tracking, WhatEndsRowsIsNotBelieved) {
  Tracking tracking = learned();
  tracking.begin(look_at("CALL p()"));
  tracking.on_state(state({variable("sql_mode", "ANSI_QUOTES")}), true);
  tracking.end(false);
  EXPECT_TRUE(tracking.uncertain());
  tracking.begin(look_at("SET sql_mode=''"));
  tracking.on_state(state({variable("sql_mode", "")}), false);
  tracking.end(false);
  EXPECT_FALSE(tracking.uncertain()) << "told by an OK of its own since";
}

TEST(Tracking, ACharacterSetThatNobodyKnowsIsUncertain) {
  Tracking tracking = learned();
  tracking.begin({});
  tracking.on_state(state({variable("character_set_client", "klingon")}), false);
  tracking.end(false);
  EXPECT_TRUE(tracking.uncertain());
}

TEST(Tracking, GtidsAreTheStatements) {
  Tracking tracking = learned();
  tracking.begin({});
  tracking.on_state(state({{StateType::kGtids, {}, "u:1"}}), false);
  tracking.on_state(state({{StateType::kGtids, {}, "u:1-2"}}), true);
  EXPECT_EQ(tracking.gtids(), "u:1-2") << "MySQL: the union so far";
  tracking.begin({});
  EXPECT_EQ(tracking.gtids(), "");
  tracking.on_state(state({variable("last_gtid", "0-1-7")}), false);
  tracking.on_state(state({variable("last_gtid", "0-1-9")}), false);
  EXPECT_EQ(tracking.gtids(), "0-1-7,0-1-9") << "MariaDB: each commit's own";
  EXPECT_TRUE(tracking.gtids_complete());
  const std::string many(1000, 'g');
  for (int i = 0; i < 100; ++i) tracking.on_state(state({variable("last_gtid", many)}), false);
  EXPECT_LE(tracking.gtids().size(), Tracking::kMaxGtids);
  EXPECT_FALSE(tracking.gtids_complete());
}

TEST(Tracking, AClientHearsWhatItAskedFor) {
  const Tracking tracking = learned();
  const wire::StateFilter filter = tracking.filter();
  EXPECT_TRUE(filter.keeps(variable("autocommit", "ON")));
  EXPECT_FALSE(filter.keeps(variable("sql_mode", "")));
  EXPECT_FALSE(filter.keeps({StateType::kGtids, {}, "u:1"}));
  EXPECT_TRUE(filter.keeps({StateType::kSchema, {}, "shop"}));
}

TEST(Tracking, AServerThatCannotBeAskedLeavesDoubt) {
  Tracking tracking = learned();
  tracking.learned(nullptr);
  EXPECT_TRUE(tracking.uncertain());
  tracking.forget();
  EXPECT_FALSE(tracking.uncertain());
  EXPECT_EQ(tracking.facts()->sql_mode, 0U);
}

}  // namespace
}  // namespace sluice::session

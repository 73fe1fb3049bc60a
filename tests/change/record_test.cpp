// What is recorded when a change ends, and what scans leave out.
#include "admin/change/record.h"

#include <gmock/gmock.h>

#include "admin/change/drift_settings.h"
#include "admin/change/replication.h"
#include "admin/change/scan.h"

namespace sluice::change {
namespace {

using schema::ObjectKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kVersion = "9.7.4";

std::string recorded_after(const std::string& recorded, const std::string& before,
                           const std::string& after) {
  return schema_to_record({recorded, kVersion}, {before, kVersion}, {after, kVersion});
}

// The objects in which the live schema differs from the record.
std::vector<std::string> drift(const std::string& recorded, const std::string& live) {
  const auto target = target_of(kVersion);
  return find_drift(schema::read(recorded, target).schema, schema::read(live, target).schema,
                    target, {})
      .objects;
}

TEST(RecordTest, AChangeOfASchemaAsRecordedMovesTheRecord) {
  const std::string before = "CREATE TABLE t (a int);";
  const std::string after = "CREATE TABLE t (a int, b int);";
  EXPECT_EQ(recorded_after(before, before, after), after);
  // The record of another version of the server, in other words.
  EXPECT_EQ(recorded_after("create table `t` (`a` int(11) default null)", before, after), after);
}

TEST(RecordTest, DriftBesideTheChangeStaysDrift) {
  const std::string recorded = "CREATE TABLE t (a int);";
  const std::string before = recorded + "CREATE TABLE stray (x int);";
  const std::string after = "CREATE TABLE t (a int, b int); CREATE TABLE stray (x int);";
  const auto record = recorded_after(recorded, before, after);
  EXPECT_THAT(record, HasSubstr("`b` int"));
  EXPECT_THAT(record, Not(HasSubstr("stray")));
  EXPECT_THAT(drift(record, after), ElementsAre("TABLE stray"));
}

TEST(RecordTest, DriftOfTheChangedTableStaysDriftToo) {
  const std::string recorded = "CREATE TABLE t (a int);";
  const std::string before = "CREATE TABLE t (a int, age int);";
  const std::string after = "CREATE TABLE t (a int, age int, b int);";
  const auto record = recorded_after(recorded, before, "CREATE TABLE t (b int, a int, age int);");
  EXPECT_THAT(record, HasSubstr("`b` int"));
  EXPECT_THAT(record, Not(HasSubstr("age")));
  EXPECT_THAT(drift(record, "CREATE TABLE t (b int, a int, age int);"), ElementsAre("TABLE t"));
  // The change put its column behind one that the record does not know: a person decides.
  EXPECT_THAT(drift(recorded_after(recorded, before, after), after), ElementsAre("TABLE t"));
}

TEST(RecordTest, AChangeThatUndoesTheDriftLeavesNone) {
  const std::string recorded = "CREATE TABLE t (a int); CREATE PROCEDURE p() SELECT 1;";
  const std::string before = "CREATE TABLE t (a int, age int); CREATE VIEW v AS SELECT a FROM t;";
  const auto record = recorded_after(recorded, before, recorded);
  EXPECT_THAT(drift(record, recorded), IsEmpty()) << record;
}

TEST(RecordTest, WhatAChangeDropsIsGoneFromTheRecordAndWhatDriftedAwayIsNot) {
  const std::string recorded =
      "CREATE TABLE t (a int); CREATE TABLE u (a int);"
      "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1;";
  const auto record = recorded_after(recorded, "CREATE TABLE t (a int);", "");
  EXPECT_THAT(drift(record, ""), ElementsAre("TABLE u"));
}

TEST(RecordTest, KindsThatTheAccountDoesNotSeeAreNamedAndKept) {
  Snapshot snapshot;
  snapshot.server.target = target_of(kVersion);
  snapshot.hidden = {ObjectKind::Function, ObjectKind::Procedure};
  const auto text = record_text(snapshot);
  EXPECT_THAT(unseen_in(text), ElementsAre(ObjectKind::Procedure, ObjectKind::Function));
  EXPECT_THAT(unseen_in("CREATE TABLE t (a int)"), IsEmpty());
  const auto target = target_of(kVersion);
  const std::string recorded = "CREATE TABLE t (a int); CREATE PROCEDURE p() SELECT 1;";
  const std::string half = "-- not seen: PROCEDURE\nCREATE TABLE t (a int, b int);";
  const auto kept = keep_unseen(recorded, kVersion, half, target);
  EXPECT_THAT(kept, HasSubstr("PROCEDURE `p`"));
  EXPECT_THAT(kept, HasSubstr("`b` int"));
  EXPECT_THAT(unseen_in(kept), IsEmpty());
  EXPECT_THAT(unseen_in(keep_unseen("", "", half, target)), ElementsAre(ObjectKind::Procedure));
  // A change under an account that sees less takes nothing out of the record.
  const auto record = schema_to_record(
      {recorded, kVersion}, {"-- not seen: PROCEDURE\nCREATE TABLE t (a int);", kVersion},
      {half, kVersion});
  EXPECT_THAT(record, HasSubstr("PROCEDURE `p`"));
  EXPECT_THAT(record, HasSubstr("`b` int"));
}

TEST(DriftSettingsTest, AreReadWholeOrWithEveryFault) {
  const auto defaults = read_drift_settings("");
  EXPECT_THAT(defaults.errors, IsEmpty());
  EXPECT_EQ(read_drift_settings(to_json(defaults.settings)).settings.ignored,
            defaults.settings.ignored);
  const auto set = read_drift_settings(
      R"({"ignored": "tmp_.*", "definer": true, "missing_primary_key": "off",
          "replica_lag_seconds": 0, "watch_binlog": false})");
  EXPECT_THAT(set.errors, IsEmpty());
  EXPECT_TRUE(set.settings.compare.definer);
  EXPECT_FALSE(set.settings.compare.whitespace);
  EXPECT_FALSE(set.settings.missing_primary_key.has_value());
  EXPECT_EQ(set.settings.replica_lag_seconds, 0);
  EXPECT_FALSE(set.settings.watch_binlog);
  EXPECT_EQ(to_json(read_drift_settings(to_json(set.settings)).settings), to_json(set.settings));
  const auto bad = read_drift_settings(
      R"({"ignored": "(", "definer": 1, "missing_primary_key": "error",
          "replica_lag_seconds": -1, "other": 1})");
  std::vector<std::string> keys;
  for (const auto& error : bad.errors) keys.push_back(error.key);
  EXPECT_THAT(keys, ElementsAre("ignored", "definer", "missing_primary_key", "replica_lag_seconds",
                                "other"));
  EXPECT_EQ(read_drift_settings("[]").errors.size(), 1U);
}

TEST(DriftSettingsTest, TablesAndTriggersOfOnlineSchemaToolsAreForgotten) {
  auto schema = schema::read(
                    "CREATE TABLE t (a int); CREATE TABLE _t_gho (a int);"
                    "CREATE TABLE t_new (a int);"
                    "CREATE TRIGGER pt_osc_db_t_del AFTER DELETE ON t FOR EACH ROW SET @a = 1;"
                    "CREATE TRIGGER own AFTER DELETE ON t FOR EACH ROW SET @a = 1;",
                    {})
                    .schema;
  forget_ignored(schema, DriftSettings().pattern());
  EXPECT_EQ(schema.tables.size(), 2U);
  EXPECT_EQ(schema.triggers.size(), 1U);
  EXPECT_TRUE(schema.triggers.contains("own"));
}

TEST(DriftSettingsTest, AUniqueIndexOverNotNullColumnsIsAKey) {
  const auto schema =
      schema::read(
          "CREATE TABLE a (x int PRIMARY KEY); CREATE TABLE b (x int NOT NULL UNIQUE);"
          "CREATE TABLE c (x int UNIQUE); CREATE TABLE d (x int, KEY (x));"
          "CREATE TABLE e (x int NOT NULL, UNIQUE ((x + 1)));",
          {})
          .schema;
  EXPECT_THAT(tables_without_key(schema), ElementsAre("c", "d", "e"));
}

TEST(ReplicationTest, WhatHasStoppedOrLagsIsFound) {
  std::vector<InstanceFinding> findings;
  judge_replication({{"", "db1", true, "", 299}, {"", "db2", true, "", std::nullopt}}, 300,
                    findings);
  EXPECT_THAT(findings, IsEmpty());
  judge_replication({{"", "db1", true, "", 301}, {"c", "db2", false, "error 1236", 0}}, 300,
                    findings);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].code, "replication.lag");
  EXPECT_EQ(findings[1].code, "replication.stopped");
  EXPECT_EQ(findings[1].severity, Severity::kError);
  EXPECT_THAT(findings[1].detail, HasSubstr("error 1236."));
  EXPECT_THAT(findings[1].title, HasSubstr("channel c"));
  findings.clear();
  judge_replication({{"reader-1", "", true, "", 9999}}, 0, findings);
  EXPECT_THAT(findings, IsEmpty());
}

}  // namespace
}  // namespace sluice::change

#include "admin/change/rollout.h"

#include <gtest/gtest.h>

namespace sluice::change {
namespace {

using policy::IssueKind;

Workspace workspace() {
  Workspace all;
  all.project = {1, "Tutorial", "TAR", false};
  all.environments = {{2, "Prod", 0, {}, "{}", 600}, {1, "Test", 1, {}, "{}", 600}};
  all.instances = {{5, "test", "mysql", 1, "h", 1, "u", "", "", ""},
                   {6, "prod", "mysql", 2, "h", 1, "u", "", "", ""},
                   {7, "pg", "postgres", 2, "h", 1, "u", "", "", ""}};
  store::DatabaseEntry one;
  one.id = 20;
  one.instance = 5;
  one.name = "a";
  one.labels = R"({"tenant":"x","tier":"1"})";
  store::DatabaseEntry two = one;
  two.id = 21;
  two.instance = 6;
  two.name = "b";
  store::DatabaseEntry gone = one;
  gone.id = 22;
  gone.name = "c";
  gone.present = false;
  all.databases = {one, two, gone};
  return all;
}

IssueRequest request(IssueKind kind, std::vector<Target> targets, std::string statement) {
  IssueRequest made;
  made.project = 1;
  made.kind = kind;
  made.title = "t";
  made.targets = std::move(targets);
  made.statement = std::move(statement);
  return made;
}

Target database(store::Id id) {
  Target target;
  target.database = id;
  return target;
}

// The faults as "field: message" lines.
std::string faults(const IssueRequest& asked, const Workspace& all = workspace()) {
  const auto planned = plan(asked, all);
  std::string text;
  if (const auto* list = std::get_if<std::vector<RequestFault>>(&planned)) {
    for (const auto& fault : *list) text += fault.field + ": " + fault.message + "\n";
  }
  return text;
}

TEST(Rollout, StagesComeInTheEnvironmentsOrderWithATaskADatabase) {
  const auto planned =
      plan(request(IssueKind::kSchemaUpdate, {database(20), database(21)}, "ALTER TABLE t …"),
           workspace());
  const auto& issue = std::get<store::NewIssue>(planned);
  ASSERT_EQ(issue.environments, (std::vector<store::Id>{2, 1}));
  ASSERT_EQ(issue.tasks.size(), 2U);
  EXPECT_EQ(issue.tasks[0].database_name, "b");
  EXPECT_EQ(issue.tasks[0].stage, 0U);
  EXPECT_EQ(issue.tasks[1].stage, 1U);
  EXPECT_EQ(issue.tasks[1].instance_name, "test");
}

TEST(Rollout, ANewDatabaseHasItsOwnStatement) {
  Target target;
  target.instance = 5;
  target.name = "db`demo";
  target.character_set = "utf8mb4";
  target.collation = "utf8mb4_bin";
  const auto planned = plan(request(IssueKind::kDatabaseCreate, {target}, ""), workspace());
  EXPECT_EQ(std::get<store::NewIssue>(planned).tasks[0].statement,
            "CREATE DATABASE `db``demo` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
  target.character_set = "utf8mb4; DROP DATABASE x";
  target.name = std::string(65, 'x');
  const auto text = faults(request(IssueKind::kDatabaseCreate, {target}, "SELECT 1"));
  EXPECT_NE(text.find("targets[0].character_set"), std::string::npos);
  EXPECT_NE(text.find("targets[0].name"), std::string::npos);
  EXPECT_NE(text.find("statement: an issue of this type has no statement"), std::string::npos);
  target.instance = 7;
  EXPECT_NE(faults(request(IssueKind::kDatabaseCreate, {target}, "")).find("MySQL and MariaDB"),
            std::string::npos);
  target.instance = 99;
  EXPECT_NE(faults(request(IssueKind::kDatabaseCreate, {target}, "")).find("no such instance"),
            std::string::npos);
}

TEST(Rollout, WhatCannotBeRunIsSaid) {
  const auto kind = IssueKind::kSchemaUpdate;
  EXPECT_EQ(faults(request(kind, {database(20)}, " ;\n")), "statement: is required\n");
  EXPECT_EQ(faults(request(kind, {}, "x")), "targets: name at least one database\n");
  EXPECT_EQ(faults(request(kind, {database(99)}, "x")),
            "targets[0].database: the project has no such database\n");
  EXPECT_EQ(faults(request(kind, {database(20), database(20)}, "x")),
            "targets[1]: is named twice\n");
  EXPECT_NE(faults(request(kind, {database(22)}, "x")).find("last sync"), std::string::npos);
  EXPECT_NE(faults(request(kind, {Target{}}, "x")).find("is required"), std::string::npos);
  EXPECT_NE(faults(request(kind, {database(20)}, std::string("a\0b", 3))).find("zero byte"),
            std::string::npos);
  EXPECT_NE(
      faults(request(kind, {database(20)}, std::string(kMaxStatement + 1, 'x'))).find("64 MiB"),
      std::string::npos);
  EXPECT_NE(faults(request(IssueKind::kDataRollback, {database(20)}, "x")).find("type"),
            std::string::npos);
  EXPECT_NE(faults(request(kind, std::vector<Target>(kMaxTargets + 1, database(20)), "x"))
                .find("more than 1000"),
            std::string::npos);
}

TEST(Rollout, ATenantProjectChoosesDatabasesByLabel) {
  Target target;
  target.labels = {{"tenant", "x"}, {"tier", "1"}};
  const auto asked = request(IssueKind::kSchemaUpdate, {target}, "ALTER TABLE t …");
  EXPECT_NE(faults(asked).find("tenant mode"), std::string::npos);
  auto all = workspace();
  all.project.tenant = true;
  EXPECT_EQ(std::get<store::NewIssue>(plan(asked, all)).tasks.size(), 2U);
  all.databases[1].labels = R"({"tenant":"y"})";
  EXPECT_EQ(std::get<store::NewIssue>(plan(asked, all)).tasks.size(), 1U);
  all.databases[0].labels = "{}";
  EXPECT_NE(faults(asked, all).find("no database of the project has them"), std::string::npos);
}

}  // namespace
}  // namespace sluice::change

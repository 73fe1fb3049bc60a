#include <gtest/gtest.h>

#include "parser/schema/ddl.h"
#include "parser/schema/edit.h"
#include "parser/schema/print.h"

namespace sluice::schema {
namespace {

constexpr auto kSchema =
    "CREATE TABLE parent (id int NOT NULL, PRIMARY KEY (id));"
    "CREATE TABLE t (id int unsigned NOT NULL AUTO_INCREMENT, name varchar(20) DEFAULT 'x' COMMENT "
    "'c', made datetime(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), parent int,"
    " size int GENERATED ALWAYS AS (char_length(name)) VIRTUAL, PRIMARY KEY (id), KEY k (name(5) "
    "DESC), KEY f ((lower(name))), CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent (id),"
    " CONSTRAINT positive CHECK (id > 0)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
    "COLLATE=utf8mb4_bin ROW_FORMAT=COMPRESSED COMMENT='t of tests';"
    "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.name = 'y';";

// A table as the form shows it.
TableEdit form(const Table& table, const Target& target) {
  TableEdit out{table.name, table.name, table.options.engine, table.options.comment, {}, {}, {}};
  for (const auto& column : table.columns) {
    ColumnEdit one{column.name, column.name, print_type(column.type, table, target)};
    one.nullable = column.nullable;
    if (auto text = print_default(column.default_value, target); !text.empty())
      one.default_value = text;
    one.on_update = column.on_update;
    one.auto_increment = column.auto_increment;
    one.comment = column.comment;
    out.columns.push_back(std::move(one));
  }
  for (const auto& index : table.indexes)
    out.indexes.push_back({index.name, index.kind, index.name, index.parts});
  for (const auto& key : table.foreign_keys) out.foreign_keys.push_back({key.name, key});
  return out;
}

class SchemaEditTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    target_.mariadb = GetParam();
    if (target_.mariadb) target_.version = 101100;
    std::string text = kSchema;
    if (target_.mariadb) {  // has no functional key parts
      const std::string part = ", KEY f ((lower(name)))";
      text.erase(text.find(part), part.size());
    }
    auto reading = read(text, target_);
    ASSERT_TRUE(reading.errors.empty()) << reading.errors[0].message;
    schema_ = std::move(reading.schema);
    schema_.charset = "utf8mb4";
    t_ = form(schema_.tables.at("t"), target_);
  }
  // The DDL of an edit that has no fault.
  std::string ddl(const SchemaEdit& wanted) {
    auto edited = edit(schema_, wanted, target_);
    for (const auto& fault : edited.faults) ADD_FAILURE() << fault.field << ": " << fault.message;
    DiffOptions options{target_, {}, edited.renames};
    return print_changes(diff(schema_, edited.schema, options), true);
  }
  std::string faults(const SchemaEdit& wanted) {
    std::string out;
    for (const auto& fault : edit(schema_, wanted, target_).faults)
      out += fault.field + ": " + fault.message + "\n";
    return out;
  }
  Target target_;
  Schema schema_;
  TableEdit t_;
};

TEST_P(SchemaEditTest, AnUntouchedFormChangesNothing) {
  EXPECT_EQ(ddl({{t_, form(schema_.tables.at("parent"), target_)}, {}}), "");
}

TEST_P(SchemaEditTest, ANewTableIsCreated) {
  TableEdit made{"", "t1", "", "", {}, {}, {}};
  made.columns = {{"", "id", "int unsigned", false, {}, {}, true, ""},
                  {"", "name", "VARCHAR(64)", false, "''", {}, false, "whose"},
                  {"", "parent", "int"}};
  made.indexes = {{"", Index::Kind::Primary, "", {{"id", "", {}, false}}}};
  made.foreign_keys = {{"", {"to_parent", {"parent"}, "", "parent", {"id"}, "", "CASCADE", ""}}};
  const auto text = ddl({{made}, {}});
  EXPECT_EQ(text.find("CREATE TABLE `t1`"), 0U) << text;
  EXPECT_NE(text.find("`id` int unsigned NOT NULL AUTO_INCREMENT"), std::string::npos) << text;
  EXPECT_NE(text.find("`name` varchar(64) NOT NULL DEFAULT '' COMMENT 'whose'"), std::string::npos);
  EXPECT_NE(text.find("ON DELETE CASCADE"), std::string::npos) << text;
}

TEST_P(SchemaEditTest, RenamesKeepWhatIsInThem) {
  t_.name = "people";
  t_.columns[1].name = "label";
  for (auto& index : t_.indexes) {
    for (auto& part : index.parts) {
      if (part.column == "name") part.column = "label";
    }
  }
  const auto text = ddl({{t_}, {}});
  EXPECT_NE(text.find("RENAME TABLE `t` TO `people`"), std::string::npos) << text;
  EXPECT_NE(text.find("RENAME COLUMN `name` TO `label`"), std::string::npos) << text;
  EXPECT_EQ(text.find("DROP COLUMN"), std::string::npos) << text;
  EXPECT_EQ(text.find("TRIGGER"), std::string::npos) << text;  // goes with its table
}

TEST_P(SchemaEditTest, KeysThatReferToARenamedTableFollow) {
  auto parent = form(schema_.tables.at("parent"), target_);
  parent.name = "family";
  parent.columns[0].name = "number";
  parent.indexes[0].parts[0].column = "number";
  const auto text = ddl({{parent}, {}});
  EXPECT_NE(text.find("RENAME TABLE `parent` TO `family`"), std::string::npos) << text;
  EXPECT_NE(text.find("RENAME COLUMN `id` TO `number`"), std::string::npos) << text;
  EXPECT_EQ(text.find("FOREIGN KEY"), std::string::npos) << text;
}

TEST_P(SchemaEditTest, ColumnsChangeAndWhatTheFormDoesNotShowStays) {
  t_.columns[1].type = "varchar(40)";
  t_.columns[1].nullable = false;
  t_.columns[2].default_value = {};
  t_.columns.push_back({"", "age", "integer"});
  const auto text = ddl({{t_}, {}});
  EXPECT_NE(text.find("MODIFY COLUMN `name` varchar(40)"), std::string::npos) << text;
  EXPECT_NE(text.find("NOT NULL DEFAULT 'x' COMMENT 'c'"), std::string::npos) << text;
  EXPECT_NE(text.find("`made` datetime(3) ON UPDATE"), std::string::npos) << text;
  EXPECT_NE(text.find("ADD COLUMN `age` int"), std::string::npos) << text;
  for (const auto* kept : {"ROW_FORMAT", "CHECK", "DROP INDEX", "`size`"})
    EXPECT_EQ(text.find(kept), std::string::npos) << text;
}

TEST_P(SchemaEditTest, AnIndexChangesAndATableIsDropped) {
  for (auto& index : t_.indexes) {
    if (index.name == "k") index.kind = Index::Kind::Unique;
  }
  t_.foreign_keys.clear();
  const auto text = ddl({{t_}, {"parent"}});
  EXPECT_NE(text.find("DROP FOREIGN KEY `fk`"), std::string::npos) << text;
  EXPECT_NE(text.find("ADD UNIQUE KEY `k` (`name`(5) DESC)"), std::string::npos) << text;
  EXPECT_NE(text.find("DROP TABLE `parent`"), std::string::npos) << text;
  const auto dropped = ddl({{}, {"t"}});
  EXPECT_NE(dropped.find("DROP TABLE `t`"), std::string::npos) << dropped;
  EXPECT_EQ(dropped.find("TRIGGER"), std::string::npos) << dropped;
}

TEST_P(SchemaEditTest, WhatCannotBeReadIsSaidWithItsField) {
  t_.columns[0].type = "integr";
  t_.columns[1].type = "varchar";
  t_.columns[2].type = "int, DROP TABLE x";
  t_.columns[3].default_value = "'a' 'b' c";
  t_.columns[3].name = "ID";
  t_.columns.push_back({"gone", "", ""});
  t_.indexes.push_back({"", Index::Kind::Primary, "", {}});
  t_.indexes.push_back({"none", Index::Kind::Key, "k", {{"nowhere", "", {}, false}}});
  t_.foreign_keys.push_back({"", {"fk", {"parent"}, "", "", {}, "", "", ""}});
  const auto said = faults({{t_, TableEdit{"nothing", "x", "", "", {}, {}, {}},
                             TableEdit{"", "parent", "", "", {{"", "a", "int"}}, {}, {}}},
                            {"nowhere"}});
  for (const auto* one : {"tables[0].columns[0].type: there is no data type integr",
                          "tables[0].columns[1].type: varchar needs a length",
                          "tables[0].columns[2].type: not a data",
                          "tables[0].columns[3].default: not a default",
                          "tables[0].columns[3].name: there are two",
                          "tables[0].columns[5].was: there is no column gone",
                          "tables[0].columns[5].name: the column",
                          "tables[0].columns[5].type: the column needs a data type",
                          "tables[0].indexes[",
                          ".kind: a table has one primary key",
                          ".parts: an index needs at least one column",
                          ".was: there is no index none any more",
                          ".name: there are two indexes",
                          ".parts: there is no column nowhere",
                          "tables[0].foreign_keys[1].table: choose",
                          "tables[0].foreign_keys[1].referenced: as many",
                          "tables[0].foreign_keys[1].name: there are two",
                          "tables[1].was: there is no table nothing",
                          "tables[2].name: there is a table",
                          "dropped[0]: there is no table nowhere"}) {
    EXPECT_NE(said.find(one), std::string::npos) << one << " in\n" << said;
  }
}

// A swap of two names would otherwise be two tables whose columns change, with the wrong rows.
TEST_P(SchemaEditTest, NamesAreNotSwappedInOneEdit) {
  auto parent = form(schema_.tables.at("parent"), target_);
  parent.name = "t";
  t_.name = "parent";
  std::swap(t_.columns[1].name, t_.columns[3].name);
  const auto said = faults({{t_, parent}, {}});
  for (const auto* one : {"tables[0].name: there is a table", "tables[1].name: there is a table",
                          "tables[0].columns[1].name: another column", "columns[3].name: another"})
    EXPECT_NE(said.find(one), std::string::npos) << one << " in\n" << said;
  EXPECT_NE(faults({{TableEdit{"", "t", "", "", {{"", "a", "int"}}, {}, {}}}, {"t"}}), "");
}

TEST_P(SchemaEditTest, DefaultsFitTheColumn) {
  t_.columns[1].nullable = false;
  t_.columns[1].default_value = "NULL";
  t_.columns[0].default_value = "1";
  const auto said = faults({{t_}, {}});
  EXPECT_NE(said.find("columns[1].default: a column that is NOT NULL"), std::string::npos) << said;
  EXPECT_NE(said.find("columns[0].default: a column with AUTO_INCREMENT"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Servers, SchemaEditTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "MariaDB" : "MySQL"; });

}  // namespace
}  // namespace sluice::schema

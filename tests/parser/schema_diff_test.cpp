#include <gtest/gtest.h>

#include "parser/schema/ddl.h"
#include "parser/schema/diff.h"

namespace sluice::schema {
namespace {

struct Pair {
  const char* name;
  const char* from;
  const char* to;
  const char* holds;  // a part of the DDL
  bool destructive;
};

std::string join(const std::vector<Change>& changes) {
  return print_changes(changes, true);
}

class SchemaDiffTest : public testing::TestWithParam<Pair> {};

// The law: what diff prints, applied to the first model, gives the second.
TEST_P(SchemaDiffTest, AppliedToTheFirstGivesTheSecond) {
  const auto& [name, from, to, holds, destructive] = GetParam();
  DiffOptions options;
  const auto a = read(from, options.target);
  const auto b = read(to, options.target);
  ASSERT_TRUE(a.errors.empty()) << a.errors[0].message;
  ASSERT_TRUE(b.errors.empty()) << b.errors[0].message;
  const auto changes = diff(a.schema, b.schema, options);
  const auto text = join(changes);
  EXPECT_NE(text.find(holds), std::string::npos) << text;
  bool any = false;
  for (const auto& change : changes) any = any || change.destructive;
  EXPECT_EQ(any, destructive) << text;
  auto result = a.schema;
  canonicalise(result, options.target);
  for (const auto& statement : read_statements(text, options.target)) {
    EXPECT_FALSE(statement.error) << statement.error->message << " near " << statement.error->near;
    for (const auto& fault : apply(result, statement, options.target))
      ADD_FAILURE() << fault.message << "\n" << text;
  }
  EXPECT_TRUE(diff(result, b.schema, options).empty()) << text << "left:\n"
                                                       << join(diff(result, b.schema, options));
  EXPECT_TRUE(diff(b.schema, b.schema, options).empty());
}

constexpr Pair kPairs[] = {
    {"new_table", "", "CREATE TABLE t (a int PRIMARY KEY)", "CREATE TABLE `t`", false},
    {"drop_table", "CREATE TABLE t (a int)", "", "DROP TABLE `t`", true},
    {"add_last", "CREATE TABLE t (a int)", "CREATE TABLE t (a int, b int)", "ADD COLUMN `b` int",
     false},
    {"add_first", "CREATE TABLE t (a int)", "CREATE TABLE t (b int, a int)",
     "ADD COLUMN `b` int FIRST", false},
    {"add_two_between", "CREATE TABLE t (a int, z int)",
     "CREATE TABLE t (a int, b int, c int, z int)", "ADD COLUMN `c` int AFTER `b`", false},
    {"move_one", "CREATE TABLE t (a int, b int, c int, d int)",
     "CREATE TABLE t (d int, a int, b int, c int)", "MODIFY COLUMN `d` int FIRST", false},
    {"drop_column", "CREATE TABLE t (a int, b int)", "CREATE TABLE t (a int)", "DROP COLUMN `b`",
     true},
    {"widen", "CREATE TABLE t (a int)", "CREATE TABLE t (a bigint)", "MODIFY COLUMN `a` bigint",
     false},
    {"narrow", "CREATE TABLE t (a bigint)", "CREATE TABLE t (a int)", "MODIFY COLUMN `a` int",
     true},
    {"shorter", "CREATE TABLE t (a varchar(20))", "CREATE TABLE t (a varchar(10))", "varchar(10)",
     true},
    {"enum_grows", "CREATE TABLE t (a enum('x'))", "CREATE TABLE t (a enum('x','y'))",
     "enum('x','y')", false},
    {"enum_shrinks", "CREATE TABLE t (a enum('x','y'))", "CREATE TABLE t (a enum('x'))",
     "enum('x')", true},
    {"pk_and_auto_increment", "CREATE TABLE t (a int PRIMARY KEY)",
     "CREATE TABLE t (a int, id bigint AUTO_INCREMENT PRIMARY KEY)", "DROP PRIMARY KEY", false},
    {"index_changes", "CREATE TABLE t (a int, b int, KEY k (a))",
     "CREATE TABLE t (a int, b int, KEY k (a, b))", "ADD KEY `k` (`a`,`b`)", false},
    {"index_renamed", "CREATE TABLE t (a int, KEY k (a))", "CREATE TABLE t (a int, KEY m (a))",
     "RENAME INDEX `k` TO `m`", false},
    {"index_hidden", "CREATE TABLE t (a int, KEY k (a))",
     "CREATE TABLE t (a int, KEY k (a) INVISIBLE)", "ALTER INDEX `k` INVISIBLE", false},
    {"fk_cycle", "",
     "CREATE TABLE a (i int PRIMARY KEY, b int, CONSTRAINT f FOREIGN KEY (b) REFERENCES b (i)); "
     "CREATE TABLE b (i int PRIMARY KEY, a int, CONSTRAINT g FOREIGN KEY (a) REFERENCES a (i))",
     "ADD CONSTRAINT", false},
    {"fk_cycle_drop",
     "CREATE TABLE a (i int PRIMARY KEY, b int, CONSTRAINT f FOREIGN KEY (b) REFERENCES b (i)); "
     "CREATE TABLE b (i int PRIMARY KEY, a int, CONSTRAINT g FOREIGN KEY (a) REFERENCES a (i))",
     "", "DROP FOREIGN KEY", true},
    {"fk_retyped",
     "CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE c (p int, CONSTRAINT f FOREIGN KEY (p) "
     "REFERENCES p (i))",
     "CREATE TABLE p (i bigint PRIMARY KEY); CREATE TABLE c (p bigint, CONSTRAINT f FOREIGN KEY "
     "(p) REFERENCES p (i))",
     "DROP FOREIGN KEY `f`", false},
    {"check_changes", "CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0))",
     "CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 1))", "DROP CHECK `c`", false},
    {"check_enforced", "CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0))",
     "CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0) NOT ENFORCED)",
     "ALTER CHECK `c` NOT ENFORCED", false},
    {"virtual_to_stored", "CREATE TABLE t (a int, b int AS (a) VIRTUAL, KEY k (b))",
     "CREATE TABLE t (a int, b int AS (a) STORED, KEY k (b))", "ADD COLUMN `b`", false},
    {"charset", "CREATE TABLE t (a varchar(9)) CHARSET latin1",
     "CREATE TABLE t (a varchar(9)) CHARSET utf8mb4", "CHARACTER SET utf8mb4", false},
    {"option_gone", "CREATE TABLE t (a int) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8",
     "CREATE TABLE t (a int)", "ROW_FORMAT=DEFAULT", false},
    {"partition_added",
     "CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1))",
     "CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (1), PARTITION "
     "p1 VALUES LESS THAN (2))",
     "ADD PARTITION", false},
    {"partition_dropped",
     "CREATE TABLE t (a int) PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1), PARTITION p1 "
     "VALUES IN (2))",
     "CREATE TABLE t (a int) PARTITION BY LIST (a) (PARTITION p1 VALUES IN (2))",
     "DROP PARTITION `p0`", true},
    {"hash_grows", "CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 2",
     "CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 5", "ADD PARTITION PARTITIONS 3",
     false},
    {"unpartitioned", "CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 2",
     "CREATE TABLE t (a int)", "REMOVE PARTITIONING", false},
    {"views_over_views", "", "CREATE VIEW a AS SELECT * FROM z; CREATE VIEW z AS SELECT 1 AS x",
     "VIEW `a`", false},
    {"view_changes", "CREATE VIEW v AS SELECT 1 AS x", "CREATE VIEW v AS SELECT 2 AS x",
     "CREATE OR REPLACE VIEW `v`", false},
    {"trigger_changes",
     "CREATE TABLE t (a int); CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
     "CREATE TABLE t (a int); CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a = 2",
     "DROP TRIGGER `r`", false},
    {"routine_changes", "CREATE PROCEDURE p() BEGIN SELECT 1; END",
     "CREATE PROCEDURE p() BEGIN SELECT 2; END", "DROP PROCEDURE `p`", false},
    {"event_changes", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
     "CREATE EVENT e ON SCHEDULE EVERY 2 DAY DO SELECT 1", "EVERY 2 DAY", false},
    {"not_null", "CREATE TABLE t (a int)", "CREATE TABLE t (a int NOT NULL DEFAULT 0)",
     "becomes NOT NULL", false},
    {"comment", "CREATE TABLE t (a int)", "CREATE TABLE t (a int COMMENT 'it''s') COMMENT 'x\\\\y'",
     "COMMENT 'it''s'", false},
    {"memory_tree", "CREATE TABLE t (a int, KEY (a)) ENGINE=MEMORY",
     "CREATE TABLE t (a int, KEY (a) USING BTREE) ENGINE=MEMORY", "USING BTREE", false},
    {"self_reference", "",
     "CREATE TABLE t (i int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES t (i))",
     "REFERENCES `t`", false},
};
INSTANTIATE_TEST_SUITE_P(Pairs, SchemaDiffTest, testing::ValuesIn(kPairs),
                         [](const auto& one) { return std::string(one.param.name); });

struct Noise {
  const char* name;
  const char* a;
  const char* b;
};
class SchemaNoiseTest : public testing::TestWithParam<Noise> {};
TEST_P(SchemaNoiseTest, IsNoDifference) {
  DiffOptions options;
  const auto changes = diff(read(GetParam().a, options.target).schema,
                            read(GetParam().b, options.target).schema, options);
  EXPECT_TRUE(changes.empty()) << join(changes);
}
constexpr Noise kNoise[] = {
    {"auto_increment", "CREATE TABLE t (a int AUTO_INCREMENT KEY) AUTO_INCREMENT=9",
     "CREATE TABLE t (a int AUTO_INCREMENT KEY)"},
    {"display_width", "CREATE TABLE t (a int(11), b bigint(20) unsigned)",
     "CREATE TABLE t (a int, b bigint unsigned)"},
    {"function_display_width", "CREATE FUNCTION f(n int) RETURNS int(11) RETURN n",
     "CREATE FUNCTION f(n int) RETURNS int RETURN n"},
    {"function_charset",
     "ALTER DATABASE d CHARACTER SET utf8mb4; CREATE FUNCTION f() RETURNS varchar(9) CHARSET "
     "utf8mb4 COLLATE utf8mb4_0900_ai_ci RETURN 'x'",
     "ALTER DATABASE d CHARACTER SET utf8mb4; CREATE FUNCTION f() RETURNS varchar(9) RETURN 'x'"},
    {"memory_hash", "CREATE TABLE t (a int, KEY (a) USING HASH) ENGINE=MEMORY",
     "CREATE TABLE t (a int, KEY (a)) ENGINE=MEMORY"},
    {"implied_charset",
     "CREATE TABLE t (a varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci) DEFAULT "
     "CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
     "CREATE TABLE t (a varchar(9))"},
    {"utf8", "CREATE TABLE t (a varchar(9)) CHARSET utf8",
     "CREATE TABLE t (a varchar(9)) CHARSET utf8mb3 COLLATE utf8mb3_general_ci"},
    {"default_null", "CREATE TABLE t (a int DEFAULT NULL)", "CREATE TABLE t (a int)"},
    {"index_order", "CREATE TABLE t (a int, b int, KEY x (a), KEY y (b))",
     "CREATE TABLE t (a int, b int, KEY y (b), KEY x (a))"},
    {"restrict",
     "CREATE TABLE p (i int KEY); CREATE TABLE t (a int, KEY f (a), CONSTRAINT f FOREIGN KEY (a) "
     "REFERENCES p (i) ON DELETE RESTRICT)",
     "CREATE TABLE p (i int KEY); CREATE TABLE t (a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES p "
     "(i) ON DELETE NO ACTION)"},
    {"definer_and_blanks", "CREATE DEFINER=`a`@`b` PROCEDURE p() BEGIN\n  SELECT 1; -- one\nEND",
     "CREATE PROCEDURE p() BEGIN SELECT 1; END"},
    {"number_writing",
     "CREATE TABLE t (a int DEFAULT 1, b decimal(6,2) DEFAULT '1.5', c tinyint(1) DEFAULT TRUE)",
     "CREATE TABLE t (a int DEFAULT '1', b decimal(6,2) DEFAULT 1.50, c bool DEFAULT 1)"},
    {"expression_writing", "CREATE TABLE t (a int, b int AS (A+1), CHECK (`a` > 0))",
     "CREATE TABLE t (a int, b int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL, CONSTRAINT t_chk_1 "
     "CHECK ((a > 0)))"},
    {"unnamed_keys", "CREATE TABLE t (a int UNIQUE, b int, KEY (a), INDEX (b))",
     "CREATE TABLE t (a int, b int, UNIQUE KEY a (a), KEY a_2 (a), KEY b (b))"},
    {"hash_partitions", "CREATE TABLE t (a int) PARTITION BY HASH (a) PARTITIONS 2",
     "CREATE TABLE t (a int) PARTITION BY HASH (a) (PARTITION p0 ENGINE = InnoDB, PARTITION p1 "
     "ENGINE = InnoDB)"},
};
INSTANTIATE_TEST_SUITE_P(All, SchemaNoiseTest, testing::ValuesIn(kNoise),
                         [](const auto& one) { return std::string(one.param.name); });

// Until its column is shorter, the key can be too long.
TEST(SchemaDiff, AKeyWaitsForTheChangeOfItsColumn) {
  DiffOptions options;
  const auto changes =
      diff(read("CREATE TABLE t (a varchar(900))", options.target).schema,
           read("CREATE TABLE t (a varchar(20), KEY k (a))", options.target).schema, options);
  ASSERT_EQ(changes.size(), 1U) << join(changes);
  EXPECT_TRUE(changes[0].destructive);
  EXPECT_NE(changes[0].sql.find("ADD KEY `k`"), std::string::npos) << join(changes);
}

TEST(SchemaDiff, RenamesOnlyWhenTold) {
  DiffOptions options;
  const auto a = read("CREATE TABLE t (a int, KEY k (a))", options.target).schema;
  const auto b = read("CREATE TABLE u (b int, KEY k (b))", options.target).schema;
  EXPECT_NE(join(diff(a, b, options)).find("DROP TABLE"), std::string::npos);
  options.renames.tables["t"] = "u";
  options.renames.columns[{"u", "a"}] = "b";
  const auto changes = diff(a, b, options);
  ASSERT_EQ(changes.size(), 2U) << join(changes);
  EXPECT_EQ(changes[0].sql, "RENAME TABLE `t` TO `u`");
  EXPECT_EQ(changes[1].sql, "ALTER TABLE `u` RENAME COLUMN `a` TO `b`");
}

TEST(SchemaDiff, KeyOfAColumnThatIsNotThereIsNoDifference) {
  DiffOptions options;
  const auto text = "CREATE TABLE t (b int, CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a))";
  const auto schema = read(text, options.target).schema;
  const auto changes = diff(schema, schema, options);
  EXPECT_TRUE(changes.empty()) << join(changes);
}

TEST(SchemaDiff, NewTableMayReferToATableThatGoes) {
  DiffOptions options;
  const auto from = read("CREATE TABLE p (a int PRIMARY KEY)", options.target).schema;
  const auto to =
      read("CREATE TABLE c (a int, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (a))", options.target)
          .schema;
  const auto changes = diff(from, to, options);
  ASSERT_EQ(changes.size(), 3U) << join(changes);
  EXPECT_EQ(changes[0].sql, "DROP TABLE `p`");
}

// A program keeps the sql_mode under which it was made: another one is another program.
TEST(SchemaDiff, AnotherSqlModeIsAnotherProgram) {
  DiffOptions options;
  const auto make = [&](const std::string& before) {
    return read(
               (before + "CREATE PROCEDURE p() SELECT 1; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO "
                         "SELECT 1; CREATE TABLE t (a int); CREATE TRIGGER g BEFORE INSERT ON t "
                         "FOR EACH ROW SET NEW.a = 1")
                   .c_str(),
               options.target)
        .schema;
  };
  const auto loose = make("SET sql_mode = 'no_engine_substitution';");
  const auto strict = make("SET sql_mode = 'STRICT_ALL_TABLES, NO_ENGINE_SUBSTITUTION';");
  const auto changes = diff(loose, strict, options);
  ASSERT_EQ(changes.size(), 6U) << join(changes);
  for (const auto& change : changes) {
    EXPECT_EQ(change.sql_mode, change.program ? "NO_ENGINE_SUBSTITUTION,STRICT_ALL_TABLES" : "")
        << change.sql;
  }
  const auto text = print_changes(changes, true);
  EXPECT_NE(text.find("SET sql_mode = 'NO_ENGINE_SUBSTITUTION,STRICT_ALL_TABLES';\nDELIMITER ;;\n"
                      "CREATE PROCEDURE"),
            std::string::npos)
      << text;
  // Order and case of the modes mean nothing, and a file that does not say them agrees with all.
  EXPECT_TRUE(
      diff(strict, make("SET sql_mode = 'NO_ENGINE_SUBSTITUTION,STRICT_ALL_TABLES';"), options)
          .empty());
  EXPECT_TRUE(diff(make(""), strict, options).empty());
  EXPECT_TRUE(diff(strict, make(""), options).empty());
}

TEST(SchemaDiff, DestructiveStatementsAreCommentsUnlessAllowed) {
  DiffOptions options;
  const auto changes = diff(read("CREATE TABLE t (a int, b int)", options.target).schema,
                            read("CREATE TABLE t (a int, c int)", options.target).schema, options);
  const auto text = print_changes(changes, false);
  EXPECT_EQ(read_statements(text, options.target).size(), 1U) << text;
  EXPECT_NE(text.find("-- ALTER TABLE `t`\n--   DROP COLUMN `b`"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice::schema

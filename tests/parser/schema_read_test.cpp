#include <gtest/gtest.h>

#include "parser/schema/canonical.h"
#include "parser/schema/ddl.h"
#include "parser/schema/print.h"

namespace sluice::schema {
namespace {

constexpr Target kMysql{};
constexpr Target kMaria{.mariadb = true, .version = 101100};

Schema read_ok(std::string_view text, const Target& target = kMysql) {
  auto reading = read(text, target);
  for (const auto& error : reading.errors)
    ADD_FAILURE() << error.line << ": " << error.message << " near " << error.near;
  return std::move(reading.schema);
}
Table table_of(std::string_view text, const Target& target = kMysql) {
  auto schema = read_ok(text, target);
  return schema.tables.empty() ? Table{} : schema.tables.begin()->second;
}

TEST(SchemaRead, ColumnAttributesInAnyOrder) {
  const auto table = table_of(R"(CREATE TABLE t (
    a INT(11) UNSIGNED COMMENT 'it''s' NOT NULL AUTO_INCREMENT PRIMARY KEY,
    b VARCHAR(10) CHARACTER SET latin1 COLLATE latin1_bin DEFAULT 'x\'y' NULL,
    c DECIMAL(10,2) DEFAULT -1.5, d ENUM('a','b,c') NOT NULL,
    e TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    f JSON DEFAULT (json_array()), g INT GENERATED ALWAYS AS (a + 1) STORED INVISIBLE,
    h BIT(4) DEFAULT b'0101', i DOUBLE PRECISION, j NATIONAL VARCHAR(3), k POINT NOT NULL SRID 4326))");
  ASSERT_EQ(table.columns.size(), 11U);
  EXPECT_EQ(table.columns[0].comment, "it's");
  EXPECT_TRUE(table.columns[0].auto_increment);
  ASSERT_NE(table.primary_key(), nullptr);
  EXPECT_EQ(std::get<Literal>(table.columns[1].default_value).value, "x'y");
  EXPECT_EQ(table.columns[1].type.collation, "latin1_bin");
  EXPECT_EQ(std::get<Literal>(table.columns[2].default_value).value, "-1.5");
  EXPECT_EQ(table.columns[3].type.members, (std::vector<std::string>{"a", "b,c"}));
  EXPECT_EQ(table.columns[4].on_update, 3U);
  EXPECT_EQ(std::get<Expression>(table.columns[5].default_value).sql, "json_array()");
  EXPECT_TRUE(table.columns[6].generated->stored);
  EXPECT_FALSE(table.columns[6].visible);
  EXPECT_EQ(std::get<Literal>(table.columns[7].default_value).kind, Literal::Kind::Bits);
  EXPECT_EQ(table.columns[8].type.name, "double");
  EXPECT_EQ(table.columns[9].type.charset, "utf8mb3");
  EXPECT_EQ(table.columns[10].type.srid, 4326U);
}

TEST(SchemaRead, KeysAndConstraints) {
  const auto table = table_of(R"(CREATE TABLE t (a int, b varchar(100), c geometry NOT NULL,
    UNIQUE KEY u (a, b(10) DESC) USING BTREE COMMENT 'k' INVISIBLE, KEY f ((lower(b))), FULLTEXT KEY ft (b) WITH PARSER ngram,
    SPATIAL KEY (c), CONSTRAINT fk FOREIGN KEY (a) REFERENCES other.p (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT ck CHECK (a > 0) NOT ENFORCED) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COMMENT='c' ROW_FORMAT=DYNAMIC)");
  ASSERT_EQ(table.indexes.size(), 4U);
  EXPECT_EQ(table.indexes[0].parts[1].prefix, 10U);
  EXPECT_TRUE(table.indexes[0].parts[1].descending);
  EXPECT_FALSE(table.indexes[0].visible);
  EXPECT_EQ(table.indexes[1].parts[0].expression, "lower(b)");
  EXPECT_EQ(table.indexes[2].parser, "ngram");
  ASSERT_EQ(table.foreign_keys.size(), 1U);
  EXPECT_EQ(table.foreign_keys[0].schema, "other");
  EXPECT_EQ(table.foreign_keys[0].on_delete, "SET NULL");
  EXPECT_FALSE(table.checks.at(0).enforced);
  EXPECT_EQ(table.options.auto_increment, 7U);
  EXPECT_EQ(table.options.other.at("ROW_FORMAT"), "DYNAMIC");
}

// Forms that clients write and no dump has.
TEST(SchemaRead, FormsThatNoDumpHas) {
  const auto mysql = read_ok(
      "CREATE TABLE t (a ENUM(0x61, X'62', b'1100011', 'd')); "
      "ALTER TABLE t ADD COLUMN b INT PARTITION BY HASH (b); ALTER TABLE t SECONDARY_LOAD "
      "PARTITION (p0)");
  const auto& members = mysql.tables.at("t").columns.at(0).type.members;
  EXPECT_EQ(members, (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_TRUE(mysql.tables.at("t").partitioning.has_value());
  const auto maria = read_ok(
      "CREATE TABLE t (a INT, b VARCHAR(9) COMPRESSED CHARACTER SET latin1); "
      "CREATE INDEX i ON t (a) NOWAIT COMMENT 'x'; CREATE INDEX j ON t (b) WAIT 5; "
      "DROP INDEX j ON t NOWAIT; DROP TABLE IF EXISTS u WAIT 5 RESTRICT",
      kMaria);
  const auto& table = maria.tables.at("t");
  EXPECT_EQ(table.columns.at(1).type.charset, "latin1");
  ASSERT_EQ(table.indexes.size(), 1U);
  EXPECT_EQ(table.indexes[0].comment, "x");
}

TEST(SchemaRead, DumpWithDelimitersAndVersionComments) {
  const auto schema = read_ok(R"(/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `t` (`a` int) /*!50100 PARTITION BY HASH (`a`) PARTITIONS 3 */;
/*!50001 CREATE VIEW `v` AS SELECT 1 AS `a`*/;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `v` AS select `t`.`a` AS `a` from `t` */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN
  SET NEW.a = 1; SET NEW.a = 2; END */;;
CREATE PROCEDURE p(IN x int) BEGIN SELECT ';'; END;;
DELIMITER ;
INSERT INTO t VALUES (1);)");
  EXPECT_EQ(schema.tables.at("t").partitioning->by.count, 3U);
  EXPECT_EQ(schema.views.at("v").definer, "`root`@`localhost`");
  EXPECT_EQ(schema.triggers.at("tr").timing, "BEFORE");
  EXPECT_TRUE(schema.procedures.contains("P"));
}

TEST(SchemaRead, CompoundStatementsWithoutDelimiter) {
  const auto schema = read_ok(R"(CREATE TABLE t (a int);
CREATE PROCEDURE p() BEGIN IF (1) THEN SELECT CASE 1 WHEN 1 THEN 2 END; END IF; WHILE 0 DO SET @a = 1; END WHILE; END;
CREATE TRIGGER r AFTER DELETE ON t FOR EACH ROW SET @x = IF(1, 2, 3);
CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1;
DROP PROCEDURE IF EXISTS nothing;
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM t; END;)");
  EXPECT_EQ(schema.procedures.size(), 1U);
  EXPECT_EQ(schema.triggers.size(), 1U);
  EXPECT_EQ(schema.functions.size(), 1U);
  EXPECT_EQ(schema.events.size(), 1U);
}

TEST(SchemaRead, AlterIsApplied) {
  const auto table = table_of(R"(CREATE TABLE t (a int, b int, KEY k (b));
ALTER TABLE t ADD COLUMN c int NOT NULL FIRST, CHANGE b bb bigint AFTER c, ADD PRIMARY KEY (c), RENAME INDEX k TO kk;
ALTER TABLE t DROP COLUMN a; CREATE UNIQUE INDEX u ON t (c, bb);)");
  ASSERT_EQ(table.columns.size(), 2U);
  EXPECT_EQ(table.columns[0].name, "c");
  EXPECT_EQ(table.columns[1].name, "bb");
  EXPECT_EQ(table.index("kk")->parts[0].column, "bb");
  EXPECT_EQ(table.indexes.size(), 3U);
}

TEST(SchemaRead, FaultsAreReportedWhereTheyAre) {
  const auto reading = read(
      "CREATE TABLE t (a int);\nALTER TABLE t DROP COLUMN b;\nCREATE TABLE t (a int);\nCREATE "
      "TABLE u (a int,,b int);\nALTER TABLE nope ADD x int;",
      kMysql);
  ASSERT_EQ(reading.errors.size(), 4U);
  EXPECT_EQ(reading.errors[0].line, 2U);
  EXPECT_EQ(reading.errors[1].line, 3U);
  EXPECT_EQ(reading.errors[2].line, 4U);
  EXPECT_EQ(reading.errors[3].line, 5U);
}

TEST(SchemaRead, NothingReadIsEverUnbounded) {
  for (const std::string text :
       {"CREATE TABLE t (a int DEFAULT (", "CREATE TABLE `t", "CREATE", "ALTER TABLE t ADD",
        "CREATE TABLE t (a enum(", "DELIMITER", "CREATE TRIGGER t BEFORE",
        "CREATE TABLE t (a int) PARTITION BY", "/*!", "/*!50000 CREATE TABLE"}) {
    (void)read(text, kMysql);
    (void)read(text, kMaria);
  }
}

TEST(SchemaRead, MariaDbForms) {
  const auto table = table_of(
      R"(CREATE OR REPLACE TABLE t (a int(11) DEFAULT (1 + 2), b uuid DEFAULT uuid(), j json,
    s varchar(9) INVISIBLE COMPRESSED, x timestamp(6) GENERATED ALWAYS AS ROW START, y timestamp(6) GENERATED ALWAYS AS ROW END,
    d1 date, d2 date, PERIOD FOR SYSTEM_TIME (x, y), PERIOD FOR app (d1, d2), UNIQUE (a, app WITHOUT OVERLAPS), KEY k (b) IGNORED)
    WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME LIMIT 100 (PARTITION p0 HISTORY, PARTITION pn CURRENT))",
      kMaria);
  EXPECT_EQ(table.columns.size(), 8U);
  EXPECT_EQ(table.column("j")->check->sql, "json_valid(`j`)");
  EXPECT_EQ(table.periods.size(), 2U);
  EXPECT_EQ(table.indexes[0].without_overlaps, "app");
  EXPECT_FALSE(table.index("k")->visible);
  EXPECT_EQ(table.partitioning->by.interval, "LIMIT 100");
  EXPECT_TRUE(table.options.system_versioning);
}

// As MySQL 9.7 shows a column's masking policy.
TEST(SchemaRead, MaskingPolicies) {
  const auto* const shown = R"(CREATE TABLE `t` (
  `a` varchar(10) MASKING POLICY `p` DEFAULT NULL,
  `b` int DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci;
)";
  auto table = table_of(shown);
  EXPECT_EQ(table.column("a")->masking_policy, "p");
  EXPECT_EQ(table_of(print(table, kMysql)).column("a")->masking_policy, "p");
  table =
      table_of(std::string(shown) +
               "ALTER TABLE t ALTER a DROP MASKING POLICY, ALTER COLUMN b SET MASKING POLICY q");
  EXPECT_EQ(table.column("a")->masking_policy, "");
  EXPECT_EQ(table.column("b")->masking_policy, "q");
}

// As MariaDB 10.11 shows a sequence, and the options that it takes and does not show.
TEST(SchemaRead, SequencesWithTheOptionsOfTables) {
  auto schema = read_ok(
      "CREATE SEQUENCE `s` start with 5 minvalue 2 maxvalue 100 increment by 3 nocache cycle "
      "ENGINE=InnoDB COMMENT='x'; CREATE SEQUENCE r ROW_FORMAT=REDUNDANT, COMMENT 'y'",
      kMaria);
  ASSERT_EQ(schema.sequences.size(), 2U);
  const auto& sequence = schema.sequences.at("s");
  EXPECT_EQ(sequence.comment, "x");
  EXPECT_EQ(sequence.engine, "InnoDB");
  EXPECT_EQ(schema.sequences.at("r").comment, "y");
  EXPECT_EQ(read_ok(print(sequence), kMaria).sequences.at("s"), sequence);
}

// What was printed reads back as the same model.
TEST(SchemaPrint, PrintedTextReadsBack) {
  const auto text =
      R"(CREATE TABLE t (a int unsigned NOT NULL AUTO_INCREMENT, b varchar(10) COLLATE utf8mb4_bin DEFAULT 'x\\y''z',
    c timestamp NULL DEFAULT NULL, e set('a','b') DEFAULT 'a', g int GENERATED ALWAYS AS (a + 1) VIRTUAL COMMENT 'x', PRIMARY KEY (a), KEY k (b(3) DESC), KEY f ((a * 2)),
    CONSTRAINT c1 CHECK (a < 10)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='it''s'
    PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
    CREATE VIEW v (x) AS SELECT a FROM t WITH LOCAL CHECK OPTION;
    CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; END;
    CREATE FUNCTION f(x int) RETURNS varchar(10) CHARSET latin1 READS SQL DATA COMMENT 'q' RETURN 'a';
    CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2024-01-01' ON COMPLETION PRESERVE DISABLE COMMENT 'z' DO SELECT 1;)";
  auto first = read_ok(text);
  auto second = read_ok(print(first, kMysql));
  canonicalise(first, kMysql);
  canonicalise(second, kMysql);
  EXPECT_EQ(first, second) << print(second, kMysql);
}

// Dumps set the mode around stored programs; what is read is read in it, and printed with it again.
TEST(SchemaReadTest, TheModeOfAStoredProgramIsFollowed) {
  const Target target;
  const std::string text =
      "SET sql_mode = 'ANSI_QUOTES';\nDELIMITER ;;\n"
      "CREATE PROCEDURE \"a\"() BEGIN SELECT \"id\"; END;;\n"
      "SET @@SESSION.sql_mode = 'NO_BACKSLASH_ESCAPES';;\n"
      "CREATE PROCEDURE b() BEGIN SELECT 'x\\', ';;'; END;;\nDELIMITER ;\n"
      "SET sql_mode = @saved; CREATE PROCEDURE c() SELECT 'x\\'y';";
  const auto reading = read(text, target);
  ASSERT_TRUE(reading.errors.empty()) << reading.errors[0].message;
  const auto& made = reading.schema.procedures;
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made.at("a").context.sql_mode, "ANSI_QUOTES");
  EXPECT_EQ(made.at("b").body, "BEGIN SELECT 'x\\', ';;'; END");
  EXPECT_EQ(made.at("c").context.sql_mode, "");
  EXPECT_EQ(made.at("c").body, "SELECT 'x\\'y'");
  EXPECT_EQ(read(print(reading.schema, target), target).schema, reading.schema);
}

TEST(SchemaReadTest, DollarQuotedBodiesAreText) {
  const Target target;
  const auto reading = read(
      "CREATE LIBRARY a LANGUAGE JAVASCRIPT AS $$export function f() { return 'x;`'; }$$;"
      "CREATE LIBRARY b LANGUAGE JAVASCRIPT AS $js$ let a = $$; $js$; CREATE TABLE t ($a int, b$c$ "
      "int)",
      target);
  ASSERT_TRUE(reading.errors.empty()) << reading.errors[0].message;
  EXPECT_EQ(reading.schema.libraries.at("a").body, "export function f() { return 'x;`'; }");
  EXPECT_EQ(reading.schema.libraries.at("b").body, " let a = $$; ");
  EXPECT_EQ(reading.schema.tables.at("t").columns.at(0).name, "$a");
}

}  // namespace
}  // namespace sluice::schema

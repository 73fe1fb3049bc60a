#include "parser/parse.h"

#include <algorithm>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace sluice::parser {
namespace {

Dialect mysql() {
  Dialect dialect;
  dialect.schema = "shop";
  dialect.multi_statements = true;
  return dialect;
}

StatementFacts facts(std::string_view sql, const Dialect& dialect = mysql()) {
  const Parsed parsed = parse(sql, dialect);
  EXPECT_TRUE(parsed.accepted()) << sql << " near " << (parsed.error ? parsed.error->near : "");
  return parsed.statements.empty() ? StatementFacts{} : parsed.statements.front().facts;
}

// "shop.t r" for a read, with w c a d x for the others.
std::string objects(const StatementFacts& facts) {
  std::string text;
  for (const auto& use : facts.objects) {
    if (!text.empty()) text += ", ";
    text += use.schema + "." + use.name + " ";
    for (const auto& [bit, letter] : {std::pair{Access::Read, 'r'},
                                      {Access::Write, 'w'},
                                      {Access::Create, 'c'},
                                      {Access::Alter, 'a'},
                                      {Access::Drop, 'd'},
                                      {Access::Execute, 'x'}}) {
      if (has(use.access, bit)) text += letter;
    }
  }
  return text;
}

TEST(Parse, ReadsThroughAliasesJoinsAndCommonTables) {
  const auto query = facts(
      "WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT * FROM c JOIN "
      "other.t AS x ON x.a = c.n "
      "WHERE EXISTS (SELECT 1 FROM u) LIMIT 5, 10");
  EXPECT_EQ(query.class_name, "select");
  EXPECT_EQ(query.group, ActionGroup::Read);
  EXPECT_EQ(objects(query), "other.t r, shop.u r");
  EXPECT_TRUE(query.has_where);
  EXPECT_EQ(query.limit, 10U);
}

TEST(Parse, ASubquerysWhereAndLimitAreNotTheStatements) {
  const auto update = facts("UPDATE t SET a = (SELECT b FROM u WHERE c = 1 LIMIT 1)");
  EXPECT_FALSE(update.has_where);
  EXPECT_FALSE(update.limit.has_value());
  const auto erase = facts("DELETE FROM t ORDER BY (SELECT b FROM u WHERE c = 1 LIMIT 1) LIMIT 9");
  EXPECT_FALSE(erase.has_where);
  EXPECT_EQ(erase.limit, 9U);
  EXPECT_TRUE(facts("WITH c AS (SELECT 1) DELETE FROM t WHERE a = 1").has_where);
}

TEST(Parse, WritesAreThoseOfTheTargets) {
  EXPECT_EQ(objects(facts("UPDATE t a JOIN u b USING (id) SET a.x = b.y WHERE b.z = 1")),
            "shop.t rw, shop.u r");
  EXPECT_EQ(objects(facts("DELETE a FROM t1 a JOIN o.b ON a.x = b.x")), "shop.t1 rw, o.b r");
  EXPECT_EQ(objects(facts("INSERT INTO t SELECT * FROM u")), "shop.t w, shop.u r");
  EXPECT_EQ(facts("DELETE a FROM t1 a JOIN o.b ON a.x = b.x").class_name, "delete_multi");
  EXPECT_EQ(facts("WITH c AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM c)").group,
            ActionGroup::Dml);
}

TEST(Parse, CountsRowsThatItDoesNotRead) {
  std::string sql = "INSERT INTO t (a, b) VALUES (1, 'x')";
  for (int i = 0; i < 999; ++i) sql += ", (-2, _utf8mb4 'y')";
  EXPECT_EQ(facts(sql).inserted_rows, 1000U);
  EXPECT_EQ(facts("INSERT INTO t VALUES (1), (f(2)), (3)").inserted_rows, 3U);
  EXPECT_FALSE(parse("INSERT INTO t VALUES (1), (2,), (3)", mysql()).accepted());
  EXPECT_FALSE(parse("INSERT INTO t VALUES (1), (_utf8mb4), (3)", mysql()).accepted());
  EXPECT_FALSE(parse("INSERT INTO t VALUES (1), (?)", mysql()).accepted());
}

TEST(Parse, TheMostRestrictedStatementStandsForTheText) {
  const Parsed parsed = parse("SELECT 1; DROP TABLE t; SELECT 2", mysql());
  ASSERT_TRUE(parsed.accepted());
  ASSERT_EQ(parsed.statements.size(), 3U);
  EXPECT_EQ(parsed.group(), ActionGroup::Ddl);
  EXPECT_EQ(parsed.statements[1].facts.start, 10U);
  EXPECT_EQ(parsed.statements[1].facts.end, 22U);
  Dialect one = mysql();
  one.multi_statements = false;
  EXPECT_EQ(parse("SELECT 1; DROP TABLE t", one).group(), ActionGroup::Opaque);
  EXPECT_EQ(parse("DELETE FROM t; garbage", mysql()).group(), ActionGroup::Opaque);
}

TEST(Parse, RowsThatAreNotReadBelongToTheStatement) {
  const std::string insert = "INSERT INTO t VALUES (1, 2), (3, 4), (5, 6)";
  const Parsed parsed = parse(insert + "; SELECT a IN (1, 2)", mysql());
  ASSERT_EQ(parsed.statements.size(), 2U);
  EXPECT_EQ(parsed.statements[0].facts.end, insert.size());
}

TEST(Parse, ValuesIsAlsoAQuery) {
  EXPECT_EQ(facts("INSERT INTO t VALUES ROW(1), ROW(2)").inserted_rows, 2U);
  const auto joined = facts("INSERT INTO t VALUES ROW(1) UNION SELECT a FROM u WHERE a > 1");
  EXPECT_FALSE(joined.inserted_rows.has_value());
  EXPECT_EQ(objects(joined), "shop.t w, shop.u r");
  EXPECT_EQ(facts("INSERT INTO t (SELECT 1) UNION TABLE u").class_name, "insert_select");
  EXPECT_EQ(facts("INSERT INTO t WITH c AS (SELECT 1) SELECT * FROM c").class_name,
            "insert_select");
  EXPECT_EQ(facts("SELECT SQL_NO_CACHE DISTINCT a, sql_no_cache FROM t").class_name, "select");
}

TEST(Parse, TextsInTextsAreJudged) {
  const auto prepared = facts("PREPARE s FROM 'DELETE FROM t WHERE a = ?'");
  EXPECT_EQ(prepared.class_name, "prepare_sql");
  EXPECT_EQ(prepared.group, ActionGroup::Dml);
  ASSERT_EQ(prepared.nested.size(), 1U);
  EXPECT_EQ(objects(prepared.nested[0]), "shop.t w");
  EXPECT_EQ(facts("PREPARE s FROM 'DR\\OP TABLE t'").group, ActionGroup::Ddl);
  EXPECT_EQ(facts("PREPARE s FROM @v").group, ActionGroup::Opaque);
  EXPECT_EQ(facts("EXECUTE s").group, ActionGroup::Opaque);
  EXPECT_EQ(facts("CALL p(1)").group, ActionGroup::Opaque);
}

TEST(Parse, ProgramsHaveFactsOfTheirOwn) {
  const auto made = facts(
      "CREATE PROCEDURE p() BEGIN IF a THEN DELETE FROM t; END IF; INSERT INTO u VALUES (1); END");
  EXPECT_EQ(made.group, ActionGroup::Ddl);
  ASSERT_EQ(made.nested.size(), 2U);
  EXPECT_EQ(made.nested[0].class_name, "delete");
  EXPECT_EQ(made.nested[1].class_name, "insert");
}

TEST(Parse, SettingsSayWhatTheySet) {
  const auto global = facts("SET @a = 1, GLOBAL max_connections = 10");
  EXPECT_EQ(global.group, ActionGroup::Server);
  EXPECT_EQ(global.system_variables_set, std::vector<std::string>{"global.max_connections"});
  EXPECT_EQ(facts("SET @@persist.max_connections = 10").group, ActionGroup::Server);
  EXPECT_EQ(facts("SET sql_mode = 'ANSI'").group, ActionGroup::Session);
}

TEST(Parse, ExplainRunsOnlyWithAnalyze) {
  EXPECT_EQ(facts("EXPLAIN DELETE FROM t").group, ActionGroup::Read);
  EXPECT_EQ(facts("EXPLAIN ANALYZE DELETE FROM t").group, ActionGroup::Dml);
}

TEST(Parse, UnknownFunctionsAreFlagged) {
  const auto called = facts("SELECT ABS(1), f(2), other.g(3)");
  ASSERT_EQ(called.functions.size(), 3U);
  EXPECT_TRUE(called.functions[0].builtin);
  EXPECT_EQ(called.functions[1], (FunctionUse{"shop", "f", false}));
  EXPECT_EQ(called.functions[2], (FunctionUse{"other", "g", false}));
  EXPECT_TRUE(called.dynamic);
}

TEST(Parse, WordsThatAreNamesChangeNothing) {
  EXPECT_EQ(facts("DROP TABLE TEMPORARY").group, ActionGroup::Ddl);
  EXPECT_EQ(facts("CREATE TABLE temporary (a INT)").group, ActionGroup::Ddl);
  EXPECT_EQ(facts("DROP TEMPORARY TABLE t").group, ActionGroup::Session);
  EXPECT_EQ(facts("ANALYZE TABLE t").class_name, "analyze");
  EXPECT_EQ(facts("SET PASSWORD = 'x'").group, ActionGroup::Account);
  EXPECT_EQ(facts("INSERT INTO t VALUES ROW(1)").class_name, "insert");
}

TEST(Parse, PrecedenceIsTheServers) {
  for (const char* wrong :
       {"SELECT a + NOT b", "SELECT a IN (1) IN (2)", "SELECT a BETWEEN 1", "SELECT a IN 1",
        "SELECT a LIKE b + 1", "SELECT * FROM t LEFT JOIN u", "SELECT INTERVAL 1", "SHOW TABLES t",
        "SHOW MASTER STATUS", "INSERT INTO t SELECT * FROM u JOIN v ON DUPLICATE KEY UPDATE a = 1",
        "SELECT 1 FROM t LIMIT 1 ORDER BY a", "SELECT 1 ORDER BY a ORDER BY a",
        "SELECT 1 FROM t FOR UPDATE LIMIT 1", "SELECT (a UNION SELECT 1)", "SELECT (a LIMIT 1)",
        "SELECT * FROM (t a UNION SELECT 1)", "SELECT 1 FROM t INTO @a FOR UPDATE INTO @b"}) {
    EXPECT_FALSE(parse(wrong, mysql()).accepted()) << wrong;
  }
  for (const char* right :
       {"SELECT NOT a = b AND NOT c", "SELECT a BETWEEN 1 AND 2 AND c", "SELECT a = 1 IN (2)",
        "SELECT a LIKE 'x' ESCAPE '|' OR b", "SELECT POSITION('a' IN b)", "SELECT INTERVAL(1, 2)",
        "SHOW CREATE DATABASE IF NOT EXISTS x", "SELECT ((SELECT 1) UNION SELECT 2 LIMIT 1)",
        "SELECT * FROM ((((SELECT 1))) UNION (SELECT 2)) a", "SELECT DATE '2026-01-01' 'x'",
        "SELECT {d '2026-01-01'}, {date '2026-01-01'}, {fn length('x')}",
        "SELECT 1 FROM t ORDER BY a LIMIT 1 FOR UPDATE INTO @a"}) {
    EXPECT_TRUE(parse(right, mysql()).accepted()) << right;
  }
}

TEST(Parse, ALoopsRangeIsTwoExpressions) {
  Dialect mariadb = mysql();
  mariadb.engine = Engine::MariaDb;
  mariadb.server_version = 101119;
  for (const char* range : {"1..10", "a..10", "1..a", "a..b", "1 + 1 .. f(2)", "REVERSE 1..3"}) {
    const std::string sql = std::string("CREATE PROCEDURE p() FOR i IN ") + range +
                            " DO INSERT INTO t VALUES (i); END FOR";
    EXPECT_TRUE(parse(sql, mariadb).accepted()) << sql;
    EXPECT_FALSE(parse(sql, mysql()).accepted()) << sql;
  }
  // Not left out as a tuple or list of literals, so that it is refused.
  EXPECT_FALSE(parse("INSERT INTO t VALUES (1), (1..)", mariadb).accepted());
  EXPECT_FALSE(parse("INSERT INTO t VALUES (1), (1..2)", mariadb).accepted());
  EXPECT_FALSE(parse("SELECT a IN (1, 1..2)", mariadb).accepted());
}

TEST(Parse, ObjectsAreNamedOnce) {
  EXPECT_EQ(objects(facts("CACHE INDEX t1 KEY (PRIMARY), t2 IN hot")), "shop.t1 r, shop.t2 r");
  EXPECT_EQ(objects(facts("LOAD INDEX INTO CACHE t1 IGNORE LEAVES")), "shop.t1 r");
  EXPECT_EQ(facts("DROP USER current_user()").objects, facts("DROP USER CURRENT_USER").objects);
  EXPECT_EQ(objects(facts("DROP TABLE Member")), "shop.Member d");
  EXPECT_EQ(facts("DROP USER u @localhost").objects, facts("DROP USER u@localhost").objects);
}

// A text that is plainly wrong is refused without a second try in full context.
TEST(Parse, FullContextIsForChoicesAlone) {
  const auto before = parser_statistics().full_context;
  EXPECT_FALSE(parse("SELECT FROM WHERE", mysql()).accepted());
  EXPECT_FALSE(parse("CREATE TABLE t (a INT,, b INT)", mysql()).accepted());
  EXPECT_TRUE(parse("SELECT MATCH(a) AGAINST('b' IN BOOLEAN MODE) FROM t", mysql()).accepted());
  EXPECT_EQ(parser_statistics().full_context, before);
}

TEST(Parse, ErrorsSayWhere) {
  const Parsed parsed = parse("SELECT 1\nFROM WHERE", mysql());
  ASSERT_TRUE(parsed.error.has_value());
  EXPECT_EQ(parsed.error->line, 2U);
  EXPECT_EQ(parsed.error->column, 6U);
  EXPECT_EQ(parsed.error->near, "WHERE");
}

TEST(Parse, DeepAndLongTextsEndOpaque) {
  std::string nested = "SELECT ";
  nested.append(10'000, '(').append("1").append(10'000, ')');
  EXPECT_EQ(parse(nested, mysql()).group(), ActionGroup::Opaque);
  std::string arms = "SELECT 1";
  for (int i = 0; i < 100'000; ++i) arms += " UNION SELECT 1";
  EXPECT_EQ(parse(arms, mysql()).group(), ActionGroup::Opaque);
  EXPECT_TRUE(parse("SELECT 1", mysql()).accepted());
}

TEST(Parse, ThreadsDoNotShareAParser) {
  const auto work = [] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(
          parse("SELECT a.b, COUNT(*) FROM t a JOIN u USING (id) WHERE x = 1 GROUP BY 1", mysql())
              .accepted());
    }
  };
  std::thread one(work);
  std::thread two(work);
  one.join();
  two.join();
}

// What is native on one server can be a stored function, and write, on another.
TEST(Parse, NativeFunctionsAreThoseOfTheServer) {
  const auto native = [](std::string_view name, Engine engine, std::uint32_t version) {
    Dialect dialect;
    dialect.engine = engine;
    dialect.server_version = version;
    dialect.schema = "shop";
    const auto called = facts("SELECT " + std::string(name) + "(a) FROM t", dialect);
    EXPECT_EQ(called.dynamic, !called.functions.at(0).builtin) << name;
    return called.functions.at(0).builtin;
  };
  EXPECT_TRUE(native("uuid_to_bin", Engine::MySql, 90704));
  EXPECT_FALSE(native("uuid_to_bin", Engine::MySql, 50744));
  EXPECT_FALSE(native("uuid_to_bin", Engine::MariaDb, 101119));
  EXPECT_TRUE(native("JSON_DETAILED", Engine::MariaDb, 101119));
  EXPECT_FALSE(native("json_detailed", Engine::MySql, 90704));
  EXPECT_TRUE(native("md5", Engine::MySql, 80400));
  EXPECT_TRUE(native("md5", Engine::MariaDb, 101119));
  EXPECT_FALSE(native("md5", Engine::MySql, 90704));  // a component's since 9.6
  EXPECT_TRUE(native("AsText", Engine::MySql, 50744));
  EXPECT_TRUE(native("VALUE", Engine::MariaDb, 101119));
}

TEST(Parse, AUnionHasWhereWhenEachArmHas) {
  EXPECT_FALSE(facts("SELECT a FROM t WHERE a = 1 UNION SELECT b FROM u").has_where);
  EXPECT_FALSE(facts("SELECT b FROM u UNION SELECT a FROM t WHERE a = 1").has_where);
  EXPECT_TRUE(facts("SELECT a FROM t WHERE a = 1 UNION SELECT b FROM u WHERE b = 2").has_where);
  EXPECT_TRUE(facts("SELECT 1 UNION SELECT a FROM t WHERE a = 1").has_where);
  EXPECT_TRUE(facts("UPDATE t SET a = (SELECT b FROM u) WHERE c = 1").has_where);
}

TEST(Parse, CommonTablesAreToldApartAsTablesAre) {
  Dialect dialect = mysql();
  EXPECT_EQ(objects(facts("WITH qn AS (SELECT 1) SELECT * FROM QN", dialect)), "shop.QN r");
  dialect.lower_case_table_names = 1;
  EXPECT_EQ(objects(facts("WITH qn AS (SELECT 1) SELECT * FROM QN", dialect)), "");
}

// Names are what the server calls them, whatever the client's character set is.
TEST(Parse, NamesAreUtf8) {
  const auto table = [](std::string_view name, Charset charset) {
    Dialect dialect = mysql();
    dialect.charset = charset;
    return objects(facts("SELECT * FROM `" + std::string(name) + "`", dialect));
  };
  EXPECT_EQ(table("caf\xe9", Charset::Latin1), "shop.caf\xc3\xa9 r");
  EXPECT_EQ(table("\x80", Charset::Latin1), "shop.\xe2\x82\xac r");
  EXPECT_EQ(table("x\x81\xe9", Charset::Latin1), "shop.x\xc2\x81\xc3\xa9 r");
  EXPECT_EQ(table("\xd6\xd0", Charset::Gbk), "shop.\xe4\xb8\xad r");
  EXPECT_EQ(table("\x95\x5c", Charset::Sjis), "shop.\xe8\xa1\xa8 r");   // its tail is a backslash
  EXPECT_EQ(table("\x81\x60x", Charset::Gbk), "shop.\xe4\xb9\xa3x r");  // a back-quote's byte
  EXPECT_EQ(table("caf\xc3\xa9", Charset::Utf8mb4), "shop.caf\xc3\xa9 r");
  EXPECT_EQ(table("t", Charset::Gb18030), "shop.t r");
  EXPECT_EQ(table("\xb1", Charset::Sjis), "shop.\xef\xbd\xb1 r");  // a letter of one byte
  EXPECT_EQ(table("caf\xc3\xa9", Charset::Binary), "shop.caf\xc3\xa9 r");
  EXPECT_EQ(table("t\xf0\x9f\x98\x80x", Charset::Utf8mb4), "shop.t?x r");  // names end at U+FFFF
}

// MySQL drops half a character at a name's end: t\xe1 is the table t.
TEST(Parse, ANameThatTheServerWouldReadAsAnotherIsRefused) {
  const auto takes = [](std::string_view name, Charset charset, Engine engine) {
    Dialect dialect = mysql();
    dialect.charset = charset;
    dialect.engine = engine;
    if (engine == Engine::MariaDb) dialect.server_version = 101119;
    const std::string quoted = "`" + std::string(name) + "`";
    const bool as_table = parse("SELECT * FROM " + quoted, dialect).accepted();
    EXPECT_EQ(parse("SELECT 1 AS " + quoted, dialect).accepted(), as_table) << name;
    EXPECT_EQ(parse("SELECT @" + quoted, dialect).accepted(), as_table) << name;
    return as_table;
  };
  for (const Engine engine : {Engine::MySql, Engine::MariaDb}) {
    for (const Charset charset : {Charset::Utf8mb4, Charset::Utf8mb3, Charset::Gbk, Charset::Big5,
                                  Charset::Sjis, Charset::Cp932, Charset::Gb18030, Charset::Euckr,
                                  Charset::Gb2312, Charset::Ujis, Charset::Eucjpms}) {
      Dialect dialect = mysql();
      dialect.charset = charset;
      dialect.engine = engine;
      const auto name = charset_name(charset);
      for (const char* sql : {"SELECT * FROM t\xe1", "SELECT t\xe1.a FROM u", "SELECT @a\xe1",
                              "SELECT @'a\xe1\x01'", "DROP TABLE a, t\xe1"})
        EXPECT_FALSE(parse(sql, dialect).accepted()) << name << ' ' << sql;
      EXPECT_FALSE(takes("t\xe1\x01x", charset, engine)) << name;
      EXPECT_FALSE(takes("t\xff", charset, engine)) << name;
      EXPECT_TRUE(takes("t", charset, engine)) << name;
      for (const char* sql : {"DROP USER 'admin\xe1\x01'", "DROP USER 'admin\xe1\x01'@'%'",
                              "DROP USER a@'%\xe1\x01'", "GRANT ALL ON *.* TO 'admin\xe1\x01'"})
        EXPECT_FALSE(parse(sql, dialect).accepted()) << name << ' ' << sql;
      EXPECT_TRUE(parse("SELECT 't\xe1 ' AS 'x'", dialect).accepted()) << name;
    }
    EXPECT_FALSE(takes("t\xb1", Charset::Ascii, engine));
    EXPECT_FALSE(takes("\x80\x80", Charset::Binary, engine));
    EXPECT_FALSE(takes("x\xb1", Charset::Armscii8, engine));  // no table of it here
    EXPECT_FALSE(takes("[", Charset::Swe7, engine));          // a letter there
    EXPECT_TRUE(takes("t_1$", Charset::Swe7, engine));
    EXPECT_TRUE(takes("\xb1", Charset::Latin1, engine));
    EXPECT_TRUE(takes("\xc3\xa9", Charset::Utf8mb4, engine));
    EXPECT_FALSE(takes("t\xf0\x9f\x98\x80", Charset::Utf8mb3, engine));
    EXPECT_EQ(takes("t\xf0\x9f\x98\x80", Charset::Utf8mb4, engine), engine == Engine::MySql);
  }
}

// DELETE HISTORY is a statement of MariaDB, and a table of that name elsewhere.
TEST(Parse, DeleteHistory) {
  Dialect mariadb = mysql();
  mariadb.engine = Engine::MariaDb;
  mariadb.server_version = 101119;
  EXPECT_EQ(objects(facts("DELETE HISTORY FROM t", mariadb)), "shop.t w");
  EXPECT_EQ(facts("DELETE HISTORY FROM t", mariadb).class_name, "delete");
  EXPECT_EQ(facts("DELETE HISTORY FROM t, history").class_name, "delete_multi");
}

}  // namespace
}  // namespace sluice::parser

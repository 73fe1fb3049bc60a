// Zero false drift: odd schemas are made, recorded, dumped, restored into another database, and
// compared both ways.
#include <array>
#include <cstdio>
#include <random>

#include <gmock/gmock.h>
#include <unistd.h>

#include "admin/change/record.h"
#include "admin/change/scan.h"
#include "parser/sqltext/quote.h"
#include "tests/change/schema_corpus.h"

namespace sluice::change {
namespace {

using sqltext::quote_identifier;
using test::Engine;
using testing::IsEmpty;

constexpr unsigned kSchemas = 300;

std::string quote_string(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

// One odd schema of a seed: a parent table, a table of many kinds of columns and keys, sometimes
// partitions, a view or two, programs, a trigger, an event.
class OddSchema {
 public:
  OddSchema(unsigned seed, bool mariadb) : random_(seed), mariadb_(mariadb) {}

  std::vector<std::string> statements() {
    const auto parent = name("p");
    out_.push_back("CREATE TABLE " + quote_identifier(parent) +
                   " (id INT NOT NULL PRIMARY KEY, u INT UNIQUE) ENGINE=InnoDB" + comment());
    const auto table = name("t");
    add_table(table, parent);
    add_altered(parent);
    if (chance(60)) add_view(table);
    if (chance(60)) add_programs();
    if (chance(50)) add_trigger(table);
    if (chance(30)) add_event();
    if (mariadb_ && chance(30))
      out_.push_back("CREATE SEQUENCE " + quote_identifier(name("s")) + " START WITH " + digits() +
                     " INCREMENT BY " + pick({"1", "10", "-3"}) + " MINVALUE -1000000000");
    return std::move(out_);
  }

 private:
  bool chance(unsigned percent) { return random_() % 100 < percent; }
  std::string digits() { return std::to_string(random_() % 1000); }
  std::string pick(std::initializer_list<const char*> from) {
    return *(from.begin() + random_() % from.size());
  }
  // Every odd character that an identifier may hold, and words that are keywords.
  std::string name(const std::string& prefix) {
    constexpr std::array kOdd{"",      " blank",   "`tick`",    "'quote'", "\"double\"", "\\back",
                              "ä€",    "日本",     "select",    "a.b",     "$1",         "-- x",
                              "/*c*/", "percent%", "tab\there", ";",       "UPPER",      "0123"};
    return prefix + std::to_string(++names_) + kOdd[random_() % kOdd.size()];
  }
  std::string comment() {
    if (!chance(40)) return "";
    return " COMMENT=" + quote_string(pick({"plain", "it's", "back\\slash", "new\nline", "ä€",
                                            "a;b", "-- no comment", "\"q\""}));
  }
  std::string column_type() {
    if (chance(10)) return mariadb_ ? "json" : "json";
    return pick({"tinyint(1)",
                 "smallint unsigned",
                 "int",
                 "int(11) zerofill",
                 "bigint",
                 "decimal(10,3)",
                 "decimal(65,30)",
                 "float",
                 "double",
                 "bit(7)",
                 "year",
                 "date",
                 "time(3)",
                 "datetime(6)",
                 "timestamp NULL",
                 "char(3)",
                 "varchar(20) CHARACTER SET latin1",
                 "varchar(20) COLLATE utf8mb4_bin",
                 "binary(4)",
                 "varbinary(9)",
                 "tinytext",
                 "text",
                 "longtext",
                 "blob",
                 "enum('a','b''c','ä')",
                 "set('x','y z')",
                 "geometry"});
  }
  std::string with_default(const std::string& type) {
    if (type.find("text") != std::string::npos || type == "blob" || type == "geometry" ||
        type == "json") {
      return "";
    }
    if (type.starts_with("timestamp") || type.starts_with("datetime")) {
      const std::string fraction = type.starts_with("datetime") ? "(6)" : "";
      return chance(50) ? " DEFAULT CURRENT_TIMESTAMP" + fraction +
                              (chance(50) ? " ON UPDATE CURRENT_TIMESTAMP" + fraction : "")
                        : "";
    }
    if (type.starts_with("varchar") || type.starts_with("char"))
      return pick(
          {"", " DEFAULT ''", " NOT NULL", " DEFAULT 'it'", " DEFAULT '\\'\\\\'", " DEFAULT NULL"});
    if (type.starts_with("enum")) return pick({"", " DEFAULT 'b''c'", " NOT NULL DEFAULT 'a'"});
    if (type.starts_with("int") || type.starts_with("bigint") || type.starts_with("decimal"))
      return pick({"", " NOT NULL DEFAULT 0", " DEFAULT 7", " NOT NULL", " DEFAULT (1 + 2)"});
    if (type.starts_with("bit")) return pick({"", " DEFAULT b'101'"});
    return pick({"", " NULL"});
  }
  void add_table(const std::string& table, const std::string& parent) {
    std::string sql = "CREATE TABLE " + quote_identifier(table) + " (\n  `id` INT NOT NULL" +
                      pick({"", " AUTO_INCREMENT"});
    sql += ",\n  `ref` INT,\n  `txt` VARCHAR(40) NOT NULL DEFAULT ''";
    const unsigned columns = 1 + random_() % 8;
    for (unsigned i = 0; i < columns; ++i) {
      const auto type = column_type();
      sql += ",\n  " + quote_identifier(name("c")) + " " + type + with_default(type);
      if (chance(15)) sql += " COMMENT " + quote_string(pick({"x", "it's", "ä\\", "a;b"}));
    }
    if (chance(30))
      sql += ",\n  " + quote_identifier(name("g")) + " INT GENERATED ALWAYS AS (" +
             pick({"`id` + 1", "length(`txt`)", "if(`ref` is null,0,`ref`)"}) + ") " +
             pick({"VIRTUAL", "STORED"});
    sql += ",\n  PRIMARY KEY (`id`)";
    if (chance(50)) sql += ",\n  KEY " + quote_identifier(name("k")) + " (`txt`(5), `ref`)";
    if (chance(30)) sql += ",\n  UNIQUE KEY " + quote_identifier(name("u")) + " (`ref`, `id`)";
    if (chance(20)) sql += ",\n  FULLTEXT KEY " + quote_identifier(name("f")) + " (`txt`)";
    if (!mariadb_ && chance(20))
      sql += ",\n  KEY " + quote_identifier(name("e")) + " ((lower(`txt`)), `id` DESC)";
    const bool partitioned = chance(20);
    if (!partitioned && chance(60))
      sql += ",\n  CONSTRAINT " + quote_identifier(name("fk")) +
             " FOREIGN KEY (`ref`) REFERENCES " + quote_identifier(parent) + " (`id`)" +
             pick({"", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE",
                   " ON DELETE RESTRICT", " ON UPDATE NO ACTION"});
    if (chance(40))
      sql += ",\n  CONSTRAINT " + quote_identifier(name("ck")) + " CHECK (" +
             pick({"`ref` > 0", "`txt` <> 'it''s'", "`ref` IS NULL OR `ref` BETWEEN 1 AND 9",
                   "length(`txt`) < 40 AND `ref` IN (1,2,3) OR `ref` > 10"}) +
             ")";
    sql += "\n) ENGINE=InnoDB";
    if (chance(30)) sql += " AUTO_INCREMENT=" + digits() + "7";
    sql += pick({"", " DEFAULT CHARSET=latin1", " DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
                 " ROW_FORMAT=DYNAMIC", " STATS_PERSISTENT=1"});
    sql += comment();
    if (partitioned) {
      sql +=
          pick({" PARTITION BY HASH (`id`) PARTITIONS 4", " PARTITION BY KEY (`id`) PARTITIONS 2",
                " PARTITION BY RANGE (`id`) (PARTITION a VALUES LESS THAN (10), PARTITION b "
                "VALUES LESS THAN MAXVALUE)",
                " PARTITION BY LIST (`id`) (PARTITION a VALUES IN (1,2,3), PARTITION b VALUES IN "
                "(4,5))"});
      // Neither server has FULLTEXT keys in partitioned tables.
      const auto at = sql.find("FULLTEXT KEY");
      if (at != std::string::npos) sql.replace(at, 8, "");
    }
    out_.push_back(std::move(sql));
  }
  void add_altered(const std::string& table) {
    if (chance(40))
      out_.push_back("ALTER TABLE " + quote_identifier(table) + " ADD COLUMN " +
                     quote_identifier(name("late")) + " INT DEFAULT 3 FIRST");
    if (chance(30))
      out_.push_back("CREATE INDEX " + quote_identifier(name("late")) + " ON " +
                     quote_identifier(table) + " (u, id)");
  }
  void add_view(const std::string& table) {
    const auto view = name("v");
    out_.push_back(
        "CREATE " + pick({"", "SQL SECURITY INVOKER ", "ALGORITHM=MERGE "}) + "VIEW " +
        quote_identifier(view) + " AS SELECT x.`id` AS a, " +
        pick({"x.`txt`", "concat(x.`txt`, 'it''s')", "count(*)", "coalesce(x.`ref`, 0)"}) +
        " AS b FROM " + quote_identifier(table) + " x" +
        pick({" GROUP BY x.`id`", " GROUP BY x.`id` ORDER BY x.`id` DESC",
              " WHERE x.`id` > 1 GROUP BY x.`id`"}));
    if (chance(50))
      out_.push_back("CREATE VIEW " + quote_identifier(name("v")) + " AS SELECT * FROM " +
                     quote_identifier(view));
  }
  void add_programs() {
    out_.push_back("CREATE PROCEDURE " + quote_identifier(name("proc")) +
                   "(IN a INT, OUT b VARCHAR(10)) " +
                   pick({"", "COMMENT 'it''s' ", "SQL SECURITY INVOKER "}) +
                   "BEGIN\n  -- why\n  DECLARE x INT DEFAULT 0;\n  IF a > 0 THEN SET x = a; END "
                   "IF;\n  SET b = concat('a;b', x);\nEND");
    out_.push_back(
        "CREATE FUNCTION " + quote_identifier(name("fn")) +
        "(a VARCHAR(5)) RETURNS VARCHAR(20) DETERMINISTIC RETURN concat(a, '\\\\', \"x\")");
  }
  void add_trigger(const std::string& table) {
    out_.push_back("CREATE TRIGGER " + quote_identifier(name("tr")) + " " +
                   pick({"BEFORE INSERT", "BEFORE UPDATE"}) + " ON " + quote_identifier(table) +
                   " FOR EACH ROW SET NEW.`txt` = " + pick({"'x'", "concat('it''s', NEW.`txt`)"}));
    if (chance(40))
      out_.push_back("CREATE TRIGGER " + quote_identifier(name("tr")) + " AFTER DELETE ON " +
                     quote_identifier(table) + " FOR EACH ROW BEGIN SET @a = 1; SET @b = 2; END");
  }
  void add_event() {
    out_.push_back("CREATE EVENT " + quote_identifier(name("ev")) + " ON SCHEDULE EVERY " +
                   pick({"1 DAY", "90 SECOND", "'1:30' HOUR_MINUTE"}) +
                   " STARTS '2030-01-01 00:00:00' " + pick({"", "ON COMPLETION PRESERVE "}) +
                   "DISABLE DO SET @e = 1");
  }

  std::mt19937 random_;
  bool mariadb_;
  unsigned names_ = 0;
  std::vector<std::string> out_;
};

class DriftCorpus : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    connection_ = *mysql::Connection::open(options_);
    auto restoring = options_;
    restoring.multi_statements = false;
    reader_ = *SnapshotReader::open(options_);
    name_ = "corpus_" + std::to_string(::getpid());
  }
  void TearDown() override {
    if (!connection_) return;
    for (const auto* suffix : {"_a", "_b"})
      test::must_run(*connection_, "DROP DATABASE IF EXISTS `" + name_ + suffix + "`");
  }
  // As people do it: the server's own dump program, into its own command line.
  void dump_and_restore() const {
    const bool mysql = GetParam() == Engine::kMysql;
    const auto tools = test::server_fact(GetParam(), "TOOLS") + "/";
    const std::string login = " --no-defaults -h " + test::server_fact(GetParam(), "HOST") +
                              " -P " + test::server_fact(GetParam(), "PORT") + " -u root ";
    const std::string command = "export MYSQL_PWD='" + test::server_fact(GetParam(), "PASSWORD") +
                                "'; " + tools + (mysql ? "mysqldump" : "mariadb-dump") + login +
                                "--no-data --routines --events --triggers " +
                                (mysql ? "--set-gtid-purged=OFF " : "") + name_ + "_a | " + tools +
                                (mysql ? "mysql" : "mariadb") + login + name_ + "_b 2>&1";
    std::array<char, 4096> said{};
    FILE* pipe = ::popen(command.c_str(), "r");
    std::string text;
    while (const auto count = std::fread(said.data(), 1, said.size(), pipe))
      text.append(said.data(), count);
    ASSERT_EQ(::pclose(pipe), 0) << text;
    ASSERT_EQ(text, "");
  }
  mysql::Options options_;
  std::unique_ptr<mysql::Connection> connection_;
  std::unique_ptr<SnapshotReader> reader_;
  std::string name_;
};

TEST_P(DriftCorpus, NoOddSchemaIsAFalseDrift) {
  std::size_t objects = 0;
  std::size_t asked = 0;
  std::size_t refused = 0;
  for (unsigned seed = 1; seed <= kSchemas; ++seed) {
    OddSchema odd(seed, GetParam() == Engine::kMariadb);
    const auto statements = odd.statements();
    SCOPED_TRACE("seed " + std::to_string(seed));
    test::make_database(*connection_, name_ + "_b", "utf8mb4");
    test::make_database(*connection_, name_ + "_a", "utf8mb4");
    // What one of the servers does not take (a key of that kind in a partitioned table, …) is not
    // part of its schema.
    for (const auto& sql : statements) {
      asked += 1;
      if (!connection_->query(sql)) refused += 1;
    }
    const auto first = reader_->read(name_ + "_a");
    ASSERT_TRUE(first) << first.error().message;
    for (const auto& finding : first->findings)
      ADD_FAILURE() << finding.object << ": " << finding.detail;
    // Recorded, and read back.
    const auto record = record_text(*first);
    const auto& target = first->server.target;
    auto recorded = schema::read(record, target_of(first->server.version));
    for (const auto& error : recorded.errors) ADD_FAILURE() << error.message << " " << error.near;
    EXPECT_THAT(find_drift(recorded.schema, first->schema, target, {}).objects, IsEmpty());
    // Dumped, restored, compared with the record.
    ASSERT_NO_FATAL_FAILURE(dump_and_restore());
    const auto second = reader_->read(name_ + "_b");
    ASSERT_TRUE(second) << second.error().message;
    const auto drift = find_drift(recorded.schema, second->schema, target, {});
    EXPECT_THAT(drift.objects, IsEmpty()) << drift.adopt << "\n" << drift.diff;
    EXPECT_TRUE(same_schema({record, first->server.version},
                            {record_text(*second), second->server.version}));
    objects += object_hashes(first->schema, target).size();
    if (HasFailure()) return;
  }
  RecordProperty("objects", static_cast<int>(objects));
  EXPECT_GT(objects, kSchemas * 4);
  EXPECT_LT(refused * 4, asked);
}

INSTANTIATE_TEST_SUITE_P(Servers, DriftCorpus, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change

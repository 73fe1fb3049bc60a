// Snapshots of real databases: the corpus of odd schemas, restored, dumped and compared.
#include "admin/change/snapshot.h"

#include <array>
#include <cstdio>

#include <gmock/gmock.h>
#include <unistd.h>

#include "parser/schema/print.h"
#include "tests/change/schema_corpus.h"

namespace sluice::change {
namespace {

using schema::ObjectKind;
using test::Engine;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string said(const Snapshot& snapshot) {
  std::string text;
  for (const auto& finding : snapshot.findings)
    text += finding.object + ": " + finding.detail + "\n";
  return text;
}

std::string differences(schema::Schema from, schema::Schema to, const schema::Target& target) {
  schema::DiffOptions options;
  options.target = target;
  return print_changes(diff(std::move(from), std::move(to), options), true);
}

class SnapshotTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options_);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    auto reader = SnapshotReader::open(options_);
    ASSERT_TRUE(reader) << reader.error().message;
    reader_ = std::move(*reader);
    name_ = "snapshot_" + std::to_string(::getpid());
  }
  void TearDown() override {
    if (!connection_) return;
    for (const auto* suffix : {"", "_b"})
      test::must_run(*connection_, "DROP DATABASE IF EXISTS `" + name_ + suffix + "`");
  }
  void make(const test::CorpusFile& file) {
    test::make_database(*connection_, name_, file.charset);
    for (const auto& statement : file.statements) test::must_run(*connection_, statement);
  }
  Snapshot read(const std::string& name) {
    auto snapshot = reader_->read(name);
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    return snapshot ? std::move(*snapshot) : Snapshot();
  }
  // As mysqldump writes it.
  std::string dump(const std::string& name) const {
    const std::string program = GetParam() == Engine::kMysql
                                    ? test::server_fact(Engine::kMysql, "TOOLS") + "/mysqldump"
                                    : "mariadb-dump";
    const std::string command =
        "MYSQL_PWD='" + test::server_fact(GetParam(), "PASSWORD") + "' " + program +
        " --no-defaults -h " + test::server_fact(GetParam(), "HOST") + " -P " +
        test::server_fact(GetParam(), "PORT") +
        " -u root --no-data --routines --events --triggers --force --compact " + name +
        " 2>/dev/null";
    std::string text;
    FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 65536> part{};
    while (const auto count = std::fread(part.data(), 1, part.size(), pipe))
      text.append(part.data(), count);
    ::pclose(pipe);
    return text;
  }
  bool fits(const test::CorpusFile& file) const {
    return GetParam() == Engine::kMysql ? file.mysql : file.mariadb;
  }
  mysql::Options options_;
  std::unique_ptr<mysql::Connection> connection_;
  std::unique_ptr<SnapshotReader> reader_;
  std::string name_;
};

// The law of drift: what is recorded, and what is restored from the record, is the same schema.
TEST_P(SnapshotTest, TheRecordOfEveryOddSchemaRestoresToTheSame) {
  std::size_t objects = 0;
  for (const auto& file : test::read_corpus()) {
    if (!fits(file)) continue;
    SCOPED_TRACE(file.name);
    make(file);
    const auto first = read(name_);
    EXPECT_THAT(first.findings, IsEmpty()) << said(first);
    const auto& target = first.server.target;
    const auto text = canonical_text(first.schema, target);
    const auto hashes = object_hashes(first.schema, target);
    objects += hashes.size() - 1;

    auto recorded = schema::read(text, target);
    for (const auto& error : recorded.errors)
      ADD_FAILURE() << error.message << " near " << error.near << " line " << error.line;
    recorded.schema.name = first.schema.name;
    EXPECT_EQ(differences(recorded.schema, first.schema, target), "");
    EXPECT_EQ(object_hashes(recorded.schema, target), hashes);

    test::make_database(*connection_, name_ + "_b", file.charset);
    for (const auto& range : split_file(text, target))
      test::must_run(*connection_, text.substr(range.begin, range.end - range.begin));
    const auto second = read(name_ + "_b");
    EXPECT_EQ(differences(first.schema, second.schema, target), "");
    EXPECT_EQ(differences(second.schema, first.schema, target), "");
    EXPECT_EQ(object_hashes(second.schema, target), hashes);
  }
  EXPECT_GT(objects, 300U);
}

TEST_P(SnapshotTest, ADumpOfEveryOddSchemaIsTheSame) {
  for (const auto& file : test::read_corpus()) {
    if (!fits(file)) continue;
    SCOPED_TRACE(file.name);
    make(file);
    const auto live = read(name_);
    const auto& target = live.server.target;
    auto dumped = schema::read(dump(name_), target);
    for (const auto& error : dumped.errors)
      ADD_FAILURE() << error.message << " near " << error.near << " line " << error.line;
    dumped.schema.name = live.schema.name;
    dumped.schema.charset = live.schema.charset;
    dumped.schema.collation = live.schema.collation;
    EXPECT_EQ(differences(dumped.schema, live.schema, target), "");
  }
}

TEST_P(SnapshotTest, ABrokenViewIsPartOfTheSchema) {
  test::make_database(*connection_, name_, "utf8mb4");
  test::must_run(*connection_, "CREATE TABLE gone (a int)");
  test::must_run(*connection_, "CREATE VIEW broken AS SELECT a FROM gone");
  const auto whole = read(name_);
  test::must_run(*connection_, "DROP TABLE gone");
  const auto broken = read(name_);
  EXPECT_THAT(broken.findings, IsEmpty()) << said(broken);
  EXPECT_TRUE(broken.schema.views.contains("broken"));
  const auto& target = broken.server.target;
  EXPECT_EQ(differences(whole.schema, broken.schema, target),
            "-- TABLE gone: the table is dropped with its rows\nDROP TABLE `gone`;\n\n");
}

TEST_P(SnapshotTest, ANewDatabaseIsEmptyAndAMissingOneIsSaid) {
  test::make_database(*connection_, name_, "latin1");
  const auto empty = read(name_);
  EXPECT_EQ(empty.schema.charset, "latin1");
  EXPECT_TRUE(empty.schema.tables.empty());
  EXPECT_LE(empty.round_trips, 8U);
  const auto missing = reader_->read("no such `database");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().number, 1049U);
}

// What an account may not see is a finding and never a difference.
TEST_P(SnapshotTest, AnAccountThatSeesLessSaysSo) {
  test::make_database(*connection_, name_, "utf8mb4");
  for (const auto* sql :
       {"CREATE TABLE t (a int)", "CREATE VIEW v AS SELECT a FROM t",
        "CREATE PROCEDURE p() SELECT 1", "CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1"}) {
    test::must_run(*connection_, sql);
  }
  test::must_run(*connection_, "DROP USER IF EXISTS 'half_sighted'@'%'");
  test::must_run(*connection_, "CREATE USER 'half_sighted'@'%' IDENTIFIED BY 'p'");
  test::must_run(*connection_,
                 "GRANT SELECT, SHOW VIEW ON `" + name_ + "`.* TO 'half_sighted'@'%'");
  auto options = options_;
  options.username = "half_sighted";
  options.password = mysql::Password("p");
  const auto all = read(name_);
  EXPECT_THAT(all.hidden, IsEmpty());
  auto reader = SnapshotReader::open(options);
  ASSERT_TRUE(reader) << reader.error().message;
  const auto some = (*reader)->read(name_);
  ASSERT_TRUE(some) << some.error().message;
  EXPECT_THAT(said(*some),
              testing::AnyOf(HasSubstr("grant SHOW_ROUTINE"), HasSubstr("SELECT ON mysql.*")));
  EXPECT_THAT(some->hidden, Contains(ObjectKind::Trigger));
  EXPECT_THAT(some->hidden, Contains(ObjectKind::Event));
  EXPECT_THAT(some->hidden, Contains(ObjectKind::Procedure));
  auto recorded = all.schema;
  forget_hidden(recorded, some->hidden);
  EXPECT_EQ(differences(recorded, some->schema, all.server.target), "");
  EXPECT_TRUE(some->schema.tables.contains("t"));
  EXPECT_TRUE(some->schema.views.contains("v"));
  test::must_run(*connection_, "DROP USER 'half_sighted'@'%'");
}

INSTANTIATE_TEST_SUITE_P(Servers, SnapshotTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::change

// The control connection against real servers.
#include "admin/mysql/connection.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/real_server.h"

namespace sluice::mysql {
namespace {

using test::Engine;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

class ConnectionTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
  }
  std::unique_ptr<Connection> open() { return open(options_); }
  static std::unique_ptr<Connection> open(const Options& options) {
    auto connection = Connection::open(options);
    EXPECT_TRUE(connection) << connection.error().message;
    return connection ? std::move(*connection) : nullptr;
  }
  static std::vector<ResultSet> run(Connection& connection, std::string_view sql) {
    auto results = connection.query(sql);
    EXPECT_TRUE(results) << sql << ": " << results.error().message;
    return results ? std::move(*results) : std::vector<ResultSet>();
  }
  std::string ca() const { return test::server_fact(GetParam(), "CA"); }
  static std::string read_file(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  // A database of this test alone.
  std::string fresh(Connection& connection) {
    const std::string name = std::string("connection_") + std::to_string(::getpid());
    run(connection, "DROP DATABASE IF EXISTS " + name);
    run(connection, "CREATE DATABASE " + name);
    run(connection, "USE " + name);
    return name;
  }
  Options options_;
};

TEST_P(ConnectionTest, LogsInAndTellsWhoAnswered) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  EXPECT_EQ(connection->is_mariadb(), GetParam() == Engine::kMariadb);
  EXPECT_GT(connection->version(), GetParam() == Engine::kMariadb ? 101000U : 90000U);
  EXPECT_EQ(*connection->value("SELECT CONNECTION_ID()"), std::to_string(connection->thread_id()));
  EXPECT_EQ(*connection->value("SELECT @@collation_connection = "
                               "(SELECT DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS"
                               " WHERE CHARACTER_SET_NAME = 'utf8mb4')"),
            "1");
}

TEST_P(ConnectionTest, EveryTlsModeDoesWhatItSays) {
  const auto with = [&](TlsMode mode, const std::string& authority) {
    auto options = options_;
    options.tls.mode = mode;
    options.tls.ca = authority;
    return Connection::open(options);
  };
  EXPECT_EQ((*with(TlsMode::kDisabled, ""))->tls_cipher(), "");
  EXPECT_NE((*with(TlsMode::kPreferred, ""))->tls_cipher(), "");
  EXPECT_NE((*with(TlsMode::kRequired, ""))->tls_cipher(), "");
  EXPECT_NE((*with(TlsMode::kVerifyCa, ca()))->tls_cipher(), "");
  EXPECT_NE((*with(TlsMode::kVerifyCa, read_file(ca())))->tls_cipher(), "");
  // Without a CA of ours the system's decides, and it did not sign these.
  EXPECT_EQ(with(TlsMode::kVerifyCa, "").error().kind, Failure::kTls);
  EXPECT_EQ(with(TlsMode::kVerifyIdentity, "").error().kind, Failure::kTls);
  const auto identity = with(TlsMode::kVerifyIdentity, ca());
  if (GetParam() == Engine::kMariadb) {
    ASSERT_TRUE(identity) << identity.error().message;  // its certificate names 127.0.0.1
    EXPECT_NE((*identity)->tls_cipher(), "");
  } else {
    ASSERT_FALSE(identity);  // MySQL's own certificate names no host
    EXPECT_EQ(identity.error().kind, Failure::kTls);
  }
}

TEST_P(ConnectionTest, PasswordsOfEachMethodWorkWithAndWithoutTls) {
  const auto admin = open();
  ASSERT_TRUE(admin);
  const std::vector<std::string> methods =
      GetParam() == Engine::kMysql
          ? std::vector<std::string>{"caching_sha2_password", "sha256_password"}
          : std::vector<std::string>{"mysql_native_password"};
  for (const auto& method : methods) {
    for (const auto mode : {TlsMode::kDisabled, TlsMode::kPreferred}) {
      run(*admin, "DROP USER IF EXISTS 'method'@'%'");
      run(*admin, GetParam() == Engine::kMysql
                      ? "CREATE USER 'method'@'%' IDENTIFIED WITH " + method + " BY 'p''w'"
                      : "CREATE USER 'method'@'%' IDENTIFIED BY 'p''w'");
      auto options = options_;
      options.username = "method";
      options.password = Password("p'w");
      options.tls.mode = mode;
      const auto connection = Connection::open(options);
      EXPECT_TRUE(connection) << method << ": " << connection.error().message;
      options.password = Password("wrong");
      const auto refused = Connection::open(options);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().kind, Failure::kRefused);
      EXPECT_EQ(refused.error().number, 1045U);
      EXPECT_EQ(refused.error().message.find("wrong"), std::string::npos);
    }
  }
  run(*admin, "DROP USER 'method'@'%'");
}

TEST_P(ConnectionTest, UnreachableSaysWhy) {
  auto options = options_;
  options.host = "no-such-host.invalid";
  auto connection = Connection::open(options);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, Failure::kUnreachable);
  EXPECT_THAT(connection.error().message, HasSubstr("no-such-host.invalid"));
  // A port that nobody listens on: bound, and closed again.
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size);
  options = options_;
  options.port = ntohs(address.sin_port);
  connection = Connection::open(options);
  ::close(probe);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, Failure::kUnreachable);
}

TEST_P(ConnectionTest, CellsAreBytesAndNulls) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  const auto sets = run(*connection, "SELECT 'ä😀', NULL, '', 0x00FF, 18446744073709551615, 1.50");
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_THAT(sets[0].rows,
              ElementsAre(ElementsAre(Cell("ä😀"), Cell(), Cell(""), Cell(std::string("\0\xff", 2)),
                                      Cell("18446744073709551615"), Cell("1.50"))));
  EXPECT_FALSE(sets[0].columns[0].is_binary());
  EXPECT_TRUE(sets[0].columns[3].is_binary());
  EXPECT_EQ(sets[0].columns[4].type, Type::kLongLong);
  EXPECT_TRUE(sets[0].columns[4].is_unsigned());
}

TEST_P(ConnectionTest, BoundValuesArriveAsTheyAre) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  fresh(*connection);
  run(*connection,
      "CREATE TABLE v (i bigint, u bigint unsigned, d double, s varchar(2000), b varbinary(20), n "
      "int) CHARACTER SET utf8mb4");
  const std::string text = std::string(1500, 'x') + "'\"\\ä😀";
  const Parameter values[] = {
      std::int64_t{-5}, ~std::uint64_t{0}, 1.25, text, Bytes{std::string("\0'\\\xff", 4)},
      std::monostate{}};
  const auto inserted = connection->execute("INSERT INTO v VALUES (?,?,?,?,?,?)", values);
  ASSERT_TRUE(inserted) << inserted.error().message;
  EXPECT_EQ(inserted->front().completion.affected_rows, 1U);
  const Parameter key[] = {std::int64_t{-5}};
  const auto read = connection->execute("SELECT i,u,d,s,b,n FROM v WHERE i = ?", key);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_THAT(read->front().rows,
              ElementsAre(ElementsAre(Cell("-5"), Cell("18446744073709551615"), Cell("1.25"),
                                      Cell(text), Cell(std::string("\0'\\\xff", 4)), Cell())));
  EXPECT_FALSE(connection->execute("SELECT ?, ?", key));
  EXPECT_EQ(*connection->value("SELECT 1"), "1");  // and the connection goes on
}

TEST_P(ConnectionTest, ErrorsHaveNumberAndState) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  const auto wrong = connection->query("SELEC 1");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, Failure::kServer);
  EXPECT_EQ(wrong.error().number, 1064U);
  EXPECT_EQ(wrong.error().sqlstate, "42000");
  const auto two = connection->query("SELECT 1; SELECT 2");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().number, 1064U);
  const auto prepared = connection->execute("SELECT * FROM mysql.no_such_table", {});
  ASSERT_FALSE(prepared);
  EXPECT_EQ(prepared.error().number, 1146U);
}

TEST_P(ConnectionTest, CallGivesEveryResult) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  fresh(*connection);
  run(*connection, "CREATE PROCEDURE p() BEGIN SELECT 1 AS a; SELECT 2 AS b, 3 AS c; END");
  for (const auto& sets : {run(*connection, "CALL p()"), *connection->execute("CALL p()", {})}) {
    ASSERT_EQ(sets.size(), 3U);
    EXPECT_EQ(sets[0].columns[0].name, "a");
    EXPECT_THAT(sets[1].rows, ElementsAre(ElementsAre(Cell("2"), Cell("3"))));
    EXPECT_TRUE(sets[2].columns.empty());
  }
}

TEST_P(ConnectionTest, CountsAndWarnings) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  fresh(*connection);
  run(*connection, "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int)");
  const auto inserted = run(*connection, "INSERT INTO t (a) VALUES (1),(2),(2)");
  EXPECT_EQ(inserted[0].completion.affected_rows, 3U);
  EXPECT_EQ(inserted[0].completion.insert_id, 1U);
  const auto updated = run(*connection, "UPDATE t SET a = 2");
  EXPECT_EQ(updated[0].completion.affected_rows, 1U);
  EXPECT_THAT(updated[0].completion.info, HasSubstr("Rows matched: 3"));
  auto options = options_;
  options.found_rows = true;
  const auto matching = open(options);
  const auto schema = *connection->value("SELECT DATABASE()");
  EXPECT_EQ(run(*matching, "UPDATE " + *schema + ".t SET a = 2")[0].completion.affected_rows, 3U);
  run(*connection, "BEGIN");
  const auto dropped = run(*connection, "INSERT IGNORE INTO t VALUES (1, 1)");
  EXPECT_TRUE(dropped[0].completion.in_transaction);
  EXPECT_EQ(dropped[0].completion.warnings, 1U);
  const auto warnings = connection->warnings();
  ASSERT_TRUE(warnings);
  ASSERT_EQ(warnings->size(), 1U);
  EXPECT_EQ(warnings->front().number, 1062U);
}

TEST_P(ConnectionTest, TheOwnGtidIsNamed) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  fresh(*connection);
  ASSERT_TRUE(connection->track_gtids());
  const auto made = run(*connection, "CREATE TABLE t (a int)")[0].completion.gtid;
  const auto inserted = run(*connection, "INSERT INTO t VALUES (1)")[0].completion.gtid;
  EXPECT_NE(made, "");
  EXPECT_NE(inserted, made);
  if (GetParam() == Engine::kMysql) {
    EXPECT_EQ(*connection->value("SELECT GTID_SUBSET('" + inserted + "', @@gtid_executed)"), "1");
  } else {
    EXPECT_EQ(*connection->value("SELECT @@last_gtid"), inserted);
  }
  EXPECT_EQ(run(*connection, "SELECT 1")[0].completion.gtid, "");
  EXPECT_EQ(run(*connection, "DO 0")[0].completion.gtid, "");
  run(*connection, "BEGIN");
  EXPECT_EQ(run(*connection, "INSERT INTO t VALUES (2)")[0].completion.gtid, "");
  EXPECT_NE(run(*connection, "COMMIT")[0].completion.gtid, inserted);
}

class Rows final : public Sink {
 public:
  explicit Rows(std::uint64_t wanted) : wanted_(wanted) {}
  bool columns(std::span<const Column>) override { return true; }
  bool row(std::span<const CellView>) override { return ++count < wanted_; }
  bool done(const Completion&) override { return true; }
  std::uint64_t count = 0;

 private:
  std::uint64_t wanted_;
};

constexpr const char* kManyRows =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) "
    "SELECT a.i, b.i, REPEAT('x', 100) FROM n a, n b";

TEST_P(ConnectionTest, AStreamIsStoppedAndTheConnectionGoesOn) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  Rows rows(10);
  const auto stopped = connection->stream(kManyRows, rows);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, Failure::kStopped);
  EXPECT_EQ(rows.count, 10U);
  Rows all(~std::uint64_t{0});
  EXPECT_TRUE(connection->stream(kManyRows, all));
  EXPECT_EQ(all.count, 810000U);
  Limits limits;
  limits.max_bytes = 1 << 20;
  const auto large = connection->query(kManyRows, limits);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, Failure::kTooLarge);
  EXPECT_EQ(*connection->value("SELECT 7"), "7");
}

// What a statement that waits for ever is: a lock that another connection holds.
struct Locked {
  std::unique_ptr<Connection> holder;
  std::string waiting;
};

TEST_P(ConnectionTest, ARunningStatementEndsAtItsDeadlineAndOnRequest) {
  const auto holder = open();
  const auto connection = open();
  ASSERT_TRUE(holder && connection);
  const auto schema = fresh(*holder);
  run(*holder, "CREATE TABLE t (a int)");
  run(*holder, "BEGIN");
  run(*holder, "SELECT * FROM t");  // holds the metadata lock
  const std::string waiting = "ALTER TABLE " + schema + ".t ADD b int";
  Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + 200ms;
  const auto late = connection->query(waiting, limits);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Failure::kDeadline);
  EXPECT_FALSE(connection->lost());

  Cancellation cancellation;
  limits = {};
  limits.cancellation = &cancellation;
  std::thread other([&] {
    const auto seen = open();
    // Until the server shows the statement waiting for the lock.
    while (*seen->value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " +
                        std::to_string(connection->thread_id()) +
                        " AND STATE LIKE '%metadata lock%'") != "1") {
      std::this_thread::yield();
    }
    cancellation.request();
  });
  const auto cancelled = connection->query(waiting, limits);
  other.join();
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().kind, Failure::kCancelled);
  const auto again = connection->execute("SELECT 1", {}, limits);  // stays cancelled
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Failure::kCancelled);
  EXPECT_EQ(*connection->value("SELECT 7"), "7");
}

// MySQL lets nobody log in with a schema that a DROP DATABASE waits for: the KILL must not need to.
TEST_P(ConnectionTest, ADropThatWaitsForAStatementDoesNotKeepItsKillAway) {
  const auto dropper = open();
  ASSERT_TRUE(dropper);
  auto options = test::server_options(GetParam());
  options.database = fresh(*dropper);
  run(*dropper, "CREATE TABLE t (a int)");
  run(*dropper, "INSERT INTO t VALUES (1)");
  const auto connection = Connection::open(options);
  ASSERT_TRUE(connection);
  const auto seen = open();
  const auto wait_for = [&](const Connection& whose, const std::string& what) {
    while (*seen->value("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = " +
                        std::to_string(whose.thread_id()) + " AND " + what) != "1") {
      std::this_thread::yield();
    }
  };
  Cancellation cancellation;
  std::thread drop;
  std::thread cancel([&] {
    wait_for(**connection, "INFO LIKE 'SELECT SLEEP%'");
    drop = std::thread([&] { run(*dropper, "DROP DATABASE " + options.database); });
    wait_for(*dropper, "STATE LIKE '%metadata lock%'");
    cancellation.request();
  });
  Limits limits;
  limits.cancellation = &cancellation;
  const auto ended = (*connection)->query("SELECT SLEEP(600) FROM t", limits);
  cancel.join();
  drop.join();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, Failure::kCancelled);
  EXPECT_FALSE((*connection)->lost());  // killed, not cut
}

TEST_P(ConnectionTest, AKilledConnectionIsLost) {
  const auto connection = open();
  ASSERT_TRUE(connection);
  ASSERT_TRUE(kill_connection(options_, connection->thread_id()));
  const auto gone = connection->query("SELECT 1");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, Failure::kLost) << gone.error().number << gone.error().message;
  EXPECT_TRUE(connection->lost());
  EXPECT_EQ(connection->query("SELECT 1").error().kind, Failure::kLost);
  // The server knows it until it has noticed that it is gone.
  const auto until = std::chrono::steady_clock::now() + 60s;
  auto unknown = kill_query(options_, connection->thread_id());
  while (unknown && std::chrono::steady_clock::now() < until) {
    unknown = kill_query(options_, connection->thread_id());
  }
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().number, 1094U);
}

INSTANTIATE_TEST_SUITE_P(Servers, ConnectionTest, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

TEST(TlsModeTest, IsReadByName) {
  TlsMode mode = TlsMode::kDisabled;
  EXPECT_TRUE(parse_tls_mode("verify_ca", mode));
  EXPECT_EQ(mode, TlsMode::kVerifyCa);
  EXPECT_FALSE(parse_tls_mode("VERIFY", mode));
  EXPECT_EQ(mode, TlsMode::kVerifyCa);
}

}  // namespace
}  // namespace sluice::mysql

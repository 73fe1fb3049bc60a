// The binary log over the wire, from the real servers.
#include "admin/mysql/binlog_stream.h"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "admin/mysql/connection.h"
#include "proxy/wire/writer.h"
#include "tests/support/real_server.h"

namespace sluice::mysql {
namespace {

using test::Engine;
using testing::Contains;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using namespace std::chrono_literals;

constexpr std::uint8_t kQuery = 2;
constexpr std::uint8_t kFormatDescription = 15;
constexpr std::uint8_t kXid = 16;
constexpr std::uint8_t kTableMap = 19;

class BinlogStreamTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    options_ = test::server_options(GetParam());
    auto opened = Connection::open(options_);
    ASSERT_TRUE(opened) << opened.error().message;
    control_ = std::move(*opened);
    database_ = "stream_" + std::to_string(::getpid());
    run("DROP DATABASE IF EXISTS " + database_);
    run("CREATE DATABASE " + database_);
    run("CREATE TABLE " + database_ + ".t (id INT PRIMARY KEY, b LONGBLOB)");
  }
  void TearDown() override {
    if (control_) run("DROP DATABASE IF EXISTS " + database_);
  }
  [[nodiscard]] bool mariadb() const { return GetParam() == Engine::kMariadb; }
  void run(const std::string& sql) {
    const auto done = control_->query(sql);
    ASSERT_TRUE(done) << sql << ": " << done.error().message;
  }
  void insert(int id, const std::string& value = "'x'") {
    run("INSERT INTO " + database_ + ".t VALUES (" + std::to_string(id) + ", " + value + ")");
  }
  [[nodiscard]] BinlogPlace here() {
    const auto rows = control_->rows(mariadb() ? "SHOW MASTER STATUS" : "SHOW BINARY LOG STATUS");
    EXPECT_TRUE(rows && !rows->empty());
    return {rows->at(0).at(0).value_or(""), std::stoull(rows->at(0).at(1).value_or("0"))};
  }
  [[nodiscard]] std::unique_ptr<BinlogStream> open(const BinlogRequest& request) {
    auto stream = BinlogStream::open(options_, request);
    EXPECT_TRUE(stream) << stream.error().message;
    return stream ? std::move(*stream) : nullptr;
  }
  struct Seen {
    std::vector<int> types;
    std::size_t largest = 0;
    std::optional<Fault> fault;
  };
  static Seen read_all(BinlogStream& stream, const Limits& limits = {}) {
    Seen seen;
    while (true) {
      const auto event = stream.next(limits);
      if (!event) seen.fault = event.error();
      if (!event || !*event) return seen;
      seen.types.push_back((*event)->type);
      seen.largest = std::max(seen.largest, (*event)->bytes.size());
    }
  }
  [[nodiscard]] int write_rows() const { return mariadb() ? 23 : 30; }

  Options options_;
  std::unique_ptr<Connection> control_;
  std::string database_;
};

TEST_P(BinlogStreamTest, ReadsFromAPositionToTheEndAndEndsByItself) {
  const auto before = here();
  insert(1);
  insert(2);
  const auto stream = open({.from = before});
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->is_mariadb(), mariadb());
  const auto seen = read_all(*stream);
  EXPECT_FALSE(seen.fault) << seen.fault->message;
  EXPECT_THAT(seen.types,
              IsSupersetOf({int{kFormatDescription}, int{kTableMap}, write_rows(), int{kXid}}));
  EXPECT_EQ(std::ranges::count(seen.types, kXid), 2);
  EXPECT_EQ(stream->place(), here());
  const auto again = stream->next();
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
}

TEST_P(BinlogStreamTest, EndsWhereItIsTold) {
  const auto before = here();
  insert(1);
  const auto middle = here();
  insert(2);
  run("FLUSH BINARY LOGS");
  insert(3);
  auto stream = open({.from = before, .until = middle});
  ASSERT_TRUE(stream);
  EXPECT_EQ(std::ranges::count(read_all(*stream).types, kXid), 1);
  EXPECT_EQ(stream->place(), middle);
  // Over the end of a file.
  const auto end = here();
  EXPECT_TRUE(is_before(middle, end));
  EXPECT_FALSE(is_before(end, middle));
  stream = open({.from = middle, .until = end});
  ASSERT_TRUE(stream);
  EXPECT_EQ(std::ranges::count(read_all(*stream).types, kXid), 2);
  EXPECT_EQ(stream->place(), end);
  stream = open({.from = end, .until = end});
  ASSERT_TRUE(stream);
  EXPECT_THAT(read_all(*stream).types, Not(Contains(kXid)));
}

TEST_P(BinlogStreamTest, FollowsWhatComes) {
  const auto stream = open({.from = here(), .follow = true, .heartbeat = 200ms});
  ASSERT_TRUE(stream);
  const auto until = [](auto time) {
    Limits limits;
    limits.deadline = std::chrono::steady_clock::now() + time;
    return limits;
  };
  const auto patience = until(60s);
  std::vector<int> types;
  while (!testing::Value(types, Contains(testing::AnyOf(27, 41)))) {  // heartbeats
    const auto event = stream->next(patience);
    ASSERT_TRUE(event) << event.error().message;
    ASSERT_TRUE(*event);
    types.push_back((*event)->type);
  }
  EXPECT_THAT(types, Not(Contains(kXid)));
  const auto seen = read_all(*stream, until(1ms));
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->kind, Failure::kDeadline) << seen.fault->message;
  run("CREATE TABLE " + database_ + ".other (a INT)");
  insert(7);
  bool ddl = false;
  bool rows = false;
  while (!rows) {
    const auto event = stream->next(patience);
    ASSERT_TRUE(event) << event.error().message;
    ASSERT_TRUE(*event);
    ddl = ddl || (*event)->type == kQuery;
    rows = (*event)->type == kXid;
  }
  EXPECT_TRUE(ddl);
}

TEST_P(BinlogStreamTest, IsCancelledFromAnotherThread) {
  const auto stream = open({.from = here(), .follow = true});
  ASSERT_TRUE(stream);
  Cancellation cancellation;
  std::thread other([&] { cancellation.request(); });
  Limits limits;
  limits.cancellation = &cancellation;
  const auto seen = read_all(*stream, limits);
  other.join();
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->kind, Failure::kCancelled);
}

TEST_P(BinlogStreamTest, AnEventMayBeLongerThanAFrame) {
  run("SET GLOBAL max_allowed_packet = 67108864");
  auto opened = Connection::open(options_);
  ASSERT_TRUE(opened);
  control_ = std::move(*opened);
  const auto before = here();
  insert(1, "REPEAT('x', 40000000)");
  insert(2);
  const auto stream = open({.from = before});
  ASSERT_TRUE(stream);
  const auto seen = read_all(*stream);
  EXPECT_FALSE(seen.fault) << seen.fault->message;
  EXPECT_GT(seen.largest, 40000000U);
  EXPECT_EQ(std::ranges::count(seen.types, kXid), 2);
  const auto limited = open({.from = before, .max_event_bytes = 1000000});
  ASSERT_TRUE(limited);
  const auto stopped = read_all(*limited);
  ASSERT_TRUE(stopped.fault);
  EXPECT_EQ(stopped.fault->kind, Failure::kTooLarge);
}

TEST_P(BinlogStreamTest, EveryWayToTheServer) {
  const auto before = here();
  insert(1);
  const auto check = [&](bool encrypted) {
    const auto stream = open({.from = before});
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->encrypted(), encrypted);
    EXPECT_THAT(read_all(*stream).types, Contains(write_rows()));
  };
  options_.tls.mode = TlsMode::kDisabled;  // caching_sha2_password by RSA
  check(false);
  options_.tls.mode = TlsMode::kRequired;
  check(true);
  options_.tls.mode = TlsMode::kVerifyCa;
  options_.tls.ca = test::server_fact(GetParam(), "CA");
  check(true);
  const std::string user = "'stream_socket'@'%'";
  run("DROP USER IF EXISTS " + user);
  run("CREATE USER " + user + " IDENTIFIED BY 'Secret_123'");
  run("GRANT REPLICATION SLAVE ON *.* TO " + user);
  const auto administrator = options_;
  options_.username = "stream_socket";
  options_.password = Password("Secret_123");
  options_.socket = test::server_fact(GetParam(), "SOCKET");
  check(false);
  options_ = administrator;
  run("DROP USER " + user);
  options_.tls.ca.clear();  // the system's, which did not sign it
  const auto refused = BinlogStream::open(options_, {.from = before});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kTls) << refused.error().message;
}

TEST_P(BinlogStreamTest, WhatKeepsItFromReadingIsAFault) {
  const std::string user = "'stream_user'@'%'";
  run("DROP USER IF EXISTS " + user);
  run("CREATE USER " + user + " IDENTIFIED BY 'Secret_123'");
  auto poor = options_;
  poor.username = "stream_user";
  poor.password = Password("Secret_123");
  auto stream = BinlogStream::open(poor, {.from = here()});
  ASSERT_TRUE(stream) << stream.error().message;
  auto seen = read_all(**stream);
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->kind, Failure::kServer);
  EXPECT_EQ(seen.fault->number, 1227U) << seen.fault->message;
  poor.password = Password("wrong");
  const auto refused = BinlogStream::open(poor, {.from = here()});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Failure::kRefused);
  run("DROP USER " + user);

  const auto gone = open({.from = {"nowhere.000001", 4}});
  ASSERT_TRUE(gone);
  seen = read_all(*gone);
  ASSERT_TRUE(seen.fault);
  EXPECT_EQ(seen.fault->number, 1236U);
  options_.port = 1;
  const auto away = BinlogStream::open(options_, {});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, Failure::kUnreachable);
}

// The set of one server's GTIDs from 1, without some.
std::vector<std::uint8_t> set_without(const std::string& uuid, std::uint64_t last,
                                      std::uint64_t wanted) {
  wire::Buffer out;
  wire::Writer to(out);
  to.u64(1);
  std::string hex;
  for (const char c : uuid) {
    if (c != '-') hex += c;
  }
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    to.u8(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
  }
  to.u64(wanted < last ? 2 : 1);
  to.u64(1);
  to.u64(wanted);
  if (wanted < last) {
    to.u64(wanted + 1);
    to.u64(last + 1);
  }
  return out;
}

TEST_P(BinlogStreamTest, OneTransactionComesAlone) {
  if (mariadb()) GTEST_SKIP() << "MariaDB has no such command";
  ASSERT_TRUE(control_->track_gtids());
  insert(1);
  const auto before = here();
  const auto done = control_->query("INSERT INTO " + database_ + ".t VALUES (2, 'y'), (3, 'z')");
  ASSERT_TRUE(done);
  const std::string gtid = done->at(0).completion.gtid;
  const auto colon = gtid.rfind(':');
  ASSERT_NE(colon, std::string::npos);
  const auto after = here();
  insert(4);
  insert(5);
  const auto number = std::stoull(gtid.substr(colon + 1));
  const auto had = set_without(gtid.substr(0, colon), number + 2, number);
  for (const auto& request :
       {BinlogRequest{.had = had}, BinlogRequest{.from = before, .had = had, .until = after}}) {
    const auto stream = open(request);
    ASSERT_TRUE(stream);
    const auto seen = read_all(*stream);
    EXPECT_FALSE(seen.fault) << seen.fault->message;
    EXPECT_EQ(std::ranges::count(seen.types, kXid), 1);
    EXPECT_EQ(std::ranges::count(seen.types, write_rows()), 1);
    EXPECT_LT(stream->place().position, std::uint64_t{1} << 32U);
  }
}

TEST_P(BinlogStreamTest, FromAGtidPositionOfMariadb) {
  if (!mariadb()) GTEST_SKIP() << "MySQL takes sets";
  const auto position = control_->value("SELECT @@GLOBAL.gtid_binlog_pos");
  ASSERT_TRUE(position);
  insert(1);
  const auto stream = open({.mariadb_from = position->value_or("")});
  ASSERT_TRUE(stream);
  const auto seen = read_all(*stream);
  EXPECT_FALSE(seen.fault) << seen.fault->message;
  EXPECT_EQ(std::ranges::count(seen.types, kXid), 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, BinlogStreamTest,
                         testing::Values(Engine::kMysql, Engine::kMariadb), test::engine_name);

}  // namespace
}  // namespace sluice::mysql

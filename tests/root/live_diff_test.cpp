// sluice diff with live sides, and what it refuses before it connects.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "admin/mysql/connection.h"
#include "proxy/cli/command.h"
#include "proxy/cli/live_schema.h"
#include "tests/support/real_server.h"

namespace sluice::cli {
namespace {

using test::Engine;
using testing::HasSubstr;

TEST(LiveUrlTest, IsUserHostAndDatabase) {
  std::string why;
  const auto options = parse_url("mysql://a%40b@db.example.org:3307/my%20db", why);
  ASSERT_TRUE(options) << why;
  EXPECT_EQ(options->username, "a@b");
  EXPECT_EQ(options->host, "db.example.org");
  EXPECT_EQ(options->port, 3307);
  EXPECT_EQ(options->database, "my db");
  EXPECT_EQ(parse_url("mysql://u@h/d", why)->port, 3306);
  EXPECT_EQ(parse_server_url("mysql://u@h:1", why)->port, 1);
  EXPECT_TRUE(parse_server_url("mysql://u@h/", why));
  EXPECT_FALSE(parse_server_url("mysql://u@h/d", why));
  EXPECT_EQ(parse_url("mysql://u@[::1]/d", why)->host, "::1");
  for (const auto* bad : {"", "mysql://h/d", "mysql://u@h", "mysql://u@h/", "mysql://u@h/a/b",
                          "postgres://u@h/d", "mysql://u@h:0/d", "mysql://u@h/d?x=1", "u@h/d"}) {
    EXPECT_FALSE(parse_url(bad, why)) << bad;
  }
  EXPECT_FALSE(parse_url("mysql://u:secret@h/d", why));
  EXPECT_THAT(why, HasSubstr("SLUICE_PASSWORD"));
}

TEST(OptionFileTest, GivesThePassword) {
  EXPECT_EQ(password_of("[mysqld]\npassword=a\n[client]\n# c\n password = b \n"), "b");
  EXPECT_EQ(password_of("[client]\npassword=\"a b\"\n[sluice]\npassword='c#d'\n"), "c#d");
  EXPECT_EQ(password_of("[client]\nuser=x\n"), std::nullopt);
}

class LiveDiff : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    auto connection = mysql::Connection::open(test::server_options(GetParam()));
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    name_ = "diff_" + std::to_string(::getpid());
    for (const auto* suffix : {"_a", "_b"}) {
      must("DROP DATABASE IF EXISTS " + name_ + suffix);
      must("CREATE DATABASE " + name_ + suffix + " CHARACTER SET utf8mb4");
      must("CREATE TABLE " + name_ + suffix + ".t (a int PRIMARY KEY)");
    }
    must("ALTER TABLE " + name_ + "_b.t ADD b int");
    environment_["SLUICE_PASSWORD"] = test::server_fact(GetParam(), "PASSWORD");
  }
  void TearDown() override {
    if (!connection_) return;
    for (const auto* suffix : {"_a", "_b"}) must("DROP DATABASE IF EXISTS " + name_ + suffix);
  }
  void must(const std::string& sql) {
    const auto ran = connection_->query(sql);
    EXPECT_TRUE(ran) << ran.error().message << ": " << sql;
  }
  std::string url(const std::string& suffix) const {
    return "mysql://root@127.0.0.1:" + test::server_fact(GetParam(), "PORT") + "/" + name_ + suffix;
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "diff");
    std::istringstream in(in_);
    std::ostringstream out;
    std::ostringstream err;
    Invocation invocation{std::move(arguments), in, out, err, environment_};
    const int status = dispatch(invocation);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  std::unique_ptr<mysql::Connection> connection_;
  std::string name_;
  Environment environment_;
  std::string in_;
  std::string out_;
  std::string err_;
};

TEST_P(LiveDiff, TwoServersOrAServerAndAFile) {
  EXPECT_EQ(run({"--from-url", url("_a"), "--to-url", url("_b")}), kFindings) << err_;
  EXPECT_THAT(out_, HasSubstr("ADD COLUMN `b` int"));
  EXPECT_EQ(run({"--from-url", url("_a"), "--to-url", url("_a")}), kDone) << err_ << out_;
  in_ = "CREATE TABLE t (a int PRIMARY KEY, z int);";
  EXPECT_EQ(run({"--from-url", url("_a"), "-"}), kFindings) << err_;
  EXPECT_THAT(out_, HasSubstr("ADD COLUMN `z` int"));
  EXPECT_EQ(run({"-", "--to-url", url("_a")}), kFindings) << err_;
  EXPECT_THAT(out_, HasSubstr("-- ALTER TABLE `t`\n--   DROP COLUMN `z`"));
}

TEST_P(LiveDiff, FaultsAreSaid) {
  EXPECT_EQ(run({"--from-url", url("_a")}), kWrongUse);
  EXPECT_EQ(run({"--from-url", "mysql://root:pw@h/d", "--to-url", url("_a")}), kWrongUse);
  EXPECT_EQ(run({"--from-url", url("_missing"), "--to-url", url("_a")}), kFailed);
  EXPECT_THAT(err_, HasSubstr("_missing"));
  environment_["SLUICE_PASSWORD"] = "wrong";
  EXPECT_EQ(run({"--from-url", url("_a"), "--to-url", url("_a")}), kFailed);
  EXPECT_THAT(err_, HasSubstr("refuses the login"));
}

INSTANTIATE_TEST_SUITE_P(Servers, LiveDiff, testing::Values(Engine::kMysql, Engine::kMariadb),
                         test::engine_name);

}  // namespace
}  // namespace sluice::cli

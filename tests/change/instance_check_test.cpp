#include "admin/change/instance_check.h"

#include <gmock/gmock.h>

#include "tests/change/schema_corpus.h"

namespace sluice::change {
namespace {

using test::Engine;
using testing::HasSubstr;
using testing::IsEmpty;

const InstanceFinding* find(const std::vector<InstanceFinding>& all, std::string_view code) {
  for (const auto& finding : all) {
    if (finding.code == code) return &finding;
  }
  return nullptr;
}

InstanceFacts good_mysql() {
  InstanceFacts facts;
  facts.server = {"8.4.0", "MySQL", {}};
  facts.server.target.version = 80400;
  facts.account = "`sluice`@`%`";
  facts.cipher = "TLS_AES_256_GCM_SHA384";
  facts.variables = {{"log_bin", "ON"},
                     {"binlog_format", "ROW"},
                     {"binlog_row_image", "FULL"},
                     {"binlog_row_metadata", "FULL"},
                     {"binlog_expire_logs_seconds", "2592000"},
                     {"gtid_mode", "ON"},
                     {"read_only", "OFF"}};
  return facts;
}
InstanceFacts good_mariadb() {
  auto facts = good_mysql();
  facts.server = {"10.11.19-MariaDB", "MariaDB", {}};
  facts.server.target.mariadb = true;
  facts.server.target.version = 101119;
  facts.variables.erase("gtid_mode");
  return facts;
}
InstanceFacts good_aurora() {
  auto facts = good_mysql();
  facts.server.flavor = "Aurora";
  facts.managed = true;
  facts.rds_retention_hours = "24";
  return facts;
}
Grants everything() {
  Grants grants;
  grants.add("GRANT ALL PRIVILEGES ON *.* TO `sluice`@`%`");
  return grants;
}

TEST(InstanceCheckTest, AWellKeptServerHasNoFindings) {
  EXPECT_THAT(judge_instance(good_mysql(), everything()), IsEmpty());
  EXPECT_THAT(judge_instance(good_mariadb(), everything()), IsEmpty());
  EXPECT_THAT(judge_instance(good_aurora(), everything()), IsEmpty());
}

TEST(InstanceCheckTest, MissingPrivilegesNameTheFeatureAndTheGrant) {
  Grants grants;
  grants.add("GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON *.* TO `sluice`@`%`");
  const auto found = judge_instance(good_mysql(), grants);
  EXPECT_EQ(find(found, "privileges.data"), nullptr);
  const auto* read = find(found, "privileges.read");
  ASSERT_NE(read, nullptr);
  EXPECT_THAT(read->detail, HasSubstr("GRANT SHOW VIEW, TRIGGER, EVENT ON *.* TO `sluice`@`%`;"));
  ASSERT_NE(find(found, "privileges.routines"), nullptr);
  EXPECT_THAT(find(found, "privileges.position")->detail, HasSubstr("REPLICATION CLIENT"));
  const auto maria = judge_instance(good_mariadb(), grants);
  EXPECT_THAT(find(maria, "privileges.position")->detail, HasSubstr("BINLOG MONITOR"));
  EXPECT_EQ(find(maria, "privileges.routines"), nullptr);
  EXPECT_THAT(find(maria, "privileges.exact")->detail, HasSubstr("BINLOG REPLAY"));
  EXPECT_THAT(find(judge_instance(good_aurora(), grants), "privileges.exact")->detail,
              HasSubstr("Nothing has to be done"));
}

struct Setting {
  const char* variable;
  const char* value;
  const char* code;
  const char* mysql;  // a part of the remedy
  const char* aurora;
};
constexpr Setting kSettings[] = {
    {"log_bin", "OFF", "binlog.off", "log_bin", "cluster parameter group set binlog_format = ROW"},
    {"binlog_format", "STATEMENT", "binlog.format", "SET PERSIST binlog_format = 'ROW'",
     "set binlog_format = ROW"},
    {"binlog_row_image", "MINIMAL", "binlog.row_image", "SET PERSIST binlog_row_image = 'FULL'",
     "set binlog_row_image = FULL"},
    {"binlog_row_metadata", "MINIMAL", "binlog.row_metadata",
     "SET PERSIST binlog_row_metadata = 'FULL'", "set binlog_row_metadata = FULL"},
    {"gtid_mode", "OFF", "binlog.gtid", "SET PERSIST gtid_mode = ON;", "gtid-mode = ON"},
    {"performance_schema", "OFF", "binlog.authors", "performance_schema=ON under [mysqld]",
     "parameter group set performance_schema = 1"},
    {"read_only", "ON", "server.read_only", "writer", "cluster endpoint"},
};

TEST(InstanceCheckTest, EachSettingHasItsRemedy) {
  for (const auto& setting : kSettings) {
    SCOPED_TRACE(setting.variable);
    for (const auto& [facts, part] :
         {std::pair(good_mysql(), setting.mysql), std::pair(good_aurora(), setting.aurora)}) {
      auto bad = facts;
      bad.variables[setting.variable] = setting.value;
      const auto found = judge_instance(bad, everything());
      ASSERT_EQ(found.size(), 1U);
      EXPECT_EQ(found[0].code, setting.code);
      EXPECT_THAT(found[0].detail, HasSubstr(part));
    }
  }
  auto maria = good_mariadb();
  maria.variables["binlog_format"] = "MIXED";
  EXPECT_THAT(judge_instance(maria, everything()).at(0).detail,
              HasSubstr("SET GLOBAL binlog_format = 'ROW'; and put binlog_format=ROW"));
}

TEST(InstanceCheckTest, ShortRetentionIsSaid) {
  auto facts = good_mysql();
  facts.variables["binlog_expire_logs_seconds"] = "3600";
  EXPECT_EQ(judge_instance(facts, everything()).at(0).code, "binlog.retention");
  facts.variables["binlog_expire_logs_seconds"] = "0";
  EXPECT_THAT(judge_instance(facts, everything()), IsEmpty());  // for ever
  auto aurora = good_aurora();
  aurora.rds_retention_hours = "NULL";
  EXPECT_THAT(judge_instance(aurora, everything()).at(0).detail,
              HasSubstr("CALL mysql.rds_set_configuration('binlog retention hours', 24);"));
}

TEST(InstanceCheckTest, AnOldServerIsAnError) {
  auto facts = good_mysql();
  facts.server.target.version = 50651;
  EXPECT_EQ(judge_instance(facts, everything()).at(0).severity, Severity::kError);
}

class LiveInstanceTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { SLUICE_NEED_SERVER(GetParam()); }
};

TEST_P(LiveInstanceTest, TheTestServersAreUsable) {
  const auto report = check_instance(test::server_options(GetParam()));
  EXPECT_TRUE(report.ok);
  EXPECT_EQ(report.flavor, GetParam() == Engine::kMysql ? "MySQL" : "MariaDB");
  EXPECT_NE(report.version, "");
  for (const auto& finding : report.findings)
    ADD_FAILURE() << finding.code << ": " << finding.title << " " << finding.detail;
}

TEST_P(LiveInstanceTest, APlainAccountIsToldWhatItLacks) {
  const auto admin = mysql::Connection::open(test::server_options(GetParam()));
  ASSERT_TRUE(admin);
  test::must_run(**admin, "DROP USER IF EXISTS 'plain ''account'@'%'");
  test::must_run(**admin, "CREATE USER 'plain ''account'@'%' IDENTIFIED BY 'p'");
  test::must_run(**admin, "GRANT SELECT ON test.* TO 'plain ''account'@'%'");
  auto options = test::server_options(GetParam());
  options.username = "plain 'account";
  options.password = mysql::Password("p");
  options.tls.mode = mysql::TlsMode::kDisabled;
  const auto report = check_instance(options);
  EXPECT_TRUE(report.ok);
  ASSERT_NE(find(report.findings, "server.tls"), nullptr);
  const auto* data = find(report.findings, "privileges.data");
  ASSERT_NE(data, nullptr);
  // The remedy is a statement that works.
  const auto from = data->detail.find("GRANT");
  test::must_run(**admin, data->detail.substr(from, data->detail.find(';') - from));
  EXPECT_EQ(find(check_instance(options).findings, "privileges.data"), nullptr);
  options.password = mysql::Password("wrong");
  const auto refused = check_instance(options);
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.findings.at(0).title, "The server refuses the login");
  options.host = "no-such-host.invalid";
  EXPECT_THAT(check_instance(options).findings.at(0).detail, HasSubstr("no-such-host.invalid"));
  test::must_run(**admin, "DROP USER 'plain ''account'@'%'");
}

INSTANTIATE_TEST_SUITE_P(Servers, LiveInstanceTest,
                         testing::Values(Engine::kMysql, Engine::kMariadb), test::engine_name);

}  // namespace
}  // namespace sluice::change

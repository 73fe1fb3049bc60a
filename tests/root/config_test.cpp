#include "proxy/config.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/session/verifier.h"
#include "proxy/verifier.h"
#include "proxy/wire/auth_caching_sha2.h"

namespace sluice::proxy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kInstance = R"(
[[instance]]
name = "main"
user = "sluice"
)";

Faults faults_of(std::string_view toml, const cli::Environment& environment = {},
                 std::vector<FlagValue> flags = {}) {
  const auto config = read_config(toml, "sluice.toml", flags, environment);
  return config ? Faults{} : config.error();
}

Config config_of(std::string_view toml, const cli::Environment& environment = {},
                 std::vector<FlagValue> flags = {}) {
  auto config = read_config(toml, "sluice.toml", flags, environment);
  if (!config) {
    ADD_FAILURE() << config.error().front();
    return {};
  }
  return std::move(*config);
}

// A file of this test alone, removed at its end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content)
      : path_(std::filesystem::temp_directory_path() /
              ("sluice-" + std::to_string(::getpid()) + "-" + std::to_string(++count))) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  static inline int count = 0;
  std::filesystem::path path_;
};

TEST(Config, NothingGivesTheDefaults) {
  const auto config = config_of("");
  ASSERT_EQ(config.proxy.listen.size(), 1U);
  EXPECT_EQ(config.proxy.listen[0].host, "127.0.0.1");
  EXPECT_EQ(config.proxy.listen[0].port, 6033);
  EXPECT_EQ(config.admin.port, 8080);
  EXPECT_EQ(config.log.level, LogLevel::kInfo);
}

TEST(Config, FlagsBeatTheEnvironmentWhichBeatsTheFile) {
  const std::string file = "[mysql]\nmax_connections = 1\n[log]\nlevel = \"error\"\n";
  EXPECT_EQ(config_of(file).proxy.limits.max_connections, 1U);
  const cli::Environment environment{{"SLUICE_MYSQL_MAX_CONNECTIONS", "2"}};
  EXPECT_EQ(config_of(file, environment).proxy.limits.max_connections, 2U);
  const auto config =
      config_of(file, environment, {{"mysql.max_connections", "--max-connections", "3"}});
  EXPECT_EQ(config.proxy.limits.max_connections, 3U);
  EXPECT_EQ(config.log.level, LogLevel::kError);
}

TEST(Config, ASessionsLengthIsTheWorkspacesUnlessItIsGiven) {
  EXPECT_EQ(config_of("").admin.session_life.count(), 0);
  EXPECT_EQ(config_of("[admin]\nsession_seconds = 0\n").admin.session_life.count(), 0);
  EXPECT_EQ(config_of("[admin]\nsession_seconds = 60\n").admin.session_life.count(), 60);
  EXPECT_THAT(faults_of("[admin]\nsession_seconds = 59\n"),
              ElementsAre(HasSubstr("expected 0, or 60 seconds and more")));
}

TEST(Config, AnUnknownKeyIsRefusedWithThePlaceAndTheNearest) {
  EXPECT_THAT(faults_of("[mysql]\n\n  max_conections = 5\n"),
              ElementsAre("sluice.toml:3:3: mysql.max_conections: unknown key; the nearest known "
                          "key is 'max_connections'"));
  EXPECT_THAT(faults_of("[mysq]\n"), ElementsAre(HasSubstr("the nearest known key is 'mysql'")));
  EXPECT_THAT(faults_of("zzzzzzzzzzzz = 1\n"),
              ElementsAre("sluice.toml:1:1: zzzzzzzzzzzz: unknown key"));
}

TEST(Config, AWrongValueIsRefusedWithWhatWasExpected) {
  EXPECT_THAT(faults_of("mysql.max_connections = 0"),
              ElementsAre("sluice.toml:1:7: mysql.max_connections: expected an integer from 1 to "
                          "1000000 (connections), found 0"));
  EXPECT_THAT(faults_of("mysql.max_connections = \"7\""),
              ElementsAre(HasSubstr("(connections), found '7'")));
  EXPECT_THAT(
      faults_of("log.level = \"verbose\""),
      ElementsAre("sluice.toml:1:5: log.level: expected one of debug, info, warning, error, "
                  "found 'verbose'"));
  EXPECT_THAT(faults_of("mysql.compression = 1"),
              ElementsAre(HasSubstr("expected true or false, found the integer 1")));
  EXPECT_THAT(faults_of("mysql = 3"), ElementsAre(HasSubstr("expected a table, found an integer")));
  EXPECT_THAT(faults_of("log.level = 2026-11-24"), ElementsAre(HasSubstr("found a date")));
  EXPECT_THAT(faults_of("mysql.tls.certificate = \"/does/not/exist\""),
              ElementsAre(HasSubstr("expected the path of a file that can be read")));
  const TemporaryFile key("k");
  EXPECT_THAT(faults_of("mysql.tls.key = \"" + key.path() + "\""),
              ElementsAre("sluice.toml: mysql.tls: expected certificate and key together"));
  EXPECT_THAT(faults_of("admin.tls.certificate = \"" + key.path() + "\""),
              ElementsAre("sluice.toml: admin.tls: expected certificate and key together"));
}

TEST(Config, EveryFaultIsSaidNotOnlyTheFirst) {
  EXPECT_EQ(faults_of("a = 1\nb = 2\n[log]\nlevel = 3\n").size(), 3U);
}

TEST(Config, ASyntaxErrorHasItsPlace) {
  EXPECT_THAT(faults_of("[mysql]\nthreads = = 2\n"),
              ElementsAre(HasSubstr("sluice.toml:2:11: not TOML: ")));
}

TEST(Config, EnvironmentAndFlagsNameThemselvesInFaults) {
  EXPECT_THAT(faults_of("", {{"SLUICE_DRAIN_SECONDS", "soon"}}),
              ElementsAre("environment variable SLUICE_DRAIN_SECONDS: expected an integer from 0 "
                          "to 86400 (seconds), found 'soon'"));
  EXPECT_THAT(faults_of("", {}, {{"admin.listen", "--admin-listen", "8080"}}),
              ElementsAre(HasSubstr("--admin-listen: expected host:port")));
  EXPECT_THAT(config_of("", {{"SLUICE_DRAIN_SECOND", "5"}}).warnings,
              ElementsAre(HasSubstr("the nearest is SLUICE_DRAIN_SECONDS")));
}

TEST(Config, ListenAddresses) {
  EXPECT_EQ(parse_listen("0.0.0.0:3306")->host, "0.0.0.0");
  EXPECT_EQ(parse_listen("[::1]:0")->host, "::1");
  EXPECT_EQ(parse_listen("unix:/run/s.sock")->unix_path, "/run/s.sock");
  for (const auto* wrong : {"", "3306", ":3306", "host:", "host:70000", "host:1x", "::1:3306",
                            "unix:", "[]:1", "host:-1"}) {
    EXPECT_FALSE(parse_listen(wrong).has_value()) << wrong;
  }
  EXPECT_FALSE(parse_listen("unix:/" + std::string(107, 'a')).has_value());
}

TEST(Config, MysqlListenReplacesListenerRecords) {
  const std::string records = "[[listener]]\nlisten = \"unix:/tmp/a\"\nproxy_protocol = true\n";
  EXPECT_TRUE(config_of(records).proxy.listen.at(0).proxy_protocol);
  const auto config = config_of(records, {}, {{"mysql.listen", "--mysql-listen", "[::1]:1,h:2"}});
  ASSERT_EQ(config.proxy.listen.size(), 2U);
  EXPECT_EQ(config.proxy.listen[1].host, "h");
  EXPECT_FALSE(config.proxy.listen[0].proxy_protocol);
}

TEST(Config, AnInstanceIsReadWhole) {
  const TemporaryFile password("s3cret\n");
  const auto config = config_of(
      "[[instance]]\nname = \"aurora\"\nengine = \"mysql\"\nhost = \"h\"\nport = 3307\n"
      "user = \"u\"\npassword_file = \"" +
      password.path() +
      "\"\ntls = \"verify_identity\"\n"
      "max_connections = 7\nmax_wait_ms = 250\n");
  ASSERT_EQ(config.proxy.instances.size(), 1U);
  const auto& instance = config.proxy.instances[0];
  EXPECT_EQ(instance.port, 3307);
  EXPECT_EQ(instance.password.reveal(), "s3cret");
  EXPECT_EQ(instance.tls, backend::TlsMode::kVerifyIdentity);
  EXPECT_EQ(instance.limits.max_connections, 7U);
  EXPECT_EQ(instance.limits.max_wait, std::chrono::milliseconds(250));
}

TEST(Config, InstancesThatCannotBeUsedAreRefused) {
  EXPECT_THAT(
      faults_of("[[instance]]\nname = \"a b\"\nuser = \"u\"\n"),
      ElementsAre(HasSubstr("sluice.toml:2:1: instance[0].name: expected 1 to 80 letters")));
  EXPECT_THAT(faults_of("[[instance]]\nname = \"a\"\n"),
              ElementsAre(HasSubstr("instance[0]: expected a user")));
  EXPECT_THAT(faults_of("[[instance]]\nname = \"a\"\nuser = \"u\"\npasword_env = \"X\"\n"),
              ElementsAre(HasSubstr("the nearest known key is 'password_env'")));
  EXPECT_THAT(faults_of("[[instance]]\nname = \"a\"\nuser = \"u\"\npassword_env = \"NONE\"\n"),
              ElementsAre(HasSubstr("the environment variable NONE, which is not set")));
  EXPECT_THAT(faults_of(std::string(kInstance) + std::string(kInstance)),
              ElementsAre(HasSubstr("'main' is taken")));
  EXPECT_THAT(faults_of("instance = 4"), ElementsAre(HasSubstr("expected [[instance]] records")));
}

TEST(Config, AnAccountsPasswordBecomesAVerifier) {
  const cli::Environment environment{{"APP_PASSWORD", "geheim"}};
  const auto config =
      config_of(std::string(kInstance) +
                    "[[account]]\nname = \"app\"\npassword_env = \"APP_PASSWORD\"\n"
                    "kind = \"human\"\ninstances = [\"main\"]\nrequire_tls = true\n",
                environment);
  ASSERT_EQ(config.accounts.size(), 1U);
  const auto& account = config.accounts[0];
  EXPECT_EQ(account.kind, policy::AccountKind::kHuman);
  EXPECT_TRUE(account.require_tls);
  EXPECT_EQ(account.verifier.text.find("geheim"), std::string::npos);
  const auto verifier = session::parse_verifier(account.verifier);
  ASSERT_TRUE(verifier.has_value());
  ASSERT_TRUE(verifier->full.has_value());
  EXPECT_TRUE(wire::check_full("geheim", *verifier->full));
  EXPECT_FALSE(wire::check_full("geheim2", *verifier->full));
  EXPECT_EQ(verifier->fast, wire::fast_verifier("geheim"));
}

TEST(Config, AccountsThatCannotBeUsedAreRefused) {
  EXPECT_THAT(faults_of("[[account]]\nname = \"app\"\n"),
              ElementsAre(HasSubstr("expected exactly one of verifier, password_env and "
                                    "password_file")));
  const auto wrong = faults_of("[[account]]\nname = \"app\"\nverifier = \"hunter2\"\n");
  EXPECT_THAT(wrong, ElementsAre(HasSubstr("account[0]: verifier: expected")));
  EXPECT_EQ(wrong.front().find("hunter2"), std::string::npos);
  EXPECT_THAT(
      faults_of(std::string(kInstance) + "[[account]]\nname = \"app\"\nverifier = \"*" +
                std::string(40, 'A') + "\"\ninstances = [\"mian\"]\n"),
      ElementsAre("sluice.toml: account app: there is no instance 'mian'; the nearest is 'main'"));
}

TEST(Config, VerifiersOfBothPluginsAreAccepted) {
  for (const auto plugin :
       {wire::AccountVerifier::Plugin::kNative, wire::AccountVerifier::Plugin::kCachingSha2}) {
    const auto verifier = make_verifier(wire::Secret("pw"), plugin, random_salt());
    const auto parsed = session::parse_verifier(verifier);
    ASSERT_TRUE(parsed.has_value()) << verifier.text;
    EXPECT_EQ(parsed->plugin, plugin);
  }
}

TEST(Config, AReloadTellsWhatNeedsARestart) {
  const auto before = config_of("");
  EXPECT_THAT(needs_restart(before, before), IsEmpty());
  EXPECT_THAT(needs_restart(before, config_of("mysql.threads = 3\nadmin.listen = \"[::1]:1\"\n"
                                              "mysql.max_connections = 5\n")),
              ElementsAre("mysql.threads", "admin.listen"));
}

TEST(Config, EverySettingIsDescribedAndHasADefaultInItsOwnRange) {
  const auto text = describe_settings();
  Config config;
  for (const auto& row : settings()) {
    EXPECT_THAT(text, HasSubstr(row.key));
    EXPECT_THAT(text, HasSubstr(variable_of(row.key)));
    if (row.shape.kind != Shape::Kind::kInteger) continue;
    const auto value = std::get<std::int64_t>(row.get(config));
    EXPECT_GE(value, row.shape.min) << row.key;
    EXPECT_LE(value, row.shape.max) << row.key;
    // Both ends of the range fit the place where the value goes.
    for (const auto end : {row.shape.min, row.shape.max}) {
      ASSERT_FALSE(row.put(config, end).has_value()) << row.key;
      EXPECT_EQ(std::get<std::int64_t>(row.get(config)), end) << row.key;
    }
  }
}

TEST(Nearest, OnlySlipsHaveANearest) {
  const std::vector<std::string> known{"host", "port", "password_file"};
  EXPECT_EQ(nearest("prot", known), "port");
  EXPECT_EQ(nearest("pasword_fil", known), "password_file");
  EXPECT_EQ(nearest("entirely_else", known), std::nullopt);
}

}  // namespace
}  // namespace sluice::proxy

// What the store's contract tests share: a PostgreSQL of the distribution's, a scratch folder, and
// a fixture that opens a fresh store of its parameter's kind. One suite a file derives from it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/store/migrate.h"
#include "admin/store/store.h"

namespace sluice::store::contract {

namespace fs = std::filesystem;
inline const Time kNow{std::chrono::microseconds(1'764'000'000'000'000)};

// A folder of this test program alone.
inline fs::path scratch() {
  static const fs::path kFolder = [] {
    std::string name = (fs::temp_directory_path() / "sluice-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    fs::permissions(name, fs::perms::all);  // the PostgreSQL user makes its folder here
    return fs::path(name);
  }();
  return kFolder;
}

// A PostgreSQL of the distribution's, on a Unix socket, as an unprivileged user when we are root.
class Postgres : public testing::Environment {
 public:
  static inline bool running = false;
  static fs::path folder() { return scratch() / "pg"; }
  static std::string url(const std::string& database) {
    return "postgresql:///" + database + "?host=" + folder().string() + "&user=postgres";
  }

  void SetUp() override {
    const fs::path bin = "/usr/lib/postgresql/15/bin";
    if (!fs::exists(bin / "initdb")) return;
    const std::string data = (folder() / "data").string();
    running = as_user("mkdir -p -m 700 " + folder().string() + " && " + (bin / "initdb").string() +
                      " -D " + data + " -U postgres -A trust -E UTF8 --no-sync") &&
              as_user((bin / "pg_ctl").string() + " -D " + data +
                      " -w -t 300 -o \"-c listen_addresses='' " + "-k " + folder().string() +
                      " -c fsync=off\" -l " + data + "/log start");
    stop_ = (bin / "pg_ctl").string() + " -D " + data + " -m immediate stop";
  }
  void TearDown() override {
    if (running) as_user(stop_);
    fs::remove_all(scratch());
  }

 private:
  static bool as_user(const std::string& command) {
    const std::string quiet = "(" + command + ") >/dev/null 2>&1";
    const std::string whole =
        ::getuid() == 0 ? "runuser -u postgres -- sh -c '" + replace_quotes(quiet) + "'" : quiet;
    return std::system(whole.c_str()) == 0;
  }
  static std::string replace_quotes(std::string text) {
    for (auto at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 4)) {
      text.replace(at, 1, "'\\''");
    }
    return text;
  }
  std::string stop_;
};
inline const auto* const kPostgres = testing::AddGlobalTestEnvironment(new Postgres);

class Contract : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    static int count = 0;
    name_ = "t" + std::to_string(++count);
    if (GetParam() == Dialect::kPostgres) {
      if (!Postgres::running) {
        if (std::getenv("CI") != nullptr) FAIL() << "PostgreSQL 15 did not start";
        GTEST_SKIP() << "PostgreSQL 15 did not start";
      }
      auto admin = open_postgres(Postgres::url("postgres"));
      ASSERT_TRUE(admin.has_value()) << admin.error().detail;
      ASSERT_TRUE((*admin)->script("CREATE DATABASE " + name_).has_value());
    }
    store_ = open_store();
    ASSERT_NE(store_, nullptr);
  }

  [[nodiscard]] std::unique_ptr<Database> connect() const {
    auto database = GetParam() == Dialect::kSqlite ? open_sqlite((scratch() / name_).string())
                                                   : open_postgres(Postgres::url(name_));
    if (!database) {
      ADD_FAILURE() << database.error().detail;
      return nullptr;
    }
    return std::move(*database);
  }
  [[nodiscard]] static std::unique_ptr<Sealer> sealer(std::uint8_t first = 1) {
    return std::make_unique<Sealer>(std::array<std::uint8_t, Sealer::kKeySize>{first});
  }
  [[nodiscard]] std::unique_ptr<Store> open_store() const {
    auto store = Store::open(connect(), sealer());
    if (!store) {
      ADD_FAILURE() << store.error().detail;
      return nullptr;
    }
    return std::move(*store);
  }
  User owner() {
    auto user = store_->create_first_user({"Ada", "Ada@Example.org", "hash", {}}, kNow);
    EXPECT_TRUE(user.has_value());
    return *user;
  }

  std::string name_;
  std::unique_ptr<Store> store_;
};

}  // namespace sluice::store::contract

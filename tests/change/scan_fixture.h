// Scans of a real server's database, over a store in memory with a clock that the test moves.
#pragma once

#include <gmock/gmock.h>
#include <unistd.h>

#include "admin/change/scan.h"
#include "tests/change/schema_corpus.h"

namespace sluice::change::testing_support {

class Counted final : public store::EventSink {
 public:
  void publish(const store::Event& event) override {
    const std::lock_guard lock(mutex_);
    seen.push_back(event.what + " " + std::to_string(event.project));
    changed_.notify_all();
  }
  bool wait_for(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] {
      return std::find(seen.begin(), seen.end(), what) != seen.end();
    });
  }
  std::vector<std::string> seen;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

class ScanTest : public ::testing::TestWithParam<test::Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    const auto options = test::server_options(GetParam());
    auto connection = mysql::Connection::open(options);
    ASSERT_TRUE(connection) << connection.error().message;
    connection_ = std::move(*connection);
    name_ = "scan_" + std::to_string(::getpid());
    test::make_database(*connection_, name_, "utf8mb4");
    test::must_run(*connection_, "CREATE TABLE t (id int PRIMARY KEY, a varchar(20))");
    auto database = store::open_sqlite(":memory:");
    store_ = *store::Store::open(
        std::move(*database),
        std::make_unique<store::Sealer>(std::array<std::uint8_t, store::Sealer::kKeySize>{7}));
    project_ = store_->create_project({0, "Scanned", "SCANNED", false})->id;
    instance_ = add_instance("server", options.host, options.port);
    scans_.emplace(ScanServices{*store_, [this] { return now_; },
                                [this](std::string_view event, std::string_view detail) {
                                  log_.push_back(std::string(event) + ": " + std::string(detail));
                                },
                                &events_});
  }
  void TearDown() override {
    scans_.reset();
    if (connection_) test::must_run(*connection_, "DROP DATABASE IF EXISTS `" + name_ + "`");
  }
  store::Id add_instance(const std::string& name, const std::string& host, std::int64_t port) {
    const auto options = test::server_options(GetParam());
    return store_
        ->create_instance({0, name, "mysql", store_->environments()->front().id, host, port,
                           options.username, "preferred", "", ""},
                          {options.password.reveal(), ""})
        ->id;
  }
  // After a sync. It is in a project of its own: other tests' databases come and go on the same
  // server, and a sync finds those too.
  store::DatabaseEntry database() {
    const auto synced = scans_->sync(instance_);
    EXPECT_TRUE(synced) << synced.error().finding.detail << synced.error().store.detail;
    auto found = store_->databases().find(instance_, name_);
    EXPECT_TRUE(found);
    if (!found) return {};
    auto moved = store_->databases().transfer(found->id, project_);
    EXPECT_TRUE(moved);
    return moved ? *moved : store::DatabaseEntry();
  }
  ScanResult scan(store::Id id) {
    auto scanned = scans_->scan(id);
    EXPECT_TRUE(scanned) << scanned.error().finding.detail << scanned.error().store.detail;
    return scanned ? std::move(*scanned) : ScanResult();
  }
  // Of the instance, or of the databases that the test made.
  std::vector<store::Anomaly> open_anomalies(const std::string& kind) {
    store::AnomalyFilter filter;
    filter.open = true;
    filter.kind = kind;
    if (!kind.starts_with("instance.")) filter.project = project_;
    return *store_->anomalies().list(filter);
  }
  std::unique_ptr<mysql::Connection> connection_;
  std::unique_ptr<store::Store> store_;
  std::optional<Scans> scans_;
  store::Id instance_ = 0;
  store::Id project_ = 0;
  store::Time now_{std::chrono::microseconds(1'764'000'000'000'000)};
  std::string name_;
  std::vector<std::string> log_;
  Counted events_;
};

}  // namespace sluice::change::testing_support

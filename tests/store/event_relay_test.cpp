// Events between two programs on one PostgreSQL.
#include "admin/store/event_relay.h"

#include <algorithm>
#include <condition_variable>
#include <vector>

#include <gtest/gtest.h>

#include "tests/store/contract.h"

namespace sluice::store {
namespace {

// A program, as the relay sees it.
class Program {
 public:
  explicit Program(const std::string& run, const std::string& url)
      : relay_({url, run,
                [this](const Event& event) { note(event.topic + std::to_string(event.id)); },
                [this] { note("missed"); },
                [this](std::string_view event, std::string_view) { note(std::string(event)); }}) {
    relay_.start();
  }
  void send(const std::string& topic, Id id) { relay_.send({topic, id, 0, "updated"}); }
  // Whether it hears that in the end.
  [[nodiscard]] bool hears(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60),
                             [&] { return std::ranges::find(heard_, what) != heard_.end(); });
  }
  [[nodiscard]] std::vector<std::string> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(what);
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heard_;
  EventRelay relay_;
};

class Relay : public contract::Contract {};

TEST_P(Relay, OneProgramsEventsAreHeardByTheOthersAndNotByItself) {
  Program one("one", contract::Postgres::url(name_));
  Program two("two", contract::Postgres::url(name_));
  // Whoever has started hears.
  one.send("issue", 1);
  EXPECT_TRUE(two.hears("issue1"));
  two.send("task", 7);
  EXPECT_TRUE(one.hears("task7"));
  EXPECT_EQ(std::ranges::count(one.heard(), "issue1"), 0);
  // What is no event of ours is not heard, and does no harm.
  const auto database = connect();
  ASSERT_TRUE(database->script("NOTIFY sluice_events, '[]'; NOTIFY sluice_events, 'x'"));
  two.send("task", 8);
  EXPECT_TRUE(one.hears("task8"));
}

TEST_P(Relay, WhoLostItsConnectionKnowsThatItMissedSomething) {
  Program one("one", contract::Postgres::url(name_));
  Program two("two", contract::Postgres::url(name_));
  const auto database = connect();
  const auto cut = [&] {
    const auto ended = database->run(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
        "current_database() AND query LIKE '%sluice_events%' AND pid <> pg_backend_pid()",
        {});
    return ended ? integer(ended->rows[0].at(0)) : 0;
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (cut() == 0) ASSERT_LT(std::chrono::steady_clock::now(), until);
  EXPECT_TRUE(one.hears("missed") || two.hears("missed"));
}

// It served pages before it heard anybody: what they show may be old.
TEST_P(Relay, WhoCouldNotConnectAtFirstKnowsThatItMissedSomething) {
  Program one("one", contract::Postgres::url(name_ + "_late"));
  ASSERT_TRUE(one.hears("events_lost"));
  ASSERT_TRUE(connect()->script("CREATE DATABASE " + name_ + "_late"));
  EXPECT_TRUE(one.hears("events_back"));
  EXPECT_TRUE(one.hears("missed"));
}

INSTANTIATE_TEST_SUITE_P(Postgres, Relay, testing::Values(Dialect::kPostgres));

}  // namespace
}  // namespace sluice::store

// The change engine on a store of its own and on the real servers: MySQL and MariaDB alike.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "admin/change/engine.h"
#include "admin/mysql/connection.h"
#include "tests/support/real_server.h"

namespace sluice::change::testing_support {

inline constexpr std::chrono::seconds kPatience{60};  // for what has to come about in the end

inline store::Time utc_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// Looks again and again until `ready` holds: false when it never did.
template <class Ready>
[[nodiscard]] bool eventually(Ready ready) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!ready()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::usleep(10'000);
  }
  return true;
}

class EngineTest : public testing::TestWithParam<test::Engine> {
 protected:
  void SetUp() override {
    SLUICE_NEED_SERVER(GetParam());
    std::string name = (std::filesystem::temp_directory_path() / "sluice-engine-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
    database_ = "sluice_" + folder_.filename().string().substr(14);
    store_ = open_store();
    const auto user = store_->create_first_user({"Ada", "ada@example.org", "h", {}}, utc_now());
    author_ = {user->id, {policy::WorkspaceRole::kOwner, policy::ProjectRole::kNone}};
    const auto other = store_->create_user(
        {"Bob", "bob@example.org", "h", policy::WorkspaceRole::kDba}, utc_now());
    other_ = {other->id, {policy::WorkspaceRole::kDba, policy::ProjectRole::kNone}};
    const auto known = store_->environments();
    for (const auto& environment : *known) {
      (environment.name == "Test" ? test_ : prod_) = environment.id;
    }
    // Rules have tests of their own: here they would only ask for a person.
    auto environments = *store_->environments();
    for (auto& environment : environments) {
      environment.review =
          R"({"*": {"level": "off"}, "statement.walk-through": {"level": "error"}})";
      ASSERT_TRUE(store_->update_environment(environment).has_value());
    }
    instance_ = add_instance("test", test_);
    auto control = mysql::Connection::open(test::server_options(GetParam()));
    ASSERT_TRUE(control.has_value()) << control.error().message;
    control_ = std::move(*control);
  }

  void TearDown() override {
    if (control_) static_cast<void>(control_->query("DROP DATABASE IF EXISTS " + database_));
    store_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  [[nodiscard]] virtual std::unique_ptr<store::Store> open_store() const {
    auto database = store::open_sqlite((folder_ / "store").string());
    auto store = store::Store::open(
        std::move(*database),
        std::make_unique<store::Sealer>(std::array<std::uint8_t, store::Sealer::kKeySize>{1}));
    if (!store) throw std::runtime_error(store.error().detail);
    return std::move(*store);
  }

  [[nodiscard]] store::Id add_instance(const std::string& name, store::Id environment) {
    const auto options = test::server_options(GetParam());
    const auto made = store_->create_instance({0, name, "mysql", environment, options.host,
                                               options.port, options.username, "preferred", "", ""},
                                              {options.password.reveal(), ""});
    return made->id;
  }

  [[nodiscard]] EngineServices services(store::Store& store) {
    return {store, utc_now, [](std::string_view, std::string_view) {}, nullptr};
  }
  [[nodiscard]] static EngineConfig config() {
    EngineConfig made;
    made.holder = store::make_token();
    made.poll = std::chrono::milliseconds(20);
    made.lease = std::chrono::milliseconds(600);
    return made;
  }

  // A database with a table, known to the store.
  store::Id make_database() {
    run_sql("CREATE DATABASE " + database_);
    run_sql("CREATE TABLE " + database_ + ".t (id INT PRIMARY KEY, n INT NOT NULL)");
    const std::vector<store::SeenDatabase> seen{{database_, "utf8mb4", "utf8mb4_bin"}};
    return store_->databases().sync(instance_, seen, 1, utc_now())->at(0).id;
  }
  void run_sql(const std::string& sql) {
    const auto done = control_->query(sql);
    ASSERT_TRUE(done.has_value()) << sql << ": " << done.error().message;
  }
  [[nodiscard]] std::string value(const std::string& sql) {
    const auto got = control_->value(sql);
    return got ? got->value_or("NULL") : "error: " + got.error().message;
  }

  [[nodiscard]] IssueRequest request(policy::IssueKind kind, store::Id database,
                                     const std::string& statement) const {
    IssueRequest made;
    made.project = 1;
    made.kind = kind;
    made.title = "t";
    made.creator = author_.user;
    made.statement = statement;
    Target target;
    target.database = database;
    made.targets = {target};
    return made;
  }
  [[nodiscard]] store::IssueState create(Engine& engine, const IssueRequest& asked) {
    auto made = engine.create(asked);
    if (!made) {
      ADD_FAILURE() << made.error().detail;
      return {};
    }
    if (const auto* faults = std::get_if<std::vector<RequestFault>>(&*made)) {
      ADD_FAILURE() << faults->front().field << ": " << faults->front().message;
      return {};
    }
    return std::get<store::IssueState>(*made);
  }
  // The task as it is once it has that status, or at the end of patience.
  store::Task wait_for(store::Id issue, policy::TaskStatus status, std::size_t task = 0) {
    store::IssueState state;
    const bool came = eventually([&] {
      state = *store_->issues().get(issue);
      return state.tasks.at(task).status == status;
    });
    EXPECT_TRUE(came) << policy::name(state.tasks.at(task).status) << " instead of "
                      << policy::name(status) << ": " << state.tasks.at(task).reason
                      << checks_text(issue);
    return state.tasks.at(task);
  }
  // Until the first task is done. What only warned is let go, as a person would: a session that
  // looked at a table just then is "in its way".
  void let_run(Engine& engine, store::Id issue) {
    store::Task task;
    EXPECT_TRUE(eventually([&] {
      task = store_->issues().get(issue)->tasks.at(0);
      if (task.checks == policy::CheckResult::kWarning &&
          task.status == policy::TaskStatus::kPendingApproval) {
        static_cast<void>(engine.run(task.id, author_));
      }
      return task.status == policy::TaskStatus::kDone;
    })) << policy::name(task.status)
        << ": " << task.reason << checks_text(issue);
  }
  [[nodiscard]] bool wait_for_checks(store::Id issue) {
    return eventually([&] {
      const auto state = store_->issues().get(issue);
      for (const auto& task : state->tasks) {
        if (task.checks == policy::CheckResult::kNotRun) return false;
      }
      return true;
    });
  }
  [[nodiscard]] std::string checks_text(store::Id issue) {
    std::string text;
    const auto checks = store_->issues().checks(issue);
    for (const auto& check : *checks) {
      text += "\n" + std::string(store::name(check.level)) + " " + check.kind + ": " + check.title +
              ": " + check.detail;
    }
    return text;
  }

  std::filesystem::path folder_;
  std::string database_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<mysql::Connection> control_;
  Actor author_;
  Actor other_;
  store::Id test_ = 0;
  store::Id prod_ = 0;
  store::Id instance_ = 0;
};

}  // namespace sluice::change::testing_support

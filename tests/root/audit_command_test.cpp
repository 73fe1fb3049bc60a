#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin/store/open.h"
#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

using testing::HasSubstr;

class AuditCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "sluice_audit_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    auto store = store::open_store({folder_, ""});
    ASSERT_TRUE(store.has_value()) << store.error().detail;
    for (const auto* action : {"setup", "users.create", "users.change"}) {
      store::AuditEntry entry;
      entry.actor = "ada@example.org";
      entry.action = action;
      entry.outcome = "done";
      auto kept = (*store)->append_audit(entry);
      ASSERT_TRUE(kept.has_value());
      hashes_.push_back(kept->hash);
    }
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // As somebody would who has the file, and goes around the triggers.
  void tamper(const std::string& sql) {
    auto database = store::open_sqlite(folder_ + "/sluice.db");
    ASSERT_TRUE(database.has_value());
    const auto done =
        (*database)->script("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; " + sql);
    ASSERT_TRUE(done.has_value()) << done.error().detail;
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "audit");
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const Environment environment;
    Invocation invocation{std::move(arguments), in, out, err, environment};
    const int status = dispatch(invocation);
    out_ = out.str();
    err_ = err.str();
    return status;
  }

  std::string folder_;
  std::vector<std::string> hashes_;
  std::string out_;
  std::string err_;
};

TEST_F(AuditCommand, AWholeChainIsSaidWithItsNewestHash) {
  EXPECT_EQ(run({"verify", "--data", folder_}), kDone);
  EXPECT_EQ(out_, "3 entries, the chain is whole; newest hash " + hashes_.back() + '\n');
  EXPECT_EQ(run({"verify", "--data", folder_, "--anchor", hashes_.front()}), kDone);
}

TEST_F(AuditCommand, AnEntryThatWasChangedIsNamed) {
  tamper("UPDATE audit SET actor = 'eve@example.org' WHERE id = 2");
  EXPECT_EQ(run({"verify", "--data", folder_}), kFindings);
  EXPECT_THAT(out_, HasSubstr("entry 2 does not fit"));
}

TEST_F(AuditCommand, AnEntryThatWasRemovedIsMissed) {
  tamper("DELETE FROM audit WHERE id = 2");
  EXPECT_EQ(run({"verify", "--data", folder_}), kFindings);
  EXPECT_THAT(out_, HasSubstr("entry 3 does not fit"));
}

TEST_F(AuditCommand, AnAnchorMissesWhatWasRemovedFromTheEnd) {
  tamper("DELETE FROM audit WHERE id = 3");
  EXPECT_EQ(run({"verify", "--data", folder_}), kDone);
  EXPECT_EQ(run({"verify", "--data", folder_, "--anchor", hashes_.back()}), kFindings);
  EXPECT_THAT(out_, HasSubstr("removed from the end"));
}

TEST_F(AuditCommand, NeedsNoKeyAndMakesNothing) {
  std::filesystem::remove(folder_ + "/key");
  EXPECT_EQ(run({"verify", "--data", folder_}), kDone);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/key"));
  EXPECT_EQ(run({"verify", "--data", folder_ + "/nowhere"}), kFailed);
  EXPECT_THAT(err_, HasSubstr("nowhere/sluice.db: there is no such file"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/nowhere"));
  EXPECT_EQ(run({}), kWrongUse);
  EXPECT_EQ(run({"prove"}), kWrongUse);
}

// What `sluice serve` says when the folder is not as it left it.
TEST_F(AuditCommand, AStoreThatCannotBeUsedSaysWhatToDo) {
  const auto fault = [this] {
    const auto store = store::open_store({folder_, ""});
    return store ? store::Fault{} : store.error();
  };
  namespace fs = std::filesystem;
  fs::permissions(folder_ + "/key", fs::perms::group_read, fs::perm_options::add);
  EXPECT_THAT(fault().detail, HasSubstr("chmod 600"));
  fs::permissions(folder_ + "/key", fs::perms::group_read, fs::perm_options::remove);
  fs::rename(folder_ + "/key", folder_ + "/kept");
  EXPECT_EQ(fault().kind, store::Failure::kWrongKey);  // a new key was made for an old store
  EXPECT_THAT(fault().detail, HasSubstr("put the key file back"));
  fs::rename(folder_ + "/kept", folder_ + "/key");
  EXPECT_EQ(fault().detail, "");
  {
    auto database = store::open_sqlite(folder_ + "/sluice.db");
    ASSERT_TRUE((*database)->script("INSERT INTO migrations VALUES (9999, 'later')").has_value());
  }
  EXPECT_EQ(fault().kind, store::Failure::kNewer);
  EXPECT_THAT(fault().detail, HasSubstr("run the newer program"));
}

}  // namespace
}  // namespace sluice::cli

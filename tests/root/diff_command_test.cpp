#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class DiffCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "sluice_diff_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
    return folder_ + "/" + name;
  }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "diff");
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
  std::string out_;
  std::string err_;
};

TEST_F(DiffCommand, StatusTellsWhetherThereAreDifferences) {
  const auto a = file("a.sql", "CREATE TABLE t (a int(11));");
  const auto b = file("b.sql", "CREATE TABLE t (a int, b int);");
  EXPECT_EQ(run({a, a}), kDone);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(run({a, b}), kFindings);
  EXPECT_THAT(out_, HasSubstr("ADD COLUMN `b` int"));
}

TEST_F(DiffCommand, WhatLosesDataIsAllowedByName) {
  const auto a = file("a.sql", "CREATE TABLE t (a int);");
  const auto b = file("b.sql", "");
  EXPECT_EQ(run({a, b}), kFindings);
  EXPECT_THAT(out_, HasSubstr("-- DROP TABLE `t`;"));
  EXPECT_EQ(run({a, b, "--allow-drop"}), kFindings);
  EXPECT_THAT(out_, Not(HasSubstr("-- DROP TABLE")));
}

TEST_F(DiffCommand, FaultsAreTold) {
  const auto bad = file("bad.sql", "CREATE TABLE t (a int,,);");
  EXPECT_EQ(run({bad, bad}), kFailed);
  EXPECT_THAT(err_, HasSubstr("bad.sql:1:"));
  EXPECT_EQ(run({folder_ + "/none.sql", bad}), kFailed);
  EXPECT_EQ(run({bad}), kWrongUse);
  EXPECT_EQ(run({bad, bad, "--server-version", "x"}), kWrongUse);
  EXPECT_EQ(run({bad, bad, "--rename", "x"}), kWrongUse);
}

}  // namespace
}  // namespace sluice::cli

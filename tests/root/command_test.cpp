#include "proxy/cli/command.h"

#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

using testing::HasSubstr;

struct Ran {
  int status;
  std::string out;
  std::string err;
};

Ran run(std::vector<std::string> arguments) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment;
  Invocation invocation{std::move(arguments), in, out, err, environment};
  const int status = dispatch(invocation);
  return {status, out.str(), err.str()};
}

TEST(Command, HelpListsEveryCommandOnStdout) {
  const auto ran = run({"--help"});
  EXPECT_EQ(ran.status, kDone);
  for (const Command& command : commands()) {
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.name)));
    EXPECT_THAT(ran.out, HasSubstr(std::string(command.summary)));
  }
  EXPECT_EQ(ran.err, "");
}

TEST(Command, NothingAndTheUnknownAreWrongUse) {
  EXPECT_EQ(run({}).status, kWrongUse);
  const auto unknown = run({"sevre"});
  EXPECT_EQ(unknown.status, kWrongUse);
  EXPECT_EQ(unknown.out, "");
  EXPECT_THAT(unknown.err, HasSubstr("there is no command 'sevre'"));
}

TEST(Command, VersionIsPrintedBothWays) {
  EXPECT_EQ(run({"version"}).out, run({"--version"}).out);
  EXPECT_THAT(run({"version"}).out, HasSubstr("sluice 0."));
}

TEST(Command, NamesAreUniqueAndEachHasASummary) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    EXPECT_FALSE(command.summary.empty()) << command.name;
  }
}

}  // namespace
}  // namespace sluice::cli

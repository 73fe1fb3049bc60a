// Where an instance's password comes from.
#include "proxy/backend/instance.h"

#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sluice::backend {
namespace {

std::shared_ptr<Instance> with_command(std::string command, std::chrono::seconds life,
                                       std::chrono::milliseconds limit = std::chrono::seconds(60)) {
  InstanceConfig config;
  config.name = "iam";
  config.token_command = std::move(command);
  config.token_life = life;
  config.tls = TlsMode::kDisabled;
  config.limits.connect_timeout = limit;
  auto made = Instance::make(config);
  EXPECT_TRUE(made.instance) << made.error;
  return made.instance;
}

// Counts its own runs in a file.
struct Counted {
  std::string file = testing::TempDir() + "sluice-token-" + std::to_string(::getpid());
  std::string command = "echo x >> " + file + "; wc -l < " + file + " | tr -d ' '";

  Counted() { ::unlink(file.c_str()); }
  ~Counted() { ::unlink(file.c_str()); }
};

TEST(Instance, a_token_serves_until_its_life_is_over) {
  const Counted counted;
  const auto lasting = with_command(counted.command, std::chrono::seconds(600));
  EXPECT_TRUE(lasting->needs_command());
  EXPECT_EQ(lasting->password().password.reveal(), "1");
  EXPECT_FALSE(lasting->needs_command());
  EXPECT_EQ(lasting->password().password.reveal(), "1");
}

TEST(Instance, a_token_whose_life_is_over_is_fetched_anew) {
  const Counted counted;
  const auto fleeting = with_command(counted.command, std::chrono::seconds(0));
  EXPECT_EQ(fleeting->password().password.reveal(), "1");
  EXPECT_TRUE(fleeting->needs_command());
  EXPECT_EQ(fleeting->password().password.reveal(), "2");
}

TEST(Instance, only_the_first_line_is_the_token) {
  const auto two = with_command("printf 'first\\nsecond\\n'", std::chrono::seconds(600));
  EXPECT_EQ(two->password().password.reveal(), "first");
}

TEST(Instance, a_command_that_prints_nothing_or_fails_is_an_error_and_is_tried_again) {
  for (const char* command : {"true", "false", "/nonexistent/command 2>/dev/null", "echo"}) {
    const auto none = with_command(command, std::chrono::seconds(600));
    EXPECT_NE(none->password().error, "") << command;
    EXPECT_TRUE(none->needs_command()) << command;
  }
}

// The command's own children go with it: they hold the pipe open.
TEST(Instance, a_command_that_hangs_is_ended_when_the_time_to_connect_is_over) {
  for (const char* command : {"sleep 1000", "sleep 1000 | cat", "printf part; sleep 1000"}) {
    const auto hanging =
        with_command(command, std::chrono::seconds(600), std::chrono::milliseconds(50));
    EXPECT_NE(hanging->password().error.find("within 50 ms"), std::string::npos) << command;
    EXPECT_TRUE(hanging->needs_command()) << command;
  }
  // What goes on after the line has its time, and the line counts.
  // (More of it, where a busy machine takes longer to start a command.)
  std::string token;
  for (auto limit = std::chrono::milliseconds(200);
       token.empty() && limit < std::chrono::minutes(1); limit *= 4) {
    const auto chatty = with_command("echo token; sleep 1000", std::chrono::seconds(600), limit);
    token = chatty->password().password.reveal();
  }
  EXPECT_EQ(token, "token");
}

TEST(Instance, who_asks_whether_a_command_is_needed_does_not_wait_for_one_that_runs) {
  const std::string pipe = testing::TempDir() + "sluice-pipe-" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto slow = with_command("cat " + pipe, std::chrono::seconds(600));
  std::string got;
  std::thread fetching([&] { got = slow->password().password.reveal(); });
  std::ofstream into(pipe);  // opens once the command reads
  EXPECT_TRUE(slow->needs_command());
  into << "late\n" << std::flush;
  into.close();
  fetching.join();
  EXPECT_EQ(got, "late");
  EXPECT_FALSE(slow->needs_command());
  ::unlink(pipe.c_str());
}

}  // namespace
}  // namespace sluice::backend

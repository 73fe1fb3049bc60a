#include "proxy/net/loop.h"

#include <algorithm>
#include <array>
#include <memory>
#include <thread>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/net/blocking_pool.h"
#include "tests/support/run_task.h"

namespace sluice::net {
namespace {

using test::run_task;
using test::SocketPair;

Task<Wake> wait_one(Descriptor& descriptor) {
  co_return co_await wait_readable(descriptor);
}
Task<Wake> wait_two(Descriptor& first, Descriptor& second) {
  co_return co_await Wait{first, Descriptor::kRead, &second, Descriptor::kHangUp};
}

void send_text(int to, std::string_view text) {
  ASSERT_EQ(::send(to, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

TEST(Loop, a_descriptor_is_worth_a_read_until_one_found_the_end) {
  Loop loop;
  SocketPair pair;
  Descriptor ours(loop, pair.ours);
  EXPECT_TRUE(ours.readable());
  ours.read_exhausted();
  EXPECT_FALSE(ours.readable());
  send_text(pair.theirs, "x");
  EXPECT_EQ(run_task(loop, wait_one(ours)), Wake::kReady);
  EXPECT_TRUE(ours.readable());
  EXPECT_FALSE(ours.hung_up());
  ::close(pair.theirs);
}

TEST(Loop, data_and_the_end_in_one_event_are_both_seen) {
  Loop loop;
  SocketPair pair;
  Descriptor ours(loop, pair.ours);
  ours.read_exhausted();
  send_text(pair.theirs, "last words");
  ::close(pair.theirs);
  EXPECT_EQ(run_task(loop, wait_one(ours)), Wake::kReady);
  EXPECT_TRUE(ours.hung_up());
  ours.read_exhausted();  // after a short read
  EXPECT_TRUE(ours.readable()) << "the end of the stream is still to be read";
}

TEST(Loop, a_hang_up_ends_a_wait_for_another_descriptor) {
  Loop loop;
  SocketPair server;
  SocketPair client;
  Descriptor first(loop, server.ours);
  Descriptor second(loop, client.ours);
  first.read_exhausted();
  send_text(client.theirs, "pipelined");  // bytes of the second are no reason to wake
  loop.run_once(std::chrono::milliseconds(0));
  ::close(client.theirs);
  EXPECT_EQ(run_task(loop, wait_two(first, second)), Wake::kReady);
  EXPECT_FALSE(first.readable());
  EXPECT_TRUE(second.hung_up());
  ::close(server.theirs);
}

TEST(Loop, a_deadline_and_a_cancel_end_waits) {
  Loop loop;
  SocketPair pair;
  Descriptor ours(loop, pair.ours);
  ours.read_exhausted();
  ours.set_deadline(std::chrono::milliseconds(1));
  EXPECT_EQ(run_task(loop, wait_one(ours)), Wake::kTimedOut);
  ours.set_deadline({});
  loop.post([&] { ours.cancel(); });
  EXPECT_EQ(run_task(loop, wait_one(ours)), Wake::kCancelled);
  EXPECT_EQ(run_task(loop, wait_one(ours)), Wake::kCancelled) << "it stays cancelled";
  ::close(pair.theirs);
}

// One event's coroutine ends another descriptor whose event is in the same round.
Task<bool> end_other(Descriptor& mine, std::unique_ptr<Descriptor>& other) {
  (void)co_await wait_readable(mine);
  other.reset();
  co_return true;
}

TEST(Loop, a_descriptor_may_end_while_its_event_waits) {
  Loop loop;
  SocketPair a;
  SocketPair b;
  auto first = std::make_unique<Descriptor>(loop, a.ours);
  auto second = std::make_unique<Descriptor>(loop, b.ours);
  first->read_exhausted();
  second->read_exhausted();
  send_text(a.theirs, "1");
  send_text(b.theirs, "2");
  EXPECT_EQ(run_task(loop, end_other(*first, second)), true);
  loop.run_once(std::chrono::milliseconds(0));
  EXPECT_EQ(second, nullptr);
  ::close(a.theirs);
  ::close(b.theirs);
}

TEST(Loop, work_of_other_threads_runs_on_the_loop) {
  Loop loop;
  std::thread::id ran_on;
  std::thread runner([&] { loop.run(); });
  const auto runner_id = runner.get_id();
  std::thread poster([&] {
    loop.post([&] { ran_on = std::this_thread::get_id(); });
    loop.stop();
  });
  poster.join();
  runner.join();
  EXPECT_EQ(ran_on, runner_id);
}

Task<void> wait_owning(std::unique_ptr<Descriptor> mine, Wake& wake) {
  wake = co_await wait_readable(*mine);
}

TEST(Loop, a_loop_that_stops_leaves_no_coroutine_behind) {
  Loop loop;
  SocketPair pair;
  auto mine = std::make_unique<Descriptor>(loop, pair.ours);
  mine->read_exhausted();
  Wake wake = Wake::kReady;
  bool ended = false;
  spawn(wait_owning(std::move(mine), wake), [&](std::exception_ptr) { ended = true; });
  loop.stop();
  loop.run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(wake, Wake::kCancelled);
  ::close(pair.theirs);
}

Task<int> ask_pool(BlockingPool& pool, Loop& loop) {
  auto first = co_await pool.run(loop, [] { return 20; });
  auto second = co_await pool.run(loop, [] { return 22; });
  co_return first.value_or(0) + second.value_or(0);
}

TEST(BlockingPool, results_come_back_to_the_loop) {
  Loop loop;
  BlockingPool pool(2);
  EXPECT_EQ(run_task(loop, ask_pool(pool, loop)), 42);
}

Task<int> nothing() {
  co_return 1;
}
Task<int> many(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await nothing();
  co_return sum;
}
Task<int> fails() {
  throw std::runtime_error("broken");
  co_return 0;
}
Task<bool> catches() {
  bool caught = false;
  try {
    (void)co_await fails();
  } catch (const std::runtime_error&) {
    caught = true;
  }
  co_return caught;
}

TEST(Task, a_million_awaits_that_end_at_once_need_no_stack) {
  Loop loop;
  EXPECT_EQ(run_task(loop, many(1000000)), 1000000);
}

TEST(Task, what_it_throws_is_thrown_where_it_is_awaited) {
  Loop loop;
  EXPECT_EQ(run_task(loop, catches()), true);
}

// As in a child between fork and exec: the socket lives on under another number.
TEST(Loop, a_descriptor_that_ended_gets_no_event_though_its_socket_lives_on) {
  Loop loop;
  test::SocketPair pair;
  const int copy = ::dup(pair.ours);
  alignas(Descriptor) std::array<std::byte, sizeof(Descriptor)> place;
  std::destroy_at(std::construct_at(reinterpret_cast<Descriptor*>(place.data()), loop, pair.ours));
  place.fill(std::byte{0});
  ASSERT_EQ(::send(pair.theirs, "x", 1, 0), 1);
  loop.run_once(std::chrono::milliseconds(0));
  EXPECT_TRUE(std::ranges::all_of(place, [](std::byte b) { return b == std::byte{0}; }))
      << "an event was written into memory that is somebody else's";
  ::close(copy);
  ::close(pair.theirs);
}

}  // namespace
}  // namespace sluice::net

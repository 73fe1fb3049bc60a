// Runs a coroutine of the data path to its end inside a test: on the test's own thread, by turning
// the loop. No time is asserted: a task that never ends fails after many idle rounds.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace sluice::test {

template <class T>
net::Task<void> store(net::Task<T> task, std::optional<T>& into) {
  into.emplace(co_await std::move(task));
}

template <class T>
std::optional<T> run_task(net::Loop& loop, net::Task<T> task, int rounds = 2000) {
  std::optional<T> result;
  net::spawn(store(std::move(task), result), {});
  for (int i = 0; i < rounds && !result; ++i) loop.run_once(std::chrono::milliseconds(20));
  EXPECT_TRUE(result.has_value()) << "the task did not end";
  return result;
}

// Two connected, non-blocking stream sockets.
struct SocketPair {
  SocketPair() {
    int both[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both), 0);
    ours = both[0];
    theirs = both[1];
  }
  int ours = -1;    // to be owned by a Stream
  int theirs = -1;  // the same, for the peer
};

}  // namespace sluice::test

// The server connections of one thread, of all instances. A session takes one at its first
// statement and gives it back when it ends. No lock: the limits are shared by atomics in Instance,
// idle connections belong to a thread. What another thread frees is passed on by a message.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <vector>

#include "proxy/backend/connection.h"
#include "proxy/backend/pool_state.h"

namespace sluice::backend {

enum class PoolEvent : std::uint8_t { kOpened, kClosed, kReused, kFailed, kWaited, kTimedOut };

class Pool final : public net::Ticker {
 public:
  // What must outlive it: everything given here. `on_event` is called on the loop's thread.
  Pool(net::Loop& loop, net::BlockingPool& blocking, std::function<void(PoolEvent)> on_event);
  ~Pool() override;
  // The pools of the other threads, told once before any is used.
  void set_siblings(std::vector<Pool*> siblings) { siblings_ = std::move(siblings); }

  // A connection for a session as new: reset, with the wished collation and without a schema, or
  // why there is none. Ends early when the pool is shut down.
  [[nodiscard]] net::Task<Connection::Opened> lease(std::shared_ptr<Instance> instance,
                                                    Connection::Wish wish);
  // Takes a connection back between two commands: it is reset and kept, or closed. A coroutine of
  // its own goes on with it.
  void give_back(std::unique_ptr<Connection> connection);
  // Ends a connection that cannot be used again.
  void discard(std::unique_ptr<Connection> connection);
  // Closes every idle connection (of an instance, or of all), and lets the waiting fail.
  void close_idle(const Instance* instance);
  void shut_down();

  void on_tick() override;

 private:
  struct Waiter {
    explicit Waiter(net::Loop& loop) : signal(loop) {}
    net::Signal signal;
    const Instance* instance = nullptr;
    std::chrono::steady_clock::time_point until;
  };

  [[nodiscard]] std::unique_ptr<Connection> take_idle(Instance& instance,
                                                      const Connection::Wish& wish);
  [[nodiscard]] net::Task<bool> make_new(Connection& connection, std::uint8_t collation,
                                         bool other);
  [[nodiscard]] net::Task<void> reset(std::unique_ptr<Connection> connection);
  [[nodiscard]] net::Task<bool> wait_for_room(std::shared_ptr<Instance> instance);
  void keep(std::unique_ptr<Connection> connection);
  void drop(std::unique_ptr<Connection> connection);
  void on_freed(Instance& instance);
  void wake_one(const Instance& instance);
  void give_up_one_idle(const Instance& instance);

  net::Loop& loop_;
  net::BlockingPool& blocking_;
  std::function<void(PoolEvent)> on_event_;
  std::vector<Pool*> siblings_;
  std::vector<std::unique_ptr<Connection>> idle_;  // given back last at the end
  std::list<Waiter*> waiting_;
  bool shut_down_ = false;
};

// The part of a client's capabilities that a connection must agree in for its session to see what
// it would see directly.
[[nodiscard]] wire::Capabilities pool_key(wire::Capabilities agreed) noexcept;

}  // namespace sluice::backend

#include "proxy/backend/pool.h"

#include <algorithm>
#include <utility>

namespace sluice::backend {
namespace {

constexpr std::chrono::milliseconds kControlLimit{5000};  // for RESET_CONNECTION and PING

// Whether the session is as that login would make it: the default schema outlives a reset, and so
// does the collation of another login.
bool as_wished(const Connection& connection, const Connection::Wish& wish) {
  return connection.collation == wish.collation &&
         (!connection.may_have_schema || wish.enters_schema);
}

}  // namespace

wire::Capabilities pool_key(wire::Capabilities agreed) noexcept {
  return agreed & wire::cap::kChangesResults;
}

Pool::Pool(net::Loop& loop, net::BlockingPool& blocking, std::function<void(PoolEvent)> on_event)
    : loop_(loop), blocking_(blocking), on_event_(std::move(on_event)) {
  loop_.add_ticker(*this);
}

Pool::~Pool() {
  loop_.remove_ticker(*this);
  for (auto& connection : idle_) connection->instance().idle.fetch_sub(1);
}

net::Task<Connection::Opened> Pool::lease(std::shared_ptr<Instance> instance,
                                          Connection::Wish wish) {
  for (;;) {
    Connection::Opened result;
    if (shut_down_) {
      result.failure = Failure::kShutdown;
      result.error =
          wire::make_error(wire::ErrorNumber::kServerShutdown, "Server shutdown in progress");
      co_return result;
    }
    if (auto connection = take_idle(*instance, wish)) {
      // The default schema and the collation outlive a reset.
      const bool other = !as_wished(*connection, wish);
      const IdleVerdict how =
          judge_idle(loop_.now() - connection->idle_since, false, instance->config().limits);
      if ((other || how == IdleVerdict::kPing) &&
          !co_await make_new(*connection, wish.collation, other)) {
        drop(std::move(connection));
        continue;
      }
      on_event_(PoolEvent::kReused);
      result.connection = std::move(connection);
      co_return result;
    }
    const NextStep step =
        next_step(instance->open.load(), instance->waiting.load(), instance->config().limits);
    if (step == NextStep::kOpen) {
      result = co_await Connection::open(loop_, blocking_, instance, wish);
      // A session that cannot be asked is one all the same; what it makes of texts is then unknown.
      if (result.connection) {
        [[maybe_unused]] const auto asked = co_await result.connection->ask(Connection::Ask::kNew);
        result.connection->login = result.connection->report();
      }
      on_event_(result.connection ? PoolEvent::kOpened : PoolEvent::kFailed);
      if (!result.connection) on_freed(*instance);
      co_return result;
    }
    if (step == NextStep::kFull || !co_await wait_for_room(instance)) {
      on_event_(PoolEvent::kTimedOut);
      result.failure = Failure::kFull;
      result.error = wire::make_error(
          wire::ErrorNumber::kTooManyUserConnections,
          "Instance '" + instance->config().name +
              "' has no free connection: the limit of the pool (max_connections) is reached");
      co_return result;
    }
  }
}

std::unique_ptr<Connection> Pool::take_idle(Instance& instance, const Connection::Wish& wish) {
  // What the server does not offer cannot be agreed; the key is the part that it does.
  const auto info = instance.info();
  const auto key = pool_key(wish.capabilities & (info ? info->offered : wish.capabilities));
  const auto fits = [&](const Connection& connection) {
    return &connection.instance() == &instance && pool_key(connection.capabilities()) == key;
  };
  // One that needs no login anew, if there is one.
  const bool wished = std::ranges::any_of(idle_, [&](const auto& connection) {
    return fits(*connection) && as_wished(*connection, wish);
  });
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (!fits(*idle_[i]) || (wished && !as_wished(*idle_[i], wish))) continue;
    auto taken = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    instance.idle.fetch_sub(1);
    const bool broken = !taken->channel().quiet();  // the server said something, or closed
    if (broken ||
        judge_idle(loop_.now() - taken->idle_since, taken->generation != instance.generation(),
                   instance.config().limits) == IdleVerdict::kClose) {
      drop(std::move(taken));
      continue;
    }
    return taken;
  }
  return nullptr;
}

// A login anew where the session is to be another one, else a ping.
net::Task<bool> Pool::make_new(Connection& connection, std::uint8_t collation, bool other) {
  bool good = false;
  if (other) {
    good = co_await connection.renew(blocking_, collation);
    if (good) {
      [[maybe_unused]] const auto asked = co_await connection.ask(Connection::Ask::kNew);
      connection.login = connection.report();
      good = connection.reusable;
    }
  } else {
    good = co_await connection.run_control(policy::Control::kPing, kControlLimit);
  }
  co_return good;
}

net::Task<bool> Pool::wait_for_room(std::shared_ptr<Instance> instance) {
  Waiter waiter(loop_);
  waiter.instance = instance.get();
  waiter.until = loop_.now() + instance->config().limits.max_wait;
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  instance->waiting.fetch_add(1);
  on_event_(PoolEvent::kWaited);
  for (Pool* sibling : siblings_) {
    sibling->loop_.post([sibling, instance] { sibling->give_up_one_idle(*instance); });
  }
  give_up_one_idle(*instance);  // one with other capabilities holds its place
  co_await waiter.signal;
  waiting_.erase(place);
  instance->waiting.fetch_sub(1);
  co_return waiter.instance != nullptr && !shut_down_;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (shut_down_ || !connection->reusable || !connection->channel().quiet() ||
      connection->generation != connection->instance().generation()) {
    discard(std::move(connection));
    return;
  }
  net::spawn(reset(std::move(connection)), {});
}

net::Task<void> Pool::reset(std::unique_ptr<Connection> connection) {
  auto asked = co_await connection->ask(Connection::Ask::kReset);
  if (asked == Connection::Asked::kFailed && connection->reusable) {
    // Servers before 5.7.3 do not know COM_RESET_CONNECTION; they make a session new by a login.
    const auto info = connection->instance().info();
    if (info && co_await make_new(*connection, info->collation, true)) {
      asked = Connection::Asked::kSilent;
    }
  }
  const bool done = asked != Connection::Asked::kFailed && connection->reusable;
  Instance& instance = connection->instance();
  // Where what the login asked for could not be put back, the session has the server's defaults
  // now, which may be other than the greeting's. The default schema stays, however it was chosen.
  const auto info = instance.info();
  const auto& report = connection->report();
  if (!connection->as_login) {
    connection->collation = info && report && report->default_charsets ? info->collation : 0;
    connection->login.reset();
  }
  connection->may_have_schema = !report || !report->schema.empty();
  const bool stale = connection->generation != instance.generation();
  if (!done || shut_down_ ||
      !keeps(instance.idle.load(), instance.waiting.load(), stale, instance.config().limits)) {
    drop(std::move(connection));
    co_return;
  }
  keep(std::move(connection));
}

void Pool::keep(std::unique_ptr<Connection> connection) {
  Instance& instance = connection->instance();
  connection->idle_since = loop_.now();
  connection->channel().rest();
  instance.idle.fetch_add(1);
  idle_.push_back(std::move(connection));
  on_freed(instance);
}

void Pool::discard(std::unique_ptr<Connection> connection) {
  drop(std::move(connection));
}

void Pool::drop(std::unique_ptr<Connection> connection) {
  const auto instance = connection->shared_instance();
  // A server that reads COM_QUIT does not count the connection as aborted.
  if (connection->reusable && !connection->descriptor().hung_up()) {
    (void)connection->try_send(policy::Permit::control(policy::Control::kQuit));
  }
  connection.reset();
  on_event_(PoolEvent::kClosed);
  on_freed(*instance);
}

void Pool::on_freed(Instance& instance) {
  if (instance.waiting.load() == 0) return;
  wake_one(instance);
  for (Pool* sibling : siblings_) {
    sibling->loop_.post([sibling, target = &instance] { sibling->wake_one(*target); });
  }
}

void Pool::wake_one(const Instance& instance) {
  for (Waiter* waiter : waiting_) {
    if (waiter->instance == &instance && !waiter->signal.is_set()) {
      waiter->signal.set();
      return;
    }
  }
}

void Pool::give_up_one_idle(const Instance& instance) {
  for (std::size_t i = 0; i < idle_.size(); ++i) {
    if (&idle_[i]->instance() != &instance) continue;
    auto taken = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    taken->instance().idle.fetch_sub(1);
    drop(std::move(taken));
    return;
  }
}

void Pool::close_idle(const Instance* instance) {
  std::vector<std::unique_ptr<Connection>> closing;
  for (auto& connection : idle_) {
    if (instance == nullptr || &connection->instance() == instance) {
      closing.push_back(std::move(connection));
    }
  }
  std::erase(idle_, nullptr);
  for (auto& connection : closing) {
    connection->instance().idle.fetch_sub(1);
    drop(std::move(connection));
  }
}

void Pool::shut_down() {
  shut_down_ = true;
  for (Waiter* waiter : waiting_) waiter->signal.set();
  close_idle(nullptr);
}

void Pool::on_tick() {
  for (Waiter* waiter : waiting_) {
    if (loop_.now() < waiter->until || waiter->signal.is_set()) continue;
    waiter->instance = nullptr;
    waiter->signal.set();
  }
  std::vector<std::unique_ptr<Connection>> closing;
  for (auto& connection : idle_) {
    const Instance& instance = connection->instance();
    if (!connection->channel().quiet() ||
        judge_idle(loop_.now() - connection->idle_since,
                   connection->generation != instance.generation(),
                   instance.config().limits) == IdleVerdict::kClose) {
      closing.push_back(std::move(connection));
    }
  }
  std::erase(idle_, nullptr);
  for (auto& connection : closing) {
    connection->instance().idle.fetch_sub(1);
    drop(std::move(connection));
  }
}

}  // namespace sluice::backend

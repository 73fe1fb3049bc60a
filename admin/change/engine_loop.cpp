// What the engine does by itself: the coordinator thread and the pieces of work that it hands out.
#include <algorithm>

#include "admin/change/checks.h"
#include "admin/change/engine.h"

namespace sluice::change {

using store::Failure;
using store::IssueState;

namespace {

// How old what /metrics says of the whole workspace may be.
constexpr std::chrono::seconds kCountEvery{15};

constexpr std::int64_t kBatch = 64;  // tasks that are looked at in one poll
constexpr std::chrono::hours kBetweenPurges{1};

std::chrono::microseconds since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

}  // namespace

void Engine::poke() {
  const std::lock_guard lock(mutex_);
  poked_ = true;
  changed_.notify_all();
}

void Engine::note(std::string_view what, const store::Fault& fault) {
  services_.log(what, fault.detail);
}

void Engine::coordinate() {
  const auto wait = std::min(config_.poll, config_.lease / 4);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    poked_ = false;
    lock.unlock();
    tick();
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return stopping_ || poked_; });
  }
  // Runs that are at their last statement keep their leases until they have left it.
  while (!active_.empty()) {
    lock.unlock();
    renew();
    lock.lock();
    changed_.wait_for(lock, config_.lease / 4, [this] { return active_.empty(); });
  }
}

void Engine::tick() {
  renew();
  count();
  watch();
  begin_checks();
  begin_runs();
  purge();
}

void Engine::purge() {
  const auto now = std::chrono::steady_clock::now();
  if (purged_ && now - *purged_ < kBetweenPurges) return;
  purged_ = now;
  const auto gone = services_.store.rollbacks().purge(services_.now());
  if (!gone) return note("engine.purge", gone.error());
  if (*gone > 0) services_.log("rollback.expired", std::to_string(*gone));
}

void Engine::renew() {
  const auto now = std::chrono::steady_clock::now();
  if (now - renewed_ < config_.lease / 4) return;
  renewed_ = now;
  std::vector<Active> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, active] : active_) all.push_back(active);
  }
  for (const Active& active : all) {
    const auto cancel = services_.store.runs().renew(active.run);
    if (cancel && *cancel) active.signal->cancellation.request();
    if (cancel) continue;
    // The run may have ended just now; then nobody hears this.
    if (cancel.error().kind == Failure::kConflict) {
      active.signal->lose();
    } else {
      note("engine.renew", cancel.error());
    }
  }
}

void Engine::count() {
  const auto now = std::chrono::steady_clock::now();
  if (counted_ && now - *counted_ < kCountEvery) return;
  counted_ = now;
  auto totals = services_.store.totals();
  if (!totals) note("engine.count", totals.error());
  meter_.set_totals(totals ? std::optional(std::move(*totals)) : std::nullopt);
}

void Engine::watch() {
  const auto open = services_.store.runs().open_runs();
  if (!open) return note("engine.watch", open.error());
  const auto now = std::chrono::steady_clock::now();
  std::map<store::Id, Watched> seen;
  for (const store::Run& run : *open) {
    {
      const std::lock_guard lock(mutex_);
      if (active_.contains(run.id) || in_hand_.contains(run.task)) continue;
    }
    Watched& watched = seen[run.id] = {run.holder, run.beat, now};
    const auto before = watched_.find(run.id);
    if (before != watched_.end() && before->second.holder == run.holder &&
        before->second.beat == run.beat) {
      watched.since = before->second.since;
    }
    if (now - watched.since < config_.lease) continue;
    const auto taken = services_.store.runs().take_over(run, config_.holder);
    if (!taken) continue;  // it moved, or another program was faster
    meter_.taken_over();
    services_.log("run.taken_over", "task " + std::to_string(run.task));
    {
      const std::lock_guard lock(mutex_);
      in_hand_.insert(run.task);
    }
    if (!runners_->submit([this, held = *taken] { execute(held); })) {
      // Its beat stands still: it is taken over again when a runner is free.
      const std::lock_guard lock(mutex_);
      in_hand_.erase(run.task);
    }
  }
  watched_ = std::move(seen);
}

void Engine::begin_checks() {
  const auto tasks = services_.store.issues().tasks_to_check(kBatch);
  if (!tasks) return note("engine.checks", tasks.error());
  for (const store::TaskKey& key : *tasks) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || !in_hand_.insert(key.task).second) continue;
    }
    if (checkers_->submit([this, key] { check_one(key); })) continue;
    const std::lock_guard lock(mutex_);
    in_hand_.erase(key.task);
    return;
  }
}

void Engine::begin_runs() {
  const auto tasks = services_.store.issues().tasks_to_run(services_.now(), kBatch);
  if (!tasks) return note("engine.runs", tasks.error());
  for (const store::TaskKey& key : *tasks) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || !in_hand_.insert(key.task).second) continue;
    }
    if (runners_->submit([this, key] { run_one(key); })) continue;
    const std::lock_guard lock(mutex_);
    in_hand_.erase(key.task);
    return;
  }
}

void Engine::check_one(const store::TaskKey& key) {
  const auto finish = [&] {
    {
      const std::lock_guard lock(mutex_);
      in_hand_.erase(key.task);
    }
    poke();
  };
  const auto state = services_.store.issues().get(key.issue);
  const store::Task* task = state ? state->task(key.task) : nullptr;
  if (task == nullptr) return finish();
  const auto known = environments();
  if (!known) {
    note("engine.checks", known.error());
    return finish();
  }
  const auto begin = std::chrono::steady_clock::now();
  const auto checks = check_task(services_.store, *state, *task, *known, services_.now);
  if (!checks) {
    note("engine.checks", checks.error());
    return finish();
  }
  meter_.checked(result_of(*checks), since(begin));
  const auto now = services_.now();
  const auto put = services_.store.issues().put_checks(
      key, task->check_round, result_of(*checks), *checks, now,
      [&](const IssueState& at) { return advance(at, *known, now); });
  if (!put) note("engine.checks", put.error());
  tell(*state);
  finish();
}

void Engine::run_one(const store::TaskKey& key) {
  const auto now = services_.now();
  const auto run = services_.store.runs().claim(
      key, config_.holder,
      [&](const IssueState& state) { return start_task(state, key.task, now); }, now);
  if (run) return execute(*run);
  if (run.error().kind != Failure::kBusy && run.error().kind != Failure::kRefused) {
    note("engine.runs", run.error());
  }
  const std::lock_guard lock(mutex_);
  in_hand_.erase(key.task);
}

void Engine::execute(const store::Run& run) {
  const auto signal = std::make_shared<RunSignal>();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) signal->stop();
    active_[run.id] = {run, signal};
    meter_.set_running(active_.size());
  }
  const auto begun = services_.store.issues().get(run.issue);
  if (begun) {
    tell(*begun);
    // Asked while nobody had it in hand.
    const store::Task* task = begun->task(run.task);
    if (task != nullptr && task->cancel_requested) signal->cancellation.request();
  }
  const auto begin = std::chrono::steady_clock::now();
  execute_run(run_services_, run, *signal);
  const auto took = since(begin);
  {
    const std::lock_guard lock(mutex_);
    active_.erase(run.id);
    meter_.set_running(active_.size());
    in_hand_.erase(run.task);
    changed_.notify_all();
  }
  if (const auto ended = services_.store.issues().get(run.issue)) {
    tell(*ended);
    const store::Task* task = ended->task(run.task);
    if (services_.ran && task != nullptr && task->database != 0) services_.ran(task->database);
    // One that still runs was left to whoever takes it over.
    if (task != nullptr && task->status != policy::TaskStatus::kRunning) {
      meter_.run_ended(ended->issue.kind, task->status, took);
    }
    if (services_.events != nullptr && task != nullptr && task->change != 0) {
      services_.events->publish({"change", task->change, ended->issue.project, "created"});
    }
  }
  poke();
}

}  // namespace sluice::change

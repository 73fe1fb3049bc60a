#include "proxy/session/proxy.h"

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <utility>

#include <openssl/rand.h>

#include "proxy/net/listener.h"
#include "proxy/session/session.h"

namespace sluice::session {
namespace {

constexpr unsigned kBlockingThreads = 4;
constexpr unsigned kChangeThreads = 16;  // changes that are checked, written down or ended at once
constexpr std::chrono::milliseconds kDrainPoll{20};  // how often drain() looks; nothing waits on it

std::unique_ptr<Trouble> trouble(std::string what) {
  return std::make_unique<Trouble>(Trouble{std::move(what)});
}

net::Task<void> run_session(std::unique_ptr<Session> session) {
  co_await session->run();
}

// Learns what the server is, before any client comes.
net::Task<void> probe(Worker& worker, std::shared_ptr<backend::Instance> instance) {
  using namespace wire::cap;
  auto opened = co_await worker.pool.lease(
      instance, {kProtocol41 | kPluginAuth | kSecureConnection | kLongPassword, 45});
  if (opened.connection) {
    worker.pool.discard(std::move(opened.connection));
    co_return;
  }
  Event event;
  event.level = Level::kWarning;
  event.what = "backend_down";
  event.instance = instance->config().name;
  event.detail = opened.error.message;
  worker.shared.events.on_event(event);
}

}  // namespace

bool HostGuard::blocked(const std::string& host, std::uint32_t limit) const {
  if (limit == 0 || host.empty()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = failures_.find(host);
  return found != failures_.end() && found->second >= limit;
}

void HostGuard::failed(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (failures_.size() >= kHosts) failures_.clear();
  ++failures_[host];
}

void HostGuard::succeeded(const std::string& host) {
  const std::lock_guard lock(mutex_);
  failures_.erase(host);
}

std::optional<wire::FastVerifier> LearnedVerifiers::find(const policy::Account& account) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(account.name + '\0' + account.verifier.text);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

void LearnedVerifiers::learn(const policy::Account& account, const wire::FastVerifier& verifier) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kAccounts) known_.clear();
  known_[account.name + '\0' + account.verifier.text] = verifier;
}

Worker::Worker(Shared& shared_, const net::IoCalls& calls)
    : shared(shared_),
      loop(calls),
      judge(shared_.policies.make_judge()),
      pool(loop, *shared_.blocking, [this](backend::PoolEvent event) { on_pool_event(event); }) {}

Worker::~Worker() = default;

void Worker::on_pool_event(backend::PoolEvent event) {
  switch (event) {
    case backend::PoolEvent::kOpened: counters.backend_opened.add(); break;
    case backend::PoolEvent::kClosed: counters.backend_closed.add(); break;
    case backend::PoolEvent::kReused: counters.backend_reused.add(); break;
    case backend::PoolEvent::kFailed: counters.backend_failed.add(); break;
    case backend::PoolEvent::kWaited: counters.pool_waits.add(); break;
    case backend::PoolEvent::kTimedOut: counters.pool_timeouts.add(); break;
  }
}

void Worker::start_session(int descriptor, net::Peer peer, const net::ListenConfig& listen) {
  counters.connections_accepted.add();
  auto session = std::make_unique<Session>(*this, std::make_unique<net::Stream>(loop, descriptor),
                                           std::move(peer), listen);
  net::spawn(run_session(std::move(session)), [this](std::exception_ptr failure) {
    if (!failure) return;
    Event event;
    event.level = Level::kError;
    event.what = "session_failed";
    std::string text = "unknown";
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      text = error.what();
    } catch (...) {
    }
    event.detail = text;
    shared.events.on_event(event);
  });
}

struct Proxy::Impl {
  Impl(ProxyConfig config_, Dependencies d)
      : config(std::move(config_)),
        calls(d.calls),
        shared(d.accounts, d.policies, d.events, d.changes) {}

  [[nodiscard]] std::unique_ptr<Trouble> make_settings(const ProxyConfig& from,
                                                       const Settings* old);
  void on_worker(std::size_t i, std::function<void(Worker&)> work) {
    Worker* worker = workers[i].get();
    worker->loop.post([worker, work = std::move(work)] { work(*worker); });
  }
  // Probes the instances that `old` does not have.
  void probe_new(const Settings* old);

  ProxyConfig config;
  const net::IoCalls& calls;
  Shared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  std::vector<std::thread> threads;
  std::size_t next_worker = 0;  // the first loop's thread
  std::mutex mutex;
  std::condition_variable changed;
  bool cut_now = false;  // guarded by mutex
};

Proxy::Proxy(ProxyConfig config, Dependencies dependencies)
    : impl_(std::make_unique<Impl>(std::move(config), dependencies)) {}

Proxy::~Proxy() {
  if (!impl_->threads.empty()) drain({});
}

std::unique_ptr<Trouble> Proxy::Impl::make_settings(const ProxyConfig& from, const Settings* old) {
  auto settings = std::make_shared<Settings>();
  settings->limits = from.limits;
  if (from.tls.enabled) {
    auto tls = net::make_server_context(from.tls);
    if (!tls.context) return trouble("TLS: " + tls.error);
    settings->tls = std::move(tls.context);
  }
  for (const auto& instance : from.instances) {
    const auto before = old == nullptr ? nullptr : old->find(instance.name);
    const bool files = !instance.ca_file.empty() || !instance.certificate_file.empty();
    if (before && !files && before->config() == instance) {
      settings->instances.emplace(instance.name, before);
      continue;
    }
    auto made = backend::Instance::make(instance);
    if (!made.instance) return trouble(made.error);
    // What is known of the server stays known until it is heard anew.
    if (before && before->config().host == instance.host && before->config().port == instance.port)
      made.instance->copy_info(*before);
    if (!settings->instances.emplace(instance.name, made.instance).second) {
      return trouble("instance " + instance.name + " is configured twice");
    }
  }
  if (!from.instances.empty()) {
    const std::string& name =
        from.default_instance.empty() ? from.instances.front().name : from.default_instance;
    settings->default_instance = settings->find(name);
    if (!settings->default_instance) {
      return trouble("default instance " + name + " is not configured");
    }
  }
  for (const auto& listen : config.listen) {
    if (!listen.instance.empty() && !settings->find(listen.instance)) {
      return trouble("a listener names the instance " + listen.instance +
                     ", which is not configured");
    }
  }
  shared.settings.store(std::move(settings));
  return nullptr;
}

void Proxy::Impl::probe_new(const Settings* old) {
  const auto settings = shared.settings.load();  // kept while it is walked
  for (const auto& [name, instance] : settings->instances) {
    if (old != nullptr && old->find(name) == instance) continue;
    on_worker(0,
              [instance = instance](Worker& worker) { net::spawn(probe(worker, instance), {}); });
  }
}

std::unique_ptr<Trouble> Proxy::start() {
  Impl& impl = *impl_;
  if (auto problem = impl.make_settings(impl.config, nullptr)) return problem;
  for (const auto& listen : impl.config.listen) {
    auto opened = net::Listener::open(listen);
    if (!opened.listener) return trouble(opened.error);
    impl.listeners.push_back(std::move(opened.listener));
  }
  impl.shared.rsa = net::RsaKey::generate();
  (void)RAND_bytes(impl.shared.fake_salt.data(), static_cast<int>(impl.shared.fake_salt.size()));
  impl.shared.blocking = std::make_unique<net::BlockingPool>(kBlockingThreads);
  if (impl.shared.changes != nullptr) {
    impl.shared.change_pool = std::make_unique<net::BlockingPool>(kChangeThreads);
  }
  const unsigned count = impl.config.threads != 0
                             ? impl.config.threads
                             : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    impl.workers.push_back(std::make_unique<Worker>(impl.shared, impl.calls));
  for (auto& worker : impl.workers) {
    std::vector<backend::Pool*> siblings;
    for (auto& other : impl.workers) {
      if (other != worker) siblings.push_back(&other->pool);
    }
    worker->pool.set_siblings(std::move(siblings));
  }
  for (auto& worker : impl.workers) {
    impl.threads.emplace_back([loop = &worker->loop] { loop->run(); });
  }
  impl.probe_new(nullptr);
  for (auto& listener : impl.listeners) {
    impl.on_worker(0, [&impl, from = listener.get()](Worker& first) {
      // Sessions go to the threads in turn.
      auto accepted = [&impl, &first, from](int descriptor, net::Peer peer) {
        impl.shared.sessions.fetch_add(1);
        Worker& worker = *impl.workers[impl.next_worker++ % impl.workers.size()];
        if (&worker == &first) {
          worker.start_session(descriptor, std::move(peer), from->config());
        } else {
          worker.loop.post([&worker, descriptor, peer = std::move(peer), from]() mutable {
            worker.start_session(descriptor, std::move(peer), from->config());
          });
        }
      };
      net::spawn(from->accept_all(first.loop, std::move(accepted)), {});
    });
  }
  return nullptr;
}

std::unique_ptr<Trouble> Proxy::reload(ProxyConfig config) {
  Impl& impl = *impl_;
  const auto old = impl.shared.settings.load();
  if (auto problem = impl.make_settings(config, old.get())) return problem;
  const bool fixed_changed =
      config.threads != impl.config.threads || config.listen.size() != impl.config.listen.size();
  for (const auto& [name, instance] : old->instances) {
    if (impl.shared.settings.load()->find(name) == instance) continue;
    for (std::size_t i = 0; i < impl.workers.size(); ++i) {
      impl.on_worker(i, [gone = instance](Worker& worker) { worker.pool.close_idle(gone.get()); });
    }
  }
  impl.probe_new(old.get());
  impl.config.instances = std::move(config.instances);
  impl.config.limits = config.limits;
  if (fixed_changed) return trouble("listeners and threads change only with a restart");
  return nullptr;
}

bool Proxy::drain(std::chrono::milliseconds limit) {
  Impl& impl = *impl_;
  impl.shared.draining = true;
  const auto until = std::chrono::steady_clock::now() + limit;
  impl.on_worker(0, [&impl](Worker&) {
    for (auto& listener : impl.listeners) listener->stop();
  });
  for (std::size_t i = 0; i < impl.workers.size(); ++i) {
    impl.on_worker(i, [](Worker& worker) {
      const auto sessions = worker.sessions;
      for (Session* session : sessions) session->drain();
    });
  }
  const auto wait_empty = [&](std::chrono::steady_clock::time_point end, bool may_cut) {
    std::unique_lock lock(impl.mutex);
    while (impl.shared.sessions.load() != 0) {
      if ((may_cut && impl.cut_now) || std::chrono::steady_clock::now() >= end) return false;
      impl.changed.wait_for(lock, kDrainPoll);
    }
    return true;
  };
  const bool clean = wait_empty(until, true);
  // Cut, as often as it takes: a session that arrives at a wait later sees it too.
  for (int round = 0; round < 50 && impl.shared.sessions.load() != 0; ++round) {
    for (std::size_t i = 0; i < impl.workers.size(); ++i) {
      impl.on_worker(i, [](Worker& worker) {
        const auto sessions = worker.sessions;
        for (Session* session : sessions) session->cut();
      });
    }
    (void)wait_empty(std::chrono::steady_clock::now() + std::chrono::milliseconds(200), false);
  }
  for (std::size_t i = 0; i < impl.workers.size(); ++i) {
    impl.on_worker(i, [](Worker& worker) { worker.pool.shut_down(); });
  }
  for (auto& worker : impl.workers) worker->loop.stop();
  for (auto& thread : impl.threads) thread.join();
  impl.threads.clear();
  impl.shared.blocking.reset();
  impl.shared.change_pool.reset();
  return clean;
}

void Proxy::stop_waiting() noexcept {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->cut_now = true;
  }
  impl_->changed.notify_all();
}

std::uint16_t Proxy::bound_port(std::size_t listener) const {
  return impl_->listeners.at(listener)->port();
}

bool Proxy::ready() const noexcept {
  const auto settings = impl_->shared.settings.load();
  return settings && settings->default_instance && settings->default_instance->info() &&
         !impl_->shared.draining;
}

std::vector<const Counters*> Proxy::counters() const {
  std::vector<const Counters*> all;
  for (const auto& worker : impl_->workers) all.push_back(&worker->counters);
  return all;
}

Registry& Proxy::registry() noexcept {
  return impl_->shared.registry;
}

namespace {
// Outlives both sides: a thread may answer after nobody waits any more.
struct Asked {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t waiting = 0;
  std::vector<DigestRow> rows;
};
}  // namespace

std::vector<DigestRow> Proxy::digests() {
  const auto asked = std::make_shared<Asked>();
  asked->waiting = impl_->workers.size();
  for (std::size_t i = 0; i < impl_->workers.size(); ++i) {
    impl_->on_worker(i, [asked](Worker& worker) {
      std::vector<DigestRow> rows = worker.digests.rows();
      const std::lock_guard lock(asked->mutex);
      asked->rows.insert(asked->rows.end(), std::make_move_iterator(rows.begin()),
                         std::make_move_iterator(rows.end()));
      --asked->waiting;
      asked->changed.notify_all();
    });
  }
  std::unique_lock lock(asked->mutex);
  asked->changed.wait_for(lock, kReadLimit, [&] { return asked->waiting == 0; });
  return merge(std::move(asked->rows));
}

std::vector<Proxy::InstanceState> Proxy::instances() const {
  std::vector<InstanceState> all;
  const auto settings = impl_->shared.settings.load();
  if (!settings) return all;
  for (const auto& [name, instance] : settings->instances) {
    const auto info = instance->info();
    all.push_back({name, info ? info->version : std::string{}, instance->up.load(),
                   instance->open.load(), instance->idle.load(), instance->waiting.load()});
  }
  return all;
}

}  // namespace sluice::session

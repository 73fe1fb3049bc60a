#include "proxy/serve.h"

#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "admin/http/handlers/health.h"
#include "admin/http/server.h"
#include "policy/account_directory.h"
#include "policy/policy_source.h"
#include "proxy/log.h"
#include "proxy/metrics.h"
#include "proxy/session/proxy.h"

namespace sluice::proxy {
namespace {

// What connections of the admin port may still take once the data path is drained.
constexpr std::chrono::seconds kAdminDrain{2};

// Signals as a queue that one thread waits for. The thread that constructs it and all threads
// started after it have the signals blocked.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set_, signal);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }

  // The next one, waiting for it.
  [[nodiscard]] int next() const {
    int signal = 0;
    while (sigwait(&set_, &signal) != 0) {
    }
    return signal;
  }

 private:
  sigset_t set_{};
};

// While the main thread drains, waits for a second order to end and cuts. SIGUSR-free: the drain's
// end wakes it by a SIGTERM to this thread alone.
class SecondSignal {
 public:
  SecondSignal(const Signals& signals, session::Proxy& proxy, Log& log)
      : thread_([this, &signals, &proxy, &log] {
          while (true) {
            const int signal = signals.next();
            if (done_.load()) return;
            if (signal == SIGHUP) continue;
            log.write(LogLevel::kWarning, "drain_cut", {{"reason", "second signal"}});
            proxy.stop_waiting();
          }
        }) {}
  ~SecondSignal() {
    done_.store(true);
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }
  SecondSignal(const SecondSignal&) = delete;
  SecondSignal& operator=(const SecondSignal&) = delete;

 private:
  std::atomic<bool> done_{false};
  std::thread thread_;
};

void reload(const ReadConfig& read_again, Config& config, session::Proxy& proxy,
            policy::AccountTable& accounts, Log& log) {
  auto fresh = read_again();
  if (!fresh) {
    for (const auto& fault : fresh.error()) {
      log.write(LogLevel::kError, "reload_refused", {{"detail", fault}});
    }
    return;
  }
  for (const auto& key : needs_restart(config, *fresh)) {
    log.write(LogLevel::kWarning, "reload_needs_restart", {{"key", key}});
  }
  log.set_level(fresh->log.level);
  accounts.replace(fresh->accounts);
  // Listeners stay: what differs has been said above, key by key.
  fresh->proxy.listen = config.proxy.listen;
  fresh->proxy.threads = config.proxy.threads;
  if (const auto trouble = proxy.reload(fresh->proxy)) {
    log.write(LogLevel::kError, "reload_incomplete", {{"detail", trouble->what}});
  }
  config = std::move(*fresh);
  log.write(LogLevel::kInfo, "reloaded", {{"file", config.file}});
}

void announce(const Config& config, const session::Proxy& proxy, const http::Server& admin,
              Log& log) {
  for (const auto& warning : config.warnings) {
    log.write(LogLevel::kWarning, "configuration", {{"detail", warning}});
  }
  for (std::size_t i = 0; i < config.proxy.listen.size(); ++i) {
    const auto& listen = config.proxy.listen[i];
    const std::string address = listen.unix_path.empty()
                                    ? listen.host + ':' + std::to_string(proxy.bound_port(i))
                                    : "unix:" + listen.unix_path;
    log.write(LogLevel::kInfo, "listening", {{"for", "mysql"}, {"address", address}});
  }
  log.write(
      LogLevel::kInfo, "listening",
      {{"for", "admin"}, {"address", config.admin.host + ':' + std::to_string(admin.port())}});
  log.write(LogLevel::kInfo, "started",
            {{"version", SLUICE_VERSION}, {"pid", std::to_string(::getpid())}});
}

}  // namespace

int serve(Config config, const ReadConfig& read_again) {
  const Signals signals;  // before any thread
  Log log(config.log);
  policy::AccountTable accounts(config.accounts);
  policy::FixedPolicySource policies(policy::PolicySet{});
  session::Proxy proxy(config.proxy, {accounts, policies, log});
  const http::Router router(http::health_routes({
      [&proxy] { return proxy.ready(); },
      [&proxy] { return render_metrics(proxy.counters(), proxy.instances()); },
  }));
  http::Server admin(config.admin, router,
                     [&log](std::string_view method, std::string_view path, std::string_view what) {
                       log.write(LogLevel::kError, "http_fault",
                                 {{"method", method}, {"path", path}, {"detail", what}});
                     });
  if (const auto trouble = proxy.start()) {
    log.write(LogLevel::kError, "start_failed", {{"detail", trouble->what}});
    return cli::kFailed;
  }
  if (const auto trouble = admin.start()) {
    log.write(LogLevel::kError, "start_failed", {{"detail", *trouble}});
    return cli::kFailed;
  }
  announce(config, proxy, admin, log);
  while (signals.next() == SIGHUP) reload(read_again, config, proxy, accounts, log);

  log.write(LogLevel::kInfo, "draining",
            {{"limit_seconds", std::to_string(config.drain_limit.count())}});
  bool all_ended = false;
  {
    const SecondSignal watcher(signals, proxy, log);
    all_ended = proxy.drain(config.drain_limit);
  }
  admin.drain(kAdminDrain);
  log.write(LogLevel::kInfo, "stopped", {{"reason", all_ended ? "drained" : "cut"}});
  return cli::kDone;
}

}  // namespace sluice::proxy

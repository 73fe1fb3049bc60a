#include "proxy/serve.h"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <unistd.h>

#include "admin/change/binlog_watch.h"
#include "admin/change/engine.h"
#include "admin/change/gate_sink.h"
#include "admin/http/api.h"
#include "admin/http/console.h"
#include "admin/http/digest_metrics.h"
#include "admin/http/engine_metrics.h"
#include "admin/http/handlers/health.h"
#include "admin/http/metrics.h"
#include "admin/http/server.h"
#include "admin/store/event_relay.h"
#include "admin/store/open.h"
#include "policy/account_directory.h"
#include "policy/policy_source.h"
#include "proxy/about.h"
#include "proxy/log.h"
#include "proxy/metrics.h"
#include "proxy/session/proxy.h"
#include "proxy/workspace.h"

namespace sluice::proxy {
namespace {

// What connections of the admin port may still take once the data path is drained.
constexpr std::chrono::seconds kAdminDrain{2};
// And a statement of a running task after that.
constexpr std::chrono::seconds kEngineStop{5};

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

store::Time utc_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// An issue's page, as a client of the proxy is told of it: under the address of the configuration,
// else under the workspace's, which another program may have changed just now, else under the
// listener's own. Any thread but the data path's: the store is asked.
class IssueUrls {
 public:
  IssueUrls(const http::ServerConfig& admin, store::Store& store)
      : store_(store),
        base_(admin.public_url),
        secure_(!admin.certificate_file.empty()),
        host_(admin.host) {}
  void set_port(std::uint16_t port) { port_.store(port); }
  [[nodiscard]] std::string url(store::Id issue) const {
    std::string base = base_;
    if (base.empty()) {
      if (const auto settings = store_.settings()) base = settings->public_url;
    }
    if (base.empty()) {
      const bool v6 = host_.find(':') != std::string::npos;
      base = std::string(secure_ ? "https://" : "http://") + (v6 ? '[' + host_ + ']' : host_) +
             ':' + std::to_string(port_.load());
    }
    return base + "/issues/" + std::to_string(issue);
  }

 private:
  store::Store& store_;
  const std::string base_;
  const bool secure_;
  const std::string host_;
  std::atomic<std::uint16_t> port_{0};
};

// What runs and records changes: the engine for issues, the sink for what sessions run themselves,
// scans and the watch over binary logs for what was changed past both.
class Changes {
 public:
  Changes(const Config& config, store::Store& store, change::SchemaCache& schemas,
          Workspace& workspace, policy::PolicySource& policies, Log& log)
      : urls_(config.admin, store),
        scans_({store, utc_now, logger(log), &events_}),
        binlog_watch_({store, utc_now, logger(log), &events_}, scans_, binlog_watch_config()),
        engine_({store, utc_now, logger(log), &events_,
                 [this](store::Id database) { scans_.scan_soon(database); }},
                engine_config()),
        sink_({store, engine_, schemas, policies, utc_now, logger(log),
               [this](store::Id issue) { return urls_.url(issue); },
               [&workspace] { static_cast<void>(workspace.refresh_policies()); }, &events_,
               [this](store::Id database) { scans_.scan_soon(database); }},
              sink_config()) {
    if (!config.store_url.empty()) share_events(config.store_url, log);
  }

  [[nodiscard]] http::EventHub& events() noexcept { return events_; }
  void start() {
    engine_.start();
    sink_.start();
    scans_.start();
    binlog_watch_.start();
  }
  [[nodiscard]] change::Scans& scans() noexcept { return scans_; }
  [[nodiscard]] change::Engine& engine() noexcept { return engine_; }
  [[nodiscard]] const change::WatchMeter& watches() const noexcept { return binlog_watch_.meter(); }
  [[nodiscard]] change::GateSink& sink() noexcept { return sink_; }
  [[nodiscard]] IssueUrls& urls() noexcept { return urls_; }

 private:
  static std::function<void(std::string_view, std::string_view)> logger(Log& log) {
    return [&log](std::string_view event, std::string_view detail) {
      log.write(LogLevel::kInfo, event, {{"detail", detail}});
    };
  }
  static change::EngineConfig engine_config() {
    change::EngineConfig config;
    config.holder = store::make_token();
    return config;
  }
  static change::BinlogWatchConfig binlog_watch_config() {
    change::BinlogWatchConfig config;
    config.holder = store::make_token();
    return config;
  }
  // Several programs on one store: each one's pages hear of what the others do.
  void share_events(const std::string& url, Log& log) {
    relay_.emplace(store::EventRelay::Config{
        url, run_, [this](const store::Event& event) { events_.receive(event); },
        [this] { events_.reset(); },
        [&log](std::string_view event, std::string_view detail) {
          log.write(LogLevel::kWarning, event, {{"detail", detail}});
        }});
    events_.forward_to([this](const store::Event& event) { relay_->send(event); });
    relay_->start();
  }
  static change::GateConfig sink_config() {
    change::GateConfig config;
    config.holder = store::make_token();
    return config;
  }

  IssueUrls urls_;
  // Ids of events tell this run from others.
  const std::string run_ = store::make_token().substr(0, 8);
  http::EventHub events_{run_, utc_now};
  std::optional<store::EventRelay> relay_;
  change::Scans scans_;
  change::BinlogWatch binlog_watch_;
  change::Engine engine_;
  change::GateSink sink_;
};

// What the admin port is made of, in the order of who refers to whom.
class Admin {
 public:
  Admin(const Config& config, store::Store& store, Changes& changes, Workspace& workspace,
        session::Proxy& proxy, Log& log)
      : trail_({store, std::chrono::steady_clock::now,
                [&log](std::string_view event, std::string_view detail) {
                  log.write(LogLevel::kError, event, {{"detail", detail}});
                }}),
        sql_([&log](std::string_view what) {
          log.write(LogLevel::kError, "http_fault",
                    {{"method", "POST"}, {"path", "/api/v1/sql"}, {"detail", what}});
        }),
        services_{store,
                  proxy.registry(),
                  proxy,
                  workspace,
                  changes.events(),
                  changes.engine(),
                  changes.scans(),
                  throttle_,
                  passwords_,
                  trail_,
                  sql_,
                  utc_now,
                  std::chrono::steady_clock::now,
                  store::make_token,
                  [&log](std::string_view event, std::string_view detail) {
                    log.write(LogLevel::kError, event, {{"detail", detail}});
                  },
                  config.admin.session_life,
                  [this] {
                    const std::lock_guard lock(about_mutex_);
                    return about_;
                  }},
        api_(services_, http::api_routes()),
        router_(routes(proxy, changes.watches()), metrics_.observer(),
                [](const http::Request& request) {
                  return http::console_response(request, http::console_files());
                }),
        server_(config.admin, router_,
                [&log](std::string_view method, std::string_view path, std::string_view what) {
                  log.write(LogLevel::kError, "http_fault",
                            {{"method", method}, {"path", path}, {"detail", what}});
                }) {
    trail_.start();
  }

  [[nodiscard]] http::Server& server() noexcept { return server_; }
  // What the program says of itself from now on.
  void set_about(http::About about) {
    const std::lock_guard lock(about_mutex_);
    about_ = std::move(about);
  }
  // What waits to be written is.
  void end_audit() { trail_.stop(); }

 private:
  std::vector<http::Route> routes(session::Proxy& proxy, const change::WatchMeter& watches) {
    auto all = http::health_routes({
        [&proxy] { return proxy.ready(); },
        [this, &proxy, &watches] {
          auto families = metrics_.families();
          for (auto& family : http::engine_families(
                   {services_.engine.meter(), services_.scans.meter(), services_.store.meter(),
                    watches, services_.events.streams()})) {
            families.push_back(std::move(family));
          }
          for (auto& family : http::digest_families(proxy.digests())) {
            families.push_back(std::move(family));
          }
          return render_metrics(proxy.counters(), proxy.instances(), std::move(families));
        },
    });
    for (auto& route : api_.routes()) all.push_back(std::move(route));
    return all;
  }

  http::Throttle throttle_;
  http::Passwords passwords_;
  http::Metrics metrics_;
  std::mutex about_mutex_;
  http::About about_;
  http::AuditTrail trail_;
  http::SqlAnswers sql_;
  http::Services services_;
  http::Api api_;
  http::Router router_;
  http::Server server_;
};

void reload(const ReadConfig& read_again, Config& config, Workspace& workspace, http::Server& admin,
            Log& log) {
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
  // Listeners stay: what differs has been said above, key by key.
  fresh->proxy.listen = config.proxy.listen;
  fresh->proxy.threads = config.proxy.threads;
  if (const auto trouble = workspace.reload(*fresh)) {
    log.write(LogLevel::kError, "reload_incomplete", {{"detail", *trouble}});
  }
  if (const auto trouble = admin.reload()) {
    log.write(LogLevel::kError, "reload_incomplete", {{"detail", *trouble}});
  }
  config = std::move(*fresh);
  log.write(LogLevel::kInfo, "reloaded", {{"file", config.file}});
}

void announce(const Config& config, const session::Proxy& proxy, const http::Server& admin,
              Log& log) {
  for (const auto& warning : config.warnings) {
    log.write(LogLevel::kWarning, "configuration", {{"detail", warning}});
  }
  for (const auto& address : mysql_addresses(config, proxy)) {
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
  auto store = store::open_store({config.data_directory, config.store_url});
  if (!store) {
    log.write(LogLevel::kError, "start_failed", {{"detail", "store: " + store.error().detail}});
    return cli::kFailed;
  }
  policy::AccountTable accounts({});
  policy::FixedPolicySource policies(policy::PolicySet{});
  change::SchemaCache schemas;
  Workspace workspace(config, **store, schemas, accounts, policies, log);
  Changes changes(config, **store, schemas, workspace, policies, log);
  session::Proxy proxy(
      workspace.initial(),
      {.accounts = accounts, .policies = policies, .events = log, .changes = &changes.sink()});
  Admin built(config, **store, changes, workspace, proxy, log);
  http::Server& admin = built.server();
  if (const auto trouble = proxy.start()) {
    log.write(LogLevel::kError, "start_failed", {{"detail", trouble->what}});
    return cli::kFailed;
  }
  if (const auto trouble = admin.start()) {
    log.write(LogLevel::kError, "start_failed", {{"detail", *trouble}});
    return cli::kFailed;
  }
  changes.urls().set_port(admin.port());
  workspace.start(proxy);
  changes.start();
  built.set_about(about(config, proxy));
  announce(config, proxy, admin, log);
  while (signals.next() == SIGHUP) {
    reload(read_again, config, workspace, admin, log);
    built.set_about(about(config, proxy));
  }

  log.write(LogLevel::kInfo, "draining",
            {{"limit_seconds", std::to_string(config.drain_limit.count())}});
  workspace.stop();
  bool all_ended = false;
  {
    const SecondSignal watcher(signals, proxy, log);
    all_ended = proxy.drain(config.drain_limit);
  }
  admin.drain(kAdminDrain);
  changes.sink().stop();
  if (!changes.engine().stop(kEngineStop)) {
    // A long ALTER TABLE is not killed for our end: its server goes on with it, and the next start
    // finds out how it ended.
    log.write(LogLevel::kWarning, "stopped", {{"reason", "a task's statement still runs"}});
    built.end_audit();
    std::_Exit(cli::kDone);
  }
  log.write(LogLevel::kInfo, "stopped", {{"reason", all_ended ? "drained" : "cut"}});
  return cli::kDone;
}

}  // namespace sluice::proxy

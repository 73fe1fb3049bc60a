// The data path as one object: threads, listeners, pools. main() builds it by hand.
//
// What must outlive it: the directory, the policy source and the sinks. Its member functions are
// called by one thread at the time, except counters(), ready(), registry() and digests(), which any
// thread may call between start() and the destructor.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/system/result.hpp>

#include "policy/account_directory.h"
#include "policy/change_sink.h"
#include "policy/policy_source.h"
#include "proxy/net/loop.h"
#include "proxy/session/config.h"
#include "proxy/session/counters.h"
#include "proxy/session/digests.h"
#include "proxy/session/event_sink.h"
#include "proxy/session/registry.h"

namespace sluice::session {

// Why something at start or reload failed, for a person.
struct Trouble {
  std::string what;
};

class Proxy final : public DigestReader {
 public:
  struct Dependencies {
    policy::AccountDirectory& accounts;
    policy::PolicySource& policies;
    EventSink& events;
    const net::IoCalls& calls = net::system_calls();  // tests make them short, or fail
    policy::ChangeSink* changes = nullptr;            // null: what it would keep is refused
  };

  Proxy(ProxyConfig config, Dependencies dependencies);
  ~Proxy() override;  // ends everything at once; drain() first to be polite
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // Binds every listener, loads certificates and starts the threads. Instances are probed in the
  // background: until one has answered once, clients are told so. Nothing: it runs.
  [[nodiscard]] std::unique_ptr<Trouble> start();

  // Certificates are read again (also when their names are the same); limits, instances and the
  // default instance (there may be none yet) are taken from `config`. Sessions that exist keep what
  // they began with; idle connections to instances that changed are closed. Listeners and threads
  // do not change: that is said in the result, and everything else has been applied. Nothing: all
  // was applied.
  [[nodiscard]] std::unique_ptr<Trouble> reload(ProxyConfig config);

  // Stops accepting, ends sessions between their commands and outside transactions, waits up to
  // `limit`, then cuts the rest. True when nothing had to be cut. Call stop_waiting() from another
  // thread to cut at once.
  bool drain(std::chrono::milliseconds limit);
  void stop_waiting() noexcept;

  // The port of the listener at that place in the configuration (0 for a Unix socket).
  [[nodiscard]] std::uint16_t bound_port(std::size_t listener) const;
  // Whether the default instance has answered, and the proxy is not draining.
  [[nodiscard]] bool ready() const noexcept;

  // One block a thread; they live as long as the proxy.
  [[nodiscard]] std::vector<const Counters*> counters() const;
  [[nodiscard]] Registry& registry() noexcept;
  // Of all threads, merged; nothing once the proxy drains.
  [[nodiscard]] std::vector<DigestRow> digests() override;

  // State of each instance, for metrics and the console.
  struct InstanceState {
    std::string name;
    std::string version;  // empty: it has not answered yet
    bool up = false;      // the last connect succeeded
    std::uint32_t open = 0;
    std::uint32_t idle = 0;
    std::uint32_t waiting = 0;
  };
  [[nodiscard]] std::vector<InstanceState> instances() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::session

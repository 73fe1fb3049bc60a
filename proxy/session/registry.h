// Live sessions of all threads, for listing and killing. Any thread; a mutex that is taken once
// when a session logs in, once when it ends, and by those who list: never on a statement's way.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::session {

// A session as it is shown. Values only.
struct SessionInfo {
  std::uint32_t id = 0;          // of the greeting
  std::uint32_t backend_id = 0;  // the server's thread id; 0: no connection is taken now
  std::string account;
  std::string host;
  std::string program;  // connection attribute program_name
  std::string instance;
  std::string schema;  // as the login named it
  std::string state;   // "idle", "busy"
  bool tls = false;
  std::chrono::system_clock::time_point connected_at;
  std::uint64_t statements = 0;
};

enum class KillScope : std::uint8_t { kQuery, kConnection };

class Registry {
 public:
  // What a session shares. Its own thread writes the atomics.
  struct Entry {
    SessionInfo fixed;  // what does not change after the login
    std::atomic<std::uint32_t> backend_id{0};
    std::atomic<std::uint64_t> statements{0};
    std::atomic<bool> busy{false};
    std::function<void(KillScope)> kill;  // any thread; hands the wish to the session's thread
  };

  void add(std::shared_ptr<Entry> entry);
  void remove(std::uint32_t id);

  [[nodiscard]] std::vector<SessionInfo> list() const;
  [[nodiscard]] std::optional<SessionInfo> find(std::uint32_t id) const;
  // False when there is no such session. The session ends (or its statement is cut) soon after.
  bool kill(std::uint32_t id, KillScope scope);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<Entry>> entries_;
};

}  // namespace sluice::session

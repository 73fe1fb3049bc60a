// What the data path counts. One block a thread, written by that thread alone with relaxed stores
// (no read-modify-write on shared lines), read by anyone: a scrape sums the blocks.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::session {

// Only its thread writes; everybody may read.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  void sub(std::uint64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Latencies in microseconds; bucket i counts those up to kBounds[i], the last one the rest.
class Histogram {
 public:
  static constexpr std::array<std::uint64_t, 16> kBounds{
      50,    100,   250,    500,    1000,   2500,    5000,    10000,
      25000, 50000, 100000, 250000, 500000, 1000000, 5000000, 30000000};

  void record(std::uint64_t microseconds) noexcept {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && microseconds > kBounds[bucket]) ++bucket;
    buckets_[bucket].add();
    sum_.add(microseconds);
  }
  [[nodiscard]] std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].get(); }
  [[nodiscard]] std::uint64_t sum_microseconds() const noexcept { return sum_.get(); }

 private:
  std::array<Counter, kBounds.size() + 1> buckets_;
  Counter sum_;
};

// Why a session ended, and what else goes wrong. A row each in the metrics' list.
enum class Reason : std::uint8_t {
  kQuit,            // COM_QUIT
  kClientClosed,    // the client closed between commands
  kClientVanished,  // the client closed within a command
  kClientTimeout,   // idle, or did not read or write for too long
  kHandshakeTimeout,
  kHandshakeFailed,  // bytes that are no login
  kAccessDenied,
  kHostBlocked,
  kTooManyConnections,
  kTlsFailed,
  kProtocol,  // the client broke the protocol
  kPacketTooLarge,
  kBackendUnavailable,
  kBackendLost,
  kBackendProtocol,  // the back-end broke the protocol
  kPoolFull,
  kKilled,
  kShutdown,
  kInternal,
  kCount,
};
[[nodiscard]] std::string_view name(Reason reason) noexcept;

struct alignas(64) Counters {
  Counter connections_accepted;
  Counter sessions_open;  // a gauge
  Counter sessions_logged_in;
  Counter statements;       // COM_QUERY, COM_STMT_EXECUTE, COM_STMT_BULK_EXECUTE
  Counter commands;         // every command
  Counter refused;          // commands that the policy or the command table refused
  Counter errors_returned;  // ERR packets that ended an answer
  Counter rows;
  Counter bytes_from_clients;
  Counter bytes_to_clients;
  Counter bytes_from_backends;
  Counter bytes_to_backends;
  Counter backend_opened;
  Counter backend_closed;
  Counter backend_reused;
  Counter backend_failed;  // connects that failed
  Counter backend_active;  // a gauge: leased by sessions of this thread
  Counter pool_waits;
  Counter pool_timeouts;
  Counter kills_sent;
  std::array<Counter, static_cast<std::size_t>(Reason::kCount)> ended;  // by Reason
  // Texts by policy::Verdict; in shadow mode they pass, and are counted by what it would have been.
  std::array<Counter, 5> verdicts;
  std::array<Counter, 5> shadow_verdicts;
  Histogram statement_time;  // client-side: the command was read .. its answer was written
  Histogram backend_time;    // the command was sent .. the first byte of the answer
  Histogram connect_time;    // a new back-end connection, to its login's OK
};

}  // namespace sluice::session

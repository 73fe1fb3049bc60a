// Statements by digest, with who sent them and where: how often, how long, how many rows, and what
// the gate said of them or, in shadow mode, would have said. Each thread counts in a table of its
// own without a lock; a reader asks the threads and adds up what they give (DigestReader).
//
// Bounded: kEntries a thread; the least lately used makes room, and its counts go to the entry
// "others" of its account and instance, so that sums stay right.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sluice::session {

// Counts of latencies in buckets that grow by an eighth: any quantile is right within 12.5 %, and
// two sketches are added by adding their counts.
class LatencySketch {
 public:
  // 8 buckets to a power of two, from 1 microsecond to 2^27 (two minutes) and beyond.
  static constexpr std::size_t kBuckets = std::size_t{8} * 28;

  void record(std::uint64_t microseconds) noexcept { ++counts_[bucket_of(microseconds)]; }
  void add(const LatencySketch& other) noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept;
  // In microseconds, the upper end of the bucket; 0 when there is none. `q` in [0, 1].
  [[nodiscard]] std::uint64_t quantile(double q) const noexcept;

  [[nodiscard]] static std::size_t bucket_of(std::uint64_t microseconds) noexcept;
  [[nodiscard]] static std::uint64_t upper_end(std::size_t bucket) noexcept;

 private:
  std::array<std::uint32_t, kBuckets> counts_{};
};

// In the order of policy::Verdict.
inline constexpr std::size_t kDigestVerdicts = 5;

struct DigestRow {
  std::string instance;
  std::string account;
  std::string digest;          // 64 hex digits, as the server's; empty: "others"
  std::string text;            // the digest's, in the client's character set
  std::uint64_t count = 0;     // how often it was sent, run or not
  std::uint64_t errors = 0;    // those that ran and failed
  std::uint64_t rows = 0;      // sent
  std::uint64_t affected = 0;  // changed
  std::uint64_t total_microseconds = 0;
  std::uint64_t max_microseconds = 0;
  std::array<std::uint64_t, kDigestVerdicts> verdicts{};
  // Of shadow mode: it passed, and this is what would have happened.
  std::array<std::uint64_t, kDigestVerdicts> shadow{};
  LatencySketch latency;  // of those that ran
  std::chrono::system_clock::time_point first_seen{};
  std::chrono::system_clock::time_point last_seen{};

  void add(const DigestRow& other);
};

// How a statement ended.
struct DigestOutcome {
  std::uint64_t microseconds = 0;
  std::uint64_t rows = 0;
  std::uint64_t affected = 0;
  bool failed = false;
};

class DigestTable {
 public:
  static constexpr std::size_t kEntries = 2000;
  explicit DigestTable(std::size_t entries = kEntries) : limit_(entries) {}
  DigestTable(const DigestTable&) = delete;
  DigestTable& operator=(const DigestTable&) = delete;

  // Where a statement is counted; stays right when the entry has made room meanwhile.
  struct Ticket {
    std::uint64_t key = 0;  // 0: none
  };
  // `key`: a hash of what the entry is of, not 0. `describe` is called for a new entry only:
  // instance, account, digest and text of the row it is given. True in `fresh`: it is new.
  template <class Describe>
  Ticket enter(std::uint64_t key, Describe&& describe, bool* fresh = nullptr) {
    const auto found = index_.find(key);
    if (fresh != nullptr) *fresh = found == index_.end();
    if (found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return {key};
    }
    make_room();
    entries_.emplace_front();
    entries_.front().key = key;
    describe(entries_.front().row);
    index_.emplace(key, entries_.begin());
    return {key};
  }
  void judged(Ticket ticket, std::size_t verdict, bool shadow) noexcept;
  void ended(Ticket ticket, const DigestOutcome& outcome,
             std::chrono::system_clock::time_point now) noexcept;

  // Nothing of it ran: it was refused, or waits for a review.
  void stopped(Ticket ticket, std::chrono::system_clock::time_point now) noexcept;

  [[nodiscard]] std::vector<DigestRow> rows() const;

 private:
  struct Entry {
    std::uint64_t key = 0;
    DigestRow row;
  };
  void make_room();
  [[nodiscard]] DigestRow* find(Ticket ticket) noexcept;

  std::size_t limit_;
  std::list<Entry> entries_;  // the latest first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> index_;
  std::vector<DigestRow> others_;  // one an account and instance; at most kOthers
};

// Rows of the same instance, account and digest are added into one; the most frequent first.
[[nodiscard]] std::vector<DigestRow> merge(std::vector<DigestRow> rows);

// What the admin side reads. Any thread but a data path's own; waits for the data path's threads,
// at most kReadLimit: of a thread that does not answer then nothing is in the result.
class DigestReader {
 public:
  static constexpr std::chrono::milliseconds kReadLimit{2000};
  virtual ~DigestReader() = default;
  [[nodiscard]] virtual std::vector<DigestRow> digests() = 0;
};

}  // namespace sluice::session

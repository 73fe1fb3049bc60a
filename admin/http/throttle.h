// Slows guesses of passwords: per address and per email, in bounded memory. Pure but for its
// counts; the time is an argument. Any thread.
//
//   failures in a row      answer
//   up to kFree            at once
//   up to the limit        after kFirstDelay, doubled with each, at most kMaxDelay
//   from the limit on      not looked at for kBlock after each failure: 429
//
// A success forgets the email's failures, not the address': one right password among a thousand
// guesses is no reason to stop counting. Failures are forgotten kForget after the last one.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace sluice::http {

class Throttle {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr int kFree = 3;
  static constexpr int kEmailLimit = 10;
  static constexpr int kAddressLimit = 50;  // many people may share one
  static constexpr std::chrono::milliseconds kFirstDelay{250};
  static constexpr std::chrono::milliseconds kMaxDelay{4000};
  static constexpr std::chrono::seconds kBlock{60};
  static constexpr std::chrono::minutes kForget{15};
  static constexpr std::size_t kMaxKeys = 20000;  // addresses and emails together; the oldest goes

  // Zero: the attempt may be looked at; otherwise for how long not.
  [[nodiscard]] std::chrono::seconds blocked_for(const std::string& address,
                                                 const std::string& email, Clock::time_point now);
  // How long the answer to this failure is to be held back.
  [[nodiscard]] std::chrono::milliseconds failed(const std::string& address,
                                                 const std::string& email, Clock::time_point now);
  void succeeded(const std::string& email);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    int failures = 0;
    Clock::time_point last;
  };
  using Place = std::list<Entry>::iterator;

  [[nodiscard]] std::chrono::seconds blocked(const std::string& key, int limit,
                                             Clock::time_point now);
  int count(const std::string& key, Clock::time_point now);

  mutable std::mutex mutex_;
  std::list<Entry> entries_;  // the one that failed last is first
  std::map<std::string, Place> by_key_;
};

}  // namespace sluice::http

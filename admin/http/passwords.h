// Passwords of people: argon2id, with a limit on how many are worked on at once (64 MiB each), and
// in the same time whether the person exists or not. Any thread; a call takes some 100 ms and may
// wait for others: the slow lane only.
#pragma once

#include <mutex>
#include <semaphore>
#include <string>
#include <string_view>

namespace sluice::http {

class Passwords {
 public:
  static constexpr int kAtOnce = 4;

  [[nodiscard]] std::string hash(std::string_view password);
  // `hash` empty: nobody has that email; as slow as a wrong password, and false.
  [[nodiscard]] bool check(std::string_view password, const std::string& hash);

 private:
  [[nodiscard]] std::string decoy();

  std::counting_semaphore<kAtOnce> slots_{kAtOnce};
  std::once_flag made_;
  std::string decoy_;
};

}  // namespace sluice::http

// A password or verifier: it is never printed (there is no stream operator and no implicit
// conversion), and its memory is wiped when it ends. Copies are independent and wiped as well.
#pragma once

#include <string>
#include <string_view>

#include "proxy/wire/bytes.h"

namespace sluice::wire {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : value_(text.begin(), text.end()) {}
  explicit Secret(Bytes bytes) : value_(bytes.begin(), bytes.end()) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.value_.clear(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  [[nodiscard]] bool empty() const noexcept { return value_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return value_.size(); }
  // The value itself, to be given to arithmetic at once; the view lives as long as this object is
  // not changed.
  [[nodiscard]] std::string_view reveal() const noexcept { return as_text(value_); }
  [[nodiscard]] Bytes reveal_bytes() const noexcept { return value_; }

  void wipe() noexcept;

  // In constant time for equal lengths.
  friend bool operator==(const Secret& a, const Secret& b) noexcept;

 private:
  Buffer
      value_;  // a vector: its moved-from and small states leave no copy behind, as a string's may
};

// Whether both runs are equal, in time that depends only on their lengths.
[[nodiscard]] bool equal_constant_time(Bytes a, Bytes b) noexcept;

// Zeroes memory so that the compiler cannot leave it out.
void wipe(std::span<std::uint8_t> bytes) noexcept;

}  // namespace sluice::wire

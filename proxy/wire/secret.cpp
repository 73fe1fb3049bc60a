#include "proxy/wire/secret.h"

#include <openssl/crypto.h>

namespace sluice::wire {

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.value_.clear();
  }
  return *this;
}

void Secret::wipe() noexcept {
  wire::wipe(value_);
  value_.clear();
}

bool operator==(const Secret& a, const Secret& b) noexcept {
  return equal_constant_time(a.value_, b.value_);
}

bool equal_constant_time(Bytes a, Bytes b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> bytes) noexcept {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

}  // namespace sluice::wire

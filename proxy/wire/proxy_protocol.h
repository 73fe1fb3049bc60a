// The header that a load balancer puts before a connection's first byte (HAProxy, "The PROXY
// protocol", versions 1 and 2). Pure: bytes in, value out; whether a listener wants it is the
// listener's business.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "proxy/wire/bytes.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

// Version 1 lines are at most 107 bytes; version 2 headers are refused past this size (addresses
// take 12, 36 or 216 bytes, the rest are extensions that are skipped).
inline constexpr std::size_t kMaxProxyV1 = 107;
inline constexpr std::size_t kMaxProxyHeader = 4096;

struct ProxyAddress {
  enum class Family : std::uint8_t { kUnknown, kIpv4, kIpv6, kUnix };
  Family family = Family::kUnknown;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 in the first four
  std::uint16_t port = 0;

  // "192.0.2.7", "2001:db8::7", "unix", "unknown".
  [[nodiscard]] std::string to_text() const;
  friend bool operator==(const ProxyAddress&, const ProxyAddress&) = default;
};

struct ProxyHeader {
  std::size_t size = 0;  // bytes to take off the front of the connection
  bool local = false;    // LOCAL (health checks) or UNKNOWN: the connection's own addresses hold
  ProxyAddress source;
  ProxyAddress destination;
};

// The header at the front of `run`; nothing while more bytes are needed. Errors: kMalformed for
// anything that is not a header or a broken one, kOversized.
[[nodiscard]] Result<std::optional<ProxyHeader>> parse_proxy_header(Bytes run);

}  // namespace sluice::wire

#include "proxy/wire/proxy_protocol.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <vector>

#include <arpa/inet.h>

#include "proxy/wire/reader.h"

namespace sluice::wire {
namespace {

using Family = ProxyAddress::Family;

constexpr std::array<std::uint8_t, 12> kV2Signature{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                    0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::string_view kV1Signature = "PROXY";
constexpr std::size_t kV2FixedSize = 16;
constexpr std::size_t kUnixPathSize = 108;

bool begins_with(Bytes run, Bytes signature) {
  const std::size_t common = std::min(run.size(), signature.size());
  return std::equal(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(common),
                    signature.begin());
}

std::uint16_t big_endian_16(Bytes at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

// --- version 1: "PROXY TCP4 192.0.2.1 198.51.100.2 56324 3306\r\n"

bool parse_address(std::string_view text, Family family, ProxyAddress& to) {
  const std::string terminated(text);
  to.family = family;
  return inet_pton(family == Family::kIpv4 ? AF_INET : AF_INET6, terminated.c_str(),
                   to.bytes.data()) == 1;
}

bool parse_port(std::string_view text, std::uint16_t& port) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  for (;;) {
    const std::size_t space = line.find(' ');
    found.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return found;
    line.remove_prefix(space + 1);
  }
}

Result<std::optional<ProxyHeader>> parse_v1(Bytes run) {
  const std::string_view text = as_text(run.first(std::min(run.size(), kMaxProxyV1)));
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) {
    if (run.size() >= kMaxProxyV1) return make_error_code(Fault::kOversized);
    return std::optional<ProxyHeader>{};
  }
  ProxyHeader header;
  header.size = end + 2;
  const auto parts = words(text.substr(0, end));
  if (parts.size() >= 2 && parts[0] == kV1Signature && parts[1] == "UNKNOWN") {
    header.local = true;
    return std::optional{header};
  }
  if (parts.size() != 6 || parts[0] != kV1Signature || (parts[1] != "TCP4" && parts[1] != "TCP6"))
    return make_error_code(Fault::kMalformed);
  const Family family = parts[1] == "TCP4" ? Family::kIpv4 : Family::kIpv6;
  if (!parse_address(parts[2], family, header.source) ||
      !parse_address(parts[3], family, header.destination) ||
      !parse_port(parts[4], header.source.port) || !parse_port(parts[5], header.destination.port))
    return make_error_code(Fault::kMalformed);
  return std::optional{header};
}

// --- version 2: signature | version and command | family | 2 bytes length | addresses, extensions

void read_addresses(Reader& in, Family family, std::size_t size, ProxyHeader& header) {
  for (ProxyAddress* address : {&header.source, &header.destination}) {
    const Bytes bytes = in.bytes(size);
    address->family = family;
    if (family != Family::kUnix) std::copy(bytes.begin(), bytes.end(), address->bytes.begin());
  }
  if (family == Family::kUnix) return;
  for (ProxyAddress* address : {&header.source, &header.destination}) {
    const Bytes port = in.bytes(2);
    if (port.size() == 2) address->port = big_endian_16(port);
  }
}

Result<std::optional<ProxyHeader>> parse_v2(Bytes run) {
  if (run.size() < kV2FixedSize) return std::optional<ProxyHeader>{};
  const std::uint8_t version_and_command = run[12];
  const std::uint8_t family = run[13] >> 4;
  const std::size_t length = big_endian_16(run.subspan(14, 2));
  const std::uint8_t command = version_and_command & 0x0f;
  if (version_and_command >> 4 != 2 || command > 1) return make_error_code(Fault::kMalformed);
  if (kV2FixedSize + length > kMaxProxyHeader) return make_error_code(Fault::kOversized);
  if (run.size() < kV2FixedSize + length) return std::optional<ProxyHeader>{};
  ProxyHeader header;
  header.size = kV2FixedSize + length;
  Reader in(run.subspan(kV2FixedSize, length));
  if (command == 0) {
    header.local = true;
    return std::optional{header};
  }
  switch (family) {
    case 0: header.local = true; break;
    case 1: read_addresses(in, Family::kIpv4, 4, header); break;
    case 2: read_addresses(in, Family::kIpv6, 16, header); break;
    case 3: read_addresses(in, Family::kUnix, kUnixPathSize, header); break;
    default: in.fail(Fault::kMalformed); break;
  }
  return in.finish_prefix(std::optional{header});
}

}  // namespace

std::string ProxyAddress::to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  switch (family) {
    case Family::kIpv4: inet_ntop(AF_INET, bytes.data(), text.data(), text.size()); break;
    case Family::kIpv6: inet_ntop(AF_INET6, bytes.data(), text.data(), text.size()); break;
    case Family::kUnix: return "unix";
    case Family::kUnknown: return "unknown";
  }
  return text.data();
}

Result<std::optional<ProxyHeader>> parse_proxy_header(Bytes run) {
  if (run.empty()) return std::optional<ProxyHeader>{};
  if (begins_with(run, kV2Signature)) return parse_v2(run);
  if (begins_with(run, as_bytes(kV1Signature))) return parse_v1(run);
  return make_error_code(Fault::kMalformed);
}

}  // namespace sluice::wire

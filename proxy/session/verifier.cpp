#include "proxy/session/verifier.h"

#include <charconv>
#include <string>

namespace sluice::session {
namespace {

// The bytes of hex digits; false for anything else.
bool unhex(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() != out.size() * 2) return false;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* at = text.data() + 2 * i;
    if (std::from_chars(at, at + 2, out[i], 16).ptr != at + 2) return false;
  }
  return true;
}

}  // namespace

wire::Result<wire::AccountVerifier> parse_verifier(const policy::Verifier& verifier) {
  wire::AccountVerifier result;
  const auto bad = make_error_code(wire::Fault::kMalformed);
  if (verifier.text.starts_with('*')) {
    const auto native = wire::parse_native_verifier(verifier.text);
    if (!native || !verifier.fast.empty()) return bad;
    result.plugin = wire::AccountVerifier::Plugin::kNative;
    result.native = *native;
    return result;
  }
  result.plugin = wire::AccountVerifier::Plugin::kCachingSha2;
  result.empty_password = verifier.text.empty() && verifier.fast.empty();
  if (!verifier.text.empty()) {
    std::string text = verifier.text;
    if (text.starts_with("0x")) {
      std::string raw((text.size() - 2) / 2, '\0');
      if (!unhex(std::string_view(text).substr(2),
                 {reinterpret_cast<std::uint8_t*>(raw.data()), raw.size()})) {
        return bad;
      }
      text = std::move(raw);
    }
    const auto full = wire::parse_full_verifier(text);
    if (!full) return full.error();
    result.full = *full;
  }
  if (!verifier.fast.empty()) {
    wire::FastVerifier fast{};
    if (!unhex(verifier.fast, fast)) return bad;
    result.fast = fast;
  }
  return result;
}

}  // namespace sluice::session

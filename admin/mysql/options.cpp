#include "admin/mysql/options.h"

#include <array>
#include <cstring>
#include <utility>

namespace sluice::mysql {

Password::~Password() {
  ::explicit_bzero(text_.data(), text_.size());
}

bool parse_tls_mode(std::string_view text, TlsMode& mode) {
  static constexpr std::array<std::pair<std::string_view, TlsMode>, 5> kModes = {{
      {"disabled", TlsMode::kDisabled},
      {"preferred", TlsMode::kPreferred},
      {"required", TlsMode::kRequired},
      {"verify_ca", TlsMode::kVerifyCa},
      {"verify_identity", TlsMode::kVerifyIdentity},
  }};
  for (const auto& [name, value] : kModes) {
    if (name != text) continue;
    mode = value;
    return true;
  }
  return false;
}

}  // namespace sluice::mysql

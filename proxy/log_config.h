// What is logged, and in which form.
#pragma once

#include <cstdint>

namespace sluice::proxy {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : std::uint8_t { kLogfmt, kJson };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kLogfmt;
};

}  // namespace sluice::proxy

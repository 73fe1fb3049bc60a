// Text of files and statements, made fit for a terminal or a JSON document.
#pragma once

#include <string>
#include <string_view>

namespace sluice::cli {

// Valid UTF-8: what is none becomes U+FFFD. A name in another character set keeps its ASCII.
[[nodiscard]] std::string utf8(std::string_view text);
// The same, with control characters, which could steer a terminal, as `?`; a tab stays.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace sluice::cli

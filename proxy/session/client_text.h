// A client's text in UTF-8, as histories and issues keep it. Thread: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/dialect.h"

namespace sluice::session {

// Nothing: the bytes are no text in that character set, or no converter for it is installed.
[[nodiscard]] std::optional<std::string> to_utf8(std::string_view text, parser::Charset charset);
// The same with what cannot be converted replaced by question marks, for reading only.
[[nodiscard]] std::string readable_utf8(std::string_view text, parser::Charset charset);

}  // namespace sluice::session

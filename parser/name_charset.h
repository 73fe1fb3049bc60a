// A name in the character set of the client as the server keeps it: UTF-8 (manual 12.2.2 "UTF-8 for
// Metadata"). Facts are compared with what the server says of itself.
//
// Thread: any; each keeps one converter. Never fails: what is no text of the character set, or of
// one that the C library cannot read, stays the bytes that it is, and then equals no name.
#pragma once

#include <string>
#include <string_view>

#include "parser/dialect.h"

namespace sluice::parser {

[[nodiscard]] std::string name_in_utf8(std::string_view name, Charset charset);

}  // namespace sluice::parser

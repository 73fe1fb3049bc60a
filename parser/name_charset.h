// A name in the character set of the client as the server keeps it: UTF-8 (manual 12.2.2 "UTF-8 for
// Metadata"). Facts are compared with what the server says of itself.
//
// Thread: any; each keeps one converter. name_in_utf8() never fails: what is no text of the
// character set, or of one that the C library cannot read, stays the bytes that it is. is_name()
// tells.
#pragma once

#include <string>
#include <string_view>

#include "parser/dialect.h"

namespace sluice::parser {

[[nodiscard]] std::string name_in_utf8(std::string_view name, Charset charset);

// Whether the server keeps all of that name. MySQL drops half a character at a name's end and puts
// `?` for what it cannot read inside, so that a name can be another object's than it says; MariaDB
// refuses such names. Quotes of the name are no part of it, doubled ones inside are.
[[nodiscard]] bool is_name(std::string_view name, const Dialect& dialect);

[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

// As MySQL keeps a name in UTF-8: `?` for each character beyond U+FFFF (manual 11.2).
[[nodiscard]] std::string without_supplementary(std::string name);

}  // namespace sluice::parser

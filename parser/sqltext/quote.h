// SQL text from values: identifiers and literals, quoted so that any server with any sql_mode reads
// back the same value. Pure; nothing here fails. Every generator of SQL in the project uses this
// file (style rule 25).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sluice::sqltext {

// `name` with backticks doubled: valid whether or not ANSI_QUOTES is set (manual 11.2 Schema Object
// Names).
[[nodiscard]] std::string quote_identifier(std::string_view name);

// `schema`.`name`, or only `name` when the schema is empty.
[[nodiscard]] std::string quote_qualified(std::string_view schema, std::string_view name);

// A character string literal that reads the same with and without NO_BACKSLASH_ESCAPES: 'text' with
// quotes doubled when the text has no backslash, else an _utf8mb4 0x… literal. REQUIRES: the
// connection's character set is utf8mb4.
[[nodiscard]] std::string quote_string(std::string_view text);
void append_string(std::string& out, std::string_view text);  // the same

// 0x… (manual 11.1.4 Hexadecimal Literals); the empty string becomes ''.
[[nodiscard]] std::string hex_literal(std::span<const unsigned char> bytes);
[[nodiscard]] std::string hex_literal(std::string_view bytes);
void append_hex_literal(std::string& out, std::span<const unsigned char> bytes);  // the same
void append_hex_literal(std::string& out, std::string_view bytes);

}  // namespace sluice::sqltext

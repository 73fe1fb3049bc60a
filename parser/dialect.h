// What a session's state makes of SQL text: the same bytes are other tokens under another sql_mode,
// character set, engine or version. A value; copied with the session, read by the lexer and the
// parser. Nothing here fails or allocates except `schema`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::parser {

enum class Engine : std::uint8_t { MySql, MariaDb };

// The parts of sql_mode that change how text is read (manual 7.1.11 Server SQL Modes). Bits.
enum SqlMode : std::uint32_t {
  kAnsiQuotes = 1U << 0,
  kNoBackslashEscapes = 1U << 1,
  kIgnoreSpace = 1U << 2,
  kPipesAsConcat = 1U << 3,
  kHighNotPrecedence = 1U << 4,
  kRealAsFloat = 1U << 5,
  kNoUnsignedSubtraction = 1U << 6,
  kOracle = 1U << 7,  // MariaDB's PL/SQL dialect: not understood, its texts are opaque
};

// The bits of a sql_mode value as the server prints it ("ANSI_QUOTES,STRICT_ALL_TABLES"),
// combination modes (ANSI, ORACLE, …) expanded; names that do not change reading are skipped.
// Case-insensitive.
[[nodiscard]] std::uint32_t sql_mode_bits(std::string_view names) noexcept;

// Every character set of both servers. Those that a client may not use (ucs2, utf16, utf16le,
// utf32) read as Binary: text in them never reaches a server.
enum class Charset : std::uint8_t {
  Utf8mb4,
  Utf8mb3,
  Ascii,
  Binary,
  Latin1,
  Latin2,
  Latin5,
  Latin7,
  Cp1250,
  Cp1251,
  Cp1256,
  Cp1257,
  Cp850,
  Cp852,
  Cp866,
  Armscii8,
  Dec8,
  Geostd8,
  Greek,
  Hebrew,
  Hp8,
  Keybcs2,
  Koi8r,
  Koi8u,
  Macce,
  Macroman,
  Swe7,
  Tis620,
  Big5,
  Cp932,
  Eucjpms,
  Euckr,
  Gb18030,
  Gb2312,
  Gbk,
  Sjis,
  Ujis,
};

// By name ("utf8" is utf8mb3), without regard to case; nothing for a name that is no character set.
[[nodiscard]] std::optional<Charset> charset_by_name(std::string_view name) noexcept;

// By the collation number that a handshake or COM_CHANGE_USER carries (both engines' numbers).
[[nodiscard]] std::optional<Charset> charset_by_collation(std::uint16_t id) noexcept;

// The server's name of it: "utf8mb4".
[[nodiscard]] std::string_view charset_name(Charset charset) noexcept;

struct Dialect {
  Engine engine = Engine::MySql;
  // As version comments count: 90704 is 9.7.4, 101119 is MariaDB 10.11.19.
  std::uint32_t server_version = 90704;
  std::uint32_t sql_mode = 0;          // SqlMode bits
  Charset charset = Charset::Utf8mb4;  // character_set_client
  bool placeholders = false;           // text of a prepared statement: `?` is a parameter
  bool multi_statements = false;       // CLIENT_MULTI_STATEMENTS is on
  std::uint8_t lower_case_table_names = 0;
  std::string schema;  // default schema; empty when none is chosen

  [[nodiscard]] bool has(SqlMode mode) const noexcept { return (sql_mode & mode) != 0; }
  friend bool operator==(const Dialect&, const Dialect&) = default;
};

}  // namespace sluice::parser

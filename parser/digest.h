// A statement with its literals taken out: the text and fingerprint that the server itself calls
// the statement's digest (STATEMENT_DIGEST_TEXT(), STATEMENT_DIGEST(), performance_schema's DIGEST;
// MySQL manual 29.10), and the key under which facts of equal statements are cached.
//
//   storage    token token identifier-token length bytes token …     (2 bytes each, little-endian)
//
// Thread: one at a time. Size: 25 KiB, so one a thread, reused; read() never allocates and never
// fails. A text that the server cannot parse has no digest there; here it has one of its tokens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "parser/dialect.h"
#include "parser/lexer.h"
#include "parser/token.h"

namespace sluice::parser {

class StatementDigest {
 public:
  // The server's own limit (max_digest_length and performance_schema_max_digest_length by default).
  static constexpr std::size_t kServerBytes = 1024;
  // What is kept for the cache key: a statement with more distinct tokens is not cached.
  static constexpr std::size_t kKeptBytes = 16 * 1024;
  static constexpr std::size_t kExtraBytes = 8 * 1024;

  // Reads the tokens of `sql`, forgetting what was read before. REQUIRES: sql.size() <= UINT32_MAX.
  void read(std::string_view sql, const Dialect& dialect) noexcept;

  // STATEMENT_DIGEST(): SHA-256 of the storage with MySQL 9.7's token numbers. Text of MariaDB gets
  // one by the same numbers; that server's own digests (MD5) are others.
  [[nodiscard]] std::array<std::uint8_t, 32> hash() const noexcept;
  [[nodiscard]] std::string hash_hex() const;

  // STATEMENT_DIGEST_TEXT(), in UTF-8 as the server gives it: names are kept in the client's
  // character set, which is part of the hash, and converted here.
  [[nodiscard]] std::string text() const;

  // Whether the key says everything that facts can depend on: one statement, not too long.
  [[nodiscard]] bool cacheable() const noexcept { return !overflow_ && !several_; }

  // The key's two parts besides the dialect: tokens and identifiers; literals that matter. Valid
  // until the next read(). REQUIRES: cacheable().
  [[nodiscard]] std::string_view tokens() const noexcept { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string_view literals() const noexcept { return {extra_.data(), extra_size_}; }

  // The same tokens of any text, a long one's cut: for counting, not for deciding. Valid until the
  // next read().
  [[nodiscard]] std::string_view tokens_so_far() const noexcept { return {bytes_.data(), size_}; }

  // Value tuples that were collapsed into the one before: rows of an INSERT less one, if all
  // literal.
  [[nodiscard]] std::uint64_t collapsed_rows() const noexcept { return collapsed_rows_; }

  // The first token: which verb it is.
  [[nodiscard]] TokenKind verb() const noexcept { return verb_; }

 private:
  void token(const Token& token, std::string_view sql, const Lexer& after) noexcept;
  void value(bool number) noexcept;
  [[nodiscard]] bool duality_tag() const noexcept;
  void tag() noexcept;
  void close_paren() noexcept;
  void identifier(std::string_view name, char quote, bool before_at = false) noexcept;
  void hint(std::string_view body) noexcept;
  std::size_t hint_quoted(std::string_view body, std::size_t start) noexcept;
  std::size_t hint_word_or_number(std::string_view body, std::size_t start) noexcept;
  void null() noexcept;
  void track_by_list(TokenKind kind) noexcept;
  [[nodiscard]] bool column_number(const Token& token, std::string_view text,
                                   const Lexer& after) const noexcept;
  void store(std::uint16_t code) noexcept;
  void store_bytes(std::string_view bytes) noexcept;
  void store_u16(std::uint16_t value) noexcept;
  [[nodiscard]] bool room(std::size_t bytes) noexcept;
  void pop(std::size_t tokens) noexcept { size_ -= 2 * tokens; }
  [[nodiscard]] std::uint16_t last(std::size_t back) const noexcept;
  void extra(std::string_view literal) noexcept;
  void shape(std::uint32_t kind) noexcept;
  void forget_shapes() noexcept;
  void no_room_for_extra() noexcept;
  void keep_literal(const Token& token, std::string_view sql) noexcept;
  [[nodiscard]] std::string_view server_storage() const noexcept;

  std::array<char, kKeptBytes> bytes_;
  std::array<char, kServerBytes> server_;
  std::array<char, kExtraBytes> extra_;
  std::size_t size_ = 0;
  std::size_t identifier_end_ = 0;  // nothing before it is looked at again
  std::size_t server_size_ = 0;     // of server_, once it is full
  std::size_t extra_size_ = 0;
  std::uint64_t collapsed_rows_ = 0;
  Charset charset_ = Charset::Utf8mb4;  // of the names
  TokenKind verb_ = TokenKind::EndOfText;
  TokenKind previous_ = TokenKind::EndOfText;
  TokenKind before_previous_ = TokenKind::EndOfText;
  int depth_ = 0;
  int by_depth_ = -1;            // parenthesis depth of the ORDER/GROUP BY list that is read, or -1
  int sets_depth_ = -1;          // that inside GROUPING SETS (…), or -1
  std::size_t paren_extra_ = 0;  // extra_size_ at the last `(`
  bool by_element_ = false;
  bool by_opens_ = false;  // a list of GROUP BY's own begins with the next token
  bool full_ = false;
  bool overflow_ = false;
  bool several_ = false;
  bool ended_ = false;  // a `;` was read
  bool literals_matter_ = false;
  bool in_limit_ = false;
};

}  // namespace sluice::parser

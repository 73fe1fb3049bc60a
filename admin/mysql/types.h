// What a control connection gives back: faults, columns, rows. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

namespace sluice::mysql {

enum class Failure : std::uint8_t {
  kServer,       // the server answered with an error; the connection is still good
  kRefused,      // the server refused the login
  kUnreachable,  // no connection: name, address, port, or the time was up
  kTls,          // the TLS that was asked for cannot be had
  kLost,         // the connection ended; whether the statement ran is unknown
  kCancelled,    // ended by Cancellation::request
  kDeadline,     // ended because its time was up
  kStopped,      // ended because the sink wanted no more
  kTooLarge,     // the answer is larger than the caller allows
  kOptions,      // an option cannot be used
};

struct Fault {
  Failure kind = Failure::kServer;
  unsigned number = 0;   // the server's error number, or the client library's (2000 and up)
  std::string sqlstate;  // five characters; empty when there is none
  std::string message;   // one sentence
  friend bool operator==(const Fault&, const Fault&) = default;
};

template <class T>
using Result = boost::system::result<T, Fault>;

// A value as the server writes it in the text protocol; nothing: NULL.
using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;

// Column types of the protocol (MySQL source documentation, Column Definition).
enum class Type : std::uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kVarchar = 15,
  kBit = 16,
  kVector = 242,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

struct Column {
  std::string name;             // the alias, if any
  std::string schema;           // empty: an expression
  std::string table;            // the alias, if any
  std::string original_table;   // empty: an expression
  std::string original_column;  // empty: an expression
  Type type = Type::kNull;
  std::uint32_t flags = 0;      // NOT_NULL_FLAG = 1, UNSIGNED_FLAG = 32, ENUM 256, SET 2048, …
  std::uint32_t collation = 0;  // 63: binary
  std::uint64_t length = 0;     // bytes, at most
  std::uint32_t decimals = 0;

  [[nodiscard]] bool is_unsigned() const noexcept { return (flags & 32U) != 0; }
  // The value is bytes, not text: BINARY, BLOB, BIT, GEOMETRY, VECTOR.
  [[nodiscard]] bool is_binary() const noexcept;
};

// What one statement's OK said.
struct Completion {
  std::uint64_t affected_rows = 0;  // changed rows; with Options::found_rows, matched ones
  std::uint64_t insert_id = 0;
  std::uint32_t warnings = 0;
  std::string info;  // "Rows matched: 3  Changed: 2  Warnings: 0"; empty: none
  // The own transaction's GTID, where track_gtids() is on and something was committed.
  std::string gtid;
  bool in_transaction = false;
};

struct ResultSet {
  std::vector<Column> columns;  // empty: no rows, an OK only
  std::vector<Row> rows;
  Completion completion;
};

struct Warning {
  std::string level;  // Note, Warning, Error
  unsigned number = 0;
  std::string message;
};

struct Bytes {
  std::string value;  // bound as binary, not as utf8mb4 text
};
using Parameter =
    std::variant<std::monostate, std::int64_t, std::uint64_t, double, std::string, Bytes>;

}  // namespace sluice::mysql

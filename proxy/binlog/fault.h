// What can be wrong with a binary log, or with the wish to undo what is in it. A fault is a value:
// its kind for metrics and branching, and one sentence for a person that says what and where, and
// what to do about it when something can be done.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

namespace sluice::binlog {

enum class Fault : std::uint8_t {
  kTruncated,     // bytes end inside an event or a value
  kMalformed,     // a value that the format does not allow
  kChecksum,      // the CRC32 at the end of an event is not that of its bytes
  kOversized,     // longer than the limit that the caller set
  kUnsupported,   // a feature that is refused by name: encryption, an unknown event type, …
  kUnknownTable,  // a row event whose table map is not among the events given
  kIncomplete,    // the log does not hold what an exact inverse needs: row image, names, keys
  kConflict,      // what the log holds cannot be undone as it stands: DDL, unlogged changes, …
};

// A short word for logs and metric labels: "truncated", "checksum", …
[[nodiscard]] std::string_view name(Fault fault) noexcept;

struct Error {
  Fault fault = Fault::kMalformed;
  std::string what;
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = boost::system::result<T, Error>;

// What result::value() calls when there is an error: a bug of the caller, who had to look first.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& at);

}  // namespace sluice::binlog

// What can be wrong with bytes (Fault), and the MySQL error numbers with their SQLSTATEs that
// Sluice itself sends (ErrorNumber; MySQL Error Reference, "Server Error Message Reference").
// Errors that a server sent are passed through as they are and need not be listed here.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace sluice::wire {

// A fault of the peer's bytes or of an exchange. Each is a named reason in metrics and log.
enum class Fault : int {
  kTruncated = 1,     // a value runs past the end of its packet
  kTrailing,          // bytes are left after the last field of a packet that must end there
  kMalformed,         // a value that the protocol does not allow
  kOversized,         // longer than the limit that the caller set
  kSequence,          // a frame's sequence id is not the expected one
  kUnexpectedPacket,  // a packet that has no place in this state of the exchange
  kUnsupported,       // a protocol feature that is refused by name (old protocol, unknown plugin)
  kTlsRequired,       // the exchange may only go on over TLS or a Unix socket
  kTlsUnavailable,    // TLS was asked for and the other side has none
  kAccessDenied,      // the credentials are wrong, or the account is unknown: not told apart
  kRefusedByServer,   // the server answered with an ERR packet
  kInflate,           // compressed bytes are damaged, or inflate to another length than claimed
  kCrypto,            // a key or a ciphertext that OpenSSL does not take
};

[[nodiscard]] const boost::system::error_category& fault_category() noexcept;
[[nodiscard]] boost::system::error_code make_error_code(Fault fault) noexcept;
// A short word for logs and metric labels: "truncated", "sequence", …
[[nodiscard]] std::string_view name(Fault fault) noexcept;

template <class T>
using Result = boost::system::result<T>;

enum class ErrorNumber : std::uint16_t {
  kConCount = 1040,              // Too many connections
  kHandshake = 1043,             // Bad handshake
  kDbAccessDenied = 1044,        // Access denied for user … to database …
  kAccessDenied = 1045,          // Access denied for user …
  kUnknownCommand = 1047,        // Unknown command
  kBadDb = 1049,                 // Unknown database
  kServerShutdown = 1053,        // Server shutdown in progress
  kParse = 1064,                 // You have an error in your SQL syntax …
  kEmptyQuery = 1065,            // Query was empty
  kNoSuchThread = 1094,          // Unknown thread id
  kKillDenied = 1095,            // You are not owner of thread …
  kUnknown = 1105,               // Unknown error
  kHostIsBlocked = 1129,         // Host … is blocked because of many connection errors
  kHostNotPrivileged = 1130,     // Host … is not allowed to connect
  kAborting = 1152,              // Aborted connection …
  kNetPacketTooLarge = 1153,     // Got a packet bigger than 'max_allowed_packet' bytes
  kNetPacketsOutOfOrder = 1156,  // Got packets out of order
  kNetUncompress = 1157,         // Couldn't uncompress communication packet
  kNetRead = 1158,               // Got an error reading communication packets
  kNetReadInterrupted = 1159,    // Got timeout reading communication packets
  kNetWrite = 1160,              // Got an error writing communication packets
  kNetWriteInterrupted = 1161,   // Got timeout writing communication packets
  kTooManyUserConnections = 1203,
  kUserLimitReached = 1226,      // User … has exceeded the … resource
  kSpecificAccessDenied = 1227,  // Access denied; you need … privilege(s)
  kNotSupportedYet = 1235,       // This version of MySQL doesn't yet support …
  kUnknownStmtHandler = 1243,    // Unknown prepared statement handler (…) given to …
  kNotSupportedAuthMode = 1251,  // Client does not support authentication protocol requested
  kOptionPreventsStatement = 1290,
  kQueryInterrupted = 1317,
  kMalformedPacket = 1835,
  kReadOnlyMode = 1836,
  kConnectionKilled = 1927,  // Connection was killed (MariaDB)
  kSecureTransportRequired = 3159,
  kClientInteractionTimeout = 4031,
  // Client-side numbers: Sluice is the client of a back-end, and reports these with SQLSTATE HY000.
  kCannotConnect = 2003,    // Can't connect to MySQL server
  kServerGone = 2006,       // MySQL server has gone away
  kServerHandshake = 2012,  // Error in server handshake
  kServerLost = 2013,       // Lost connection to MySQL server during query
  kSslConnection = 2026,    // SSL connection error
};

// Five characters; "HY000" for a number that is not listed.
[[nodiscard]] std::string_view sqlstate(ErrorNumber number) noexcept;
[[nodiscard]] inline std::uint16_t value(ErrorNumber number) noexcept {
  return static_cast<std::uint16_t>(number);
}

}  // namespace sluice::wire

template <>
struct boost::system::is_error_code_enum<sluice::wire::Fault> : std::true_type {};

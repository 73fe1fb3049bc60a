// Capability and status flags, and which of them change what a client sees. MySQL Internals,
// "Capabilities Flags" and "SERVER_STATUS_flags_enum"; MariaDB's extended capabilities are the
// upper 32 bits (MariaDB Knowledge Base, "Connecting", "Capabilities").
#pragma once

#include <cstdint>

namespace sluice::wire {

// A set of flags; the low 32 bits are MySQL's, the high 32 MariaDB's extended ones.
struct Capabilities {
  std::uint64_t bits = 0;

  [[nodiscard]] constexpr bool has(Capabilities all) const noexcept {
    return (bits & all.bits) == all.bits;
  }
  [[nodiscard]] constexpr bool any(Capabilities some) const noexcept {
    return (bits & some.bits) != 0;
  }
  [[nodiscard]] constexpr std::uint32_t low() const noexcept {
    return static_cast<std::uint32_t>(bits);
  }
  [[nodiscard]] constexpr std::uint32_t extended() const noexcept {
    return static_cast<std::uint32_t>(bits >> 32);
  }
  [[nodiscard]] constexpr Capabilities without(Capabilities some) const noexcept {
    return {bits & ~some.bits};
  }
  friend constexpr Capabilities operator|(Capabilities a, Capabilities b) noexcept {
    return {a.bits | b.bits};
  }
  friend constexpr Capabilities operator&(Capabilities a, Capabilities b) noexcept {
    return {a.bits & b.bits};
  }
  constexpr Capabilities& operator|=(Capabilities other) noexcept {
    bits |= other.bits;
    return *this;
  }
  constexpr Capabilities& operator&=(Capabilities other) noexcept {
    bits &= other.bits;
    return *this;
  }
  friend constexpr bool operator==(Capabilities, Capabilities) = default;
};

namespace cap {
// Bit 0 is LONG_PASSWORD; MariaDB servers leave it out of the greeting ("CLIENT_MYSQL") to say that
// extended capabilities follow.
inline constexpr Capabilities kLongPassword{1ULL << 0};
inline constexpr Capabilities kFoundRows{1ULL << 1};      // affected rows count matched rows
inline constexpr Capabilities kLongFlag{1ULL << 2};       // two bytes of column flags
inline constexpr Capabilities kConnectWithDb{1ULL << 3};  // the login names a schema
inline constexpr Capabilities kNoSchema{1ULL << 4};       // db.table.column is refused
inline constexpr Capabilities kCompress{1ULL << 5};       // zlib frames after the login
inline constexpr Capabilities kOdbc{1ULL << 6};
inline constexpr Capabilities kLocalFiles{1ULL << 7};   // LOAD DATA LOCAL may ask for a file
inline constexpr Capabilities kIgnoreSpace{1ULL << 8};  // the parser allows `f (x)`
inline constexpr Capabilities kProtocol41{1ULL << 9};   // required by Sluice
inline constexpr Capabilities kInteractive{1ULL << 10};
inline constexpr Capabilities kSsl{1ULL << 11};
inline constexpr Capabilities kIgnoreSigpipe{1ULL << 12};
inline constexpr Capabilities kTransactions{1ULL << 13};
inline constexpr Capabilities kReserved{1ULL << 14};
inline constexpr Capabilities kSecureConnection{1ULL << 15};  // login data has a length byte
inline constexpr Capabilities kMultiStatements{1ULL << 16};
inline constexpr Capabilities kMultiResults{1ULL << 17};
inline constexpr Capabilities kPsMultiResults{1ULL << 18};  // OUT parameters come as a result set
inline constexpr Capabilities kPluginAuth{1ULL << 19};
inline constexpr Capabilities kConnectAttrs{1ULL << 20};
inline constexpr Capabilities kPluginAuthLenenc{1ULL << 21};
inline constexpr Capabilities kCanHandleExpiredPasswords{1ULL << 22};
inline constexpr Capabilities kSessionTrack{1ULL << 23};
inline constexpr Capabilities kDeprecateEof{1ULL << 24};
inline constexpr Capabilities kOptionalMetadata{1ULL << 25};
inline constexpr Capabilities kZstd{1ULL << 26};
inline constexpr Capabilities kQueryAttributes{1ULL << 27};
inline constexpr Capabilities kMultiFactor{1ULL << 28};
inline constexpr Capabilities kCapabilityExtension{1ULL << 29};
inline constexpr Capabilities kSslVerifyServerCert{1ULL << 30};
inline constexpr Capabilities kRememberOptions{1ULL << 31};

inline constexpr Capabilities kMariadbProgress{1ULL << 32};  // progress reports as ERR packets
inline constexpr Capabilities kMariadbComMulti{1ULL << 33};
inline constexpr Capabilities kMariadbBulk{1ULL << 34};  // COM_STMT_BULK_EXECUTE
inline constexpr Capabilities kMariadbExtendedMetadata{1ULL
                                                       << 35};  // type names in column definitions
inline constexpr Capabilities kMariadbCacheMetadata{1ULL << 36};  // unchanged columns are left out
inline constexpr Capabilities kMariadbBulkUnitResults{1ULL << 37};
inline constexpr Capabilities kMariadbExtended{0xffffffffULL << 32};

// What changes a result or the shape of an answer: a back-end connection must have exactly the
// client's, and they are part of a pool's key (facts of real clients, point 1). SESSION_TRACK is
// not among them: every back-end connection has it, and OK packets are filtered for the client.
inline constexpr Capabilities kChangesResults =
    kFoundRows | kNoSchema | kLocalFiles | kIgnoreSpace | kInteractive | kMultiStatements |
    kMultiResults | kPsMultiResults | kDeprecateEof | kOptionalMetadata | kQueryAttributes |
    kCanHandleExpiredPasswords | kMariadbProgress | kMariadbBulk | kMariadbExtendedMetadata |
    kMariadbCacheMetadata | kMariadbBulkUnitResults;

// What a client that agreed on it sends or reads in another form, and is not converted: a server
// that lacks one of them cannot serve that client. (QUERY_ATTRIBUTES is taken out of commands, EOF
// packets and trackers are converted in answers, and progress reports need not come.)
inline constexpr Capabilities kNotConverted = kOptionalMetadata | kMariadbBulk |
                                              kMariadbExtendedMetadata | kMariadbCacheMetadata |
                                              kMariadbBulkUnitResults;

// What belongs to one connection (transport and login) and is negotiated on each side by itself.
inline constexpr Capabilities kPerConnection =
    kConnectWithDb | kCompress | kZstd | kSsl | kPluginAuth | kPluginAuthLenenc | kConnectAttrs |
    kSecureConnection | kMultiFactor | kSslVerifyServerCert | kRememberOptions;

// What Sluice understands and may offer a client when the back-end has it. Multi-factor login,
// COM_MULTI and the unused extension bit are left out.
inline constexpr Capabilities kUnderstood =
    kLongPassword | kFoundRows | kLongFlag | kConnectWithDb | kNoSchema | kCompress | kOdbc |
    kLocalFiles | kIgnoreSpace | kProtocol41 | kInteractive | kSsl | kIgnoreSigpipe |
    kTransactions | kReserved | kSecureConnection | kMultiStatements | kMultiResults |
    kPsMultiResults | kPluginAuth | kConnectAttrs | kPluginAuthLenenc | kCanHandleExpiredPasswords |
    kSessionTrack | kDeprecateEof | kOptionalMetadata | kZstd | kQueryAttributes |
    kSslVerifyServerCert | kRememberOptions | kMariadbProgress | kMariadbBulk |
    kMariadbExtendedMetadata | kMariadbCacheMetadata | kMariadbBulkUnitResults;
}  // namespace cap

// Server status bits of OK and EOF packets.
namespace status {
inline constexpr std::uint16_t kInTransaction = 1 << 0;
inline constexpr std::uint16_t kAutocommit = 1 << 1;
inline constexpr std::uint16_t kMoreResults = 1 << 3;
inline constexpr std::uint16_t kNoGoodIndexUsed = 1 << 4;
inline constexpr std::uint16_t kNoIndexUsed = 1 << 5;
inline constexpr std::uint16_t kCursorExists = 1 << 6;
inline constexpr std::uint16_t kLastRowSent = 1 << 7;
inline constexpr std::uint16_t kDbDropped = 1 << 8;
inline constexpr std::uint16_t kNoBackslashEscapes = 1 << 9;
inline constexpr std::uint16_t kMetadataChanged = 1 << 10;
inline constexpr std::uint16_t kQueryWasSlow = 1 << 11;
inline constexpr std::uint16_t kPsOutParams = 1 << 12;
inline constexpr std::uint16_t kInReadOnlyTransaction = 1 << 13;
inline constexpr std::uint16_t kSessionStateChanged = 1 << 14;
}  // namespace status

}  // namespace sluice::wire

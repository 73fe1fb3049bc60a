#include "proxy/wire/errors.h"

#include <string>

namespace sluice::wire {
namespace {

// NOLINTNEXTLINE(cppcoreguidelines-virtual-class-destructor): Boost's base has a protected one
class FaultCategory final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "wire"; }
  std::string message(int value) const override {
    return std::string(wire::name(static_cast<Fault>(value)));
  }
};

}  // namespace

const boost::system::error_category& fault_category() noexcept {
  static const FaultCategory category;
  return category;
}

boost::system::error_code make_error_code(Fault fault) noexcept {
  return {static_cast<int>(fault), fault_category()};
}

std::string_view name(Fault fault) noexcept {
  switch (fault) {
    case Fault::kTruncated: return "truncated";
    case Fault::kTrailing: return "trailing";
    case Fault::kMalformed: return "malformed";
    case Fault::kOversized: return "oversized";
    case Fault::kSequence: return "sequence";
    case Fault::kUnexpectedPacket: return "unexpected_packet";
    case Fault::kUnsupported: return "unsupported";
    case Fault::kTlsRequired: return "tls_required";
    case Fault::kTlsUnavailable: return "tls_unavailable";
    case Fault::kAccessDenied: return "access_denied";
    case Fault::kRefusedByServer: return "refused_by_server";
    case Fault::kInflate: return "inflate";
    case Fault::kCrypto: return "crypto";
  }
  return "none";
}

std::string_view sqlstate(ErrorNumber number) noexcept {
  switch (number) {
    case ErrorNumber::kConCount:
    case ErrorNumber::kNotSupportedAuthMode: return "08004";
    case ErrorNumber::kHandshake:
    case ErrorNumber::kUnknownCommand:
    case ErrorNumber::kServerShutdown:
    case ErrorNumber::kAborting:
    case ErrorNumber::kNetPacketTooLarge:
    case ErrorNumber::kNetPacketsOutOfOrder:
    case ErrorNumber::kNetUncompress:
    case ErrorNumber::kNetRead:
    case ErrorNumber::kNetReadInterrupted:
    case ErrorNumber::kNetWrite:
    case ErrorNumber::kNetWriteInterrupted: return "08S01";
    case ErrorNumber::kDbAccessDenied:
    case ErrorNumber::kBadDb:
    case ErrorNumber::kParse:
    case ErrorNumber::kEmptyQuery:
    case ErrorNumber::kTooManyUserConnections:
    case ErrorNumber::kUserLimitReached:
    case ErrorNumber::kSpecificAccessDenied:
    case ErrorNumber::kNotSupportedYet: return "42000";
    case ErrorNumber::kAccessDenied: return "28000";
    case ErrorNumber::kQueryInterrupted:
    case ErrorNumber::kConnectionKilled: return "70100";
    default: return "HY000";
  }
}

}  // namespace sluice::wire

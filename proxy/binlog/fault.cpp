#include "proxy/binlog/fault.h"

#include <stdexcept>

namespace sluice::binlog {

std::string_view name(Fault fault) noexcept {
  switch (fault) {
    case Fault::kTruncated: return "truncated";
    case Fault::kMalformed: return "malformed";
    case Fault::kChecksum: return "checksum";
    case Fault::kOversized: return "oversized";
    case Fault::kUnsupported: return "unsupported";
    case Fault::kUnknownTable: return "unknown_table";
    case Fault::kIncomplete: return "incomplete";
    case Fault::kConflict: return "conflict";
  }
  return "unknown";
}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("binary log result without a value: " + error.what);
}

}  // namespace sluice::binlog

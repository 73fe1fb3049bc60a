// Compressed parts of the log, inflated: TRANSACTION_PAYLOAD (zstd), MariaDB's compressed events
// and MariaDB's COMPRESSED columns (both zlib). Pure; bounded by the limit that the caller gives.
#pragma once

#include <functional>

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::binlog {

// Inflates in pieces of at most 128 KiB, so that memory stays bounded whatever the transaction's
// size. `take` is given each piece in order and stops the work by giving an error.
// Errors: kMalformed (damaged, or another length than claimed), kOversized (over `max`), take's.
using TakeBytes = std::function<Result<void>(wire::Bytes)>;
[[nodiscard]] Result<void> inflate_payload(const TransactionPayload& payload, std::uint64_t max,
                                           const TakeBytes& take);

// MariaDB's compressed record: 1 byte (0x80 | bytes of the length), the length (big endian), zlib.
[[nodiscard]] Result<void> inflate_maria(wire::Bytes record, std::size_t max, wire::Buffer& out);

// A COMPRESSED column's stored value. An empty value is empty.
[[nodiscard]] Result<void> inflate_column(wire::Bytes stored, std::size_t max, wire::Buffer& out);

}  // namespace sluice::binlog

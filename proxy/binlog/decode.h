// Event bytes to events. One Decoder a stream: it keeps the format description and the table maps
// that later events refer to, as a replica does. Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::binlog {

// The 19 bytes at the front. REQUIRES: at least kEventHeaderSize bytes.
// Error: kMalformed when the size it claims cannot be one.
[[nodiscard]] Result<EventHeader> decode_header(wire::Bytes event);

class Decoder {
 public:
  // One whole event, header and checksum included. Before the first FORMAT_DESCRIPTION only
  // artificial ROTATE and HEARTBEAT events are taken. What the result borrows lives as long as
  // `event` and until the next call.
  // Errors: kTruncated, kMalformed, kChecksum, kUnknownTable, kUnsupported (by name).
  [[nodiscard]] Result<Event> decode(wire::Bytes event);
  // An event out of a transaction payload: no checksum of its own.
  [[nodiscard]] Result<Event> decode_inner(wire::Bytes event);
  // A rows event of which the table map is known to the caller.
  [[nodiscard]] Result<Event> decode_rows(wire::Bytes event, std::shared_ptr<const TableMap> table,
                                          bool inner);

  // A stream whose format description was not seen, but whose checksums were agreed
  // (COM_BINLOG_DUMP).
  void assume_checksums(bool checksums) noexcept { format_.checksums = checksums; }
  // False: checksums of rows events are left to a later decode_rows, of those that are wanted.
  void verify_rows(bool verify) noexcept { verify_rows_ = verify; }
  [[nodiscard]] const FormatDescription& format() const noexcept { return format_; }
  // The table map in force for a number; null when there is none.
  [[nodiscard]] std::shared_ptr<const TableMap> table(std::uint64_t id) const;

 private:
  [[nodiscard]] Result<wire::Bytes> body_of(wire::Bytes event, const EventHeader& header,
                                            bool inner) const;
  [[nodiscard]] Result<Event> decode_body(const EventHeader& header, wire::Bytes body);
  [[nodiscard]] Result<Rows> rows(const EventHeader& header, wire::Bytes body,
                                  std::shared_ptr<const TableMap> table);
  [[nodiscard]] Result<void> keep_table(const TableMap& map);

  FormatDescription format_;
  bool described_ = false;
  bool verify_rows_ = true;
  std::map<std::uint64_t, std::shared_ptr<const TableMap>> tables_;
  wire::Buffer inflated_;  // of the last compressed event
};

}  // namespace sluice::binlog

// The two ways in which rollback.cpp writes an inverse. Nobody else includes this.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "proxy/binlog/rollback.h"
#include "proxy/binlog/rollback_plan.h"

namespace sluice::binlog {

// Session settings in which literals of this room mean what they say. The strict mode stands; the
// lenient one surrounds the few statements whose values a strict server refuses to store (ENUM's
// error value), and which it would otherwise cut silently in no other.
inline constexpr const char* kStrictMode =
    "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'";
inline constexpr const char* kLenientMode =
    "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'";

// Of max_allowed_packet: the command's byte, and the comment that a run puts before a statement.
inline constexpr std::size_t kPacketRoom = 1024;
// The longest statement that the server takes.
[[nodiscard]] inline std::size_t longest_statement(const InverseOptions& options) {
  if (options.max_allowed_packet == 0) return SIZE_MAX;
  return std::max(options.max_allowed_packet, 2 * kPacketRoom) - kPacketRoom;
}
// What statements of several rows are kept under.
[[nodiscard]] inline std::size_t batch_bytes(const InverseOptions& options) {
  return std::min(options.statement_bytes, longest_statement(options));
}
// kOversized when the server would not take a statement of that many bytes, which is of one row.
[[nodiscard]] Result<void> check_length(const InverseOptions& options, const TablePlan& plan,
                                        std::size_t bytes);

// Takes rows newest first. What it is given must outlive it, and plans must outlive flush().
class InverseWriter {
 public:
  InverseWriter() = default;
  InverseWriter(const InverseWriter&) = delete;
  InverseWriter& operator=(const InverseWriter&) = delete;
  virtual ~InverseWriter() = default;
  // What comes before the transaction, beside the session settings of both ways.
  virtual void begin() {}
  // The rows of one event, in the event's order.
  [[nodiscard]] virtual Result<void> undo(const TablePlan& plan, const EventHeader& header,
                                          const Rows& rows, std::span<const Row> images) = 0;
  [[nodiscard]] virtual Result<void> flush() = 0;
};

[[nodiscard]] std::unique_ptr<InverseWriter> make_sql_writer(const InverseOptions& options,
                                                             const TakeStatement& take);
[[nodiscard]] std::unique_ptr<InverseWriter> make_exact_writer(const InverseOptions& options,
                                                               const FormatDescription& format,
                                                               const TakeStatement& take);

}  // namespace sluice::binlog

// The rows of a rows event, cut into columns; nothing is interpreted, so that two images can be
// compared byte by byte. value.h makes a column's bytes a value.
#pragma once

#include <vector>

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::binlog {

// A column of an image. Bytes are borrowed from the event and hold the value without its length.
struct Cell {
  enum class State : std::uint8_t {
    kAbsent,   // not in this image (binlog_row_image MINIMAL, NOBLOB)
    kNull,     //
    kBytes,    //
    kPartial,  // JSON: `bytes` are the differences to the before-image (json.h, apply_diffs)
  };
  State state = State::kAbsent;
  wire::Bytes bytes{};
  [[nodiscard]] bool is_null() const noexcept { return state == State::kNull; }
  [[nodiscard]] bool present() const noexcept { return state != State::kAbsent; }
};
[[nodiscard]] bool same(const Cell& a, const Cell& b) noexcept;

using Image = std::vector<Cell>;  // one a column of the table map

struct Row {
  Image before;              // UPDATE and DELETE
  Image after;               // UPDATE and INSERT
  wire::Bytes before_bytes;  // the image as it is in the event, null bits included
  wire::Bytes after_bytes;
};

// One pass over the rows, oldest first. `rows` (its table map and images) must outlive it.
class RowReader {
 public:
  explicit RowReader(const Rows& rows) : rows_(rows), left_(rows.images) {}
  // False: there is no further row. `row` is reused.
  [[nodiscard]] Result<bool> next(Row& row);

 private:
  [[nodiscard]] Result<void> image(const std::vector<bool>& present, bool partial, Image& out,
                                   wire::Bytes& whole);

  const Rows& rows_;
  wire::Bytes left_;
};

// Bytes that so many digits of a DECIMAL's outer group take; a whole group of nine takes four.
inline constexpr std::size_t kDigitBytes[] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

// Bytes of a DECIMAL's value. REQUIRES: not more decimals than digits.
[[nodiscard]] constexpr std::size_t decimal_size(const Column& column) noexcept {
  const std::size_t whole = column.digits - column.decimals;
  return whole / 9 * 4 + kDigitBytes[whole % 9] + column.decimals / 9U * 4U +
         kDigitBytes[column.decimals % 9];
}

}  // namespace sluice::binlog

// One buffer that bytes are read into and taken from, with a hard maximum.
//
//   [ taken | unread | free ]
//   0     begin_    end_   storage_.size()
//
// taken:  bytes that consume() gave up; reused when room is needed
// unread: what arrived and is not taken yet; unread()'s view lives until prepare() or release()
// free:   where the next read goes; prepare()'s view lives until any other non-const call
#pragma once

#include <cstddef>

#include "proxy/wire/bytes.h"

namespace sluice::wire {

class ReadBuffer {
 public:
  // Never holds more than `maximum` bytes; allocates nothing before the first prepare().
  explicit ReadBuffer(std::size_t maximum) noexcept : maximum_(maximum) {}

  [[nodiscard]] Bytes unread() const noexcept {
    return Bytes{storage_}.subspan(begin_, end_ - begin_);
  }
  [[nodiscard]] std::span<std::uint8_t> unread_mutable() noexcept {
    return std::span{storage_}.subspan(begin_, end_ - begin_);
  }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t maximum() const noexcept { return maximum_; }

  // At least one and at best `wanted` bytes of free room; empty when the buffer is full at its
  // maximum. Moves the unread bytes to the front when that makes the room, else grows.
  [[nodiscard]] std::span<std::uint8_t> prepare(std::size_t wanted);
  // `count` bytes of the prepared room were filled. REQUIRES: count <= its size.
  void commit(std::size_t count) noexcept;
  // REQUIRES: count <= unread().size().
  void consume(std::size_t count) noexcept;
  // Appends bytes read elsewhere. False (and nothing changed) when they do not fit in the maximum.
  [[nodiscard]] bool append(Bytes bytes);
  // Gives the memory back when nothing is unread; an idle connection holds no buffer.
  void release() noexcept;

 private:
  Buffer storage_;
  std::size_t maximum_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace sluice::wire

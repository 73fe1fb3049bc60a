#include "proxy/wire/read_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace sluice::wire {

std::span<std::uint8_t> ReadBuffer::prepare(std::size_t wanted) {
  const std::size_t unread = end_ - begin_;
  wanted = std::min(std::max<std::size_t>(wanted, 1), maximum_ - unread);
  if (storage_.size() - end_ < wanted && begin_ != 0) {
    std::memmove(storage_.data(), storage_.data() + begin_, unread);
    begin_ = 0;
    end_ = unread;
  }
  if (storage_.size() - end_ < wanted) {
    // Doubling keeps the copies of a growing buffer linear; the maximum is never passed.
    const std::size_t size = std::min(maximum_, std::max(end_ + wanted, storage_.size() * 2));
    storage_.resize(size);
  }
  return std::span{storage_}.subspan(end_, wanted);
}

void ReadBuffer::commit(std::size_t count) noexcept {
  assert(count <= storage_.size() - end_);  // only our bug can fill more than was prepared
  end_ += count;
}

void ReadBuffer::consume(std::size_t count) noexcept {
  assert(count <= end_ - begin_);  // only our bug can take more than there is
  begin_ += count;
  if (begin_ == end_) begin_ = end_ = 0;
}

bool ReadBuffer::append(Bytes bytes) {
  if (bytes.size() > maximum_ - (end_ - begin_)) return false;
  if (bytes.empty()) return true;
  const auto room = prepare(bytes.size());
  std::memcpy(room.data(), bytes.data(), bytes.size());
  commit(bytes.size());
  return true;
}

void ReadBuffer::release() noexcept {
  if (!empty()) return;
  Buffer{}.swap(storage_);
  begin_ = end_ = 0;
}

}  // namespace sluice::wire

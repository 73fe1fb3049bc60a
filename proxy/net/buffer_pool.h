// The buffers of one thread. A connection holds none while it waits: it takes one for as long as
// bytes are in its hands. The buffer given back last is handed out next, so that a thread's traffic
// goes through the same few cache-warm pages however many connections there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace sluice::net {

class BufferPool {
 public:
  // Large enough that rows are moved in few system calls; untouched pages cost nothing.
  static constexpr std::size_t kSize = std::size_t{256} * 1024;
  // Kept for reuse; more are given back to the system.
  static constexpr std::size_t kKept = 4;

  // Gives itself back when it ends. The pool must outlive it.
  class Lease {
   public:
    Lease() = default;
    Lease(BufferPool& pool, std::unique_ptr<std::uint8_t[]> memory) noexcept
        : pool_(&pool), memory_(std::move(memory)) {}
    Lease(Lease&& other) noexcept = default;
    Lease& operator=(Lease&& other) noexcept {
      release();
      pool_ = other.pool_;
      memory_ = std::move(other.memory_);
      return *this;
    }
    ~Lease() { release(); }
    void release() noexcept {
      if (memory_) pool_->give_back(std::move(memory_));
    }
    [[nodiscard]] explicit operator bool() const noexcept { return memory_ != nullptr; }
    [[nodiscard]] std::span<std::uint8_t> span() const noexcept { return {memory_.get(), kSize}; }

   private:
    BufferPool* pool_ = nullptr;
    std::unique_ptr<std::uint8_t[]> memory_;
  };

  BufferPool() { free_.reserve(kKept); }
  [[nodiscard]] Lease take() {
    if (free_.empty()) {
      return {*this, std::make_unique_for_overwrite<std::uint8_t[]>(kSize)};
    }
    auto memory = std::move(free_.back());
    free_.pop_back();
    return {*this, std::move(memory)};
  }

 private:
  void give_back(std::unique_ptr<std::uint8_t[]> memory) noexcept {
    if (free_.size() < kKept) free_.push_back(std::move(memory));
  }
  std::vector<std::unique_ptr<std::uint8_t[]>> free_;
};

}  // namespace sluice::net

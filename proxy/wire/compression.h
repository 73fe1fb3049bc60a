// The compressed protocol: after the login, bytes of ordinary frames travel inside
//
//   3 bytes  length of what follows the header
//   1 byte   sequence id of its own
//   3 bytes  length before compression; 0: what follows is not compressed
//
// A compressed packet may hold several frames or a piece of one. MySQL Internals, "Compression".
#pragma once

#include <memory>

#include "proxy/wire/bytes.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

enum class Compression : std::uint8_t { kNone, kZlib, kZstd };

inline constexpr std::size_t kCompressedHeaderSize = 7;
// Shorter runs are sent as they are, as servers and clients do (MIN_COMPRESS_LENGTH).
inline constexpr std::size_t kMinCompressLength = 50;
inline constexpr int kDefaultZstdLevel = 3;

// Turns bytes to send into compressed packets. Owns its codec's context (some 100 KB while in use);
// one a connection, one thread at a time.
class Compressor {
 public:
  Compressor(Compression algorithm, int level);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  // Appends `bytes` to `out` in one or more compressed packets; the sequence id counts on.
  [[nodiscard]] Result<void> compress(Bytes bytes, Buffer& out);
  // Compressed packets count their own sequence, from 0 with each command.
  void set_sequence(std::uint8_t sequence) noexcept;
  [[nodiscard]] std::uint8_t sequence() const noexcept;
  // Frees the codec's context until the next use.
  void release() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Takes compressed packets apart. Never inflates past what the header claims, nor holds more than
// one compressed packet (16 MiB).
class Decompressor {
 public:
  explicit Decompressor(Compression algorithm);
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  // Takes every whole compressed packet at the front of `run`, appends what it held to `out`, and
  // gives the bytes taken; the rest is to be given again with more behind it. Stops early (between
  // packets) once `out` grew by `soft_limit` bytes. Errors: kInflate, kSequence.
  [[nodiscard]] Result<std::size_t> decompress(Bytes run, Buffer& out,
                                               std::size_t soft_limit = std::size_t{1} << 20);
  // How many bytes the packet at the front of `run` needs in all; 7 while its header is not there.
  [[nodiscard]] static std::size_t packet_size(Bytes run) noexcept;

  // The id that the next packet must have. A new command begins at 0: a packet with 0 is taken
  // whenever `expect_new_command` was called after the last one.
  void set_sequence(std::uint8_t sequence) noexcept;
  [[nodiscard]] std::uint8_t sequence() const noexcept;
  void release() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::wire

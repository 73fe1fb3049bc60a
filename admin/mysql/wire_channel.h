// A connection that is logged in by proxy/wire's handshake and carries whole packets, for what the
// client library has no call for. Not for other rooms.
//
// Blocking, one thread. Reads wait in short slices, so that a cancellation from another thread and
// a deadline are seen; a deadline that passes between two bytes leaves the channel usable.
#pragma once

#include <memory>

#include "admin/mysql/cancellation.h"
#include "admin/mysql/options.h"
#include "admin/mysql/types.h"
#include "proxy/wire/client_handshake.h"

namespace sluice::mysql {

class WireChannel {
 public:
  // kRefused, kUnreachable, kTls, kOptions, kCancelled.
  [[nodiscard]] static Result<std::unique_ptr<WireChannel>> open(const Options& options,
                                                                 const Limits& limits);
  ~WireChannel();
  WireChannel(const WireChannel&) = delete;
  WireChannel& operator=(const WireChannel&) = delete;

  [[nodiscard]] const wire::ClientHandshake::Server& server() const noexcept { return server_; }

  // A command's only packet.
  [[nodiscard]] Result<void> send_command(wire::Bytes payload, const Limits& limits);
  // The next packet of the answer; the view lives until the next call. kTooLarge beyond `max`.
  [[nodiscard]] Result<wire::Bytes> read_packet(std::size_t max, const Limits& limits);
  // A statement that gives no rows. kServer: its error.
  [[nodiscard]] Result<void> run(std::string_view sql, const Limits& limits);

  // How long the peer may say nothing while something of it is awaited; 0: for ever.
  void set_silence(std::chrono::milliseconds limit) noexcept { silence_ = limit; }

 private:
  struct Transport;
  explicit WireChannel(std::unique_ptr<Transport> transport);
  [[nodiscard]] Result<void> log_in(const Options& options, const Limits& limits);
  [[nodiscard]] Result<void> write_all(wire::Bytes bytes, const Limits& limits);
  [[nodiscard]] Result<void> read_more(std::size_t wanted, const Limits& limits);

  std::unique_ptr<Transport> transport_;
  wire::ClientHandshake::Server server_;
  wire::Buffer buffer_;
  std::size_t begin_ = 0;  // of what was read and not given
  std::size_t end_ = 0;
  std::size_t given_ = 0;  // bytes of the packet that was given last
  std::uint8_t sequence_ = 0;
  std::chrono::milliseconds silence_{};
};

// The fault of an ERR packet.
[[nodiscard]] Fault server_fault(wire::Bytes payload);

}  // namespace sluice::mysql

// An answer that is kept back until it is known whether the client may see it. Pure. Bounded.
#pragma once

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/commands.h"

namespace sluice::session {

class HeldAnswer {
 public:
  // Rows of a RETURNING, at most: more are refused, and what the statement did is rolled back.
  static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;

  // False: it would be longer than is held.
  [[nodiscard]] bool append(wire::Bytes piece);
  [[nodiscard]] wire::Bytes bytes() const noexcept { return bytes_; }
  void clear() { bytes_ = {}; }

  // The status flags of the answer's ends, as if Sluice had put no transaction around it.
  // `capabilities` are the client's.
  void hide_transaction(wire::Command command, wire::Capabilities capabilities,
                        std::uint8_t sequence);

 private:
  wire::Buffer bytes_;
};

}  // namespace sluice::session

// Outgoing connections: names are resolved anew for each (a failover moves them), addresses are
// tried in turn, within the deadline that is left.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "proxy/net/blocking_pool.h"
#include "proxy/net/stream.h"

namespace sluice::net {

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  std::string unix_path;  // not empty: host and port are not used

  [[nodiscard]] std::string to_text() const;
};

// A connected stream, or why there is none.
struct Connected {
  std::unique_ptr<Stream> stream;
  std::string error;
};

// `endpoint` must live until the task is done: it is not taken by value, because g++ 12 copies an
// aggregate argument of a co_await expression bit by bit, and a short string then frees memory that
// it does not own. The stream's descriptor has the deadline `limit` from now, also after it is
// connected.
[[nodiscard]] Task<Connected> connect_stream(Loop& loop, BlockingPool& blocking,
                                             const Endpoint& endpoint,
                                             std::chrono::milliseconds limit);

}  // namespace sluice::net

// `sluice serve`: every object built by hand and joined, run until a signal, drained.
//
//   SIGTERM, SIGINT   drain: no new client, sessions end between their commands and outside
//                     transactions, for up to drain_seconds; the second one cuts at once
//   SIGHUP            certificates and configuration are read again; what cannot change is said
#pragma once

#include <functional>

#include "proxy/config.h"

namespace sluice::proxy {

// Reads the configuration anew, for SIGHUP.
using ReadConfig = std::function<boost::system::result<Config, Faults>()>;

// Runs until a signal ends it. 0: drained; 3: it could not start (the log says why). Blocks the
// signals above for the calling thread and all that it starts. Call once a process.
[[nodiscard]] int serve(Config config, const ReadConfig& read_again);

}  // namespace sluice::proxy

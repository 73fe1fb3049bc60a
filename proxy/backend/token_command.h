// The command that prints a password: an IAM token provider. Blocks until it is done or its time is
// over: call it on the blocking pool.
#pragma once

#include <chrono>
#include <string>

#include "proxy/wire/secret.h"

namespace sluice::backend {

struct RanCommand {
  wire::Secret token;  // the first line of what it printed
  std::string error;   // why there is none
};

// Runs it by /bin/sh -c, in a process group of its own, which is killed when `limit` is over: a
// provider that hangs holds up neither a thread nor the instance's other logins for longer.
[[nodiscard]] RanCommand run_token_command(const std::string& command,
                                           std::chrono::milliseconds limit);

}  // namespace sluice::backend

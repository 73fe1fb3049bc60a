// The change sink, from a coroutine: its calls block, and are made on the pool that is theirs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "policy/change_sink.h"
#include "proxy/session/shared.h"

namespace sluice::session {

[[nodiscard]] inline policy::Refusal too_much_waits() {
  return {.code = 1105,
          .sqlstate = "45000",
          .rule = "change-queue",
          .message =
              "Sluice refused the statement: too many changes are waiting to be written "
              "down. Send it again in a moment."};
}

// co_await ask_sink(worker, [..](policy::ChangeSink& sink) {…}): what it gives, or nothing when too
// much is waiting. `work` owns what it uses. REQUIRES: there is a sink.
template <class Work>
[[nodiscard]] auto ask_sink(Worker& worker, Work work) {
  auto bound = [sink = worker.shared.changes, work = std::move(work)] { return work(*sink); };
  return worker.shared.change_pool->run(worker.loop, std::move(bound));
}

}  // namespace sluice::session

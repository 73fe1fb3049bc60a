// Law: whatever executions, bulk executions and values ahead of them a client sends, each gives no
// literals, or one for every parameter of every row.
#include <cstdlib>

#include "proxy/session/change_state.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  if (size < 2) return 0;
  session::ParameterState state;
  state.count = data[0] % 9;
  const wire::Capabilities capabilities{
      wire::cap::kProtocol41.bits | ((data[1] & 1U) != 0 ? wire::cap::kQueryAttributes.bits : 0)};
  // Commands behind one another, each with its length before it.
  for (std::size_t at = 2; at < size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 1);
    const wire::Bytes payload(data + at + 1, length);
    at += 1 + length;
    if (payload.empty()) continue;
    const auto command = static_cast<wire::Command>(payload.front());
    session::note_ahead(state, command, payload, (data[1] & 2U) != 0);
    if (state.ahead_bytes > session::ParameterState::kMaxAhead) std::abort();
    if (command != wire::Command::kStmtExecute && command != wire::Command::kStmtBulkExecute) {
      continue;
    }
    session::note_types(state, payload, capabilities);
    if (const auto rows = session::literals_of(state, payload, capabilities)) {
      for (const auto& row : *rows) {
        if (row.size() != state.count) std::abort();
        for (const auto& literal : row) {
          if (literal.empty()) std::abort();
        }
      }
    }
    if (command == wire::Command::kStmtBulkExecute) continue;
    const auto values = session::values_of(state, payload, capabilities);
    if (values && values->size() != state.count) std::abort();
  }
  return 0;
}

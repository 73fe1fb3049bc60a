// What the data path tells a log: one event a line, made by any of its threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/session/counters.h"

namespace sluice::session {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };

struct Event {
  Level level = Level::kInfo;
  std::string_view what;      // a fixed word: "login", "session_end", "backend_down", …
  std::uint32_t session = 0;  // 0: none
  std::string_view account;
  std::string_view host;
  std::string_view instance;
  std::string_view reason;  // a fixed word, see name(Reason)
  std::string_view detail;  // free text; never SQL, never a secret
};

// Must be safe on any thread and must not block for long. The views live for the call.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_event(const Event& event) = 0;
};

}  // namespace sluice::session

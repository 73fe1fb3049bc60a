// What others are told when something in the workspace has changed, so that pages follow without
// reloading. An event says what to read anew, never its content: who may read it is asked then.
#pragma once

#include <string>

#include "admin/store/types.h"

namespace sluice::store {

struct Event {
  std::string topic;  // "issue", "task", "change", "anomaly", "database", "instance", …
  Id id = 0;          // of that thing
  Id project = 0;     // whose members may know; 0: everybody who is signed in
  std::string what;   // "created", "updated", "deleted", or a state: "running", "done"
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // After the change is committed. Any thread; never blocks, never fails.
  virtual void publish(const Event& event) = 0;
};

}  // namespace sluice::store

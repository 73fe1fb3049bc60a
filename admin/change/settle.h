// What a person found of a task that a crash left unknown, as it goes into the history: when it
// ran, the schema that is live now becomes the recorded one.
//
// Blocking: waits for the instance. Faults: kRefused with a sentence for the person when the server
// cannot be asked or shows otherwise; the store's.
#pragma once

#include "admin/change/run_session.h"

namespace sluice::change {

// The end of a settled task. `session` keeps the database's change lock until it is let go: the end
// is written while nobody else changes what was read. REQUIRES: the task needs a person.
[[nodiscard]] store::Result<store::RunEnd> read_settled_end(const RunServices& services,
                                                            const store::IssueState& state,
                                                            const store::Task& task,
                                                            const Actor& actor,
                                                            std::unique_ptr<RunSession>& session);

}  // namespace sluice::change

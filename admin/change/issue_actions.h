// What people and the engine may do with an issue, decided on its state: each function gives what
// is to be written, or the sentence why not. Pure; store::Issues::change runs them on the locked
// issue.
#pragma once

#include <map>
#include <string>

#include "admin/store/store.h"
#include "policy/access.h"
#include "policy/change/approval.h"

namespace sluice::change {

// Who acts. `subject` has the role in the issue's project.
struct Actor {
  store::Id user = 0;
  policy::Subject subject;
};

using Environments = std::map<store::Id, store::Environment>;

// The first stage with a task that is not settled; null when there is none.
[[nodiscard]] const store::Stage* current_stage(const store::IssueState& state) noexcept;

// What the guards of policy/change/transition.h look at.
[[nodiscard]] policy::TaskFacts facts_of(const store::IssueState& state, const store::Task& task,
                                         store::Time now);

// Every task of the current stage that waits for approval; all of them or none.
[[nodiscard]] store::Decision approve(const store::IssueState& state, const Actor& actor,
                                      const Environments& environments, store::Time now);
// Their approvals are void and they wait again; nothing runs by itself until somebody approves.
[[nodiscard]] store::Decision reject(const store::IssueState& state, const Actor& actor,
                                     const Environments& environments, const std::string& reason,
                                     store::Time now);
[[nodiscard]] store::Decision resolve(const store::IssueState& state, const Actor& actor);
[[nodiscard]] store::Decision cancel_issue(const store::IssueState& state, const Actor& actor);
// Its open tasks are checked again, and what was approved before needs its approval again.
[[nodiscard]] store::Decision reopen(const store::IssueState& state, const Actor& actor,
                                     store::Time now);
[[nodiscard]] store::Decision comment(const Actor& actor, const std::string& text, store::Time now);

// Checks run again, approvals are void, and a retry runs the new sheet from its start.
[[nodiscard]] store::Decision edit_statement(const store::IssueState& state, store::Id task,
                                             const Actor& actor, const std::string& statement,
                                             store::Time now);
// A person's go: for a task that waits only for that – in an automatic environment, where a check
// warned – and for one that is approved, which runs when its turn comes.
[[nodiscard]] store::Decision run_task(const store::IssueState& state, store::Id task,
                                       const Actor& actor, const Environments& environments,
                                       store::Time now);
[[nodiscard]] store::Decision retry_task(const store::IssueState& state, store::Id task,
                                         const Actor& actor, store::Time now);
[[nodiscard]] store::Decision skip_task(const store::IssueState& state, store::Id task,
                                        const Actor& actor, const std::string& reason,
                                        store::Time now);
// One that runs is asked to end: its statement is killed on the server, and its state follows.
[[nodiscard]] store::Decision cancel_task(const store::IssueState& state, store::Id task,
                                          const Actor& actor, store::Time now);
// What a person found of one that a crash left unknown.
struct Settlement {
  bool done = false;   // it ran; otherwise it did not, or not to its end
  std::string reason;  // what the server shows
};
[[nodiscard]] store::Decision settle_task(const store::IssueState& state, store::Id task,
                                          const Actor& actor, const Settlement& settlement,
                                          store::Time now);
[[nodiscard]] store::Decision check_again(const store::IssueState& state, store::Id task,
                                          const Actor& actor);

// What goes on without a person: tasks of the current stage that need nobody, and those whose
// approval still stands after a retry. Refused when there is nothing to do.
[[nodiscard]] store::Decision advance(const store::IssueState& state,
                                      const Environments& environments, store::Time now);
[[nodiscard]] store::Decision start_task(const store::IssueState& state, store::Id task,
                                         store::Time now);

}  // namespace sluice::change

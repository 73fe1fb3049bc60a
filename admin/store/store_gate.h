// What the gate in the data path keeps: where its issues came from, and changes that clients'
// sessions run themselves, from their beginning to their history entry.
//
//   begin ──▶ a row, durable ── finish ──▶ history entry, the row is gone
//     │
//     └── the holder's beat stands still ── take_over ──▶ looked for on the server ── finish
//
// Any thread; calls block on I/O. Errors: Fault, of database.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "admin/store/store_history.h"
#include "admin/store/store_issues.h"
#include "policy/account.h"

namespace sluice::store {

// Where an issue of the gate came from.
struct GateIssue {
  Id issue = 0;
  std::string account;
  policy::AccountKind kind = policy::AccountKind::kService;
  Id instance = 0;
  std::string schema;        // the session's default; empty: none
  std::string request_hash;  // of account, place and text: Store::keyed_hash()
  std::string program;
  std::string host;
  std::int64_t session = 0;
  std::string rule;       // that asked for it: "gate.ddl"
  bool answered = false;  // who sent the statement was told once that it ran
  bool held = false;      // a client waits for it, and runs it itself
  std::string holder;     // the program that the client is connected to
  std::int64_t beat = 0;
};

// A change that a client's session runs.
struct GateChange {
  Id id = 0;
  std::string holder;
  std::int64_t beat = 0;
  std::string account;
  std::string actor;  // the person's email, or the account's name
  std::string program;
  std::string host;
  std::int64_t session = 0;
  std::string rule;
  std::string break_glass;  // the reason, of what ran behind broken glass; empty: it did not
  policy::IssueKind kind = policy::IssueKind::kSchemaUpdate;
  Id instance = 0;
  std::string instance_name;
  std::string schema;  // the session's default
  std::string server_version;
  std::int64_t thread_id = 0;  // of the session's connection to its server
  BinlogPosition before;
  std::string gtid_executed;
  std::string statements;  // JSON
  std::string places;      // JSON
  Id issue = 0;            // of a held one; 0: none
  Id task = 0;
  Time started_at{};
};

// An entry of the history, with what it was measured against.
struct GateEntry {
  NewChange entry;
  // Hash of the recorded schema that schema_after was made from; kConflict when it moved since.
  std::string expected_schema;
};

// How a change ended.
struct GateEnd {
  std::vector<GateEntry> entries;          // one a database that it touched; none: nothing ran
  std::optional<policy::TaskStatus> task;  // of a held change
  std::string reason;
};

class Gate {
 public:
  Gate(Shared& shared, const Sealer& sealer) : shared_(shared), sealer_(sealer) {}

  // The newest issue of the request, when `stands` says that it stands for it; a new one otherwise.
  // Of two clients that ask for the same at once one makes it, and the other gets it.
  struct Joined {
    IssueState state;
    GateIssue origin;
    bool created = false;
  };
  using Stands = std::function<bool(const IssueState&, const GateIssue&)>;
  [[nodiscard]] Result<Joined> join(const GateIssue& asked, const NewIssue& made,
                                    const Stands& stands, Time now);
  // kNotFound for an issue that is not the gate's.
  [[nodiscard]] Result<GateIssue> origin(Id issue);
  // True for the one who asks first.
  [[nodiscard]] Result<bool> take_answer(Id issue);
  // Whoever was told did not come through after all: they are told again.
  [[nodiscard]] Result<void> give_back_answer(Id issue);
  // Its client is gone: when somebody approves it, it runs as any other issue's task does.
  [[nodiscard]] Result<void> let_go(Id issue);
  [[nodiscard]] Result<std::vector<GateIssue>> held();  // of open issues
  // One more task for the issue's first stage, in the state that it says.
  [[nodiscard]] Result<void> add_task(Id issue, NewTask task, Time now);
  // Numbers of the account's issues, newest first.
  [[nodiscard]] Result<std::vector<Id>> issues_of(const std::string& account, std::int64_t limit);

  // Writes it down, with schemas that `keep` has and the store has not. Gives its number.
  [[nodiscard]] Result<Id> begin(const GateChange& change, const std::vector<std::string>& keep);
  // The same for a held issue's task, which `decide` starts: kRefused with its sentence; kBusy when
  // another task runs on the database.
  [[nodiscard]] Result<Id> claim(const GateChange& change, const std::vector<std::string>& keep,
                                 const Decide& decide, Time now);
  // The history entries, the recorded schemas and the task's state, in one transaction; the numbers
  // of the entries. kConflict: another program has it, or a recorded schema moved.
  [[nodiscard]] Result<std::vector<Id>> finish(const GateChange& change, const GateEnd& end,
                                               Time now);
  [[nodiscard]] Result<std::vector<GateChange>> open();
  // Counts the beats of everything that the program holds up.
  [[nodiscard]] Result<void> renew(const std::string& holder);
  // kConflict when it moved since `seen` was read.
  [[nodiscard]] Result<GateChange> take_over(const GateChange& seen, const std::string& holder);

  // Grows with every change of environments, databases, their projects, freezes and schemas.
  [[nodiscard]] Result<std::int64_t> policy_revision();

 private:
  Shared& shared_;
  const Sealer& sealer_;
};

}  // namespace sluice::store

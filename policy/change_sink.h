// Where the data path takes the statements that it may not simply pass: what is recorded, what
// becomes an issue, and what is said to the gate itself. Implemented over the store; the data path
// builds and is tested without one.
//
// Calls block on the store and on control connections: the session makes them on the blocking pool,
// several at once. Values in and out. When the store cannot be reached the answer is a Refusal: a
// change that cannot be written down does not run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "parser/dialect.h"
#include "parser/facts.h"
#include "policy/account.h"
#include "policy/decision.h"

namespace sluice::policy {

// Who sends it, from where, and on which server connection.
struct ChangeOrigin {
  std::string account;
  AccountKind kind = AccountKind::kService;
  std::string instance;
  std::string schema;  // the session's default; empty: none
  // How the session's server reads texts: what runs elsewhere later must mean the same.
  std::uint32_t sql_mode = 0;  // parser::SqlMode bits
  parser::Charset charset = parser::Charset::Utf8mb4;
  std::string program;  // connection attribute program_name; empty: not told
  std::string host;
  std::uint32_t session = 0;         // the greeting's id
  std::uint64_t backend_thread = 0;  // the server's id of the connection that runs it; 0: none yet
  // The reason that was given to break_glass(), once the session had it granted; empty: it had not.
  // What such a session records is listed in an issue after the fact.
  std::string break_glass;
};

struct ChangeStatement {
  // As it was judged, in UTF-8 (the origin's charset is utf8mb4, whatever the client's was); of a
  // prepared one, with its parameters written in as literals.
  std::string text;
  parser::ActionGroup group = parser::ActionGroup::Opaque;
  std::uint64_t affected_rows = 0;
};

struct ChangeRequest {
  ChangeOrigin origin;
  std::vector<ChangeStatement> statements;  // one; or a transaction's, in order
  std::vector<parser::ObjectUse> objects;   // of all of them
  std::string rule;                         // that says so: "gate.ddl", "break-glass"
  std::string title;                        // of begin(); empty: the sink makes one
  // It ends a transaction whose statements ran already, each after its check(): what is found now
  // can only be rolled back.
  bool transaction = false;
  // Statements before the first of `statements` that are counted and not kept, with their rows.
  std::uint64_t left_out = 0;
  std::uint64_t left_out_rows = 0;
};

// A change that may run now. `tag` is a comment to be sent before its text, which finds it again in
// the binary log; empty for a COMMIT.
struct ChangeBegun {
  std::int64_t id = 0;
  std::string tag;
};

struct ChangeEnd {
  std::int64_t id = 0;
  bool lost = false;        // the server was lost: nobody knows whether it ran
  bool undone = false;      // it was rolled back, or never sent: nothing of it stays, no history
  std::uint16_t error = 0;  // the server's; 0: it ran
  std::string error_message;
  std::vector<ChangeStatement> statements;  // with affected rows
  std::string gtids;                        // as Outcome has them
  bool gtids_complete = true;
};

// The issue that a statement became, or is.
struct ChangeReview {
  enum class State : std::uint8_t {
    kWaiting,   // for an approval
    kApproved,  // of a held one: claim() it, and run it
    kDone,      // it ran; to whoever sends it again, once, it is as if it ran now
    kEnded,     // rejected or canceled: `message` says why
  };
  State state = State::kWaiting;
  std::int64_t issue = 0;
  std::string message;  // the sentence for the client, with number and URL
  std::uint64_t affected_rows = 0;
};

// What `CALL sluice.…()` answers: a result set of text cells, or none.
struct SluiceAnswer {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  // Of wait(): the issue has not ended. The session asks again until it has, or the seconds are
  // over; call() itself never waits.
  bool pending = false;
};

class ChangeSink {
 public:
  virtual ~ChangeSink() = default;

  // The review rules alone, of a statement that is recorded later, with its transaction's others: a
  // Refusal tells what was found, and the statement does not run. Nothing is written.
  [[nodiscard]] virtual std::optional<Refusal> check(const ChangeRequest& request) = 0;
  // Checks, schema and position before: the change is written down as begun. A Refusal tells what a
  // check found.
  [[nodiscard]] virtual std::variant<ChangeBegun, Refusal> begin(const ChangeRequest& request) = 0;
  // Schema and position after, history entry. Never fails towards the session: what cannot be
  // written now is found again by its tag.
  virtual void end(const ChangeEnd& end) = 0;

  // Makes the issue, joins the open one of the same account, place and text, or tells of the one
  // that is done. `hold`: the issue's task waits for claim() instead of running by itself.
  [[nodiscard]] virtual std::variant<ChangeReview, Refusal> review(const ChangeRequest& request,
                                                                   bool hold) = 0;
  [[nodiscard]] virtual std::variant<ChangeReview, Refusal> state(std::int64_t issue) = 0;
  // Takes an approved, held change for running in the session: at most one caller ever gets it.
  [[nodiscard]] virtual std::variant<ChangeBegun, Refusal> claim(std::int64_t issue,
                                                                 const ChangeOrigin& origin) = 0;
  // The client that waited is gone.
  virtual void withdraw(std::int64_t issue) = 0;

  // `name` in small letters, `arguments` as values: NULL is nothing. begin(), submit() and
  // discard() are the session's own and do not get here: submit() is review() of all that was
  // collected. break_glass(reason) does: an answer is the grant, for the rest of the session.
  [[nodiscard]] virtual std::variant<SluiceAnswer, Refusal> call(
      const ChangeOrigin& origin, const std::string& name,
      const std::vector<std::optional<std::string>>& arguments) = 0;
};

}  // namespace sluice::policy

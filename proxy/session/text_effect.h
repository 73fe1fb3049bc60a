// What a text does to the session's transaction, statement by statement, and what follows for the
// changes in it: which are recorded now, which wait for a COMMIT. Pure.
//
//   change       INSERT, CALL, …       autocommit: committed with it; else open until a commit
//   ddl          ALTER, GRANT, …       commits what is open, then itself (manual 15.3.3)
//   begin        BEGIN, XA START       commits what is open; what follows is open
//   commit       COMMIT, LOCK TABLES   commits what is open
//   maybe        SET autocommit, UNLOCK TABLES   commits, or not: the server's status flags tell
//   rollback     ROLLBACK, XA ROLLBACK drops what is open
//   savepoints   SAVEPOINT, ROLLBACK TO, RELEASE
//   xa prepare   XA PREPARE            what is open waits for XA COMMIT, in any session
//   xa finish    XA COMMIT, XA ROLLBACK   of what was prepared
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parser/dialect.h"
#include "policy/judged.h"

namespace sluice::session {

enum class Step : std::uint8_t {
  kNone,
  kChange,
  kDdl,
  kBegin,
  kCommit,
  kMaybeCommit,
  kRollback,
  kSavepoint,
  kRollBackTo,
  kRelease,
  kXaPrepare,
  kXaCommit,
  kXaRollback,
};

struct TextStep {
  Step step = Step::kNone;
  std::string name;  // of a savepoint, in small letters; of an XA transaction, its tokens
};

// `text` is what `judged` was read from. A text that is not accepted is one change.
[[nodiscard]] std::vector<TextStep> steps_of(const policy::Judged& judged, std::string_view text,
                                             const parser::Dialect& dialect);

// The session before the text.
struct Before {
  bool in_transaction = false;  // open, by the server's status
  bool autocommit = true;
  bool has_open = false;  // changes were collected
};

struct Played {
  enum class Old : std::uint8_t { kOpen, kCommitted, kDropped };
  bool commits = false;      // a change of the text is committed when it ends
  bool leaves_open = false;  // one is open when it ends
  Old old = Old::kOpen;      // what has become of those before it
};
// The first `ran` steps, one after the other.
[[nodiscard]] Played play(std::span<const TextStep> steps, std::size_t ran, const Before& before);

// What is to be done about a text.
struct Plan {
  bool commit_first = false;  // the open changes are committed by themselves before it
  bool with_open = false;     // the text commits the open changes: they are recorded with it
  bool record = false;        // the text is recorded when it has run
  bool collect = false;       // it is added to the open changes when it has run
};
// `change`: the text's verdict is to be recorded.
[[nodiscard]] Plan plan(std::span<const TextStep> steps, bool change, const Before& before);

// Whether there is anything but changes and what does not matter.
[[nodiscard]] bool controls_transaction(std::span<const TextStep> steps) noexcept;

// The class of a statement whose OK packet tells how many rows it changed.
[[nodiscard]] bool tells_rows(std::string_view class_name) noexcept;

}  // namespace sluice::session

// Runs a claimed task on its server, statement by statement, and records how it ended.
//
//   connect ─▶ the database's change lock ─▶ schema, position ─▶ MARK ─▶ for each statement: note
//   that it begins ─▶ execute ─▶ … ─▶ schema, position ─▶ history entry, recorded schema and the
//   task's state in one transaction
//
// A run that was interrupted – the program was killed, the server went away – is continued from
// what the store, the binary log and the live schema tell (recovery.h); what nobody can tell
// becomes a task that needs a person. Nothing is sent twice.
//
// Blocking: a thread of its own. Nothing is thrown.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>

#include "admin/change/issue_actions.h"
#include "admin/mysql/cancellation.h"
#include "admin/store/events.h"
#include "admin/store/store.h"

namespace sluice::change {

// Places of a run at which tests end the program.
enum class Point : std::uint8_t {
  kClaimed,       // before the mark
  kMarked,        // after it, nothing was sent
  kBegun,         // a statement is noted as begun, not sent yet
  kExecuted,      // the statement ran, nothing of that is recorded
  kRecorded,      // it is recorded as done
  kBeforeFinish,  // all ran; the history entry is not written
  kFinished,      // it is
};

struct RunLimits {
  // How long an instance or the store may be away before a run gives up on it.
  std::chrono::seconds patience{600};
  // A statement's wait for a metadata lock: while it waits, everybody else's statements on that
  // table queue behind it (manual 7.1.8, lock_wait_timeout).
  std::chrono::seconds lock_wait{120};
  // How long a session that holds the database's change lock is waited for.
  std::chrono::seconds change_lock_wait{60};
  // How often a rollback, which is one long transaction, notes how many rows it has undone.
  std::chrono::milliseconds progress_every{1000};
};

// Told from other threads that a run is to end; the runner waits on it.
class RunSignal {
 public:
  mysql::Cancellation cancellation;  // the task is cancelled: its statement is killed
  // The program ends: after the statement that runs, the run is left for the next start.
  void stop();
  // Another program has the run: nothing more is written or sent.
  void lose();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  // False: stopped or lost meanwhile.
  [[nodiscard]] bool pause(std::chrono::milliseconds time);

 private:
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> lost_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct RunServices {
  store::Store& store;
  std::function<store::Time()> now;
  std::function<void(std::string_view event, std::string_view detail)> log;
  std::function<void(Point)> at;  // may be empty
  RunLimits limits;
  store::EventSink* events = nullptr;  // may be null: nobody listens
};

// REQUIRES: this program holds the run. Returns when it ended, was lost, or is left for later.
void execute_run(const RunServices& services, const store::Run& run, RunSignal& signal);

}  // namespace sluice::change

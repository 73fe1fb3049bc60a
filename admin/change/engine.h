// The change engine: what people do with issues, and what happens by itself – checks, automatic
// approval, runs, recovery.
//
//   handlers ─▶ create / approve / … ─▶ store, one transaction each
//   coordinator thread, every poll: beats of own runs, runs whose holder is gone, tasks to check
//   and to run ─▶ checker threads, runner threads
//
// Several programs on one PostgreSQL store share the work: a task is claimed in the store.
//
// The services must outlive it. start() and stop(): one thread, main's. Actions: any thread; they
// block on the store. Faults of actions: kRefused with a sentence for the person, kNotFound, or
// the store's.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <thread>
#include <variant>

#include "admin/change/meter.h"
#include "admin/change/rollback_choice.h"
#include "admin/change/rollback_preview.h"
#include "admin/change/rollout.h"
#include "admin/change/runner.h"
#include "admin/change/workers.h"
#include "admin/store/events.h"

namespace sluice::change {

struct EngineServices {
  store::Store& store;
  std::function<store::Time()> now;
  std::function<void(std::string_view event, std::string_view detail)> log;
  store::EventSink* events = nullptr;  // told of issues that change; may be null
  // A task on that database ended: it may be looked at again. May be empty.
  std::function<void(store::Id database)> ran{};
};

struct EngineConfig {
  std::string holder;     // this process, unlike any other: store::make_token()
  unsigned runners = 4;   // tasks that run at the same time
  unsigned checkers = 2;  // tasks that are checked at the same time
  std::chrono::milliseconds poll{500};
  // A run whose holder has not moved its beat for so long is taken over; the beat moves four times
  // as often.
  std::chrono::milliseconds lease{15000};
  RunLimits limits;
  std::function<void(Point)> at;  // for tests
};

using Created = std::variant<store::IssueState, std::vector<RequestFault>>;

class Engine {
 public:
  Engine(EngineServices services, EngineConfig config);
  ~Engine();  // stops, and waits for what runs however long it takes
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  // Runs are left after the statement they are at, for the next start or another program. False:
  // one still executes; whoever cannot wait ends the process without this object's destructor.
  [[nodiscard]] bool stop(std::chrono::milliseconds limit);
  [[nodiscard]] const EngineMeter& meter() const noexcept { return meter_; }

  [[nodiscard]] store::Result<Created> create(const IssueRequest& request);

  // What the store was given without the engine is looked at now.
  void wake() { poke(); }

  using State = store::Result<store::IssueState>;
  [[nodiscard]] State approve(store::Id issue, const Actor& actor);
  [[nodiscard]] State reject(store::Id issue, const Actor& actor, const std::string& reason);
  [[nodiscard]] State resolve(store::Id issue, const Actor& actor);
  [[nodiscard]] State cancel(store::Id issue, const Actor& actor);
  [[nodiscard]] State reopen(store::Id issue, const Actor& actor);
  [[nodiscard]] State comment(store::Id issue, const Actor& actor, const std::string& text);
  [[nodiscard]] State edit(store::Id task, const Actor& actor, const std::string& statement);
  [[nodiscard]] State run(store::Id task, const Actor& actor);
  [[nodiscard]] State retry(store::Id task, const Actor& actor);
  [[nodiscard]] State skip(store::Id task, const Actor& actor, const std::string& reason);
  [[nodiscard]] State cancel_run(store::Id task, const Actor& actor);
  [[nodiscard]] State check(store::Id task, const Actor& actor);
  // settle.cpp. Waits for the instance when it is settled as done.
  [[nodiscard]] State settle(store::Id task, const Actor& actor, const Settlement& settlement);

  // engine_rollback.cpp. The switch of a data change, before or after it ran.
  [[nodiscard]] State keep_rollback(store::Id issue, const Actor& actor, bool on);
  // A preview a task that changed something. Both wait for the instance; kRefused says why not.
  [[nodiscard]] store::Result<std::vector<RollbackPreview>> preview_rollback(store::Id issue);
  // The issue that undoes it, which somebody has to approve.
  [[nodiscard]] State roll_back(store::Id issue, const RollbackRequest& request);
  // The same for one entry of the history, as what the gate recorded has no issue.
  [[nodiscard]] store::Result<RollbackPreview> preview_change(store::Id change, bool whole);
  [[nodiscard]] State roll_back_change(store::Id change, const RollbackRequest& request);
  // The same for rows that a person chose; `whole` before an issue is made of it.
  [[nodiscard]] store::Result<RollbackPreview> preview_rows(const RowChoice& choice, bool whole);
  [[nodiscard]] State roll_back_rows(const RowChoice& choice, const RollbackPreview& preview,
                                     const RollbackRequest& request);

 private:
  // What another program's run looked like, and since when it looks so.
  struct Watched {
    std::string holder;
    std::int64_t beat = 0;
    std::chrono::steady_clock::time_point since;
  };
  struct Active {
    store::Run run;
    std::shared_ptr<RunSignal> signal;
  };
  using Decider =
      std::function<store::Decision(const store::IssueState&, const Environments&, store::Time)>;

  [[nodiscard]] State act(store::Id issue, const Decider& decide);
  [[nodiscard]] State act_on_task(store::Id task, const Decider& decide);
  [[nodiscard]] State create_rollback(const store::NewIssue& planned);
  [[nodiscard]] store::Result<Environments> environments();
  void poke();
  void coordinate();
  void tick();
  void renew();
  void count();
  void watch();
  void begin_checks();
  void begin_runs();
  void purge();  // rows kept for rollbacks, for as long as they were to be
  void check_one(const store::TaskKey& key);
  void run_one(const store::TaskKey& key);
  void execute(const store::Run& run);
  void note(std::string_view what, const store::Fault& fault);
  void tell(const store::IssueState& state, std::string what = "updated");

  EngineServices services_;
  EngineConfig config_;
  RunServices run_services_;
  EngineMeter meter_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool poked_ = false;
  bool stopping_ = false;
  std::map<store::Id, Active> active_;  // by run
  std::set<store::Id> in_hand_;         // tasks that a worker has, or will have
  std::map<store::Id, Watched> watched_;
  std::chrono::steady_clock::time_point renewed_{};
  std::optional<std::chrono::steady_clock::time_point> counted_;
  std::optional<std::chrono::steady_clock::time_point> purged_;

  std::unique_ptr<Workers> checkers_;
  std::unique_ptr<Workers> runners_;
  std::thread coordinator_;
};

}  // namespace sluice::change

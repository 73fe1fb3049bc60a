// The gate's changes, over the store and control connections: what the data path records, what
// becomes an issue, what a client waits for.
//
//   begin ─ rules ─ schema of the touched objects ─ position ─ a durable row ─▶ the session runs it
//   end   ─ position ─ schema of those objects ─ one transaction: history, recorded schema
//
// A program that ends between the two leaves the row; whoever sees its beat stand still looks for
// the change on the server (gate_keeper.cpp) and writes its end.
//
// The services must outlive it. Calls of ChangeSink: any thread; they block on the store and on
// servers. start() and stop(): one thread, main's.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "admin/change/control_pool.h"
#include "admin/change/engine.h"
#include "admin/change/gate_log.h"
#include "admin/change/gate_place.h"
#include "admin/change/gate_rows.h"
#include "admin/change/recovery.h"
#include "admin/change/schema_cache.h"
#include "admin/store/events.h"
#include "policy/policy_source.h"

namespace sluice::change {

struct GateServices {
  store::Store& store;
  Engine& engine;
  SchemaCache& schemas;
  policy::PolicySource& policies;
  std::function<store::Time()> now;
  std::function<void(std::string_view event, std::string_view detail)> log;
  std::function<std::string(store::Id issue)> issue_url;
  // A recorded schema has changed: what its programs may do is judged anew when it returns.
  std::function<void()> policies_changed;
  store::EventSink* events = nullptr;  // may be none
  // Somebody had changed this database beside Sluice: to be scanned soon. May be none.
  std::function<void(store::Id database)> drifted{};
};

struct GateConfig {
  std::string holder;  // this process, unlike any other: store::make_token()
  std::chrono::milliseconds poll{1000};
  // What another program's beat has stood still for so long is taken over; beats move four times
  // as often.
  std::chrono::milliseconds lease{15000};
};

class GateSink final : public policy::ChangeSink {
 public:
  // For so long after an issue ran, who sent its statement is told OK when they send it again.
  static constexpr std::chrono::hours kAnswerLife{7 * 24};

  GateSink(GateServices services, GateConfig config);
  ~GateSink() override;
  GateSink(const GateSink&) = delete;
  GateSink& operator=(const GateSink&) = delete;

  void start();
  void stop();

  [[nodiscard]] std::optional<policy::Refusal> check(const policy::ChangeRequest& request) override;
  [[nodiscard]] std::variant<policy::ChangeBegun, policy::Refusal> begin(
      const policy::ChangeRequest& request) override;
  void end(const policy::ChangeEnd& end) override;
  [[nodiscard]] std::variant<policy::ChangeReview, policy::Refusal> review(
      const policy::ChangeRequest& request, bool hold) override;
  [[nodiscard]] std::variant<policy::ChangeReview, policy::Refusal> state(
      std::int64_t issue) override;
  [[nodiscard]] std::variant<policy::ChangeBegun, policy::Refusal> claim(
      std::int64_t issue, const policy::ChangeOrigin& origin) override;
  void withdraw(std::int64_t issue) override;
  [[nodiscard]] std::variant<policy::SluiceAnswer, policy::Refusal> call(
      const policy::ChangeOrigin& origin, const std::string& name,
      const std::vector<std::optional<std::string>>& arguments) override;

  // What the review would find in these statements, for CALL sluice.explain().
  struct Explained {
    std::vector<policy::rules::Finding> findings;
    std::optional<policy::Refusal> refusal;
  };
  [[nodiscard]] Explained explain(const policy::ChangeRequest& request);
  // How the instance's server reads texts; nothing: it cannot be reached.
  [[nodiscard]] std::optional<policy::rules::Server> server_of(const std::string& instance);

 private:
  using Begun = std::variant<policy::ChangeBegun, policy::Refusal>;
  using Reviewed = std::variant<policy::ChangeReview, policy::Refusal>;
  // How a change ended, for the history.
  struct Outcome {
    store::ChangeStatus status = store::ChangeStatus::kDone;
    std::string error;
    std::string gtids;
    GateFates fates;
    std::vector<policy::ChangeStatement> statements;
    bool nothing = false;  // nothing of it stays: no entry
    std::optional<policy::TaskStatus> task;
    std::chrono::microseconds duration{};
  };
  struct Pending {
    store::GateChange row;
    std::optional<Outcome> outcome;  // nothing: the server has to be asked how it ended
  };

  // gate_sink.cpp
  [[nodiscard]] std::optional<policy::Refusal> review_rules(const GatePlace& place,
                                                            const policy::rules::Server& facts,
                                                            const policy::ChangeRequest& request);
  [[nodiscard]] std::vector<policy::rules::Finding> findings(const GatePlace& place,
                                                             const policy::rules::Server& facts,
                                                             const policy::ChangeRequest& request);
  [[nodiscard]] store::Result<std::vector<GateDatabase>> databases_of(
      const GatePlace& place, const policy::ChangeRequest& request);
  [[nodiscard]] std::optional<policy::Refusal> look_before(const GatePlace& place,
                                                           SnapshotReader& reader,
                                                           std::vector<GateDatabase>& databases,
                                                           std::vector<std::string>& keep);
  [[nodiscard]] std::optional<policy::Refusal> look_at(const GatePlace& place,
                                                       SnapshotReader& reader,
                                                       GateDatabase& database,
                                                       std::vector<std::string>& keep, bool& moved);
  [[nodiscard]] store::Result<bool> others_touch(store::Id instance, const GateDatabase& database);
  [[nodiscard]] Begun begin_change(const GatePlace& place, ControlPool::Lease& control,
                                   const policy::ChangeRequest& request,
                                   const store::TaskKey& held);
  // gate_end.cpp
  [[nodiscard]] static Outcome outcome_of(const policy::ChangeEnd& end);
  // False: it could not be written now.
  [[nodiscard]] bool write_end(const store::GateChange& row, const Outcome& outcome);
  [[nodiscard]] store::Result<std::vector<store::Id>> try_end(const store::GateChange& row,
                                                              const Outcome& outcome,
                                                              ControlPool::Lease& control,
                                                              bool& schema_moved);
  [[nodiscard]] std::optional<std::string> put_schema(const store::GateChange& row,
                                                      GateDatabase& database,
                                                      SnapshotReader& reader,
                                                      store::GateEntry& made, bool& schema_moved);
  [[nodiscard]] std::optional<std::string> leave_drift(const store::GateChange& row,
                                                       const GateDatabase& database,
                                                       const store::DatabaseEntry& known,
                                                       store::NewChange& entry);
  [[nodiscard]] static store::Change described(const store::GateChange& row, const Outcome& outcome,
                                               const GateDatabase& database);
  void after_the_fact(const store::GateChange& row, const Outcome& outcome,
                      const std::vector<store::Id>& changes);
  void tell(const char* topic, store::Id id, store::Id project, const char* what);
  // gate_review.cpp
  [[nodiscard]] boost::system::result<store::NewIssue, policy::Refusal> issue_for(
      const GatePlace& place, const policy::rules::Server& facts,
      const policy::ChangeRequest& request);
  void note_told(const policy::ChangeOrigin& origin, store::Id issue);
  void take_back_told(const policy::ChangeOrigin& origin);
  [[nodiscard]] Reviewed answer(const store::IssueState& state, const store::GateIssue& origin);
  // gate_keeper.cpp
  void keep();
  void tick();
  void take_left_changes();
  void withdraw_left_issues();
  void settle_pending();
  // gate_inverse.cpp
  void want_rows(const store::GateChange& row, const Outcome& outcome,
                 const std::vector<store::Id>& changes);
  void keep_wanted_rows();
  void keep_rows_of(store::Id change);
  [[nodiscard]] SchemaEvidence compare_touched(const GateDatabase& database,
                                               const policy::rules::SheetStatement& statement,
                                               SnapshotReader& reader);
  [[nodiscard]] Judgement judge_left(const store::GateChange& row, const SessionTrace& trace,
                                     const policy::rules::Sheet& sheet,
                                     const std::vector<GateDatabase>& databases,
                                     SnapshotReader& reader);
  void report_unknown(const store::GateChange& row, const std::vector<GateDatabase>& databases,
                      const std::string& why);
  // False: to be tried again.
  [[nodiscard]] bool resolve(const store::GateChange& row);

  GateServices services_;
  GateConfig config_;
  ControlPool controls_;
  // Ends of changes of one database are written one after the other, each with a schema that was
  // read after the one before was written.
  std::array<std::mutex, 32> order_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<store::Id, store::GateChange> running_;
  std::vector<Pending> pending_;
  std::deque<store::Id> rows_wanted_;  // changes whose rows are to be kept for a rollback
  struct Watched {
    std::string holder;
    std::int64_t beat = 0;
    std::chrono::steady_clock::time_point since;
  };
  std::map<store::Id, Watched> watched_changes_;
  std::map<store::Id, Watched> watched_issues_;
  std::chrono::steady_clock::time_point renewed_{};
  // Issues of which a session was told that they ran, until it is refused: a migration of several
  // statements begins anew then, and each of them is told once more. The oldest sessions go.
  static constexpr std::size_t kToldSessions = 4096;
  std::map<std::string, std::vector<store::Id>> told_;
  std::deque<std::string> told_order_;
  std::set<store::Id> held_;  // issues that clients of this program wait for
  std::thread keeper_;
  mysql::Cancellation cancel_rows_;
  std::thread rows_keeper_;
};

// What stands before a statement, and finds it again in the binary log.
[[nodiscard]] std::string gate_tag(const store::GateChange& change);
// The kind of change that the statements are together.
[[nodiscard]] policy::IssueKind kind_of(const policy::ChangeRequest& request);

}  // namespace sluice::change

// One client, from its first byte to the reason it ended. It lives on one thread. While it waits
// between commands it holds no buffer: the two descriptors, this object and one coroutine frame.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "policy/judge.h"
#include "proxy/backend/channel.h"
#include "proxy/session/change_state.h"
#include "proxy/session/local_answers.h"
#include "proxy/session/shared.h"
#include "proxy/session/tracking.h"
#include "proxy/wire/answer_follower.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/frame.h"
#include "proxy/wire/response_tracker.h"
#include "proxy/wire/server_handshake.h"

namespace sluice::session {

// A command in the thread's buffer, or in one of its own when it is larger.
struct Inbound {
  net::BufferPool::Lease lease;
  wire::Buffer large;
  wire::Buffer joined;   // payload of a command of several frames
  wire::Buffer plain;    // without query attributes, for a server that knows none
  wire::Buffer changed;  // the command in place of which another is sent
  wire::Bytes frames;    // the command with its headers
  wire::Bytes rest;      // what the client sent behind it
  wire::Bytes payload;   // whole, with the command byte
  std::uint8_t next_sequence = 1;
  bool nothing = false;  // no byte had come
  bool partial = false;  // COM_STMT_SEND_LONG_DATA of which `frames` is the beginning
  std::chrono::steady_clock::time_point arrived;
};

// Whether a session goes on after a command.
enum class Flow : std::uint8_t { kContinue, kEnd };

class Session {
 public:
  Session(Worker& worker, std::unique_ptr<net::Stream> stream, net::Peer peer,
          const net::ListenConfig& listen);
  ~Session();

  [[nodiscard]] net::Task<void> run();

  // The loop's thread. Ends it now, or cuts its statement on the server.
  void kill(KillScope scope);
  // Ends it as soon as it waits for a command outside a transaction.
  void drain();
  void cut() noexcept;
  [[nodiscard]] std::uint32_t id() const noexcept { return id_; }

 private:
  // For commands of the proxy's own that may take as long as what they end: COMMIT, ROLLBACK.
  static constexpr std::chrono::minutes kTellLimit{30};

  friend class CommandTable;
  struct Prepared {
    std::uint32_t id;
    std::string text;
    TextHints hints;
    std::shared_ptr<const Facts> facts;  // by which its text was read
    std::unique_ptr<wire::Renaming> renaming;
    std::unique_ptr<ParameterState> parameters;  // null: it has none
  };
  // A text on its way: by what it is judged, and what the judge said beside the decision.
  struct Statement {
    policy::Submission submission;
    Prepared* prepared = nullptr;
    std::shared_ptr<const Facts> facts;
    TextHints hints;
    std::unique_ptr<wire::Renaming> renaming;
    std::shared_ptr<const policy::Judged> judged;  // null: nobody read it
    std::string executed;                          // of EXECUTE name: the text behind the name
    std::string_view sent;                         // of EXECUTE name: its own text
    DigestTable::Ticket digest;
    std::uint64_t row_limit = 0;         // of a data change; 0: none
    std::string environment;             // of the limit
    bool ran = false;                    // it was sent
    bool unknown_xa = false;             // it commits what nobody here saw being prepared
    std::chrono::seconds hold_limit{0};  // how long a held one waits
  };
  // A command that was sent, and its answer.
  struct Exchange {
    wire::Command command{};
    std::uint8_t sequence = 1;  // of the answer's first frame
    const wire::Renaming* renaming = nullptr;
    Underway* underway = nullptr;  // null: its answer goes to the client as it comes
    wire::ResponseTracker::Summary summary;
  };

  // login.cpp
  [[nodiscard]] net::Task<bool> log_in();
  [[nodiscard]] net::Task<bool> read_proxy_header();
  [[nodiscard]] net::Task<bool> authenticate(wire::ServerHandshake& machine,
                                             wire::ServerHandshake::Step step);
  [[nodiscard]] net::Task<bool> admit(wire::ServerHandshake& machine);
  [[nodiscard]] wire::ServerHandshake::Config handshake_config(const backend::ServerInfo& info,
                                                               const wire::Nonce& switch_nonce);
  [[nodiscard]] bool choose(std::string_view login);
  [[nodiscard]] std::optional<wire::AccountVerifier> look_up(std::string_view login);
  void enter_registry(const wire::LoginInfo& login);
  [[nodiscard]] net::Task<Flow> on_change_user(Inbound& in);

  // gather.cpp
  [[nodiscard]] net::Task<Flow> serve_one();
  [[nodiscard]] net::Task<bool> gather(Inbound& in);
  [[nodiscard]] net::Task<bool> refuse_packet(bool large);
  [[nodiscard]] net::Task<bool> refuse_compressed();
  void keep_rest(Inbound& in);

  // session.cpp
  [[nodiscard]] net::Task<bool> wait_for_command();
  [[nodiscard]] net::Task<bool> take_backend();
  [[nodiscard]] net::Task<wire::OwnedError> enter_schema();
  void leave_backend();
  [[nodiscard]] net::Task<Flow> answer(wire::Bytes frames);
  [[nodiscard]] net::Task<Flow> answer_ok(std::uint8_t sequence);
  [[nodiscard]] net::Task<Flow> answer_owned(wire::Buffer frames);
  [[nodiscard]] net::Task<Flow> answer_error(const wire::OwnedError& error, std::uint8_t sequence);
  [[nodiscard]] Flow end(Reason reason) noexcept;
  void event(Level level, std::string_view what, std::string_view reason,
             std::string_view detail = {});

  // command_table.cpp: the handlers of commands that are no statements
  [[nodiscard]] net::Task<Flow> on_quit(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_ping(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_relayed(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_reset(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_set_option(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_process_kill(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_replication(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_refused(Inbound& in);
  [[nodiscard]] net::Task<Flow> kill_session(Kill kill, std::uint8_t sequence);

  // statement_path.cpp
  [[nodiscard]] net::Task<Flow> on_query(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_prepare(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_execute(Inbound& in);
  [[nodiscard]] net::Task<Flow> on_prepared(Inbound& in);
  [[nodiscard]] net::Task<Flow> stream_long_data(Inbound& in);
  [[nodiscard]] net::Task<Flow> act(Inbound& in, Statement& statement, policy::Decision& decision);
  [[nodiscard]] net::Task<void> forget_parameters(Statement& statement);
  [[nodiscard]] net::Task<Flow> serve(Inbound& in, policy::Submission submission,
                                      Prepared* prepared = nullptr);
  [[nodiscard]] policy::Decision judge(Statement& statement);
  [[nodiscard]] net::Task<Flow> run(Inbound& in, Statement& statement, policy::Permit permit,
                                    Underway* underway);
  [[nodiscard]] bool concerns_names(const Statement& statement) const;
  [[nodiscard]] net::Task<Flow> refuse(const policy::Refusal& refusal, std::uint8_t sequence);
  [[nodiscard]] net::Task<void> ask_server();
  [[nodiscard]] std::unique_ptr<wire::Renaming> put_session_id(Inbound& in,
                                                               policy::Submission& submission);
  [[nodiscard]] policy::Context context(const Facts& facts) const noexcept;
  [[nodiscard]] Prepared* find_prepared(wire::Bytes payload) noexcept;
  [[nodiscard]] wire::Capabilities sent_form() const noexcept;
  [[nodiscard]] wire::OwnedError adapt(Inbound& in, policy::Submission& submission,
                                       const Prepared* prepared) const;

  // accounting.cpp
  void count_verdict(Statement& statement, const policy::TextJudge& texts);
  void count_end(const Inbound& in, const Statement& statement,
                 const wire::ResponseTracker::Summary& summary);

  // change_path.cpp: recorded statements, and those that end a transaction of them
  [[nodiscard]] GateState& gate();
  [[nodiscard]] bool concerns_changes(Statement& statement);
  [[nodiscard]] bool commits_unknown_xa(const Statement& statement) const;
  [[nodiscard]] net::Task<Flow> serve_change(Inbound& in, Statement& statement,
                                             policy::Change& change);
  [[nodiscard]] net::Task<Flow> run_planned(Inbound& in, Statement& statement,
                                            policy::Change* change, policy::Permit* permit);
  [[nodiscard]] net::Task<Flow> run_underway(Inbound& in, Statement& statement, Underway& underway,
                                             policy::Change* change, policy::Permit* permit);
  [[nodiscard]] net::Task<std::optional<policy::Refusal>> admit_change(Underway& underway,
                                                                       Statement& statement,
                                                                       policy::Change* change,
                                                                       wire::Bytes payload);
  [[nodiscard]] std::optional<policy::Refusal> guard(Underway& underway,
                                                     const Statement& statement) const;
  [[nodiscard]] net::Task<std::optional<policy::Refusal>> begin_change(Underway& underway);
  [[nodiscard]] net::Task<std::optional<policy::Refusal>> check_change(Underway& underway,
                                                                       const Statement& statement,
                                                                       std::string_view rule);
  void keep_open_changes(Underway& underway, const Statement& statement, std::string_view rule);
  [[nodiscard]] policy::ChangeOrigin origin() const;
  [[nodiscard]] Before before_text() const noexcept;
  [[nodiscard]] parser::Dialect dialect(const Statement& statement) const;
  [[nodiscard]] std::string xa_key(const std::string& xid) const;

  // change_end.cpp: between a server's answer and the client's sight of it
  [[nodiscard]] net::Task<void> conclude(Underway& underway, const wire::ResponseTracker& tracker);
  [[nodiscard]] net::Task<void> end_own_transaction(Underway& underway, bool failed);
  [[nodiscard]] net::Task<void> roll_back_guarded(Underway& underway, std::uint64_t rows);
  [[nodiscard]] net::Task<void> end_change(Underway& underway, bool lost);
  [[nodiscard]] net::Task<void> record_late();
  [[nodiscard]] net::Task<std::optional<policy::Refusal>> commit_open();
  [[nodiscard]] net::Task<void> roll_back();
  [[nodiscard]] net::Task<void> refresh_status();

  // review_path.cpp: statements that wait for somebody
  [[nodiscard]] net::Task<Flow> review(Inbound& in, Statement& statement, policy::Change& change);
  [[nodiscard]] net::Task<Flow> hold(Inbound& in, Statement& statement, policy::Change& change,
                                     policy::ChangeRequest& request, policy::ChangeReview review);
  [[nodiscard]] net::Task<Flow> run_claimed(Inbound& in, Statement& statement,
                                            policy::Change& change, policy::ChangeRequest& request,
                                            std::int64_t issue);
  [[nodiscard]] net::Task<Flow> collect(policy::ChangeRequest& request, std::uint8_t sequence);
  [[nodiscard]] net::Task<Flow> answer_review(const policy::ChangeReview& review,
                                              std::uint8_t sequence);
  // How a wait for something else than the client ended.
  enum class Waited : std::uint8_t {
    kTime,         // it is over
    kInterrupted,  // by KILL QUERY
    kGone,         // the client is, or the session is to end: why_ says so
  };
  [[nodiscard]] net::Task<Waited> wait_beside_client(std::chrono::milliseconds time);
  // While it lives, KILL QUERY ends waits beside the client instead of a statement on the server.
  class Interruptible {
   public:
    explicit Interruptible(Session& session) : session_(session) { session.waiting_ = true; }
    ~Interruptible() { session_.end_interruption(); }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;

   private:
    Session& session_;
  };
  void end_interruption() noexcept;
  [[nodiscard]] net::Task<std::unique_ptr<policy::ChangeRequest>> request_of(
      Statement& statement, const policy::Change& change, wire::Bytes payload);
  [[nodiscard]] net::Task<std::optional<std::string>> written_out(Statement& statement,
                                                                  const policy::Change& change,
                                                                  wire::Bytes payload);
  [[nodiscard]] net::Task<std::optional<std::vector<std::optional<std::string>>>> ask_variables(
      std::vector<std::string> names, std::string charset);

  // syntax_path.cpp: what nobody understands
  [[nodiscard]] net::Task<std::optional<policy::Refusal>> syntax_error(const Statement& statement);

  // sluice_path.cpp: what is said to the gate itself
  [[nodiscard]] net::Task<Flow> on_sluice_call(Inbound& in, Statement& statement);
  [[nodiscard]] net::Task<Flow> prepare_call(Inbound& in, Statement& statement);
  [[nodiscard]] net::Task<Flow> on_needs_value(Inbound& in, Statement& statement,
                                               const policy::NeedsValue& needed);
  [[nodiscard]] net::Task<std::variant<policy::SluiceAnswer, policy::Refusal>> call(
      std::string name, std::vector<std::optional<std::string>> arguments);
  [[nodiscard]] net::Task<std::variant<policy::SluiceAnswer, policy::Refusal>> wait_for_issue(
      std::vector<std::optional<std::string>> arguments);
  [[nodiscard]] net::Task<std::variant<policy::SluiceAnswer, policy::Refusal>> submit();
  [[nodiscard]] std::variant<policy::SluiceAnswer, policy::Refusal> begin_collecting(
      const std::vector<std::optional<std::string>>& arguments);

  // relay.cpp
  [[nodiscard]] net::Task<void> send_command(Inbound& in, policy::Permit permit,
                                             Exchange& exchange);
  [[nodiscard]] net::Task<Flow> exchange(Inbound& in, policy::Permit permit, Exchange& exchange);
  [[nodiscard]] net::Task<bool> pass_on(wire::Bytes piece, bool last);
  [[nodiscard]] wire::Bytes let_out(Exchange& exchange, wire::Bytes piece,
                                    wire::ResponseTracker::Event step);
  [[nodiscard]] net::Task<Flow> refuse_held(Exchange& exchange);
  [[nodiscard]] net::Task<bool> wait_for_answer(bool begun);
  [[nodiscard]] net::Task<bool> relay_file(std::uint8_t& sequence);
  [[nodiscard]] net::Task<Flow> lose_backend(bool begun, std::uint8_t sequence, Reason reason);
  void give_up_statement();
  void account(const Inbound& in, const Exchange& exchange);

  Worker& worker_;
  backend::Channel client_;
  std::unique_ptr<backend::Connection> backend_;
  std::shared_ptr<const policy::Account> account_;
  std::shared_ptr<backend::Instance> instance_;
  std::shared_ptr<Registry::Entry> entry_;
  std::shared_ptr<const Settings> settings_;
  std::unique_ptr<net::Peer> peer_;
  std::unique_ptr<wire::OwnedError> error_;       // of the last take_backend() that failed
  wire::Buffer pending_;                          // bytes of the client's that are not served yet
  wire::Buffer login_state_;                      // tracked state for the login's OK
  std::string schema_;                            // as the login named it
  std::vector<Prepared> prepared_;                // by id
  std::unique_ptr<GateState> gate_;               // null: nothing is kept yet
  std::unique_ptr<std::vector<Prepared>> calls_;  // prepared CALL sluice.…()
  Tracking tracking_;
  const net::ListenConfig& listen_;
  wire::Capabilities capabilities_;  // agreed with the client
  wire::Nonce nonce_{};
  std::uint32_t id_ = 0;
  std::uint32_t last_prepared_ = 0;
  std::uint16_t status_ = wire::status::kAutocommit;
  std::uint8_t collation_ = 45;
  Reason why_ = Reason::kInternal;
  bool stale_status_ = false;  // an error may have ended the transaction
  bool fresh_ = false;         // the server's session was reset by the client and not asked since
  bool draining_ = false;
  bool killed_ = false;
  bool busy_ = false;
  bool waiting_ = false;      // beside the client, for something that is not on its server
  bool interrupted_ = false;  // such a wait was
};

}  // namespace sluice::session

// One client, from its first byte to the reason it ended. It lives on one thread. While it waits
// between commands it holds no buffer: the two descriptors, this object and one coroutine frame.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/backend/channel.h"
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
  friend class CommandTable;
  struct Prepared {
    std::uint32_t id;
    std::string text;
    TextHints hints;
    std::shared_ptr<const Facts> facts;  // by which its text was read
    std::unique_ptr<wire::Renaming> renaming;
  };

  // login.cpp
  [[nodiscard]] net::Task<bool> log_in();
  [[nodiscard]] net::Task<bool> read_proxy_header();
  [[nodiscard]] net::Task<bool> authenticate(wire::ServerHandshake& machine,
                                             wire::ServerHandshake::Step step);
  [[nodiscard]] net::Task<bool> admit(wire::ServerHandshake& machine);
  [[nodiscard]] wire::ServerHandshake::Config handshake_config(const backend::ServerInfo& info);
  [[nodiscard]] bool choose(std::string_view login);
  [[nodiscard]] std::optional<wire::AccountVerifier> look_up(std::string_view login);
  void enter_registry(const wire::LoginInfo& login);
  [[nodiscard]] net::Task<Flow> on_change_user(Inbound& in);

  // gather.cpp
  [[nodiscard]] net::Task<Flow> serve_one();
  [[nodiscard]] net::Task<bool> gather(Inbound& in);
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
  [[nodiscard]] net::Task<Flow> serve(Inbound& in, policy::Submission submission,
                                      const Prepared* prepared = nullptr);
  [[nodiscard]] net::Task<void> ask_server();
  [[nodiscard]] std::unique_ptr<wire::Renaming> put_session_id(Inbound& in,
                                                               policy::Submission& submission);
  [[nodiscard]] policy::Context context(const Facts& facts) const noexcept;
  [[nodiscard]] const Prepared* find_prepared(wire::Bytes payload) const noexcept;

  // relay.cpp
  [[nodiscard]] net::Task<Flow> exchange(Inbound& in, policy::Permit permit,
                                         wire::ResponseTracker::Summary* summary,
                                         const wire::Renaming* renaming);
  [[nodiscard]] net::Task<bool> wait_for_answer(bool begun);
  [[nodiscard]] net::Task<bool> relay_file(std::uint8_t& sequence);
  [[nodiscard]] net::Task<Flow> lose_backend(bool begun, std::uint8_t sequence, Reason reason);
  void give_up_statement();
  void account(const Inbound& in, wire::Command command,
               const wire::ResponseTracker::Summary& summary);

  Worker& worker_;
  backend::Channel client_;
  std::unique_ptr<backend::Connection> backend_;
  std::shared_ptr<const policy::Account> account_;
  std::shared_ptr<backend::Instance> instance_;
  std::shared_ptr<Registry::Entry> entry_;
  std::shared_ptr<const Settings> settings_;
  std::unique_ptr<net::Peer> peer_;
  std::unique_ptr<wire::OwnedError> error_;  // of the last take_backend() that failed
  wire::Buffer pending_;                     // bytes of the client's that are not served yet
  wire::Buffer login_state_;                 // tracked state for the login's OK
  std::string schema_;                       // as the login named it
  std::vector<Prepared> prepared_;           // by id
  Tracking tracking_;
  const net::ListenConfig& listen_;
  wire::Capabilities capabilities_;  // agreed with the client
  wire::Nonce nonce_{};
  std::uint32_t id_ = 0;
  std::uint16_t status_ = wire::status::kAutocommit;
  std::uint8_t collation_ = 45;
  Reason why_ = Reason::kInternal;
  bool fresh_ = false;  // the server's session was reset by the client and not asked since
  bool draining_ = false;
  bool killed_ = false;
  bool busy_ = false;
};

}  // namespace sluice::session

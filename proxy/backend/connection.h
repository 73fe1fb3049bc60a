// One logged-in connection to a server. It sends nothing but permits, and data of the client's that
// no server reads as SQL: its file during LOAD DATA LOCAL, the rest of COM_STMT_SEND_LONG_DATA. One
// coroutine at a time, the thread of its loop.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "policy/decision.h"
#include "proxy/backend/channel.h"
#include "proxy/backend/instance.h"
#include "proxy/backend/session_report.h"
#include "proxy/net/blocking_pool.h"

namespace sluice::backend {

// Why there is no connection.
enum class Failure : std::uint8_t {
  kNone,
  kUnavailable,  // no connection, no TLS, no login
  kProtocol,     // what answers is not a MySQL server, or lies
  kFull,         // the limit is reached and the wait is over
  kShutdown,
};

class Connection {
 public:
  // Whom to log in as is the instance's; this is what comes from the client.
  struct Wish {
    wire::Capabilities capabilities;  // the client's, agreed
    std::uint8_t collation = 45;
    bool enters_schema = false;  // before anything else: the schema that it finds does not matter
  };
  struct Opened {
    std::unique_ptr<Connection> connection;
    Failure failure = Failure::kNone;
    wire::OwnedError error;  // for the client
  };
  // Connects and logs in, in the time that the instance's limits allow. Refreshes the instance's
  // info and counts in its `open` until the connection ends.
  [[nodiscard]] static net::Task<Opened> open(net::Loop& loop, net::BlockingPool& blocking,
                                              std::shared_ptr<Instance> instance, Wish wish);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] Channel& channel() noexcept { return channel_; }
  [[nodiscard]] net::Descriptor& descriptor() noexcept { return channel_.descriptor(); }
  [[nodiscard]] Instance& instance() const noexcept { return *instance_; }
  [[nodiscard]] const std::shared_ptr<Instance>& shared_instance() const noexcept {
    return instance_;
  }
  [[nodiscard]] std::uint32_t id() const noexcept { return server_.connection_id; }
  [[nodiscard]] wire::Capabilities capabilities() const noexcept { return server_.capabilities; }

  // Sends judged bytes; the only way for a command to a server.
  [[nodiscard]] net::Task<net::Io> send(policy::Permit permit);
  // The same without a coroutine when the socket takes all of it at once, as it nearly always does;
  // otherwise `rest` of the permit is to be sent by send_rest().
  [[nodiscard]] net::Moved try_send(const policy::Permit& permit);
  [[nodiscard]] net::Task<net::Io> send_rest(policy::Permit permit, std::size_t sent);
  // A piece of the client's file that the server asked for, or of the value of a parameter whose
  // command was permitted.
  [[nodiscard]] net::Task<net::Io> send_client_data(wire::Bytes frames);

  // Runs a command whose answer is one OK: true when it was. For the proxy's own commands.
  [[nodiscard]] net::Task<bool> run_control(policy::Control command,
                                            std::chrono::milliseconds limit);
  // COM_CHANGE_USER to the instance's account: a session as new, with this collation.
  [[nodiscard]] net::Task<bool> renew(net::BlockingPool& blocking, std::uint8_t collation);

  // What a server said to a command whose answer is one OK, one ERR or one row.
  struct Told {
    bool lost = true;
    wire::OwnedError error;  // code 0: none
    std::uint16_t status = 0;
    wire::Buffer session_state;        // of its OK: raw items, see wire/session_track.h
    std::optional<std::string> value;  // of the last row
    [[nodiscard]] bool good() const noexcept { return !lost && error.code == 0; }
  };
  // Sends commands of the proxy's own in one go and reads their answers, one for each; after one
  // that is lost all are. Between two commands of the client's only.
  [[nodiscard]] net::Task<std::vector<Told>> tell(std::span<const policy::Permit> permits,
                                                  std::chrono::milliseconds limit);

  // Resets the session where wanted (its character sets as `login` says), asks what it is, and
  // turns on the trackers that Sluice needs, as far as a transaction lets them be set. Between two
  // commands only; it overwrites the diagnostics area of the last statement.
  enum class Ask : std::uint8_t { kReset, kNew, kAgain, kAgainInTransaction };
  enum class Asked : std::uint8_t {
    kDone,    // report() is what the session is now
    kSilent,  // the server does not say: report() is what was known, or nothing
    kFailed,  // as kSilent; and what was to be reset was not, or the connection is lost
  };
  [[nodiscard]] net::Task<Asked> ask(Ask how);
  // Gives the trackers back to the client: what it reads of them is what it set. ask() ends it.
  [[nodiscard]] net::Task<bool> untrack(bool in_transaction);
  // Of the last ask() that was answered; nothing in a new session that cannot be asked.
  [[nodiscard]] const std::shared_ptr<const SessionReport>& report() const noexcept {
    return report_;
  }
  [[nodiscard]] bool mariadb() const noexcept { return mariadb_; }
  // As version comments count.
  [[nodiscard]] std::uint32_t server_version() const noexcept { return version_; }

  // What is known of the session on the other side.
  std::uint8_t collation = 0;  // in force when it was handed out
  // What the session was right after its login; null: not known. A reset leaves the server's own
  // character sets, and not those that the login asked for.
  std::shared_ptr<const SessionReport> login;
  bool as_login = false;  // the last ask(kReset) gave it the character sets of `login` again
  bool may_have_schema = false;
  bool reusable = true;
  std::uint32_t generation = 0;
  std::chrono::steady_clock::time_point idle_since;

 private:
  Connection(std::unique_ptr<net::Stream> stream, std::shared_ptr<Instance> instance);
  friend net::Task<Opened> open_counted(net::Loop&, net::BlockingPool&, std::shared_ptr<Instance>,
                                        Wish);
  // What the trackers were set to by Sluice, to tell it from what a client set since.
  struct Tracked {
    std::string variables;
    std::string gtids;
    bool schema = true;
  };
  struct Ran {
    bool first_good = false;
    bool all_good = false;
    std::string value;  // of the last row
  };
  [[nodiscard]] net::Task<Ran> run_all(std::span<const policy::Permit> permits);
  [[nodiscard]] bool take_report(std::string_view text, bool new_session);
  [[nodiscard]] net::Task<wire::OwnedError> log_in(wire::ClientHandshake& machine,
                                                   wire::ClientHandshake::Step step);
  Channel channel_;
  std::shared_ptr<Instance> instance_;
  wire::ClientHandshake::Server server_;
  wire::Nonce nonce_{};
  std::shared_ptr<const SessionReport> report_;
  std::optional<Tracked> tracked_;
  bool mariadb_ = false;
  std::uint32_t version_ = 0;
};

// Asks the server, on a connection of its own, to end a thread's statement or the thread: KILL.
// Nothing is said of failure; the caller's own connection is given up in any case.
[[nodiscard]] net::Task<void> kill_on_server(net::Loop& loop, net::BlockingPool& blocking,
                                             std::shared_ptr<Instance> instance, std::uint32_t id,
                                             bool query_only);

}  // namespace sluice::backend

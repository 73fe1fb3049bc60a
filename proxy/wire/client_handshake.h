// Our side of a login towards a back-end, as a machine of steps (see server_handshake.h for the
// manner). It begins by reading the greeting. Verification of the server's certificate belongs to
// the stream that does StartTls.
//
//   Read greeting ─TLS─▶ Send SSLRequest ─▶ StartTls ─▶ Send login ─▶ Read ─OK──▶ Done
//                 ─plain────────────────────────────────▶            ─ERR─▶ Failed
//                                                    ─AuthSwitch─▶ Send ─▶ Read
//                                                    ─0x01 0x03──▶ Read (the OK follows)
//                                                    ─0x01 0x04──▶ Send password (TLS, Unix)
//                                                                  or 0x02 ─▶ Read key ─▶ Send
//
// A password never leaves in clear, except over TLS or a Unix socket. MySQL Internals, "Connection
// Phase"; plugins: mysql_native_password, caching_sha2_password, sha256_password,
// mysql_clear_password. Others and further factors are refused by name.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/compression.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/secret.h"

namespace sluice::wire {

enum class TlsMode : std::uint8_t { kDisabled, kPreferred, kRequired };

class ClientHandshake {
 public:
  struct Config {
    std::string account;
    Secret password;
    std::string database;  // empty: none
    Capabilities wanted;   // the client's; each is asked for only if the server has it
    std::uint32_t max_packet = 0xffffff;
    std::uint8_t collation = 45;  // utf8mb4_general_ci: known to every server
    TlsMode tls = TlsMode::kPreferred;
    bool secure_transport = false;  // a Unix socket
    bool allow_clear = false;       // mysql_clear_password, and then only over secure transport
    bool allow_public_key = true;   // ask the server for its RSA key over a plain connection
    std::string public_key_pem;     // a key known beforehand is used instead of asking
    Compression compression = Compression::kNone;
    int zstd_level = 3;
    std::vector<std::pair<std::string, std::string>> attributes;
  };

  struct Send {
    Bytes bytes;
  };
  struct Read {};
  struct StartTls {};
  struct Done {};  // server() has what was agreed
  struct Failed {
    Fault reason{};
    OwnedError error;  // the server's own, or one that says what was refused here
  };
  using Step = std::variant<Send, Read, StartTls, Done, Failed>;

  // What the other side is. Valid from the greeting on; capabilities from Done on.
  struct Server {
    std::string version;
    std::uint32_t connection_id = 0;
    Capabilities offered;       // everything in the greeting
    Capabilities capabilities;  // what both sides agreed
    std::uint8_t collation = 0;
    std::uint16_t status = 0;
    std::string auth_plugin;  // the greeting's default
    bool tls = false;
    Compression compression = Compression::kNone;
    Buffer session_state;  // tracked state of the final OK (the initial schema, …)
  };

  explicit ClientHandshake(Config config);

  [[nodiscard]] Step start();
  [[nodiscard]] Step on_sent();
  [[nodiscard]] Step on_packet(Bytes payload, std::uint8_t sequence);
  [[nodiscard]] Step on_tls();

  // COM_CHANGE_USER for `config` on a connection whose greeting had `server`; `nonce` is the
  // greeting's. Begins with Send.
  [[nodiscard]] Step start_change_user(const Server& server, const Nonce& nonce);

  [[nodiscard]] const Server& server() const noexcept { return server_; }
  [[nodiscard]] const Nonce& nonce() const noexcept { return nonce_; }
  // The id that the next packet has, from either side.
  [[nodiscard]] std::uint8_t sequence() const noexcept { return sequence_; }

 private:
  enum class State : std::uint8_t {
    kGreeting,
    kSslSent,
    kTls,
    kLoginSent,
    kAnswer,
    kKey,
    kDone,
    kFailed,
  };

  [[nodiscard]] Step on_greeting(Bytes payload);
  [[nodiscard]] Step on_answer(Bytes payload);
  [[nodiscard]] Step on_auth_switch(Bytes payload);
  [[nodiscard]] Step on_auth_more(Bytes data);
  [[nodiscard]] Step on_key(Bytes data);
  [[nodiscard]] Step on_ok(Bytes payload);
  [[nodiscard]] Step send_login();
  [[nodiscard]] Step send_data(Bytes data);
  [[nodiscard]] Step send_encrypted(std::string_view key);
  [[nodiscard]] Result<Buffer> first_response(std::string_view plugin);
  [[nodiscard]] Step fail(Fault reason, ErrorNumber number, std::string message);
  [[nodiscard]] bool secure() const noexcept { return server_.tls || config_.secure_transport; }

  Config config_;
  State state_ = State::kGreeting;
  State after_send_ = State::kAnswer;
  std::uint8_t sequence_ = 0;
  bool change_user_ = false;
  int switches_ = 0;
  Nonce nonce_{};
  std::string plugin_;
  Server server_;
  Buffer out_;
};

}  // namespace sluice::wire

// Our side of a login towards a client, as a machine of steps: it is told what arrived and answers
// what to do next. It does no I/O, has no clock and no randomness of its own. One a login; views in
// a Step live until the next call.
//
//   start ─Send greeting─▶ Read ─SSLRequest─▶ StartTls ─▶ Read ─login─▶ LookUp
//   LookUp ─native, or fast path─────────────────────────────────────▶ Done | Failed
//          ─plugin differs─▶ Send AuthSwitch ─▶ Read ─▶ …
//          ─caching_sha2, no fast verifier─▶ Send 0x04 ─▶ Read password (TLS, Unix socket)
//                                                       or 0x02 ─▶ Send key ─▶ Read ─▶ Decrypt
//          ─password known─▶ Verify ─▶ Done | Failed
//
// An unknown account takes the same steps with the same arithmetic as a wrong password. Done comes
// before the OK packet is sent: the driver may still refuse (limits, schema) with finish_error().
// MySQL Internals, "Connection Phase".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/wire/auth_caching_sha2.h"
#include "proxy/wire/auth_native.h"
#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/errors.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/secret.h"

namespace sluice::wire {

// What an account is checked against. Exactly what the directory stores; never the password.
struct AccountVerifier {
  enum class Plugin : std::uint8_t { kNative, kCachingSha2 };
  Plugin plugin = Plugin::kCachingSha2;
  bool empty_password = false;
  NativeVerifier native{};           // kNative
  std::optional<FullVerifier> full;  // kCachingSha2
  std::optional<FastVerifier> fast;  // kCachingSha2: stored, or cached after a full login
};

// What login() ends with. Everything is owned.
struct LoginInfo {
  std::string account;
  std::string database;
  Capabilities capabilities;  // what both sides agreed
  std::uint32_t max_packet = 0;
  std::uint16_t collation = 0;
  std::uint8_t zstd_level = 0;
  bool tls = false;
  std::vector<std::pair<std::string, std::string>> attributes;
  // After a full login of a caching_sha2 account: keep it to take the fast path next time.
  std::optional<FastVerifier> learned;
};

class ServerHandshake {
 public:
  struct Config {
    std::string server_version;
    std::uint32_t connection_id = 0;
    Capabilities offered;  // kSsl only when TLS is configured; PROTOCOL_41 etc. are added
    std::uint8_t collation = 255;
    std::uint16_t status = status::kAutocommit;
    AccountVerifier::Plugin default_plugin = AccountVerifier::Plugin::kCachingSha2;
    Nonce nonce{};                  // random, from make_nonce()
    Nonce switch_nonce{};           // another, for an AuthSwitch
    bool secure_transport = false;  // a Unix socket: passwords may come in clear
    bool require_tls = false;       // every account; per account is the driver's after Done
    bool tls_started = false;       // for CHANGE_USER: the connection is in TLS already
    std::string public_key_pem;     // empty: no RSA exchange over plain connections
    std::string client_host;        // for the message of 1045
    std::array<std::uint8_t, 20> fake_salt{};  // fixed random a process: the unknown account's
  };

  // Steps.
  struct Send {
    Bytes bytes;  // frames; write them all, then on_sent()
  };
  struct Read {};      // read one packet, then on_packet(payload, its first frame's sequence id)
  struct StartTls {};  // do the TLS handshake, then on_tls(); no byte of the client's may be lost
  struct LookUp {
    std::string_view account;  // as the client sent it, "name" or "name@instance"
  };                           // then on_account(what the directory has, or nothing)
  struct Decrypt {
    Bytes ciphertext;  // then on_decrypted(OAEP-SHA1 plaintext, or an error)
  };
  struct Verify {};  // then verify(): milliseconds of hashing, on whatever thread suits
  struct Done {};    // the credentials are right: login() has the rest. Then finish_ok/finish_error
  struct Failed {
    Fault reason{};
    Bytes send;  // the ERR packet to write before closing; may be empty
  };
  using Step = std::variant<Send, Read, StartTls, LookUp, Decrypt, Verify, Done, Failed>;

  explicit ServerHandshake(Config config);

  // A new connection: begins with the greeting.
  [[nodiscard]] Step start();
  // COM_CHANGE_USER on a logged-in connection. `capabilities` are the connection's; the payload is
  // the whole command. The nonce of the config must be the one that the client saw last, nonce() of
  // its login. Begins with LookUp.
  [[nodiscard]] Step start_change_user(Bytes payload, Capabilities capabilities);

  [[nodiscard]] Step on_sent();
  [[nodiscard]] Step on_packet(Bytes payload, std::uint8_t sequence);
  [[nodiscard]] Step on_tls();
  [[nodiscard]] Step on_account(const std::optional<AccountVerifier>& account);
  [[nodiscard]] Step on_decrypted(Result<Secret> plaintext);
  [[nodiscard]] Step verify();

  // REQUIRES: the last step was Done.
  [[nodiscard]] const LoginInfo& login() const noexcept { return login_; }
  // The id that the next packet has, from either side.
  [[nodiscard]] std::uint8_t sequence() const noexcept { return sequence_; }
  // The nonce that the client saw last: what it answers a later COM_CHANGE_USER with.
  [[nodiscard]] const Nonce& nonce() const noexcept { return active_nonce_; }
  // The last packet of the exchange, framed; before it the packet that says that the fast path was
  // right, which no client answers. The views live until the next call.
  [[nodiscard]] Bytes finish_ok(const OkPacket& ok);
  [[nodiscard]] Bytes finish_error(const ErrPacket& error);
  // For errors found outside the machine at any point (time-out, host blocked): SQLSTATE is left
  // out before the client's login was read, as the protocol wants it.
  [[nodiscard]] Bytes error_now(const ErrPacket& error);

 private:
  enum class State : std::uint8_t {
    kStart,
    kGreetingSent,
    kLogin,
    kTls,
    kLookUp,
    kSwitchSent,
    kSwitchAnswer,
    kFullSent,
    kFullAnswer,
    kKeySent,
    kKeyAnswer,
    kDecrypt,
    kVerify,
    kDone,
    kFailed,
  };

  [[nodiscard]] Step on_login(Bytes payload);
  [[nodiscard]] Step on_full_answer(Bytes payload);
  [[nodiscard]] Step decrypt(Bytes ciphertext);
  [[nodiscard]] Step check_response();
  [[nodiscard]] Step check_change_user();
  [[nodiscard]] Step send_switch();
  [[nodiscard]] Step send(State after);
  [[nodiscard]] Step fail(Fault reason);
  [[nodiscard]] Step fail(Fault reason, const OwnedError& error);
  [[nodiscard]] Step denied();
  [[nodiscard]] Step done();
  void begin_last() noexcept;
  [[nodiscard]] bool secure() const noexcept;

  Config config_;
  State state_ = State::kStart;
  std::uint8_t sequence_ = 0;
  bool change_user_ = false;
  bool login_read_ = false;
  bool tls_ = false;
  bool known_ = false;     // the account exists
  bool has_full_ = false;  // the account's full verifier is its own
  bool answered_ = false;  // the response belongs to the account's plugin
  bool used_password_ = false;
  bool fast_ok_ = false;  // out_ holds the packet that says so, not sent yet
  Nonce active_nonce_{};
  std::string client_plugin_;
  Buffer response_;
  Secret password_;
  AccountVerifier account_;
  LoginInfo login_;
  Buffer out_;
};

// 20 nonce bytes from random ones: 1..127 and neither zero nor '$', as the server's own are.
[[nodiscard]] Nonce make_nonce(const std::array<std::uint8_t, kNonceSize>& random) noexcept;

}  // namespace sluice::wire

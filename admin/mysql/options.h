// How a control connection is opened. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::mysql {

// A password: never printed, wiped when it goes.
class Password {
 public:
  Password() = default;
  explicit Password(std::string text) : text_(std::move(text)) {}
  Password(const Password&) = default;
  Password(Password&&) = default;
  Password& operator=(const Password&) = default;
  Password& operator=(Password&&) = default;
  ~Password();
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

 private:
  std::string text_;
};

enum class TlsMode : std::uint8_t {
  kDisabled,        // never
  kPreferred,       // where the server offers it
  kRequired,        // or no connection
  kVerifyCa,        // and the server's certificate is signed by `ca`
  kVerifyIdentity,  // and it names the host that was asked for
};
// "disabled", "preferred", "required", "verify_ca", "verify_identity"; false: another word.
[[nodiscard]] bool parse_tls_mode(std::string_view text, TlsMode& mode);

// ca, cert and key are PEM text or the path of a PEM file; empty: none (ca: the system's, when the
// mode verifies).
struct TlsOptions {
  TlsMode mode = TlsMode::kPreferred;
  std::string ca{};
  std::string cert{};
  Password key{};
};

struct Options {
  std::string host{};
  std::uint16_t port = 3306;
  std::string socket{};  // a Unix socket's path, instead of host and port
  std::string username{};
  Password password{};
  std::string database{};  // empty: none
  TlsOptions tls{};
  std::uint32_t connect_timeout_seconds = 10;
  // How long the server may be silent in the middle of an answer; 0: for ever, as an ALTER TABLE
  // needs it. A peer that is gone is found by TCP keep-alive in two minutes in any case.
  std::uint32_t read_timeout_seconds = 0;
  std::uint32_t write_timeout_seconds = 60;
  bool multi_statements = false;  // a text may hold several; only for texts that we wrote
  // Connection attribute program_name (manual 29.12.9.2). "sluice" alone is what works by itself,
  // scans and checks: nobody's statement.
  std::string program = "sluice";
  bool found_rows = false;  // UPDATE counts the rows matched, not the rows changed
};

}  // namespace sluice::mysql

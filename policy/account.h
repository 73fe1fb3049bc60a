// A login that MySQL clients use at the proxy, as a value. Where accounts are kept is somebody
// else's business (account_directory.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::policy {

enum class AccountKind : std::uint8_t {
  kService,  // an application
  kHuman,    // a person of the workspace
};

// What a password is checked against; never the password. The texts are MySQL's own:
//   mysql_native_password   "*" and 40 hex digits
//   caching_sha2_password   "$A$005$" salt digest, or the same in hex behind "0x"
// `fast` may hold 64 hex digits of SHA256(SHA256(password)), which lets caching_sha2_password
// clients in without sending their password even the first time. Both empty: the empty password.
// It has no stream operator: it is never printed.
struct Verifier {
  std::string text;
  std::string fast;
};

struct Account {
  std::string name;
  AccountKind kind = AccountKind::kService;
  Verifier verifier;
  // Instances it may reach by `account@instance`; the first is the default. Empty: every instance,
  // and the proxy's default one.
  std::vector<std::string> instances;
  std::vector<std::string> databases;  // that it may use, by name; empty: all
  bool require_tls = false;
  bool may_replicate = false;  // COM_BINLOG_DUMP*, COM_REGISTER_SLAVE
  bool disabled = false;
};

}  // namespace sluice::policy

// The text of an account's verifier (policy/account.h) to what the login machine checks against.
#pragma once

#include "policy/account.h"
#include "proxy/wire/server_handshake.h"

namespace sluice::session {

// Errors: wire::Fault::kMalformed for a text that is neither form.
[[nodiscard]] wire::Result<wire::AccountVerifier> parse_verifier(const policy::Verifier& verifier);

}  // namespace sluice::session

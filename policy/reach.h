// Whether a text stays in the databases that its account may use. Pure; allocates nothing.
#pragma once

#include <optional>
#include <string_view>

#include "policy/account.h"
#include "policy/judged.h"

namespace sluice::policy {

inline constexpr std::string_view kUnknownDatabase = "?";

// The first database that the text touches and the account may not use, as the text or the session
// names it; kUnknownDatabase for a text that does not tell. Nothing: it stays inside, or the
// account may use all. Names are compared byte for byte: a server that folds case refuses more
// here, never less.
//
//   information_schema     may be read, and SHOW with it: names and definitions are not bound here,
//                          rows and programs are
//   USE                    enters any database; what is then asked there is judged by it
//   other system schemas   like any other: named in the account's list, or outside
//   a routine or function  is in its own database; what its body does is its definer's
//   no database at all     the server's own error is the answer: nothing is touched
//
// The view lives as long as `account` and `judged` do.
[[nodiscard]] std::optional<std::string_view> outside(const Account& account, const Judged& judged);

}  // namespace sluice::policy

// Regular expressions of a policy on names: Perl's syntax, by search (anchor with ^ and $). Owns
// the library; a pattern that takes too long on a name counts as one that does not match.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::policy::rules {

// The longest name of both servers, in characters (manual 11.2.1); longer ones match nothing.
inline constexpr std::size_t kMaxNameLength = 64;

// Why a text is no pattern; empty when it is one. {{tokens}} are taken as names.
[[nodiscard]] std::string pattern_fault(std::string_view pattern);
[[nodiscard]] bool matches(std::string_view name, std::string_view pattern);
// The pattern with its {{tokens}} replaced by texts that match themselves.
[[nodiscard]] std::string fill_in(
    std::string_view pattern, const std::vector<std::pair<std::string_view, std::string>>& tokens);
// Characters (code points) of UTF-8.
[[nodiscard]] std::size_t length(std::string_view name);

}  // namespace sluice::policy::rules

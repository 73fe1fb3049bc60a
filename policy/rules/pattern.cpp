#include "policy/rules/pattern.h"

#include <algorithm>
#include <optional>

#include <boost/regex.hpp>

namespace sluice::policy::rules {
namespace {

std::optional<boost::regex> compile(std::string_view pattern, std::string& fault) {
  try {
    return boost::regex(pattern.begin(), pattern.end(), boost::regex::perl);
  } catch (const boost::regex_error& error) {
    fault = error.what();
    return std::nullopt;
  }
}

}  // namespace

std::string pattern_fault(std::string_view pattern) {
  constexpr std::size_t kMaxPattern = 1000;  // a person wrote it
  if (pattern.size() > kMaxPattern) return "longer than 1000 bytes";
  std::string plain;  // {{token}} would be read as a repetition
  for (std::size_t at = 0; at < pattern.size();) {
    const auto open = pattern.find("{{", at);
    const auto close = open == std::string_view::npos ? open : pattern.find("}}", open);
    plain += pattern.substr(at, std::min(open, pattern.size()) - at);
    if (close == std::string_view::npos) {
      if (open != std::string_view::npos) return "a {{ without its }}";
      break;
    }
    plain += "x";
    at = close + 2;
  }
  std::string fault;
  (void)compile(plain, fault);
  return fault;
}

bool matches(std::string_view name, std::string_view pattern) {
  if (length(name) > kMaxNameLength) return false;
  std::string fault;
  const auto regex = compile(pattern, fault);
  if (!regex) return false;
  try {
    return boost::regex_search(name.begin(), name.end(), *regex);
  } catch (const std::runtime_error&) {  // too complex: Boost.Regex counts its steps
    return false;
  }
}

std::string fill_in(std::string_view pattern,
                    const std::vector<std::pair<std::string_view, std::string>>& tokens) {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    const auto found = std::find_if(tokens.begin(), tokens.end(), [&](const auto& token) {
      return pattern.substr(at).starts_with("{{" + std::string(token.first) + "}}");
    });
    if (found == tokens.end()) {
      out += pattern[at++];
      continue;
    }
    for (const char c : found->second) {
      if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
    at += found->first.size() + 4;
  }
  return out;
}

std::size_t length(std::string_view name) {
  return static_cast<std::size_t>(std::count_if(name.begin(), name.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace sluice::policy::rules

// A configuration file as a plain tree with positions. The TOML library ends in config_toml.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>

namespace sluice::proxy {

// Where a value was said: "sluice.toml:3:7", "environment variable SLUICE_LOG_LEVEL", "--data".
struct Origin {
  std::string text;
};

struct Node {
  using List = std::vector<Node>;
  using Table = std::map<std::string, Node>;
  struct Other {  // a TOML date or time: no setting takes one
    std::string type;
  };
  std::variant<bool, std::int64_t, double, std::string, List, Table, Other> value;
  Origin key_origin;  // of the key that names it
  Origin origin;      // of the value

  [[nodiscard]] std::string_view type_name() const noexcept;
};

// What is wrong with a configuration, one sentence each, with its place. Never empty as an error.
using Faults = std::vector<std::string>;

// One refusal, for a person: what was expected and what was found.
struct Sentence {
  std::string text;
};

// `name` stands for the file in the origins. Errors: the syntax error with line and column.
[[nodiscard]] boost::system::result<Node, Faults> parse_toml(std::string_view text,
                                                             std::string_view name);

}  // namespace sluice::proxy

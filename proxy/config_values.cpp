// Addresses and secrets of the configuration.
#include <charconv>
#include <fstream>

#include "proxy/config.h"

namespace sluice::proxy {
namespace {

// A secret file longer than this is another file.
constexpr std::size_t kMaxSecret = 4096;

}  // namespace

boost::system::result<net::ListenConfig, Sentence> parse_listen(std::string_view text) {
  const Sentence refusal{"expected host:port, [v6]:port or unix:/path, found '" +
                         std::string(text) + "'"};
  net::ListenConfig listen;
  if (text.starts_with("unix:")) {
    listen.unix_path = text.substr(5);
    // sun_path holds 108 bytes with its zero.
    if (listen.unix_path.empty() || listen.unix_path.size() > 107) return refusal;
    return listen;
  }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return refusal;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return refusal;
  }
  const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (host.empty() || fault != std::errc{} || end != port.data() + port.size()) return refusal;
  listen.host = host;
  return listen;
}

boost::system::result<wire::Secret, Sentence> read_secret(std::string_view env,
                                                          std::string_view path,
                                                          const cli::Environment& environment) {
  if (!env.empty()) {
    const auto found = environment.find(env);
    if (found == environment.end()) {
      return Sentence{"password_env: expected the environment variable " + std::string(env) +
                      ", which is not set"};
    }
    return wire::Secret(found->second);
  }
  std::ifstream file{std::string(path), std::ios::binary};
  std::vector<std::uint8_t> bytes(kMaxSecret + 1);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  const auto size = static_cast<std::size_t>(file.gcount());
  const auto guard = wire::Bytes(bytes).first(size);
  std::size_t length = guard.size();
  if (length > 0 && guard[length - 1] == '\n') --length;
  if (length > 0 && length < size && guard[length - 1] == '\r') --length;
  wire::Secret secret(guard.first(length));
  wire::wipe(bytes);
  if (file.bad() || (!file.eof() && file.fail()) ||
      (size == 0 && !std::ifstream(std::string(path)))) {
    return Sentence{"password_file: expected a file that can be read, found '" + std::string(path) +
                    "'"};
  }
  if (size > kMaxSecret) {
    return Sentence{"password_file: expected at most " + std::to_string(kMaxSecret) +
                    " bytes in '" + std::string(path) + "'"};
  }
  return secret;
}

}  // namespace sluice::proxy

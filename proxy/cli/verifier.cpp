// `sluice verifier`: a password to the lines that an [[account]] keeps instead of it.
#include "proxy/verifier.h"

#include <istream>
#include <ostream>

#include <CLI/CLI.hpp>

#include "proxy/cli/command.h"

namespace sluice::cli {

int run_verifier(Invocation& invocation) {
  CLI::App app(
      "Prints what an [[account]] keeps instead of its password.\n"
      "The password is SLUICE_PASSWORD, or the first line of standard input.",
      "sluice verifier");
  std::string plugin = "caching_sha2_password";
  app.add_option("--plugin", plugin, "caching_sha2_password or mysql_native_password")
      ->check(CLI::IsMember({"caching_sha2_password", "mysql_native_password"}));
  if (const auto status = parse_arguments(app, invocation)) return *status;
  wire::Secret password;
  if (const auto found = invocation.environment.find("SLUICE_PASSWORD");
      found != invocation.environment.end()) {
    password = wire::Secret(found->second);
  } else {
    std::string line;
    std::getline(invocation.in, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    password = wire::Secret(line);
    wire::wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  }
  if (password.empty() || password.size() > wire::kMaxPasswordSize) {
    invocation.err << "sluice verifier: expected a password of 1 to " << wire::kMaxPasswordSize
                   << " bytes\n";
    return kWrongUse;
  }
  const auto kind = plugin == "mysql_native_password" ? wire::AccountVerifier::Plugin::kNative
                                                      : wire::AccountVerifier::Plugin::kCachingSha2;
  const auto verifier = proxy::make_verifier(password, kind, proxy::random_salt());
  invocation.out << "verifier = \"" << verifier.text << "\"\n";
  if (!verifier.fast.empty()) invocation.out << "verifier_fast = \"" << verifier.fast << "\"\n";
  return kDone;
}

}  // namespace sluice::cli

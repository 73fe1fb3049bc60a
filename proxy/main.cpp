// The program's door: the process' arguments, streams and environment become values; a command does
// the rest.
#include <csignal>
#include <exception>
#include <iostream>

#include "proxy/cli/command.h"

extern char** environ;  // POSIX; the only place that reads it

namespace {

sluice::cli::Environment read_environment() {
  sluice::cli::Environment variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // A peer that closes while we write must be an error value of that write, not the end of the
    // process.
    std::signal(SIGPIPE, SIG_IGN);
    std::ios::sync_with_stdio(false);
    const auto environment = read_environment();
    sluice::cli::Invocation invocation{
        {argv + 1, argv + argc}, std::cin, std::cout, std::cerr, environment};
    const int status = sluice::cli::dispatch(invocation);
    std::cout.flush();
    if (!std::cout) {
      std::cerr << "sluice: standard output cannot be written\n";
      return sluice::cli::kFailed;
    }
    return status;
  } catch (const std::exception& fault) {
    std::cerr << "sluice: cannot go on: " << fault.what() << '\n';
    return sluice::cli::kFailed;
  }
}

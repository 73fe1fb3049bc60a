// The subcommands of `sluice`, as a table: one row a command, in commands.cpp.
// To add one: write proxy/cli/<name>.cpp with `int run_<name>(Invocation&)`, declare it below, add
// its row.
#pragma once

#include <iosfwd>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace sluice::cli {

// Exit statuses of every command, as the command line's contract fixes them.
enum ExitStatus : int {
  kDone = 0,      // did what was asked
  kFindings = 1,  // findings or differences, as the command's help says
  kWrongUse = 2,  // unknown option, missing argument, configuration that cannot be used
  kFailed = 3,    // refused or failed
};

// The process environment as a value: only main reads the real one.
using Environment = std::map<std::string, std::string, std::less<>>;

// What a command is given. The streams and the environment must outlive the call.
// Results go to `out`, everything else to `err`.
struct Invocation {
  std::vector<std::string> arguments;  // after the command's own name
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  const Environment& environment;
};

struct Command {
  std::string_view name;
  std::string_view summary;  // one line, for `sluice --help`
  int (*run)(Invocation&);   // an ExitStatus
};

[[nodiscard]] std::span<const Command> commands();

// Finds the command named by the first argument and runs it; `--help` and `--version` are answered
// here.
[[nodiscard]] int dispatch(Invocation& invocation);

// Parses `invocation.arguments` with `app`. nullopt: go on; otherwise the command is over with this
// status (help was printed, or the use was wrong and said so on `err`).
[[nodiscard]] std::optional<int> parse_arguments(CLI::App& app, Invocation& invocation);

int run_audit(Invocation& invocation);
int run_classify(Invocation& invocation);
int run_serve(Invocation& invocation);
int run_verifier(Invocation& invocation);
int run_rollback(Invocation& invocation);
int run_diff(Invocation& invocation);
int run_check(Invocation& invocation);
int run_version(Invocation& invocation);

}  // namespace sluice::cli

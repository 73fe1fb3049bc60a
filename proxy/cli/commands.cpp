#include <algorithm>
#include <array>
#include <ostream>

#include <CLI/CLI.hpp>

#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

constexpr std::array kCommands{
    Command{"audit", "verify the audit log's chain of hashes", run_audit},
    Command{"classify", "what the parser knows of statements, as JSON lines", run_classify},
    Command{"serve", "serve MySQL clients and the admin port", run_serve},
    Command{"verifier", "print what an account keeps instead of its password", run_verifier},
    Command{"check", "run the SQL review rules on migration files", run_check},
    Command{"diff", "print the DDL that turns one schema into the other", run_diff},
    Command{"rollback", "print what undoes a data change, from the binary log", run_rollback},
    Command{"version", "print the version", run_version},
};

void print_usage(std::ostream& out) {
  out << "Usage: sluice COMMAND [OPTIONS]\n\nCommands:\n";
  std::size_t width = 0;
  for (const Command& command : kCommands) width = std::max(width, command.name.size());
  for (const Command& command : kCommands) {
    out << "  " << command.name << std::string(width - command.name.size() + 2, ' ')
        << command.summary << '\n';
  }
  out << "\n`sluice COMMAND --help` describes a command's options.\n";
}

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

int dispatch(Invocation& invocation) {
  if (invocation.arguments.empty()) {
    print_usage(invocation.err);
    return kWrongUse;
  }
  std::string name = std::move(invocation.arguments.front());
  invocation.arguments.erase(invocation.arguments.begin());
  if (name == "--help" || name == "-h" || name == "help") {
    print_usage(invocation.out);
    return kDone;
  }
  if (name == "--version") name = "version";
  const auto found = std::ranges::find(kCommands, std::string_view(name), &Command::name);
  if (found == kCommands.end()) {
    invocation.err << "sluice: there is no command '" << name << "'\n";
    print_usage(invocation.err);
    return kWrongUse;
  }
  return found->run(invocation);
}

std::optional<int> parse_arguments(CLI::App& app, Invocation& invocation) {
  // CLI11 takes the arguments last first.
  std::vector<std::string> reversed(invocation.arguments.rbegin(), invocation.arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    invocation.out << app.help();
    return kDone;
  } catch (const CLI::ParseError& fault) {
    invocation.err << app.get_name() << ": " << fault.what() << '\n'
                   << "`" << app.get_name() << " --help` shows the options.\n";
    return kWrongUse;
  }
  return std::nullopt;
}

int run_version(Invocation& invocation) {
  invocation.out << "sluice " << SLUICE_VERSION << '\n';
  return kDone;
}

}  // namespace sluice::cli

// sluice check: the SQL review on migration files.
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "parser/schema/ddl.h"
#include "proxy/cli/check_report.h"
#include "proxy/cli/command.h"
#include "proxy/cli/printable.h"
#include "proxy/cli/schema_source.h"
#include "proxy/cli/target.h"

namespace sluice::cli {
namespace {

using policy::rules::Level;

struct Arguments {
  std::vector<std::string> files;
  TargetOptions target;
  std::string schema;
  std::string database;
  std::string rules;
  std::string charset;
  std::string collation;
  std::string format = "text";
  std::string fail_on = "warning";
  bool lower_case = false;
  bool list = false;
};

void declare(CLI::App& app, Arguments& in) {
  app.add_option("FILES", in.files,
                 "migration files, in the order in which they run; - is standard input");
  declare_target(app, in.target);
  app.add_option("--schema", in.schema,
                 "DDL of the database before the files, as mysqldump --no-data writes it; an empty "
                 "file is a new database. Without it only what the files themselves say is known");
  app.add_option("--database", in.database,
                 "the database that the files are for; statements on others are findings");
  app.add_option("--rules", in.rules, "the policy, as JSON: {\"RULE\": {\"level\": …}}");
  app.add_option("--server-charset", in.charset, "character_set_server of the server");
  app.add_option("--server-collation", in.collation, "collation_server of the server");
  app.add_flag("--lower-case-table-names", in.lower_case, "the server's table names ignore case");
  app.add_option("--format", in.format, "text, json or sarif (2.1.0)")
      ->check(CLI::IsMember({"text", "json", "sarif"}));
  app.add_option("--fail-on", in.fail_on, "what makes the exit status 1: warning or error")
      ->check(CLI::IsMember({"warning", "error"}));
  app.add_flag("--list-rules", in.list, "print the rules with their levels and parameters");
  app.footer("Exit status: 0 nothing was found, 1 findings were printed, 2 wrong use, 3 failed.");
}

int wrong_use(Invocation& invocation, const std::string& what) {
  invocation.err << "sluice check: " << what << '\n';
  return kWrongUse;
}

// The policy, or the status with which the command ends.
std::optional<policy::rules::RuleSet> read_rules(const std::string& file, Invocation& invocation,
                                                 int& status) {
  if (file.empty()) return policy::rules::RuleSet();
  const auto text = load_text(file, invocation);
  if (!text) {
    status = kFailed;
    return std::nullopt;
  }
  auto reading = policy::rules::read_rule_set(*text);
  for (const auto& error : reading.errors) {
    invocation.err << "sluice check: " << printable(file) << ": " << printable(error.key)
                   << (error.key.empty() ? "" : ": ") << printable(error.message) << '\n';
  }
  if (reading.errors.empty()) return std::move(reading.rules);
  status = kWrongUse;
  return std::nullopt;
}

policy::rules::Server server_of(const Arguments& arguments, const schema::Target& target) {
  policy::rules::Server server;
  server.engine = target.mariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
  server.version = target.version;
  server.charset = schema::lower(arguments.charset);
  server.collation = schema::lower(arguments.collation);
  server.lower_case_table_names = arguments.lower_case ? 1 : 0;
  server.timestamps_nullable = target.mariadb ? target.version >= 101000 : target.version >= 80002;
  return server;
}

// Each file finds the schema that the ones before it left.
std::optional<std::vector<CheckedFile>> review_files(const Arguments& arguments,
                                                     policy::rules::Situation situation,
                                                     std::optional<schema::Schema> schema,
                                                     const policy::rules::RuleSet& rules,
                                                     Invocation& invocation) {
  std::vector<CheckedFile> out;
  for (const auto& name : arguments.files) {
    auto text = load_text(name, invocation);
    if (!text) return std::nullopt;
    situation.schema = schema ? &*schema : nullptr;
    auto& file = out.emplace_back(CheckedFile{name, std::move(*text), {}});
    file.review = policy::rules::review(file.text, situation, rules);
    schema = std::move(file.review.schema);
    file.review.schema.reset();
  }
  return out;
}

void print(const std::vector<CheckedFile>& files, const Arguments& arguments,
           const policy::rules::RuleSet& rules, Invocation& invocation) {
  if (arguments.format == "json") {
    invocation.out << check_json(files);
  } else if (arguments.format == "sarif") {
    invocation.out << check_sarif(files, rules);
  } else {
    invocation.out << check_text(files);
    const auto counts = count(files);
    invocation.err << files.size() << (files.size() == 1 ? " file, " : " files, ")
                   << counts.statements
                   << (counts.statements == 1 ? " statement: " : " statements: ") << counts.errors
                   << (counts.errors == 1 ? " error, " : " errors, ") << counts.warnings
                   << (counts.warnings == 1 ? " warning\n" : " warnings\n");
  }
}

}  // namespace

int run_check(Invocation& invocation) {
  CLI::App app("Run the SQL review rules on migration files", "sluice check");
  Arguments arguments;
  declare(app, arguments);
  if (const auto over = parse_arguments(app, invocation)) return *over;
  const auto target = to_target(arguments.target);
  if (!target)
    return wrong_use(invocation,
                     "'" + printable(arguments.target.version) + "' is no server version");
  int status = kDone;
  const auto rules = read_rules(arguments.rules, invocation, status);
  if (!rules) return status;
  if (arguments.list) {
    invocation.out << (arguments.format == "json" ? policy::rules::catalog_json() + "\n"
                                                  : rules_text(*rules));
    return kDone;
  }
  if (arguments.files.empty()) return wrong_use(invocation, "name the files to review");
  policy::rules::Situation situation;
  situation.server = server_of(arguments, *target);
  situation.database = arguments.database;
  std::optional<schema::Schema> schema;
  if (!arguments.schema.empty()) {
    schema = load_file(arguments.schema, invocation, situation.server.target());
    if (!schema) return kFailed;
  }
  const auto files =
      review_files(arguments, std::move(situation), std::move(schema), *rules, invocation);
  if (!files) return kFailed;
  print(*files, arguments, *rules, invocation);
  const auto counts = count(*files);
  const bool found = counts.errors > 0 || (arguments.fail_on == "warning" && counts.warnings > 0);
  return found ? kFindings : kDone;
}

}  // namespace sluice::cli

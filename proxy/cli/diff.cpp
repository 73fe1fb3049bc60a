// sluice diff: two schemas to the DDL that turns the first into the second.
#include "parser/schema/diff.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "parser/schema/ddl.h"
#include "proxy/cli/command.h"
#include "proxy/cli/schema_source.h"
#include "proxy/cli/target.h"

namespace sluice::cli {
namespace {

struct Arguments {
  std::vector<std::string> files;
  TargetOptions target;
  bool allow_drop = false;
  bool definer = false;
  bool whitespace = false;
  std::vector<std::string> renames;
};

// "old:new" renames a table, "table.old:new" a column of the table's new name.
bool read_rename(const std::string& text, schema::Renames& into) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto was = text.substr(0, colon);
  const auto is = text.substr(colon + 1);
  const auto dot = was.find('.');
  if (dot == std::string::npos)
    into.tables[was] = is;
  else
    into.columns[{was.substr(0, dot), was.substr(dot + 1)}] = is;
  return true;
}

void declare(CLI::App& app, Arguments& in) {
  app.add_option("FILES", in.files, "FROM.sql and TO.sql; - is standard input")
      ->expected(2)
      ->required();
  declare_target(app, in.target);
  app.add_flag("--allow-drop", in.allow_drop,
               "print what loses data as statements, not as comments");
  app.add_flag("--definer", in.definer, "definers are compared");
  app.add_flag("--whitespace", in.whitespace, "blanks and comments in bodies are compared");
  app.add_option("--rename", in.renames,
                 "old:new (a table) or table.old:new (a column); may be repeated");
  app.footer("Exit status: 0 no difference, 1 differences were printed, 2 wrong use, 3 failed.");
}

}  // namespace

int run_diff(Invocation& invocation) {
  CLI::App app("Print the DDL that turns one schema into the other", "sluice diff");
  Arguments arguments;
  declare(app, arguments);
  if (const auto over = parse_arguments(app, invocation)) return *over;
  const auto target = to_target(arguments.target);
  if (!target) {
    invocation.err << "sluice diff: '" << arguments.target.version << "' is no server version\n";
    return kWrongUse;
  }
  schema::DiffOptions options;
  options.target = *target;
  options.compare = {arguments.definer, arguments.whitespace};
  for (const auto& text : arguments.renames) {
    if (read_rename(text, options.renames)) continue;
    invocation.err << "sluice diff: --rename takes old:new or table.old:new, not '" << text
                   << "'\n";
    return kWrongUse;
  }
  auto from = load_file(arguments.files[0], invocation, *target);
  auto to = load_file(arguments.files[1], invocation, *target);
  if (!from || !to) return kFailed;
  const auto changes = schema::diff(std::move(*from), std::move(*to), options);
  invocation.out << schema::print_changes(changes, arguments.allow_drop);
  return changes.empty() ? kDone : kFindings;
}

}  // namespace sluice::cli

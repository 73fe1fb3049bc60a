// `sluice audit verify`: walks the audit log's chain of hashes, in a store that may be in use.
#include <ostream>

#include <CLI/CLI.hpp>

#include "admin/store/open.h"
#include "proxy/cli/command.h"

namespace sluice::cli {
namespace {

int report(const store::AuditVerdict& verdict, const std::string& anchor, Invocation& invocation) {
  if (verdict.first_bad != 0) {
    invocation.out << "entry " << verdict.first_bad
                   << " does not fit: it was changed, or one before it was removed or put in; "
                   << verdict.entries << " entries before it are whole\n";
    return kFindings;
  }
  if (!anchor.empty() && !verdict.anchor_found) {
    invocation.out << "no entry has the hash " << anchor
                   << ": entries were removed from the end, or the log was made anew\n";
    return kFindings;
  }
  invocation.out << verdict.entries << " entries, the chain is whole";
  if (!verdict.newest_hash.empty()) invocation.out << "; newest hash " << verdict.newest_hash;
  invocation.out << '\n';
  return kDone;
}

}  // namespace

int run_audit(Invocation& invocation) {
  CLI::App app(
      "Verifies that no entry of the audit log was changed, removed or put in.\n"
      "Exit status: 0 the chain is whole, 1 it is not, 3 the store cannot be read.",
      "sluice audit");
  auto* verify = app.add_subcommand("verify", "walk the whole chain");
  app.require_subcommand(1);
  store::Place place;
  std::string anchor;
  place.folder = "sluice-data";
  verify->add_option("--data", place.folder, "folder of the embedded store; sluice-data");
  verify->add_option("--store", place.postgres_url,
                     "postgres://…; the password comes from SLUICE_PASSWORD or PostgreSQL's own "
                     "password file");
  verify->add_option(
      "--anchor", anchor,
      "a hash that an earlier run printed and that was kept elsewhere: it must still "
      "be in the log");
  if (const auto status = parse_arguments(app, invocation)) return *status;
  if (const auto found = invocation.environment.find("SLUICE_PASSWORD");
      found != invocation.environment.end()) {
    place.postgres_password = found->second;
  }
  const auto database = store::open_existing_database(place);
  if (!database) {
    invocation.err << "sluice audit: " << database.error().detail << '\n';
    return kFailed;
  }
  const auto verdict = store::verify_audit(**database, anchor);
  if (!verdict) {
    invocation.err << "sluice audit: the store cannot be read: " << verdict.error().detail << '\n';
    return kFailed;
  }
  return report(*verdict, anchor, invocation);
}

}  // namespace sluice::cli

// The live schema of a database, as the parser's model.
//
// The lists of objects come from information_schema without joins; the definitions from SHOW
// CREATE, many in one round trip, because only they are exact (information_schema does not tell a
// FULLTEXT parser, a KEY partition's algorithm, MariaDB's periods, sequences, …).
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "admin/change/grants.h"
#include "admin/mysql/connection.h"
#include "parser/schema/ddl.h"
#include "parser/schema/diff.h"

namespace sluice::change {

struct Server {
  std::string version;  // "9.7.4-2"
  std::string flavor;   // "MySQL", "MariaDB", "Aurora"
  schema::Target target;
  friend bool operator==(const Server&, const Server&) = default;
};

// Something that keeps a snapshot from being whole.
struct SnapshotFinding {
  std::string object;  // "VIEW `v`"; empty: the database
  std::string detail;  // a sentence that says what to do
  friend bool operator==(const SnapshotFinding&, const SnapshotFinding&) = default;
};

struct Snapshot {
  Server server;
  schema::Schema schema;
  // Kinds that the account cannot see whole, so that their absence means nothing.
  std::vector<schema::ObjectKind> hidden;
  std::vector<SnapshotFinding> findings;
  // What it cost.
  std::size_t round_trips = 0;
  std::size_t bytes = 0;  // of definitions
};

// Reads snapshots over a connection of its own. One thread at a time; blocking.
class SnapshotReader {
 public:
  // `options.database` is not used.
  [[nodiscard]] static mysql::Result<std::unique_ptr<SnapshotReader>> open(mysql::Options options);

  [[nodiscard]] const Server& server() const noexcept { return server_; }
  [[nodiscard]] const Grants& grants() const noexcept { return grants_; }
  [[nodiscard]] mysql::Connection& connection() noexcept { return *connection_; }

  struct Listed {
    std::string name;
    std::string charset;
    std::string collation;
  };
  // Without the server's own: mysql, sys, information_schema, performance_schema.
  [[nodiscard]] mysql::Result<std::vector<Listed>> databases(const mysql::Limits& limits = {});

  // kServer with number 1049 when there is no such database. Objects that vanish while they are
  // read are left out; those that cannot be read are findings.
  [[nodiscard]] mysql::Result<Snapshot> read(const std::string& database,
                                             const mysql::Limits& limits = {});
  // Only objects of these names, whatever their kind, with the triggers of such tables and the
  // tables whose foreign keys name them.
  [[nodiscard]] mysql::Result<Snapshot> read_objects(const std::string& database,
                                                     const std::set<std::string>& names,
                                                     const mysql::Limits& limits = {});

 private:
  // `names`: a list of SQL strings; empty: everything.
  [[nodiscard]] mysql::Result<Snapshot> read(const std::string& database, const std::string& names,
                                             const mysql::Limits& limits);
  explicit SnapshotReader(std::unique_ptr<mysql::Connection> connection)
      : connection_(std::move(connection)) {}
  [[nodiscard]] mysql::Result<void> prepare();

  std::unique_ptr<mysql::Connection> connection_;
  Server server_;
  Grants grants_;
};

// What SHOW CREATE said of one object.
struct Definition {
  schema::ObjectKind kind = schema::ObjectKind::Table;
  std::string name;
  std::string text;
  schema::StoredContext context;  // views and stored programs
};

// Definitions to a schema: tables before views, triggers in the order of `definitions`. What cannot
// be read becomes a finding. Pure.
[[nodiscard]] schema::Schema assemble(const std::vector<Definition>& definitions,
                                      schema::Schema empty, const schema::Target& target,
                                      std::vector<SnapshotFinding>& findings);

// The whole database as DDL text, in an order that a server takes; what history keeps.
[[nodiscard]] std::string canonical_text(const schema::Schema& schema,
                                         const schema::Target& target);
// "TABLE orders" -> SHA-256 in hex of what the object means: writings of the same schema agree.
using ObjectHashes = std::map<std::string, std::string>;
[[nodiscard]] ObjectHashes object_hashes(schema::Schema schema, const schema::Target& target,
                                         const schema::CompareOptions& how = {});
// One hash over all of them.
[[nodiscard]] std::string schema_hash(const ObjectHashes& hashes);
// Takes the kinds that `hidden` names out of a schema, before it is compared with a snapshot that
// could not see them.
void forget_hidden(schema::Schema& schema, const std::vector<schema::ObjectKind>& hidden);

}  // namespace sluice::change

// What keeps an instance from being used fully, each with the statement or the steps that mend it.
// Reading blocks; judging is pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "admin/change/grants.h"
#include "admin/change/snapshot.h"
#include "admin/mysql/connection.h"

namespace sluice::change {

enum class Severity : std::uint8_t {
  kInfo,     // worth knowing
  kWarning,  // a feature is missing or weaker
  kError,    // the instance cannot be used
};
[[nodiscard]] std::string_view name(Severity severity) noexcept;  // "info", "warning", "error"

struct InstanceFinding {
  std::string code;  // "binlog.off"; which settings are whose: the part before the dot
  Severity severity = Severity::kInfo;
  std::string title;   // a short sentence
  std::string detail;  // what it means and how to mend it, with exact statements
  friend bool operator==(const InstanceFinding&, const InstanceFinding&) = default;
};

struct InstanceReport {
  bool ok = false;      // it can be reached and no finding is an error
  std::string version;  // "9.7.4-2"; empty: it cannot be reached
  std::string flavor;   // "MySQL", "MariaDB", "Aurora"; empty: it cannot be reached
  std::vector<InstanceFinding> findings;
};

// What the server says of itself, as far as findings depend on it.
struct InstanceFacts {
  Server server;
  bool managed = false;                          // Amazon RDS or Aurora: no SUPER, no my.cnf
  std::string account;                           // `user`@`host`, quoted, as GRANT takes it
  std::string cipher;                            // of this connection; empty: not encrypted
  std::map<std::string, std::string> variables;  // global ones; those that do not exist are absent
  std::string rds_retention_hours;  // mysql.rds_show_configuration: "NULL", "24"; empty: not RDS
};

[[nodiscard]] std::vector<InstanceFinding> judge_instance(const InstanceFacts& facts,
                                                          const Grants& grants);
// Why there is no connection, and what to do.
[[nodiscard]] InstanceFinding judge_connection(const mysql::Fault& fault,
                                               const mysql::Options& options);
[[nodiscard]] mysql::Result<InstanceFacts> read_instance_facts(SnapshotReader& reader);

// Connects, reads, judges.
[[nodiscard]] InstanceReport check_instance(const mysql::Options& options);

}  // namespace sluice::change

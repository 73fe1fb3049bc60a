#include "admin/change/instance_check.h"

#include <algorithm>

#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

using mysql::Failure;
using Findings = std::vector<InstanceFinding>;

constexpr const char* kVariables[] = {"log_bin",
                                      "binlog_format",
                                      "binlog_row_image",
                                      "binlog_row_metadata",
                                      "binlog_row_value_options",
                                      "binlog_expire_logs_seconds",
                                      "expire_logs_days",
                                      "gtid_mode",
                                      "enforce_gtid_consistency",
                                      "read_only",
                                      "super_read_only",
                                      "innodb_read_only",
                                      "basedir",
                                      "sql_require_primary_key",
                                      "performance_schema"};

std::string connection_advice(const mysql::Fault& fault, const mysql::Options& options) {
  const auto host = options.host + ":" + std::to_string(options.port);
  switch (fault.kind) {
    case Failure::kRefused:
      if (fault.number == 1045)
        return "Check the user name and the password, and that the account may log in from "
               "Sluice's address (SELECT user, host FROM mysql.user).";
      if (fault.number == 1130 || fault.number == 1129)
        return "The server does not take connections from Sluice's address: create the account "
               "for that host, or, when it was blocked after errors, run FLUSH HOSTS.";
      if (fault.number == 1040)
        return "The server has no connection left: raise max_connections, or try again later.";
      return "See the server's error log for the reason.";
    case Failure::kTls:
      return "Choose a tls mode that the server can do, or give the certificate of the authority "
             "that signed the server's (for RDS and Aurora: the region's bundle).";
    case Failure::kOptions: return "Correct the option.";
    default:
      return "Check that " + host +
             " is right, that the server runs, and that firewalls and security groups let "
             "Sluice's address through.";
  }
}

const std::string* find(const InstanceFacts& facts, const char* name) {
  const auto at = facts.variables.find(name);
  return at == facts.variables.end() ? nullptr : &at->second;
}
bool is(const InstanceFacts& facts, const char* name, std::string_view value) {
  const auto* found = find(facts, name);
  return found != nullptr && schema::same_name(*found, value);
}

// How a global setting is changed for good there.
std::string set_globally(const InstanceFacts& facts, const std::string& name,
                         const std::string& value, const std::string& parameter_value = {}) {
  if (facts.managed) {
    return "In the " +
           std::string(facts.server.flavor == "Aurora" ? "DB cluster parameter group"
                                                       : "DB parameter group") +
           " set " + name + " = " + (parameter_value.empty() ? value : parameter_value) +
           ", then reboot the writer.";
  }
  if (facts.server.target.mariadb)
    return "Run SET GLOBAL " + name + " = " + value + "; and put " + name + "=" +
           (parameter_value.empty() ? value : parameter_value) +
           " under [mysqld] in the server's option file. New sessions have it.";
  return "Run SET PERSIST " + name + " = " + value + ". New sessions have it.";
}

// A feature with the privileges that it needs on the whole server, by engine.
struct Need {
  const char* code;
  Severity severity;
  const char* feature;
  std::vector<const char*> mysql;
  std::vector<const char*> mariadb;
  std::uint32_t since = 0;  // a MySQL version
};

const std::vector<Need>& needs() {
  static const std::vector<Need> kNeeds = {
      {"privileges.read",
       Severity::kWarning,
       "reading schemas and SQL queries",
       {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"},
       {"SELECT", "SHOW VIEW", "TRIGGER", "EVENT"}},
      {"privileges.routines",
       Severity::kWarning,
       "reading stored routines",
       {"SHOW_ROUTINE"},
       {},
       80020},
      {"privileges.schema",
       Severity::kWarning,
       "schema changes",
       {"CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "CREATE VIEW", "CREATE ROUTINE",
        "ALTER ROUTINE", "TRIGGER", "EVENT"},
       {"CREATE", "ALTER", "DROP", "INDEX", "REFERENCES", "CREATE VIEW", "CREATE ROUTINE",
        "ALTER ROUTINE", "TRIGGER", "EVENT"}},
      {"privileges.data",
       Severity::kWarning,
       "data changes",
       {"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"},
       {"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE"}},
      {"privileges.sessions",
       Severity::kWarning,
       "seeing who holds a lock that a change would wait for",
       {"PROCESS"},
       {"PROCESS"}},
      {"privileges.position",
       Severity::kWarning,
       "recording binary log positions with a change",
       {"REPLICATION CLIENT"},
       {"BINLOG MONITOR"}},
      {"privileges.rollback",
       Severity::kWarning,
       "rollback from the binary log",
       {"REPLICATION SLAVE"},
       {"REPLICATION SLAVE"}},
  };
  return kNeeds;
}

void judge_privileges(const InstanceFacts& facts, const Grants& grants, Findings& out) {
  for (const auto& need : needs()) {
    if (facts.server.target.version < need.since) continue;
    std::string missing;
    for (const auto* privilege : facts.server.target.mariadb ? need.mariadb : need.mysql) {
      // Before MariaDB 10.5 the old name is the one that is shown.
      const bool has = grants.has(privilege) || (std::string_view(privilege) == "BINLOG MONITOR" &&
                                                 grants.has("REPLICATION CLIENT"));
      if (!has) missing += (missing.empty() ? "" : ", ") + std::string(privilege);
    }
    if (missing.empty()) continue;
    out.push_back({need.code, need.severity,
                   "Privileges for " + std::string(need.feature) + " are missing",
                   "Run GRANT " + missing + " ON *.* TO " + facts.account +
                       "; Where the account has them on some databases only, only those can be "
                       "worked with."});
  }
  const bool exact = facts.server.target.mariadb
                         ? grants.has("BINLOG REPLAY")
                         : grants.has("BINLOG_ADMIN") || grants.has("REPLICATION_APPLIER");
  if (exact) return;
  out.push_back({"privileges.exact", Severity::kInfo, "Rollbacks are applied as SQL statements",
                 facts.managed
                     ? "Amazon RDS gives no account the privilege to replay row events (BINLOG "
                       "statements). Nothing has to be done."
                     : "To replay row events bit for bit instead, run GRANT " +
                           std::string(facts.server.target.mariadb ? "BINLOG REPLAY"
                                                                   : "REPLICATION_APPLIER") +
                           " ON *.* TO " + facts.account + ";"});
}

void judge_binlog_off(const InstanceFacts& facts, Findings& out) {
  std::string how = "Start the server with log_bin under [mysqld] in its option file.";
  if (facts.server.flavor == "Aurora") {
    how =
        "In the DB cluster parameter group set binlog_format = ROW, reboot the writer, and run "
        "CALL mysql.rds_set_configuration('binlog retention hours', 24);";
  } else if (facts.managed) {
    how =
        "Turn automated backups on (a backup retention period of a day or more), and run CALL "
        "mysql.rds_set_configuration('binlog retention hours', 24);";
  }
  out.push_back({"binlog.off", Severity::kWarning, "The binary log is off",
                 "Rollback data is read before each change instead, and out-of-band changes are "
                 "found by scans alone, without time and author. " +
                     how});
}

void judge_binlog_form(const InstanceFacts& facts, Findings& out) {
  if (find(facts, "binlog_format") != nullptr && !is(facts, "binlog_format", "ROW")) {
    out.push_back({"binlog.format", Severity::kWarning,
                   "binlog_format is " + *find(facts, "binlog_format") + ", not ROW",
                   "Without row events a data change cannot be rolled back from the binary log. " +
                       set_globally(facts, "binlog_format", "'ROW'", "ROW")});
  }
  if (find(facts, "binlog_row_image") != nullptr && !is(facts, "binlog_row_image", "FULL")) {
    out.push_back({"binlog.row_image", Severity::kWarning,
                   "binlog_row_image is " + *find(facts, "binlog_row_image") + ", not FULL",
                   "Values that a change did not touch are not logged, and an inverse would miss "
                   "them. " +
                       set_globally(facts, "binlog_row_image", "'FULL'", "FULL")});
  }
  if (is(facts, "binlog_row_value_options", "PARTIAL_JSON")) {
    out.push_back({"binlog.partial_json", Severity::kInfo,
                   "Updates of JSON values are logged in part",
                   "A rollback reads the value before from the full before image; other tools may "
                   "not. " +
                       set_globally(facts, "binlog_row_value_options", "''", "")});
  }
  if (is(facts, "binlog_row_metadata", "MINIMAL") || is(facts, "binlog_row_metadata", "NO_LOG")) {
    out.push_back({"binlog.row_metadata", Severity::kInfo, "The binary log does not name columns",
                   "Columns are found through the recorded schema instead. " +
                       set_globally(facts, "binlog_row_metadata", "'FULL'", "FULL")});
  }
}

void judge_retention(const InstanceFacts& facts, Findings& out) {
  constexpr long long kDay = 86400;
  if (facts.managed) {
    if (facts.rds_retention_hours.empty()) return;
    const auto hours = std::strtoll(facts.rds_retention_hours.c_str(), nullptr, 10);
    if (facts.rds_retention_hours != "NULL" && hours >= 24) return;
    out.push_back({"binlog.retention", Severity::kWarning, "Binary logs may be gone within a day",
                   "Run CALL mysql.rds_set_configuration('binlog retention hours', 24);"});
    return;
  }
  long long seconds = 0;  // 0: for ever
  if (const auto* value = find(facts, "binlog_expire_logs_seconds"))
    seconds = std::strtoll(value->c_str(), nullptr, 10);
  if (const auto* value = find(facts, "expire_logs_days"); value != nullptr && seconds == 0)
    seconds = static_cast<long long>(std::strtod(value->c_str(), nullptr) * kDay);
  if (seconds == 0 || seconds >= kDay) return;
  out.push_back({"binlog.retention", Severity::kWarning,
                 "Binary logs are kept for " + std::to_string(seconds / 60) + " minutes",
                 "A rollback that is asked for later has to rely on what Sluice kept. " +
                     set_globally(facts, "binlog_expire_logs_seconds", "604800")});
}

void judge_gtid(const InstanceFacts& facts, Findings& out) {
  const auto* mode = find(facts, "gtid_mode");  // MariaDB has GTIDs always
  if (mode == nullptr || *mode == "ON") return;
  const std::string how =
      facts.managed
          ? set_globally(facts, "gtid-mode = ON and enforce_gtid_consistency", "ON")
          : "Run, one after the other and on every replica too: SET PERSIST "
            "enforce_gtid_consistency = ON; SET PERSIST gtid_mode = OFF_PERMISSIVE; SET PERSIST "
            "gtid_mode = ON_PERMISSIVE; SET PERSIST gtid_mode = ON;";
  out.push_back(
      {"binlog.gtid", Severity::kInfo, "gtid_mode is " + *mode,
       "Transactions are found by position and thread instead of by their identifier. " + how});
}

// Where sessions are looked at and counted; without it authors of short ones are not known.
void judge_authors(const InstanceFacts& facts, Findings& out) {
  if (!is(facts, "performance_schema", "OFF") && !is(facts, "performance_schema", "0")) return;
  std::string how =
      "Start the server with performance_schema=ON under [mysqld] in its option file.";
  if (facts.managed)
    how = "In the DB parameter group set performance_schema = 1, then reboot the instance.";
  out.push_back(
      {"binlog.authors", Severity::kInfo, "performance_schema is off",
       "Who ran a schema change past Sluice is known only if their session is still there "
       "when it is looked at. " +
           how});
}

void judge_version(const InstanceFacts& facts, Findings& out) {
  const auto version = facts.server.target.version;
  const bool old = facts.server.target.mariadb ? version < 100500 : version < 50700;
  if (old) {
    out.push_back({"server.version", Severity::kError,
                   "The server's version " + facts.server.version + " is too old",
                   "Sluice works with MySQL 5.7 and later, Aurora MySQL 2 and later, MariaDB 10.5 "
                   "and later."});
  }
  const auto on = [&](const char* name) { return is(facts, name, "ON") || is(facts, name, "1"); };
  if (on("read_only") || on("super_read_only") || on("innodb_read_only")) {
    out.push_back({"server.read_only", Severity::kWarning, "The server is read-only",
                   "It seems to be a replica or a reader: changes will fail. Give the writer's "
                   "address (for Aurora: the cluster endpoint)."});
  }
  if (facts.cipher.empty()) {
    out.push_back({"server.tls", Severity::kWarning, "The connection is not encrypted",
                   "Set the tls mode to required, verify_ca or verify_identity once the server has "
                   "a certificate."});
  }
}

}  // namespace

std::string_view name(Severity severity) noexcept {
  switch (severity) {
    case Severity::kInfo: return "info";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "error";
}

Findings judge_instance(const InstanceFacts& facts, const Grants& grants) {
  Findings out;
  judge_version(facts, out);
  judge_privileges(facts, grants, out);
  if (!is(facts, "log_bin", "ON") && !is(facts, "log_bin", "1")) {
    judge_binlog_off(facts, out);
  } else {
    judge_binlog_form(facts, out);
    judge_retention(facts, out);
    judge_gtid(facts, out);
    judge_authors(facts, out);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.severity > b.severity; });
  return out;
}

InstanceFinding judge_connection(const mysql::Fault& fault, const mysql::Options& options) {
  std::string title = "The server cannot be reached";
  if (fault.kind == Failure::kRefused) title = "The server refuses the login";
  if (fault.kind == Failure::kTls) title = "No TLS connection is possible";
  std::string said = fault.message;
  if (!said.empty() && said.back() != '.') said += '.';
  return {"connection", Severity::kError, std::move(title),
          said + " " + connection_advice(fault, options)};
}

mysql::Result<InstanceFacts> read_instance_facts(SnapshotReader& reader) {
  auto& connection = reader.connection();
  InstanceFacts facts;
  facts.server = reader.server();
  facts.cipher = connection.tls_cipher();
  std::string names;
  for (const auto* variable : kVariables)
    names += (names.empty() ? "" : ", ") + sqltext::quote_string(variable);
  auto rows = connection.rows("SHOW GLOBAL VARIABLES WHERE Variable_name IN (" + names + ")");
  if (!rows) return rows.error();
  for (const auto& row : *rows) {
    if (row.size() > 1) facts.variables[row[0].value_or("")] = row[1].value_or("");
  }
  auto account = connection.value("SELECT CURRENT_USER()");
  if (!account) return account.error();
  const auto text = account->value_or("");
  const auto at = text.rfind('@');
  facts.account = at == std::string::npos ? sqltext::quote_identifier(text)
                                          : sqltext::quote_identifier(text.substr(0, at)) + "@" +
                                                sqltext::quote_identifier(text.substr(at + 1));
  const auto basedir = facts.variables["basedir"];
  facts.managed = facts.server.flavor == "Aurora" || basedir.find("rdsdbbin") != std::string::npos;
  if (facts.managed) {
    // name, value, description
    const auto configuration = connection.rows("CALL mysql.rds_show_configuration");
    for (const auto& row : configuration ? *configuration : std::vector<mysql::Row>()) {
      if (row.size() > 1 && row[0].value_or("") == "binlog retention hours")
        facts.rds_retention_hours = row[1].value_or("NULL");
    }
  }
  return facts;
}

InstanceReport check_instance(const mysql::Options& options) {
  InstanceReport report;
  auto reader = SnapshotReader::open(options);
  if (!reader) {
    report.findings.push_back(judge_connection(reader.error(), options));
    return report;
  }
  const auto facts = read_instance_facts(**reader);
  if (!facts) {
    report.findings.push_back(judge_connection(facts.error(), options));
    return report;
  }
  report.version = facts->server.version;
  report.flavor = facts->server.flavor;
  report.findings = judge_instance(*facts, (*reader)->grants());
  report.ok = std::none_of(report.findings.begin(), report.findings.end(),
                           [](const auto& x) { return x.severity == Severity::kError; });
  return report;
}

}  // namespace sluice::change

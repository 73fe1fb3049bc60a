#include "admin/change/replication.h"

#include <charconv>

namespace sluice::change {
namespace {

// The columns of SHOW REPLICA STATUS (manual 15.7.7.36) by either of their names.
class Status {
 public:
  Status(const std::vector<mysql::Column>& columns, const mysql::Row& row)
      : columns_(columns), row_(row) {}
  [[nodiscard]] std::optional<std::string> get(std::initializer_list<const char*> names) const {
    for (std::size_t i = 0; i < columns_.size() && i < row_.size(); ++i) {
      for (const char* name : names) {
        if (columns_[i].name == name) return row_[i];
      }
    }
    return std::nullopt;
  }

 private:
  const std::vector<mysql::Column>& columns_;
  const mysql::Row& row_;
};

std::optional<std::int64_t> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
  if (read.ec != std::errc{}) return std::nullopt;
  return value;
}

Replica replica_of(const Status& status) {
  Replica replica;
  replica.name = status.get({"Channel_Name", "Connection_name"}).value_or("");
  replica.source = status.get({"Source_Host", "Master_Host"}).value_or("");
  const auto io = status.get({"Replica_IO_Running", "Slave_IO_Running"}).value_or("");
  const auto sql = status.get({"Replica_SQL_Running", "Slave_SQL_Running"}).value_or("");
  replica.running = io == "Yes" && sql == "Yes";
  replica.lag_seconds = number(status.get({"Seconds_Behind_Source", "Seconds_Behind_Master"}));
  for (const auto* error : {"Last_IO_Error", "Last_SQL_Error"}) {
    const auto text = status.get({error}).value_or("");
    if (!text.empty()) replica.why_stopped += (replica.why_stopped.empty() ? "" : "; ") + text;
  }
  return replica;
}

mysql::Result<std::vector<Replica>> aurora_readers(mysql::Connection& connection) {
  const auto rows = connection.rows(
      "SELECT SERVER_ID, REPLICA_LAG_IN_MILLISECONDS FROM information_schema.replica_host_status "
      "WHERE SESSION_ID <> 'MASTER_SESSION_ID' AND "
      "TIME_TO_SEC(TIMEDIFF(NOW(), LAST_UPDATE_TIMESTAMP)) <= 300");
  std::vector<Replica> replicas;
  if (!rows) {
    if (rows.error().kind == mysql::Failure::kServer) return replicas;
    return rows.error();
  }
  for (const auto& row : *rows) {
    if (row.size() < 2) continue;
    Replica replica;
    replica.name = row[0].value_or("");
    if (const auto lag = number(row[1])) replica.lag_seconds = *lag / 1000;
    replicas.push_back(std::move(replica));
  }
  return replicas;
}

std::string called(const Replica& replica) {
  if (replica.source.empty()) return "Reader " + replica.name;
  return "The replica of " + replica.source +
         (replica.name.empty() ? "" : " (channel " + replica.name + ")");
}

}  // namespace

mysql::Result<std::vector<Replica>> read_replication(SnapshotReader& reader) {
  auto& connection = reader.connection();
  if (reader.server().flavor == "Aurora") return aurora_readers(connection);
  const auto& target = reader.server().target;
  const char* show = "SHOW ALL SLAVES STATUS";
  if (!target.mariadb) show = target.version >= 80022 ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS";
  const auto answer = connection.query(show);
  std::vector<Replica> replicas;
  if (!answer) {
    if (answer.error().kind == mysql::Failure::kServer) return replicas;
    return answer.error();
  }
  if (answer->empty()) return replicas;
  const auto& set = answer->front();
  for (const auto& row : set.rows) replicas.push_back(replica_of(Status(set.columns, row)));
  return replicas;
}

void judge_replication(const std::vector<Replica>& replicas, std::int64_t limit_seconds,
                       std::vector<InstanceFinding>& findings) {
  for (const auto& replica : replicas) {
    if (!replica.running) {
      std::string why = replica.why_stopped;
      if (!why.empty() && why.back() != '.') why += '.';
      findings.push_back({"replication.stopped", Severity::kError, called(replica) + " has stopped",
                          why + (why.empty() ? "" : " ") +
                              "Reads from it grow old. See SHOW REPLICA STATUS (MariaDB: SHOW ALL "
                              "SLAVES STATUS), mend the cause and start it again."});
      continue;
    }
    if (limit_seconds == 0 || !replica.lag_seconds || *replica.lag_seconds < limit_seconds)
      continue;
    findings.push_back(
        {"replication.lag", Severity::kWarning, called(replica) + " is behind",
         "It is at least " + std::to_string(limit_seconds) +
             " seconds behind. Reads from it are old, and schema changes wait longer "
             "there. Look for long transactions and for tables without a primary "
             "key."});
  }
}

}  // namespace sluice::change

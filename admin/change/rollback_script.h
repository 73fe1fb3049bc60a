// Kept rows and the server that they are to be undone on: whether and how that can be, and the
// statements that do it, newest first.
//
//   make ─▶ refused()? ─▶ run(): statements ─▶ the caller executes or shows them
//
// Blocking in make() (reads the live tables) and run() (reads the store). One thread. The store and
// the reader must outlive it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "admin/change/instance_check.h"
#include "admin/change/inverse_pass.h"
#include "admin/change/rollback_data.h"
#include "admin/change/table_shape.h"
#include "admin/store/store.h"

namespace sluice::change {

class RollbackScript {
 public:
  // REQUIRES: `data` is whole. A fault is the connection's.
  [[nodiscard]] static mysql::Result<std::unique_ptr<RollbackScript>> make(
      store::Store& store, const store::RollbackData& data, SnapshotReader& reader);

  // Why it cannot be, as a sentence that says what to do; empty: it can.
  [[nodiscard]] const std::string& refused() const noexcept { return refused_; }
  // How it is applied on this server, with this account.
  [[nodiscard]] binlog::InverseMode mode() const noexcept { return mode_; }
  // Why not exactly, or what else the reader ought to know.
  [[nodiscard]] const std::vector<InstanceFinding>& findings() const noexcept { return findings_; }
  [[nodiscard]] const RollbackHeader& header() const noexcept { return header_; }
  [[nodiscard]] const store::RollbackData& data() const noexcept { return data_; }
  [[nodiscard]] bool mariadb() const noexcept { return mariadb_; }
  // The table as the rows know it: names, keys; null when nothing is known.
  [[nodiscard]] const binlog::TableShape* shape(const binlog::TableMap& table);

  // Rows that are to be undone, newest event first; the visitor may give others instead.
  [[nodiscard]] binlog::Result<void> visit(const VisitRows& visit) const;
  using Run = InversePass;
  [[nodiscard]] binlog::Result<void> run(const Run& how) const;
  // Lives no longer than the script.
  [[nodiscard]] RowSource source() const;

 private:
  RollbackScript(store::Store& store, store::RollbackData data)
      : store_(store), data_(std::move(data)) {}
  [[nodiscard]] mysql::Result<void> read_tables(SnapshotReader& reader);
  [[nodiscard]] bool fits(const TableTally& table, bool& same);
  void choose_mode(const SnapshotReader& reader, bool same);
  void check_foreign_keys();
  void refuse(std::string why);

  store::Store& store_;
  store::RollbackData data_;
  RollbackHeader header_;
  Shapes then_;
  Shapes now_;
  std::map<std::pair<std::string, std::string>, binlog::TableShape> merged_;
  std::string refused_;
  std::vector<InstanceFinding> findings_;
  binlog::InverseMode mode_ = binlog::InverseMode::kSql;
  bool mariadb_ = false;
  bool server_checks_foreign_keys_ = true;
  std::size_t max_allowed_packet_ = 0;
};

// Bytes of one statement at most, of new sessions of the connection's server. A fault is the
// connection's.
[[nodiscard]] mysql::Result<std::size_t> max_allowed_packet(mysql::Connection& connection);

}  // namespace sluice::change

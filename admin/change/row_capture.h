// Rows read before and after each statement of a change, in its own transaction: what its rollback
// is made of where the binary log is off, or not in ROW format, or not FULL.
//
//   plan(): which rows a statement will change, or why that cannot be known beforehand
//   before(): START TRANSACTION unless one is open, SELECT … FOR UPDATE
//   after(): the rows again; what differs is kept, durably; COMMIT unless one was open before
//
// Blocking; over the run's executing session. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "admin/change/rollback_source.h"
#include "admin/change/row_images.h"
#include "admin/change/table_shape.h"
#include "policy/rules/sheet.h"

namespace sluice::change {

// How the rows that a statement changes are found.
struct CapturePlan {
  std::string refused;   // why they cannot be; empty: they can
  bool nothing = false;  // the statement changes no rows
  std::string schema;
  std::string table;
  // UPDATE and DELETE of one table: from its name on, and from WHERE, ORDER BY or LIMIT on. Empty:
  // all rows of the table are read, as far as there are few.
  std::string source;
  std::string tail;
  bool inserts = false;
};
[[nodiscard]] CapturePlan plan_capture(const policy::rules::SheetStatement& statement,
                                       const std::string& database);

// Whether the server's log will hold whole rows of what this session does.
[[nodiscard]] mysql::Result<bool> logs_rows(mysql::Connection& connection);

class RowCapture {
 public:
  RowCapture(const KeepServices& services, mysql::Connection& session, store::Id task,
             std::int64_t attempt)
      : services_(services), session_(session), task_(task), attempt_(attempt) {}

  // Reads the database's tables. A fault of the store's or the connection's is refused(): the
  // change runs, and cannot be rolled back.
  void begin(SnapshotReader& reader, const std::string& database);
  // Why there will be no rollback; empty: so far there will be.
  [[nodiscard]] const std::string& refused() const noexcept { return refused_; }

  // Both give nothing, or the fault of the connection, which is the statement's then.
  [[nodiscard]] std::optional<mysql::Fault> before(const CapturePlan& plan, bool in_transaction);
  [[nodiscard]] std::optional<mysql::Fault> after(const CapturePlan& plan,
                                                  std::int64_t affected_rows);
  // The transaction was rolled back: what was kept of it is none.
  void withdraw();
  // No transaction is open any more: what was kept stays.
  void settle() { ++group_; }
  void refuse(std::string why);
  // The data is whole, or refused with the reason.
  void end();

 private:
  using Rows = std::map<std::string, wire::Buffer>;  // by identity
  [[nodiscard]] RowImages* images_of(const CapturePlan& plan);
  [[nodiscard]] bool keep(std::int64_t position, std::string_view chunk);
  [[nodiscard]] std::optional<mysql::Fault> read(const std::string& sql, const RowImages& images,
                                                 Rows& rows);
  [[nodiscard]] std::optional<mysql::Fault> read_again(const CapturePlan& plan,
                                                       const RowImages& images, Rows& rows);
  void write_differences(const RowImages& images, const Rows& now, std::int64_t affected_rows);
  void write_event(const RowImages& images, binlog::Rows::Kind kind, const wire::Buffer& bytes,
                   std::uint64_t count);
  [[nodiscard]] bool fits(const binlog::TableShape& shape, const CapturePlan& plan);

  const KeepServices services_;
  mysql::Connection& session_;
  store::Id task_;
  std::int64_t attempt_;
  std::string refused_;
  store::RollbackData data_;
  RollbackHeader header_;
  Shapes shapes_;
  std::string database_;
  std::map<std::pair<std::string, std::string>, RowImages> images_;
  std::optional<RollbackWriter> writer_;
  std::uint64_t group_ = 1;
  bool own_transaction_ = false;
  Rows rows_;                      // before the statement
  std::vector<std::string> keys_;  // of those, as literals
  std::string above_;              // an INSERT's: the largest key before it
  std::uint64_t bytes_ = 0;
};

}  // namespace sluice::change

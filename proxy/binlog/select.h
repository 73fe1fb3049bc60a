// Which row events of a stream belong to a change, and what stands in the way of undoing it.
//
//   GTID ─▶ BEGIN (thread id) ─▶ table maps, rows … ─▶ XID | COMMIT | XA PREPARE … XA COMMIT
//
// A Selection is fed every event in order; it says which rows are wanted, and collects what makes
// an exact inverse impossible within what was selected: statements logged as text, a group without
// its end, an incident. Pure; memory grows with the tables and the obstacles, not with the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proxy/binlog/event.h"
#include "proxy/binlog/fault.h"

namespace sluice::binlog {

// Empty or nothing: does not select. All that are said must hold.
struct Criteria {
  std::optional<std::uint32_t> thread_id;  // the *server's* connection id, not the proxy's
  std::optional<GtidSet> gtids;
  std::optional<std::uint32_t> start_time;  // seconds since 1970; of a transaction's first event
  std::optional<std::uint32_t> stop_time;   // before it
  std::vector<std::pair<std::string, std::string>> tables;  // schema, table
  bool skips_parallel = false;  // MariaDB: of sessions that had set skip_parallel_replication
};

// A statement that was logged as text within the stream.
struct TextStatement {
  std::uint64_t group = 0;  // number of its transaction, from 1
  std::uint32_t timestamp = 0;
  std::uint32_t thread_id = 0;
  std::string schema;
  std::string sql;
  std::uint64_t sql_mode = 0;                   // bits as the server numbers them
  std::optional<std::uint16_t> client_charset;  // collation number
  // It belongs to the change, which is then undone only if the caller knows that the statement
  // changed no data (ANALYZE TABLE, GRANT, temporary tables).
  bool selected = false;
};

struct Obstacle {
  std::uint64_t group = 0;
  std::string what;  // a sentence
};

class Selection {
 public:
  explicit Selection(Criteria criteria) : criteria_(std::move(criteria)) {}

  // What to do with the event just fed.
  enum class Verdict : std::uint8_t {
    kOther,  // no rows
    kSkip,   // rows that are not the change's
    kTake,   // rows of the change, if its group is not withdrawn later (see `withdrawn`)
  };
  // Errors: kConflict when the stream cannot be followed (thread ids wanted of MariaDB's log).
  [[nodiscard]] Result<Verdict> feed(const Event& event);
  // The end of the stream: groups left open become obstacles.
  void finish();

  // Number of the transaction that the last event belongs to, from 1; 0 outside one.
  [[nodiscard]] std::uint64_t group() const noexcept { return group_; }
  // True when rows of that group were not kept by the server (ROLLBACK, XA ROLLBACK). Ask at the
  // end.
  [[nodiscard]] bool withdrawn(std::uint64_t group) const;
  [[nodiscard]] const std::vector<Obstacle>& obstacles() const noexcept { return obstacles_; }
  // DDL and other text of the stream from the first selected row on: what may have changed a table
  // since. At most kMaxTexts; `texts_cut` says whether there were more.
  [[nodiscard]] const std::vector<TextStatement>& texts() const noexcept { return texts_; }
  [[nodiscard]] bool texts_cut() const noexcept { return texts_cut_; }
  // GTIDs that were wanted and are not in the stream: their transactions cannot be undone from it.
  [[nodiscard]] GtidSet missing() const;
  // GTIDs of the transactions that were taken.
  [[nodiscard]] const GtidSet& taken() const noexcept { return taken_; }

  static constexpr std::size_t kMaxTexts = 10'000;

 private:
  struct Prepared {  // an XA transaction between PREPARE and its end
    std::string xid;
    std::uint64_t group = 0;
  };
  void begin_group(std::uint32_t timestamp);
  void end_group(bool committed);
  [[nodiscard]] Result<void> on_query(const EventHeader& header, const Query& query);
  void on_text(const EventHeader& header, const Query& query);
  void on_xa_prepare(const XaPrepare& prepare);
  void decide_xa(std::string_view xid, bool committed);
  void obstacle(std::string what);
  [[nodiscard]] bool wanted() const;
  [[nodiscard]] bool wanted_table(const TableMap& table) const;

  Criteria criteria_;
  std::uint64_t groups_ = 0;
  std::uint64_t group_ = 0;  // 0: outside one
  bool maria_ = false;
  bool in_transaction_ = false;  // BEGIN was seen, or is implied
  bool group_took_ = false;
  std::uint32_t group_time_ = 0;
  std::optional<std::uint32_t> group_thread_;
  std::optional<MysqlGtid> gtid_;
  std::optional<MariaGtid> maria_gtid_;
  bool parallel_ = true;  // the group may be applied beside others
  std::vector<Prepared> prepared_;
  std::vector<std::uint64_t> withdrawn_;
  std::vector<Obstacle> obstacles_;
  std::vector<TextStatement> texts_;
  bool texts_cut_ = false;
  bool took_any_ = false;
  GtidSet taken_;
  GtidSet seen_;  // of those that are wanted
};

}  // namespace sluice::binlog

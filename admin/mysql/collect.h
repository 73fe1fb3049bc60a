// What answer.cpp and prepared.cpp share. Not for other rooms.
#pragma once

#include "admin/mysql/connection.h"

struct st_mysql_res;

namespace sluice::mysql {

[[nodiscard]] std::vector<Column> read_columns(st_mysql_res* result);
// Whether an error with this number is the connection's end.
[[nodiscard]] bool means_lost(unsigned number);

// Keeps an answer, up to a number of bytes.
class Collect final : public Sink {
 public:
  explicit Collect(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}
  bool columns(std::span<const Column> columns) override;
  bool row(std::span<const CellView> cells) override;
  bool done(const Completion& completion) override;
  // The results when `outcome` is good; kTooLarge when it was this sink that stopped.
  [[nodiscard]] Result<std::vector<ResultSet>> take(const Result<void>& outcome);

 private:
  std::vector<ResultSet> results_;
  std::uint64_t bytes_ = 0;
  std::uint64_t max_bytes_;
  bool open_ = false;
};

}  // namespace sluice::mysql

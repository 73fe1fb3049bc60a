// A server's binary log, read over the wire into files of its own, which are gone with it: what
// BinlogFiles reads twice. One file a file of the server's, named like it.
//
// Needs REPLICATION SLAVE (manual 8.2.2), and as much room for temporary files as the range has
// bytes. Blocking; one thread.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "admin/mysql/binlog_stream.h"
#include "proxy/binlog/fault.h"

namespace sluice::cli {

class BinlogCopy {
 public:
  // Reads from the request's place to where the log ends now, or to `until`. The error is a
  // sentence for a person.
  [[nodiscard]] static binlog::Result<BinlogCopy> read(const mysql::Options& options,
                                                       const mysql::BinlogRequest& request);
  BinlogCopy(BinlogCopy&& other) noexcept
      : folder_(std::exchange(other.folder_, {})), files_(std::move(other.files_)) {}
  BinlogCopy& operator=(BinlogCopy&&) = delete;
  ~BinlogCopy();

  [[nodiscard]] const std::vector<std::string>& files() const noexcept { return files_; }

 private:
  BinlogCopy() = default;
  [[nodiscard]] binlog::Result<void> take(mysql::BinlogStream& stream);

  std::filesystem::path folder_;
  std::vector<std::string> files_;
};

}  // namespace sluice::cli

// What `sluice rollback` is asked for.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "proxy/binlog/select.h"
#include "proxy/cli/binlog_files.h"
#include "proxy/cli/live_schema.h"

namespace CLI {
class App;
}

namespace sluice::cli {

struct RollbackArguments {
  BinlogRange range;
  std::string url;
  std::string start_file;
  std::string stop_file;
  std::optional<std::uint32_t> thread_id;
  std::string gtid;
  std::string start_time;
  std::string stop_time;
  std::vector<std::string> tables;
  std::vector<std::string> schemas;
  std::string schema_url;
  LiveOptions live;
  std::string mode = "auto";
  std::string conflicts = "stop";
};

// Declares the options on `app`; `in` must outlive its parsing.
void declare_rollback(CLI::App& app, RollbackArguments& in);
// Which transactions are meant. Nothing: said on `err` what is wrong.
[[nodiscard]] std::optional<binlog::Criteria> read_criteria(const RollbackArguments& in,
                                                            std::ostream& err);

}  // namespace sluice::cli

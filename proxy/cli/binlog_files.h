// Binary log files on disk, read twice: forwards to find the rows of a change, backwards to undo
// them. Memory holds one event and 32 bytes for each event of the change, whatever the size of the
// files; events out of compressed transactions go to a temporary file in between.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/binlog/decode.h"
#include "proxy/binlog/select.h"

namespace sluice::cli {

struct BinlogRange {
  std::vector<std::string> files;    // in the order of the log
  std::uint64_t start_position = 0;  // in the first file: events before it are passed over
  std::optional<std::uint64_t> stop_position;  // in the last file: the first event not read
};

class BinlogFiles {
 public:
  using Warn = std::function<void(const std::string&)>;

  // Reads all of the range. The error's text names the file and the position.
  [[nodiscard]] static binlog::Result<BinlogFiles> read(const BinlogRange& range,
                                                        binlog::Criteria criteria,
                                                        const Warn& warn);
  BinlogFiles(BinlogFiles&&) noexcept;
  BinlogFiles& operator=(BinlogFiles&&) noexcept;
  ~BinlogFiles();

  [[nodiscard]] const binlog::Selection& selection() const noexcept;
  [[nodiscard]] const binlog::FormatDescription& format() const noexcept;

  // What kinds of change there are to each table of the change, and the flags of all of its events.
  struct Touched {
    std::shared_ptr<const binlog::TableMap> table;
    bool kinds[3] = {};           // by Rows::Kind
    bool cascades_logged = true;  // of every event
    std::uint64_t events = 0;
  };
  [[nodiscard]] const std::vector<Touched>& tables() const noexcept;
  [[nodiscard]] bool foreign_keys_off() const noexcept;  // of some event
  [[nodiscard]] std::uint64_t events() const noexcept;

  // Rows events of the change, newest first; `visit` stops the reading by giving an error.
  using Visit =
      std::function<binlog::Result<void>(const binlog::EventHeader&, const binlog::Rows&)>;
  [[nodiscard]] binlog::Result<void> backwards(const Visit& visit);

 private:
  struct State;
  explicit BinlogFiles(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace sluice::cli

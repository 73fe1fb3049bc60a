#include "proxy/cli/binlog_copy.h"

#include <cstdlib>
#include <fstream>

#include "proxy/binlog/event.h"

namespace sluice::cli {
namespace {

using binlog::Error;
using binlog::EventType;
using binlog::Fault;

constexpr unsigned kNoPrivilege = 1227;
constexpr char kMagic[] = {'\xfe', 'b', 'i', 'n'};

Error explain(const mysql::Fault& fault) {
  if (fault.number == kNoPrivilege) {
    return {Fault::kMalformed,
            "the account may not read the binary log: GRANT REPLICATION SLAVE ON *.* to it"};
  }
  return {Fault::kMalformed, "the server's binary log cannot be read: " + fault.message};
}

// Made for the stream, or with nothing in it that a file has.
bool is_passed_over(const mysql::BinlogEventView& event) {
  const auto type = static_cast<EventType>(event.type);
  return type == EventType::kHeartbeat || type == EventType::kHeartbeatV2 ||
         (event.artificial && type == EventType::kRotate);
}

}  // namespace

BinlogCopy::~BinlogCopy() {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

binlog::Result<BinlogCopy> BinlogCopy::read(const mysql::Options& options,
                                            const mysql::BinlogRequest& request) {
  std::error_code missing;
  auto name = (std::filesystem::temp_directory_path(missing) / "sluice-XXXXXX").string();
  if (missing || ::mkdtemp(name.data()) == nullptr)
    return Error{Fault::kMalformed, "no folder for temporary files can be made; set TMPDIR to one"};
  BinlogCopy copy;
  copy.folder_ = name;
  const auto stream = mysql::BinlogStream::open(options, request);
  if (!stream) return explain(stream.error());
  if (auto taken = copy.take(**stream); !taken) return taken.error();
  if (copy.files_.empty())
    return Error{Fault::kMalformed, "the server's binary log has nothing in that range"};
  return copy;
}

binlog::Result<void> BinlogCopy::take(mysql::BinlogStream& stream) {
  std::ofstream file;
  while (true) {
    const auto event = stream.next();
    if (!event) return explain(event.error());
    if (!*event) break;
    if (is_passed_over(**event)) continue;
    if (static_cast<EventType>((*event)->type) == EventType::kFormatDescription) {
      file.close();
      // The server's names have no folders in them; the number keeps two of one name apart.
      const auto server_file = std::filesystem::path(stream.place().file).filename().string();
      files_.push_back((folder_ / (std::to_string(files_.size()) + "-" + server_file)).string());
      file.open(files_.back(), std::ios::binary);
      file.write(kMagic, sizeof kMagic);
    }
    const auto bytes = wire::as_text((*event)->bytes);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file) break;
  }
  file.close();
  if (file.fail() && !files_.empty())
    return Error{Fault::kOversized, "the copy of the log cannot grow in " + folder_.string()};
  return {};
}

}  // namespace sluice::cli

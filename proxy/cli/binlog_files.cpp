#include "proxy/cli/binlog_files.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "proxy/binlog/framing.h"
#include "proxy/binlog/payload.h"

namespace sluice::cli {
namespace {

using binlog::Error;
using binlog::Fault;
using binlog::Result;
using binlog::Rows;

constexpr std::size_t kRun = std::size_t{1} << 20;
// A transaction's payload: what a server takes as replica_max_allowed_packet, many times over.
constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 40;
constexpr std::uint32_t kSpill = 0xFFFFFFFF;  // in place of a file's number

// A file descriptor, open for reading.
class File {
 public:
  static Result<File> open(const std::string& name) {
    const int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
      return Error{Fault::kMalformed, "cannot read " + name + ": " + std::strerror(errno)};
    return File(fd);
  }
  // Without a name; gone when it is closed.
  static Result<File> temporary() {
    std::error_code missing;
    const auto folder = std::filesystem::temp_directory_path(missing);
    if (missing)
      return Error{Fault::kMalformed, "there is no folder for temporary files: " +
                                          missing.message() + "; set TMPDIR to one"};
    std::string name = (folder / "sluice-XXXXXX").string();
    const int fd = ::mkstemp(name.data());
    if (fd < 0)
      return Error{Fault::kMalformed,
                   "cannot make a temporary file: " + std::string(std::strerror(errno))};
    ::unlink(name.c_str());
    return File(fd);
  }
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }

  // Bytes read, fewer than asked for only at the end of the file.
  Result<std::size_t> read(std::uint64_t at, std::uint8_t* into, std::size_t size) const {
    std::size_t done = 0;
    while (done < size) {
      const auto got = ::pread(fd_, into + done, size - done, static_cast<off_t>(at + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return Error{Fault::kTruncated, "reading failed: " + std::string(std::strerror(errno))};
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }
  Result<void> append(wire::Bytes bytes) {
    while (!bytes.empty()) {
      const auto put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) {
        return Error{Fault::kOversized,
                     "the temporary file cannot grow: " + std::string(std::strerror(errno))};
      }
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

 private:
  explicit File(int fd) : fd_(fd) {}
  int fd_ = -1;
};

struct Found {
  std::uint64_t offset = 0;
  std::uint64_t group = 0;
  std::uint32_t size = 0;
  std::uint32_t file = 0;
  std::uint32_t table = 0;  // of Touched
};

}  // namespace

struct BinlogFiles::State {
  explicit State(binlog::Criteria criteria) : selection(std::move(criteria)) {}

  binlog::Selection selection;
  binlog::Decoder decoder;
  std::vector<File> files;
  std::vector<bool> checksums;  // of each file
  std::optional<File> spill;
  std::uint64_t spilled = 0;
  std::vector<Found> found;
  std::vector<Touched> tables;
  std::map<std::pair<std::string, std::string>, std::vector<std::uint32_t>> by_name;
  bool foreign_keys_off = false;

  std::uint32_t touch(const Rows& rows) {
    auto& known = by_name[{rows.table->schema, rows.table->table}];
    const auto same = std::ranges::find_if(known, [&](std::uint32_t at) {
      return tables[at].table == rows.table || tables[at].table->same_structure(*rows.table);
    });
    const auto at = same != known.end() ? *same : static_cast<std::uint32_t>(tables.size());
    if (same == known.end()) {
      known.push_back(at);
      tables.push_back({rows.table, {}, true, 0});
    }
    auto& table = tables[at];
    table.kinds[static_cast<std::size_t>(rows.kind)] = true;
    table.cascades_logged = table.cascades_logged && rows.cascades_logged();
    ++table.events;
    foreign_keys_off |= (rows.flags & Rows::kNoForeignKeyChecks) != 0;
    return at;
  }

  // `bytes` are the event's, for the spill file.
  Result<void> take(const binlog::Event& event, std::uint32_t file, std::uint64_t offset,
                    wire::Bytes bytes) {
    const auto verdict = selection.feed(event);
    if (!verdict) return verdict.error();
    if (*verdict != binlog::Selection::Verdict::kTake) return {};
    const auto table = touch(std::get<Rows>(event.body));
    if (file == kSpill) {
      if (!spill) {
        auto made = File::temporary();
        if (!made) return made.error();
        spill.emplace(std::move(*made));
      }
      offset = spilled;
      spilled += bytes.size();
      if (auto written = spill->append(bytes); !written) return written;
    }
    found.push_back({offset, selection.group(), event.header.size, file, table});
    return {};
  }

  Result<void> take_payload(const binlog::TransactionPayload& payload) {
    auto inner = binlog::Scanner::of_payload();
    auto done = binlog::inflate_payload(payload, kMaxPayload, [&](wire::Bytes run) -> Result<void> {
      inner.push(run);
      for (;;) {
        const auto bytes = inner.next();
        if (!bytes) return bytes.error();
        if (!*bytes) return {};
        const auto event = decoder.decode_inner(**bytes);
        if (!event) return event.error();
        if (auto taken = take(*event, kSpill, 0, **bytes); !taken) return taken;
      }
    });
    if (done && inner.pending() > 0)
      return Error{Fault::kTruncated, "a transaction payload ends inside an event"};
    return done;
  }

  // False: the stop position is reached.
  Result<bool> take_event(wire::Bytes bytes, std::uint32_t file, std::uint64_t position,
                          std::uint64_t start, const std::optional<std::uint64_t>& stop) {
    if (stop && position >= *stop) return false;
    const auto header = binlog::decode_header(bytes);
    if (!header) return header.error();
    const bool describes = header->type == binlog::EventType::kFormatDescription;
    if (position < start && !describes) return true;
    const auto event = decoder.decode(bytes);
    if (!event) return event.error();
    Result<void> taken{};
    if (const auto* payload = std::get_if<binlog::TransactionPayload>(&event->body))
      taken = take_payload(*payload);
    else
      taken = take(*event, file, position, bytes);
    if (!taken) return taken.error();
    return true;
  }

  Result<void> scan(std::uint32_t number, std::uint64_t start,
                    const std::optional<std::uint64_t>& stop, const Warn& warn) {
    binlog::Scanner scanner;
    std::vector<std::uint8_t> run(kRun);
    std::uint64_t at = 0;
    for (;;) {
      const auto got = files[number].read(at, run.data(), run.size());
      if (!got) return got.error();
      at += *got;
      scanner.push(wire::Bytes(run).first(*got));
      for (;;) {
        const auto bytes = scanner.next();
        if (!bytes) return bytes.error();
        if (!*bytes) break;
        const auto more = take_event(**bytes, number, scanner.position(), start, stop);
        if (!more) {
          return Error{more.error().fault, "at position " + std::to_string(scanner.position()) +
                                               ": " + more.error().what};
        }
        if (!*more) return {};
      }
      if (*got < run.size()) break;
    }
    if (at < binlog::kFirstPosition)
      return Error{Fault::kMalformed,
                   "this is no binary log file: it has " + std::to_string(at) + " bytes"};
    if (scanner.pending() == 0) return {};
    if (!decoder.format().in_use)
      return Error{Fault::kTruncated, "the file ends inside an event: it is not whole"};
    warn("the file ends inside an event; a server is still writing it, or fell while it did");
    return {};
  }
};

BinlogFiles::BinlogFiles(std::unique_ptr<State> state) : state_(std::move(state)) {}
BinlogFiles::BinlogFiles(BinlogFiles&&) noexcept = default;
BinlogFiles& BinlogFiles::operator=(BinlogFiles&&) noexcept = default;
BinlogFiles::~BinlogFiles() = default;

Result<BinlogFiles> BinlogFiles::read(const BinlogRange& range, binlog::Criteria criteria,
                                      const Warn& warn) {
  auto state = std::make_unique<State>(std::move(criteria));
  // Those of the change are verified when they are read again.
  state->decoder.verify_rows(false);
  for (std::size_t i = 0; i < range.files.size(); ++i) {
    const auto& name = range.files[i];
    auto file = File::open(name);
    if (!file) return file.error();
    state->files.push_back(std::move(*file));
    const bool last = i + 1 == range.files.size();
    const auto done = state->scan(static_cast<std::uint32_t>(i), i == 0 ? range.start_position : 0,
                                  last ? range.stop_position : std::nullopt,
                                  [&](const std::string& what) { warn(name + ": " + what); });
    state->checksums.push_back(state->decoder.format().checksums);
    if (!done) return Error{done.error().fault, name + ": " + done.error().what};
  }
  state->selection.finish();
  std::erase_if(state->found,
                [&](const Found& found) { return state->selection.withdrawn(found.group); });
  return BinlogFiles(std::move(state));
}

const binlog::Selection& BinlogFiles::selection() const noexcept {
  return state_->selection;
}
const binlog::FormatDescription& BinlogFiles::format() const noexcept {
  return state_->decoder.format();
}
const std::vector<BinlogFiles::Touched>& BinlogFiles::tables() const noexcept {
  return state_->tables;
}
bool BinlogFiles::foreign_keys_off() const noexcept {
  return state_->foreign_keys_off;
}
std::uint64_t BinlogFiles::events() const noexcept {
  return state_->found.size();
}

Result<void> BinlogFiles::backwards(const Visit& visit) {
  auto& state = *state_;
  wire::Buffer bytes;
  for (auto at = state.found.rbegin(); at != state.found.rend(); ++at) {
    const bool spilled = at->file == kSpill;
    const auto& file = spilled ? *state.spill : state.files[at->file];
    bytes.resize(at->size);
    const auto got = file.read(at->offset, bytes.data(), bytes.size());
    if (!got) return got.error();
    if (*got < bytes.size())
      return Error{Fault::kTruncated, "a file became shorter while it was read"};
    if (!spilled) state.decoder.assume_checksums(state.checksums[at->file]);
    const auto event = state.decoder.decode_rows(bytes, state.tables[at->table].table, spilled);
    if (!event) {
      return Error{event.error().fault,
                   "at position " + std::to_string(at->offset) + ": " + event.error().what};
    }
    if (auto visited = visit(event->header, std::get<Rows>(event->body)); !visited) return visited;
  }
  return {};
}

}  // namespace sluice::cli

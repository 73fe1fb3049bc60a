// Events over the wire: a packet each, with a zero byte before it.
//
//   00 | timestamp 4 | type 1 | server id 4 | size 4 | end position 4 | flags 2 | body | crc32 4
//
// The end position is the event's place in its file modulo 2^32; 0 in what the server makes for the
// stream alone.
#include "admin/mysql/binlog_stream.h"

#include <algorithm>
#include <charconv>
#include <random>

#include <zlib.h>

#include "admin/mysql/wire_channel.h"
#include "parser/sqltext/quote.h"
#include "proxy/wire/commands.h"
#include "proxy/wire/reader.h"

namespace sluice::mysql {
namespace {

constexpr std::size_t kHeaderSize = 19;
constexpr std::size_t kChecksumSize = 4;
constexpr std::uint8_t kRotate = 4;
constexpr std::uint16_t kArtificial = 0x20;
constexpr std::uint16_t kNonBlock = 1;
constexpr std::uint16_t kAnnotate = 2;  // MariaDB
constexpr std::uint16_t kThroughGtid = 4;
constexpr std::uint32_t kFirstPosition = 4;  // behind the file's magic number

std::uint64_t number_of(const std::string& file) {
  const auto dot = file.rfind('.');
  std::uint64_t number = 0;
  if (dot == std::string::npos) return number;
  std::from_chars(file.data() + dot + 1, file.data() + file.size(), number);
  return number;
}

bool has_checksum(wire::Bytes event) {
  if (event.size() < kHeaderSize + kChecksumSize) return false;
  const auto body = event.first(event.size() - kChecksumSize);
  const auto crc = ::crc32(0, body.data(), static_cast<uInt>(body.size()));
  wire::Reader in(event.last(kChecksumSize));
  return in.u32() == crc;
}

// Another than every replica's: the server ends the older of two streams that have the same.
std::uint32_t any_server_id() {
  std::random_device random;
  return 0x80000000U | random();
}

std::vector<std::string> preparations(const BinlogRequest& request, bool mariadb) {
  const auto heartbeat = std::to_string(std::chrono::nanoseconds(request.heartbeat).count());
  if (!mariadb) {
    return {
        "SET @source_binlog_checksum = 'CRC32', @master_binlog_checksum = 'CRC32'",
        "SET @source_heartbeat_period = " + heartbeat + ", @master_heartbeat_period = " + heartbeat,
        "SET @replica_uuid = UUID()",
        "SET @slave_uuid = @replica_uuid",
    };
  }
  std::vector<std::string> all{
      "SET @master_binlog_checksum = 'CRC32'",
      "SET @master_heartbeat_period = " + heartbeat,
      "SET @mariadb_slave_capability = 4",
  };
  if (request.mariadb_from) {
    all.push_back("SET @slave_connect_state = " + sqltext::quote_string(*request.mariadb_from));
    all.emplace_back("SET @slave_gtid_strict_mode = 0");
    all.emplace_back("SET @slave_gtid_ignore_duplicates = 0");
  }
  return all;
}

}  // namespace

bool is_before(const BinlogPlace& a, const BinlogPlace& b) {
  const auto in_a = number_of(a.file);
  const auto in_b = number_of(b.file);
  if (in_a != in_b) return in_a < in_b;
  return a.position < b.position;
}

struct BinlogStream::State {
  std::unique_ptr<WireChannel> channel;
  BinlogRequest request;
  bool mariadb = false;
  bool over = false;
  BinlogPlace place;
  std::uint64_t skip_to = 0;  // events that end before lie before what was asked for

  [[nodiscard]] Result<void> begin(const Limits& limits);
  [[nodiscard]] Result<std::optional<BinlogEventView>> take(wire::Bytes event);
  void follow_place(const BinlogEventView& event, std::uint32_t end);
};

BinlogStream::BinlogStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
BinlogStream::~BinlogStream() = default;

const BinlogPlace& BinlogStream::place() const noexcept {
  return state_->place;
}
bool BinlogStream::is_mariadb() const noexcept {
  return state_->mariadb;
}
const std::string& BinlogStream::server_version() const noexcept {
  return state_->channel->server().version;
}
bool BinlogStream::encrypted() const noexcept {
  return state_->channel->server().tls;
}

Result<std::unique_ptr<BinlogStream>> BinlogStream::open(const Options& options,
                                                         const BinlogRequest& request,
                                                         const Limits& limits) {
  auto state = std::make_unique<State>();
  auto channel = WireChannel::open(options, limits);
  if (!channel) return channel.error();
  state->channel = std::move(*channel);
  state->request = request;
  state->mariadb = state->channel->server().version.find("MariaDB") != std::string::npos;
  if (auto begun = state->begin(limits); !begun) return begun.error();
  return std::unique_ptr<BinlogStream>(new BinlogStream(std::move(state)));
}

Result<void> BinlogStream::State::begin(const Limits& limits) {
  for (const std::string& sql : preparations(request, mariadb)) {
    if (auto set = channel->run(sql, limits); !set) return set.error();
  }
  place = request.from;
  wire::Buffer command;
  const std::uint16_t wait = request.follow ? 0 : kNonBlock;
  if (request.had && !mariadb) {
    wire::BinlogDumpGtid dump;
    dump.flags = wait | kThroughGtid;
    dump.server_id = any_server_id();
    dump.file = request.from.file;
    dump.position = request.from.position;
    dump.gtid_set = *request.had;
    wire::encode(dump, command);
  } else {
    wire::BinlogDump dump;
    dump.flags = wait;
    if (mariadb && request.texts) dump.flags |= kAnnotate;
    dump.server_id = any_server_id();
    const bool by_gtid = mariadb && request.mariadb_from;
    if (!by_gtid) dump.file = request.from.file;
    // The command has no room for more: such a file is read from its begin.
    const bool far = request.from.position > UINT32_MAX;
    if (far) skip_to = request.from.position;
    dump.position =
        far || by_gtid ? kFirstPosition : static_cast<std::uint32_t>(request.from.position);
    if (far) place.position = kFirstPosition;
    wire::encode(dump, command);
  }
  if (request.follow) channel->set_silence(3 * request.heartbeat);
  return channel->send_command(command, limits);
}

Result<std::optional<BinlogEventView>> BinlogStream::next(const Limits& limits) {
  State& at = *state_;
  while (!at.over) {
    const auto packet = at.channel->read_packet(at.request.max_event_bytes, limits);
    if (!packet) {
      at.over = packet.error().kind != Failure::kDeadline;
      return packet.error();
    }
    const wire::Bytes payload = *packet;
    const std::uint8_t first = payload.empty() ? wire::kErrHeader : payload.front();
    if (first == wire::kEofHeader && payload.size() < wire::kEofPayloadLimit) {
      at.over = true;
      break;
    }
    if (first == wire::kErrHeader) {
      at.over = true;
      return server_fault(payload);
    }
    auto event = at.take(payload.subspan(1));
    if (!event) at.over = true;
    if (!event || *event) return event;
  }
  return std::optional<BinlogEventView>();
}

// Nothing: the event lies before what was asked for, or behind its end.
Result<std::optional<BinlogEventView>> BinlogStream::State::take(wire::Bytes bytes) {
  wire::Reader in(bytes);
  BinlogEventView event;
  event.bytes = bytes;
  event.timestamp = in.u32();
  event.type = in.u8();
  in.skip(4);
  const auto size = in.u32();
  const auto end = in.u32();
  const auto flags = in.u16();
  if (!in.ok() || size != bytes.size()) {
    return Fault{Failure::kLost, 2027, "HY000", "an event of the binary log is damaged"};
  }
  event.artificial = (flags & kArtificial) != 0 || end == 0;
  const auto before = place;
  follow_place(event, end);
  if (request.until) {
    over = !is_before(place, *request.until);
    const bool behind = !event.artificial && !is_before(before, *request.until);
    if (behind) return std::optional<BinlogEventView>();
  }
  if (skip_to != 0 && before.file == request.from.file && place.position <= skip_to &&
      event.type != 15 && event.type != kRotate) {
    return std::optional<BinlogEventView>();
  }
  return std::optional<BinlogEventView>(event);
}

void BinlogStream::State::follow_place(const BinlogEventView& event, std::uint32_t end) {
  if (event.type == kRotate) {
    // The next file's position, then its name to the end of the event.
    const std::size_t tail = has_checksum(event.bytes) ? kChecksumSize : 0;
    if (event.bytes.size() < kHeaderSize + 8 + tail) return;
    wire::Reader in(event.bytes.subspan(kHeaderSize));
    const auto position = in.u64();
    const auto name = event.bytes.subspan(kHeaderSize + 8);
    place = {std::string(wire::as_text(name.first(name.size() - tail))), position};
    return;
  }
  if (event.artificial) return;
  constexpr std::uint64_t kTurn = std::uint64_t{1} << 32U;
  std::uint64_t position = (place.position & ~(kTurn - 1)) | end;
  if (position < place.position) {
    // A file that passes 4 GiB – or its format description, sent again in the middle.
    if (place.position - position < kTurn / 2) return;
    position += kTurn;
  }
  place.position = position;
}

}  // namespace sluice::mysql

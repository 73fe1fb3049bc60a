// Global transaction identifiers of both engines, single and as sets.
//
//   MySQL    uuid[:tag]:n           set: uuid:1-5:7:tag:1-3,uuid:…   (manual 19.1.3.1 GTID Format)
//   MariaDB  domain-server-sequence  set: 0-1-5,0-1-6,1-2-9
//
// Values; nothing here fails but parse and decode.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/binlog/fault.h"
#include "proxy/wire/bytes.h"

namespace sluice::binlog {

using Uuid = std::array<std::uint8_t, 16>;

// One MySQL GTID. `tag` is empty for the untagged ones; at most 32 characters [a-z0-9_].
struct MysqlGtid {
  Uuid source{};
  std::string tag;
  std::uint64_t number = 0;  // 1 …
  friend auto operator<=>(const MysqlGtid&, const MysqlGtid&) = default;
};

struct MariaGtid {
  std::uint32_t domain = 0;
  std::uint32_t server = 0;
  std::uint64_t sequence = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 misreads a defaulted <=>
  friend auto operator<=>(const MariaGtid&, const MariaGtid&) = default;
};

[[nodiscard]] std::string to_string(const Uuid& uuid);
[[nodiscard]] std::string to_string(const MysqlGtid& gtid);
[[nodiscard]] std::string to_string(const MariaGtid& gtid);

// A set of GTIDs of either engine (a text of one names one engine only).
class GtidSet {
 public:
  // [first, end), never empty; a group's intervals are sorted and do not touch.
  struct Interval {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    friend bool operator==(const Interval&, const Interval&) = default;
  };
  struct Group {  // MySQL: what numbers count within
    Uuid source{};
    std::string tag;
    // NOLINTNEXTLINE(modernize-use-nullptr): as above
    friend auto operator<=>(const Group&, const Group&) = default;
  };

  // Blanks and line ends between parts are allowed, the empty text is the empty set.
  // Error: kMalformed, naming the part.
  [[nodiscard]] static Result<GtidSet> parse(std::string_view text);
  // The binary form of PREVIOUS_GTIDS_LOG_EVENT and COM_BINLOG_DUMP_GTID, with and without tags.
  [[nodiscard]] static Result<GtidSet> decode(wire::Bytes bytes);
  // The same form. MySQL's GTIDs only; the tagged format is used only when a tag is in the set, so
  // that servers before 8.3 understand the rest.
  [[nodiscard]] wire::Buffer encode() const;

  void add(const MysqlGtid& gtid);
  void add(const MariaGtid& gtid);
  void add(const GtidSet& other);
  void subtract(const GtidSet& other);
  [[nodiscard]] bool contains(const MysqlGtid& gtid) const;
  [[nodiscard]] bool contains(const MariaGtid& gtid) const;
  [[nodiscard]] bool empty() const { return groups_.empty() && maria_.empty(); }
  // GTIDs in it; saturates.
  [[nodiscard]] std::uint64_t size() const;
  // As the server prints it, on one line.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] const std::map<Group, std::vector<Interval>>& groups() const { return groups_; }
  [[nodiscard]] const std::vector<MariaGtid>& maria() const { return maria_; }
  friend bool operator==(const GtidSet&, const GtidSet&) = default;

 private:
  void add(const Group& group, Interval interval);
  void subtract(const Group& group, Interval interval);

  std::map<Group, std::vector<Interval>> groups_;
  std::vector<MariaGtid> maria_;  // sorted, each once
};

}  // namespace sluice::binlog

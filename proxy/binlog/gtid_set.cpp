#include "proxy/binlog/gtid_set.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "proxy/binlog/varint.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sluice::binlog {
namespace {

// The end of an interval must be representable.
constexpr std::uint64_t kLastNumber = std::numeric_limits<std::int64_t>::max() - 1;
constexpr std::size_t kMaxTag = 32;

Error bad(std::string_view part) {
  return {Fault::kMalformed,
          "'" + std::string(part) +
              "' is no part of a GTID set: MySQL writes uuid:1-5 or uuid:tag:1-5, MariaDB 0-1-5"};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

// Takes the part before `separator` off the front of `text`.
std::string_view take(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return trimmed(part);
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  return fault == std::errc{} && end == text.data() + text.size();
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool read_uuid(std::string_view text, Uuid& out) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = hex_digit(c);
    if (digit < 0 || digits == 32) return false;
    auto& byte = out[digits / 2];
    byte = static_cast<std::uint8_t>(digits % 2 == 0 ? digit << 4 : byte | digit);
    ++digits;
  }
  return digits == 32;
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > kMaxTag) return false;
  if (text.front() >= '0' && text.front() <= '9') return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool read_interval(std::string_view text, GtidSet::Interval& out) {
  std::string_view rest = text;
  const auto first = take(rest, '-');
  std::uint64_t last = 0;
  if (!read_number(first, out.first)) return false;
  if (text.find('-') == std::string_view::npos)
    last = out.first;
  else if (!read_number(trimmed(rest), last))
    return false;
  if (out.first == 0 || last < out.first || last > kLastNumber) return false;
  out.end = last + 1;
  return true;
}

bool read_maria(std::string_view text, MariaGtid& out) {
  return read_number(take(text, '-'), out.domain) && read_number(take(text, '-'), out.server) &&
         read_number(text, out.sequence);
}

void append_intervals(std::string& out, const std::vector<GtidSet::Interval>& intervals) {
  for (const auto& interval : intervals) {
    out += ':';
    out += std::to_string(interval.first);
    if (interval.end - interval.first > 1) out += '-' + std::to_string(interval.end - 1);
  }
}

}  // namespace

std::string to_string(const Uuid& uuid) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[uuid[i] >> 4];
    out += kDigits[uuid[i] & 15];
  }
  return out;
}

std::string to_string(const MysqlGtid& gtid) {
  std::string out = to_string(gtid.source);
  if (!gtid.tag.empty()) out += ':' + gtid.tag;
  return out + ':' + std::to_string(gtid.number);
}

std::string to_string(const MariaGtid& gtid) {
  return std::to_string(gtid.domain) + '-' + std::to_string(gtid.server) + '-' +
         std::to_string(gtid.sequence);
}

Result<GtidSet> GtidSet::parse(std::string_view text) {
  GtidSet out;
  while (!trimmed(text).empty()) {
    auto part = take(text, ',');
    if (part.empty()) continue;
    const auto whole = part;
    if (part.find(':') == std::string_view::npos) {
      MariaGtid gtid;
      if (!read_maria(part, gtid)) return bad(whole);
      out.add(gtid);
      continue;
    }
    Group group;
    if (!read_uuid(take(part, ':'), group.source)) return bad(whole);
    bool counted = false;
    while (!part.empty()) {
      const auto piece = take(part, ':');
      Interval interval;
      if (read_interval(piece, interval)) {
        out.add(group, interval);
        counted = true;
      } else if (is_tag(piece)) {
        group.tag = lower(piece);
        counted = false;
      } else {
        return bad(whole);
      }
    }
    if (!counted) return bad(whole);
  }
  if (!out.groups_.empty() && !out.maria_.empty())
    return Error{Fault::kMalformed, "a GTID set names GTIDs of MySQL or of MariaDB, not of both"};
  return out;
}

// Eight bytes of count; in the tagged form their first and last byte are 1 and the count is
// between.
Result<GtidSet> GtidSet::decode(wire::Bytes bytes) {
  GtidSet out;
  wire::Reader in(bytes);
  std::uint64_t count = in.u64();
  const bool tagged = (count >> 56) == 1;
  if (tagged) count = (count >> 8) & 0xFFFFFFFFFFFF;
  for (; count > 0 && in.ok(); --count) {
    Group group;
    const auto uuid = in.bytes(16);
    std::ranges::copy(uuid, group.source.begin());
    if (tagged) group.tag = in.text(read_varint(in));
    std::uint64_t intervals = in.u64();
    for (; intervals > 0 && in.ok(); --intervals) {
      const Interval interval{in.u64(), in.u64()};
      if (!in.ok()) break;
      if (interval.first == 0 || interval.end <= interval.first || interval.end - 1 > kLastNumber) {
        return Error{Fault::kMalformed, "an encoded GTID set has an empty or negative interval"};
      }
      out.add(group, interval);
    }
  }
  if (!in.ok() || in.remaining() != 0)
    return Error{Fault::kTruncated, "an encoded GTID set does not end where its counts say"};
  return out;
}

wire::Buffer GtidSet::encode() const {
  const bool tagged =
      std::ranges::any_of(groups_, [](const auto& group) { return !group.first.tag.empty(); });
  wire::Buffer out;
  wire::Writer writer(out);
  const std::uint64_t count = groups_.size();
  writer.u64(tagged ? (std::uint64_t{1} << 56) | (count << 8) | 1 : count);
  for (const auto& [group, intervals] : groups_) {
    writer.bytes(group.source);
    if (tagged) {
      writer.u8(static_cast<std::uint8_t>(group.tag.size() << 1));
      writer.text(group.tag);
    }
    writer.u64(intervals.size());
    for (const auto& interval : intervals) {
      writer.u64(interval.first);
      writer.u64(interval.end);
    }
  }
  return out;
}

void GtidSet::add(const Group& group, Interval interval) {
  auto& list = groups_[group];
  // Everything that touches the new interval becomes part of it.
  auto first = std::ranges::lower_bound(list, interval.first, {}, &Interval::end);
  auto last = first;
  while (last != list.end() && last->first <= interval.end) {
    interval.first = std::min(interval.first, last->first);
    interval.end = std::max(interval.end, last->end);
    ++last;
  }
  list.insert(list.erase(first, last), interval);
}

void GtidSet::subtract(const Group& group, Interval interval) {
  const auto found = groups_.find(group);
  if (found == groups_.end()) return;
  std::vector<Interval> left;
  for (const auto& had : found->second) {
    if (had.end <= interval.first || had.first >= interval.end) {
      left.push_back(had);
      continue;
    }
    if (had.first < interval.first) left.push_back({had.first, interval.first});
    if (had.end > interval.end) left.push_back({interval.end, had.end});
  }
  if (left.empty())
    groups_.erase(found);
  else
    found->second = std::move(left);
}

void GtidSet::add(const MysqlGtid& gtid) {
  add(Group{gtid.source, gtid.tag}, Interval{gtid.number, gtid.number + 1});
}

void GtidSet::add(const MariaGtid& gtid) {
  const auto at = std::ranges::lower_bound(maria_, gtid);
  if (at == maria_.end() || *at != gtid) maria_.insert(at, gtid);
}

void GtidSet::add(const GtidSet& other) {
  for (const auto& [group, intervals] : other.groups_) {
    for (const auto& interval : intervals) add(group, interval);
  }
  for (const auto& gtid : other.maria_) add(gtid);
}

void GtidSet::subtract(const GtidSet& other) {
  for (const auto& [group, intervals] : other.groups_) {
    for (const auto& interval : intervals) subtract(group, interval);
  }
  std::erase_if(maria_, [&](const MariaGtid& gtid) { return other.contains(gtid); });
}

bool GtidSet::contains(const MysqlGtid& gtid) const {
  const auto found = groups_.find(Group{gtid.source, gtid.tag});
  if (found == groups_.end()) return false;
  const auto at = std::ranges::upper_bound(found->second, gtid.number, {}, &Interval::end);
  return at != found->second.end() && at->first <= gtid.number;
}

bool GtidSet::contains(const MariaGtid& gtid) const {
  return std::ranges::binary_search(maria_, gtid);
}

std::uint64_t GtidSet::size() const {
  std::uint64_t sum = maria_.size();
  for (const auto& [group, intervals] : groups_) {
    for (const auto& interval : intervals) {
      const std::uint64_t more = interval.end - interval.first;
      sum = more > std::numeric_limits<std::uint64_t>::max() - sum
                ? std::numeric_limits<std::uint64_t>::max()
                : sum + more;
    }
  }
  return sum;
}

std::string GtidSet::text() const {
  std::string out;
  const Uuid* last = nullptr;
  for (const auto& [group, intervals] : groups_) {
    if (last == nullptr || *last != group.source) {
      if (!out.empty()) out += ',';
      out += to_string(group.source);
    }
    if (!group.tag.empty()) out += ':' + group.tag;
    append_intervals(out, intervals);
    last = &group.source;
  }
  for (const auto& gtid : maria_) {
    if (!out.empty()) out += ',';
    out += to_string(gtid);
  }
  return out;
}

}  // namespace sluice::binlog

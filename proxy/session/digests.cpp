#include "proxy/session/digests.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace sluice::session {
namespace {

// Pairs of account and instance whose evicted statements are counted apart; the rest share one.
constexpr std::size_t kOthers = 200;
constexpr unsigned kSplit = 3;  // 2^3 buckets to a power of two

}  // namespace

//   microseconds   0..7 a bucket each; then [8, 9) … [15, 16), [16, 18) … [30, 32), …
std::size_t LatencySketch::bucket_of(std::uint64_t microseconds) noexcept {
  constexpr std::uint64_t kFine = 1U << kSplit;
  if (microseconds < kFine) return static_cast<std::size_t>(microseconds);
  const auto power = static_cast<unsigned>(std::bit_width(microseconds)) - 1;  // at least kSplit
  const std::uint64_t step = (microseconds >> (power - kSplit)) - kFine;
  const std::size_t bucket = (power - kSplit + 1) * kFine + static_cast<std::size_t>(step);
  return std::min(bucket, kBuckets - 1);
}

std::uint64_t LatencySketch::upper_end(std::size_t bucket) noexcept {
  constexpr std::size_t kFine = 1U << kSplit;
  if (bucket < kFine) return bucket;
  const std::size_t power = bucket / kFine - 1;  // above kSplit
  return ((kFine + bucket % kFine + 1) << power) - 1;
}

void LatencySketch::add(const LatencySketch& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
}

std::uint64_t LatencySketch::count() const noexcept {
  std::uint64_t sum = 0;
  for (const std::uint32_t count : counts_) sum += count;
  return sum;
}

std::uint64_t LatencySketch::quantile(double q) const noexcept {
  const std::uint64_t all = count();
  if (all == 0) return 0;
  const auto wanted =
      static_cast<std::uint64_t>(std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return upper_end(i);
  }
  return upper_end(kBuckets - 1);
}

void DigestRow::add(const DigestRow& other) {
  count += other.count;
  errors += other.errors;
  rows += other.rows;
  affected += other.affected;
  total_microseconds += other.total_microseconds;
  max_microseconds = std::max(max_microseconds, other.max_microseconds);
  for (std::size_t i = 0; i < kDigestVerdicts; ++i) {
    verdicts[i] += other.verdicts[i];
    shadow[i] += other.shadow[i];
  }
  latency.add(other.latency);
  first_seen = first_seen == decltype(first_seen){} ? other.first_seen
                                                    : std::min(first_seen, other.first_seen);
  last_seen = std::max(last_seen, other.last_seen);
}

void DigestTable::make_room() {
  if (entries_.size() < limit_) return;
  Entry& oldest = entries_.back();
  const auto same = [&](const DigestRow& row) {
    return row.account == oldest.row.account && row.instance == oldest.row.instance;
  };
  auto found = std::ranges::find_if(others_, same);
  if (found == others_.end()) {
    DigestRow made;
    const bool own = others_.size() + 1 < kOthers;
    if (own) made.account = oldest.row.account;
    if (own) made.instance = oldest.row.instance;
    found = own ? others_.end() : std::ranges::find_if(others_, [](const DigestRow& row) {
      return row.account.empty() && row.instance.empty();
    });
    if (found == others_.end()) found = others_.insert(others_.end(), std::move(made));
  }
  found->add(oldest.row);
  index_.erase(oldest.key);
  entries_.pop_back();
}

DigestRow* DigestTable::find(Ticket ticket) noexcept {
  if (ticket.key == 0) return nullptr;
  const auto found = index_.find(ticket.key);
  return found == index_.end() ? nullptr : &found->second->row;
}

void DigestTable::judged(Ticket ticket, std::size_t verdict, bool shadow) noexcept {
  DigestRow* row = find(ticket);
  if (row == nullptr || verdict >= kDigestVerdicts) return;
  ++row->verdicts[shadow ? 0 : verdict];
  if (shadow) ++row->shadow[verdict];
}

void DigestTable::ended(Ticket ticket, const DigestOutcome& outcome,
                        std::chrono::system_clock::time_point now) noexcept {
  DigestRow* row = find(ticket);
  if (row == nullptr) return;
  ++row->count;
  if (outcome.failed) ++row->errors;
  row->rows += outcome.rows;
  row->affected += outcome.affected;
  row->total_microseconds += outcome.microseconds;
  row->max_microseconds = std::max(row->max_microseconds, outcome.microseconds);
  row->latency.record(outcome.microseconds);
  if (row->first_seen == decltype(row->first_seen){}) row->first_seen = now;
  row->last_seen = now;
}

void DigestTable::stopped(Ticket ticket, std::chrono::system_clock::time_point now) noexcept {
  DigestRow* row = find(ticket);
  if (row == nullptr) return;
  ++row->count;
  if (row->first_seen == decltype(row->first_seen){}) row->first_seen = now;
  row->last_seen = now;
}

std::vector<DigestRow> DigestTable::rows() const {
  std::vector<DigestRow> all = others_;
  all.reserve(all.size() + entries_.size());
  for (const Entry& entry : entries_) all.push_back(entry.row);
  return all;
}

std::vector<DigestRow> merge(std::vector<DigestRow> rows) {
  std::map<std::tuple<std::string, std::string, std::string>, DigestRow> merged;
  for (DigestRow& row : rows) {
    const auto [at, fresh] =
        merged.try_emplace({row.instance, row.account, row.digest}, std::move(row));
    if (!fresh) at->second.add(row);
  }
  std::vector<DigestRow> all;
  all.reserve(merged.size());
  for (auto& [key, row] : merged) all.push_back(std::move(row));
  std::ranges::stable_sort(all, std::ranges::greater{}, &DigestRow::count);
  return all;
}

}  // namespace sluice::session

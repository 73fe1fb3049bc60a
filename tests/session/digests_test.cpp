#include "proxy/session/digests.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace sluice::session {
namespace {

TEST(LatencySketch, every_quantile_is_within_an_eighth) {
  std::mt19937_64 random(5);
  std::vector<std::uint64_t> values;
  LatencySketch sketch;
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t value = std::uint64_t{1} << (random() % 26);
    values.push_back(value + random() % value);
    sketch.record(values.back());
  }
  std::ranges::sort(values);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto place = static_cast<std::size_t>(q * 20000.0) - 1;
    const auto real = static_cast<double>(values[place]);
    EXPECT_GE(static_cast<double>(sketch.quantile(q)), real) << q;
    EXPECT_LE(static_cast<double>(sketch.quantile(q)), real * 1.125) << q;
  }
  EXPECT_EQ(LatencySketch{}.quantile(0.5), 0U);
}

TEST(LatencySketch, buckets_follow_each_other_without_a_gap) {
  std::size_t last = 0;
  for (std::uint64_t value = 0; value < 200000; ++value) {
    const std::size_t bucket = LatencySketch::bucket_of(value);
    ASSERT_TRUE(bucket == last || bucket == last + 1) << value;
    if (bucket != last) {
      ASSERT_EQ(LatencySketch::upper_end(last), value - 1);
    }
    last = bucket;
  }
  EXPECT_EQ(LatencySketch::bucket_of(~std::uint64_t{0}), LatencySketch::kBuckets - 1);
}

DigestTable::Ticket enter(DigestTable& table, std::uint64_t key, const std::string& account) {
  return table.enter(key, [&](DigestRow& row) {
    row.account = account;
    row.instance = "main";
    row.digest = std::to_string(key);
  });
}

TEST(DigestTable, is_bounded_and_keeps_the_sums_of_what_made_room) {
  DigestTable table(10);
  for (std::uint64_t key = 1; key <= 100; ++key) {
    const auto ticket = enter(table, key, key % 2 == 0 ? "ana" : "app");
    table.judged(ticket, 1, false);
    table.ended(ticket, {.microseconds = key, .rows = 2, .affected = 1, .failed = false}, {});
  }
  const auto rows = table.rows();
  EXPECT_EQ(rows.size(), 12U);
  std::uint64_t count = 0;
  std::uint64_t recorded = 0;
  std::uint64_t sketched = 0;
  for (const DigestRow& row : rows) {
    count += row.count;
    recorded += row.verdicts[1];
    sketched += row.latency.count();
  }
  EXPECT_EQ(count, 100U);
  EXPECT_EQ(recorded, 100U);
  EXPECT_EQ(sketched, 100U);
}

TEST(DigestTable, what_ends_after_its_entry_made_room_counts_nowhere_wrong) {
  DigestTable table(1);
  const auto first = enter(table, 1, "app");
  const auto second = enter(table, 2, "app");
  table.ended(first, {.microseconds = 5, .rows = 0, .affected = 0, .failed = true}, {});
  table.ended(second, {.microseconds = 7, .rows = 0, .affected = 0, .failed = false}, {});
  std::uint64_t errors = 0;
  for (const DigestRow& row : table.rows()) errors += row.errors;
  EXPECT_EQ(errors, 0U);
}

TEST(DigestTable, shadow_verdicts_are_counted_apart) {
  DigestTable table;
  const auto ticket = enter(table, 1, "app");
  table.judged(ticket, 4, true);
  table.judged(ticket, 0, false);
  const auto row = table.rows().at(0);
  EXPECT_EQ(row.shadow[4], 1U);
  EXPECT_EQ(row.verdicts[0], 2U);
  EXPECT_EQ(row.verdicts[4], 0U);
}

TEST(DigestTable, what_did_not_run_was_seen_all_the_same) {
  DigestTable table;
  const auto ticket = enter(table, 1, "app");
  const std::chrono::system_clock::time_point early{std::chrono::hours(1)};
  const std::chrono::system_clock::time_point late{std::chrono::hours(2)};
  table.judged(ticket, 2, false);
  table.stopped(ticket, early);
  table.judged(ticket, 2, false);
  table.stopped(ticket, late);
  const auto row = table.rows().at(0);
  EXPECT_EQ(row.count, 2U);
  EXPECT_EQ(row.errors, 0U);
  EXPECT_EQ(row.latency.count(), 0U);
  EXPECT_EQ(row.first_seen, early);
  EXPECT_EQ(row.last_seen, late);
}

TEST(Digests, rows_of_several_threads_are_added) {
  DigestTable one;
  DigestTable two;
  for (DigestTable* table : {&one, &two}) {
    const auto ticket = enter(*table, 9, "app");
    table->ended(ticket, {.microseconds = 100, .rows = 1, .affected = 0, .failed = false}, {});
  }
  (void)enter(two, 10, "ana");
  auto rows = one.rows();
  for (auto& row : two.rows()) rows.push_back(row);
  const auto merged = merge(rows);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].count, 2U);
  EXPECT_EQ(merged[0].latency.count(), 2U);
  EXPECT_EQ(merged[0].digest, "9");
}

}  // namespace
}  // namespace sluice::session

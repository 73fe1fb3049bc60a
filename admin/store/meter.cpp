#include "admin/store/meter.h"

#include <algorithm>

#include "admin/store/types.h"

namespace sluice::store {
namespace {

class MeteredDatabase final : public Database {
 public:
  MeteredDatabase(std::unique_ptr<Database> database, Meter& meter)
      : database_(std::move(database)), meter_(meter) {
    database_->count_lock_waits(&meter.locks);
  }

  [[nodiscard]] Dialect dialect() const noexcept override { return database_->dialect(); }
  [[nodiscard]] Result<Rows> run(std::string_view sql, std::span<const Cell> values) override {
    const auto begin = std::chrono::steady_clock::now();
    auto rows = database_->run(sql, values);
    count(begin, rows);
    return rows;
  }
  [[nodiscard]] Result<void> script(const std::string& sql) override {
    const auto begin = std::chrono::steady_clock::now();
    auto done = database_->script(sql);
    count(begin, done);
    return done;
  }

 private:
  template <class T>
  void count(std::chrono::steady_clock::time_point begin, const Result<T>& result) {
    meter_.statements.add(std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begin));
    if (result || !Meter::is_failure(result.error().kind)) return;
    ++meter_.failures.at(static_cast<std::size_t>(result.error().kind));
  }

  std::unique_ptr<Database> database_;
  Meter& meter_;
};

}  // namespace

void Turn::lock() {
  if (mutex_.try_lock()) {
    waits_.add(std::chrono::microseconds(0));
    return;
  }
  const auto begin = std::chrono::steady_clock::now();
  mutex_.lock();
  waits_.add(std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin));
}

void Durations::add(std::chrono::microseconds took) noexcept {
  const double seconds = static_cast<double>(took.count()) / 1e6;
  const auto at = std::ranges::lower_bound(kBounds, seconds) - kBounds.begin();
  ++buckets_.at(static_cast<std::size_t>(at));
  sum_us_ += static_cast<std::uint64_t>(std::max<std::int64_t>(took.count(), 0));
}

std::uint64_t Durations::count() const noexcept {
  std::uint64_t all = 0;
  for (const auto& bucket : buckets_) all += bucket;
  return all;
}

bool Meter::is_failure(Failure kind) noexcept {
  switch (kind) {
    case Failure::kBusy:
    case Failure::kFull:
    case Failure::kUnavailable:
    case Failure::kNewer:
    case Failure::kWrongKey:
    case Failure::kOther: return true;
    case Failure::kConflict:
    case Failure::kReference:
    case Failure::kRefused:
    case Failure::kNotFound: break;
  }
  return false;
}

std::unique_ptr<Database> metered(std::unique_ptr<Database> database, Meter& meter) {
  return std::make_unique<MeteredDatabase>(std::move(database), meter);
}

}  // namespace sluice::store

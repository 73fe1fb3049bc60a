#include "admin/change/rollback_reverse.h"

namespace sluice::change {

using binlog::Rows;

binlog::Result<Rows> reversed(const Rows& rows, wire::Buffer& images) {
  if (rows.partial) {
    return binlog::Error{binlog::Fault::kIncomplete, "the rows hold only parts of JSON values"};
  }
  Rows other = rows;
  other.before = rows.after;
  other.after = rows.before;
  if (rows.kind == Rows::Kind::kWrite) other.kind = Rows::Kind::kDelete;
  if (rows.kind == Rows::Kind::kDelete) other.kind = Rows::Kind::kWrite;
  // The newest row is undone first: it is the oldest of what the rollback did.
  std::vector<std::pair<wire::Bytes, wire::Bytes>> all;
  binlog::RowReader reader(rows);
  binlog::Row row;
  while (true) {
    const auto more = reader.next(row);
    if (!more) return more.error();
    if (!*more) break;
    all.emplace_back(row.after_bytes, row.before_bytes);
  }
  images.clear();
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    images.insert(images.end(), at->first.begin(), at->first.end());
    images.insert(images.end(), at->second.begin(), at->second.end());
  }
  other.images = images;
  return other;
}

store::Result<void> keep_reversed(const KeepServices& services, store::Id task,
                                  std::int64_t attempt, const RollbackScript& script,
                                  const ConflictReport& left) {
  store::RollbackData data;
  data.task = task;
  data.attempt = attempt;
  data.source = store::RollbackSource::kRows;
  data.created_at = services.now;
  data.expires_at =
      services.now + std::chrono::hours(24 * static_cast<std::int64_t>(services.limits.days));
  const auto id = services.store.rollbacks().begin(data);
  if (!id) return id.error();
  data.id = *id;
  RollbackWriter writer(
      services.limits.max_mib << 20U, [&](std::int64_t position, std::string_view chunk) {
        return services.store.rollbacks().add_chunk(data.id, position, chunk).has_value();
      });
  std::uint64_t event = 0;
  std::string refused;
  const auto visited = script.visit([&](const KeptRows& whole) {
    KeptRows kept = whole;
    wire::Buffer fewer;
    wire::Buffer images;
    if (auto out = leave_out(kept, event++, left.places, fewer); !out) refused = out.error().what;
    const auto other = reversed(kept.rows, images);
    if (!other) refused = other.error().what;
    if (!refused.empty()) return false;
    std::uint64_t count = 0;
    binlog::RowReader reader(*other);
    binlog::Row row;
    for (auto more = reader.next(row); more && *more; more = reader.next(row)) ++count;
    if (count == 0 || writer.add(kept.header, *other, 1, count)) return true;
    refused = "the rows of the rollback could not be kept";
    return false;
  });
  if (!visited) refused = visited.error().what;
  if (refused.empty() && !writer.flush()) refused = "the rows of the rollback could not be kept";
  RollbackHeader header = script.header();
  header.tables = writer.tables();
  header.withdrawn.clear();
  header.cascades_logged = false;
  header.sql_only = true;
  data.state = refused.empty() ? store::RollbackState::kWhole : store::RollbackState::kRefused;
  data.reason = refused;
  data.header = to_json(header);
  data.rows = static_cast<std::int64_t>(header.rows());
  data.bytes = static_cast<std::int64_t>(writer.bytes());
  data.chunks = writer.chunks();
  return services.store.rollbacks().end(data);
}

}  // namespace sluice::change

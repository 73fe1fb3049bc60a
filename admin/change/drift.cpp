// The pure parts of scans: how a live schema differs from its record.
#include <algorithm>
#include <charconv>
#include <set>

#include "admin/change/scan.h"
#include "admin/change/text_diff.h"

namespace sluice::change {

schema::Target target_of(std::string_view version_text) {
  schema::Target target;
  target.mariadb = version_text.find("MariaDB") != std::string_view::npos;
  // MariaDB before 11 could put "5.5.5-" before its own number.
  if (target.mariadb && version_text.starts_with("5.5.5-")) version_text.remove_prefix(6);
  std::uint32_t parts[3] = {};
  const char* at = version_text.data();
  const char* const end = at + version_text.size();
  for (auto& part : parts) {
    const auto [next, fault] = std::from_chars(at, end, part);
    if (fault != std::errc{} || part > 999) break;
    at = next;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (parts[0] != 0) target.version = parts[0] * 10000 + parts[1] * 100 + parts[2];
  return target;
}

Drift find_drift(schema::Schema recorded, schema::Schema live, const schema::Target& target,
                 const schema::CompareOptions& how) {
  recorded.name = live.name;
  schema::DiffOptions options;
  options.target = target;
  options.compare = how;
  Drift drift;
  const auto adopt = diff(recorded, live, options);
  if (adopt.empty()) return drift;
  std::set<std::string> objects;
  for (const auto& change : adopt) objects.insert(change.object);
  drift.objects.assign(objects.begin(), objects.end());
  drift.adopt = print_changes(adopt, true);
  drift.revert = print_changes(diff(live, recorded, options), true);
  drift.recorded_text = canonical_text(recorded, target);
  drift.live_text = canonical_text(live, target);
  drift.diff = unified_diff(drift.recorded_text, drift.live_text);
  return drift;
}

}  // namespace sluice::change

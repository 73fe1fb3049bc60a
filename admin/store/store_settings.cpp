// Settings of the workspace: rows of `meta`, each under a name of its own.
#include <charconv>
#include <optional>

#include "admin/store/store_rows.h"

namespace sluice::store {
namespace {

constexpr std::string_view kName = "settings.name";
constexpr std::string_view kPublicUrl = "settings.public_url";
constexpr std::string_view kMinPasswordLength = "settings.min_password_length";
constexpr std::string_view kHours = "settings.session_hours";

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = fault == std::errc{} && end == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

// What somebody wrote into the table by hand must not let short passwords in.
std::int64_t length_of(const std::string& text) {
  return std::max<std::int64_t>(number(text).value_or(0), kMinPassword);
}

// Nor make sessions that never end, or that are over before they begin.
std::int64_t hours_of(const std::string& text) {
  const auto hours = number(text).value_or(kSessionHours);
  return hours < 1 || hours > kMaxSessionHours ? kSessionHours : hours;
}

}  // namespace

Result<WorkspaceSettings> Store::settings() {
  const std::lock_guard lock(mutex_);
  const auto rows = run(*database_, "SELECT name, value FROM meta WHERE name IN ($1, $2, $3, $4)",
                        {std::string(kName), std::string(kPublicUrl),
                         std::string(kMinPasswordLength), std::string(kHours)});
  if (!rows) return rows.error();
  WorkspaceSettings settings;
  for (const Row& row : rows->rows) {
    const std::string name = text(row.at(0));
    std::string value = text(row.at(1));
    if (name == kMinPasswordLength) {
      settings.min_password_length = length_of(value);
    } else if (name == kHours) {
      settings.session_hours = hours_of(value);
    } else {
      (name == kName ? settings.name : settings.public_url) = std::move(value);
    }
  }
  return settings;
}

Result<void> Store::set_settings(const WorkspaceSettings& settings) {
  const std::lock_guard lock(mutex_);
  return checked(
      run(*database_,
          "INSERT INTO meta (name, value) VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8) ON "
          "CONFLICT (name) DO UPDATE SET value = excluded.value",
          {std::string(kName), settings.name, std::string(kPublicUrl), settings.public_url,
           std::string(kMinPasswordLength), std::to_string(settings.min_password_length),
           std::string(kHours), std::to_string(settings.session_hours)}));
}

}  // namespace sluice::store

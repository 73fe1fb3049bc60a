#include "proxy/session/tracking.h"

#include <utility>

namespace sluice::session {
namespace {

// One value for all sessions that have no server yet.
const std::shared_ptr<const Facts>& no_facts() {
  static const auto none = std::make_shared<const Facts>();
  return none;
}

}  // namespace

Tracking::Tracking() : facts_(no_facts()) {}

void Tracking::learned(std::shared_ptr<const backend::SessionReport> report) {
  report_ = std::move(report);
  uncertain_ = report_ ? 0 : fact::kAll;
  if (!report_) return;
  Facts facts;
  facts.schema = report_->schema;
  facts.sql_mode = parser::sql_mode_bits(report_->sql_mode);
  const auto charset = parser::charset_by_name(report_->charset);
  if (charset) facts.charset = *charset;
  if (!charset) uncertain_ = fact::kCharset;  // one that nobody here knows how to read
  facts_ = std::make_shared<const Facts>(std::move(facts));
}

void Tracking::forget() {
  facts_ = no_facts();
  report_.reset();
  gtids_.clear();
  uncertain_ = awaited_ = 0;
  ask_ = false;
}

void Tracking::begin(const TextHints& hints) noexcept {
  awaited_ = hints.changes;
  ask_ = hints.ask;
  gtids_.clear();
  gtids_complete_ = true;
}

void Tracking::on_state(wire::Bytes session_state, bool ends_rows) {
  std::shared_ptr<Facts> changed;
  std::uint8_t confirmed = 0;
  wire::StateReader changes(session_state);
  for (;;) {
    const auto change = changes.next();
    if (!change) {
      uncertain_ = fact::kAll;  // a server that writes what it cannot mean
      break;
    }
    if (!*change) break;
    const wire::StateChange& item = **change;
    if (item.type == wire::StateType::kGtids) {
      gtids_ = item.value.substr(0, kMaxGtids);  // each is the union of those before
      gtids_complete_ = item.value.size() <= kMaxGtids;
    } else if (item.type == wire::StateType::kSchema) {
      if (!changed) changed = std::make_shared<Facts>(*facts_);
      changed->schema = item.value;
      confirmed |= fact::kSchema;
    } else if (item.type == wire::StateType::kSystemVariable) {
      if (item.name == "last_gtid") {
        add_gtid(item.value);
      } else {
        if (!changed) changed = std::make_shared<Facts>(*facts_);
        on_variable(item, *changed, confirmed);
      }
    }
  }
  if (changed && confirmed != 0) facts_ = std::move(changed);
  if (ends_rows) {
    uncertain_ |= confirmed;
  } else {
    awaited_ &= static_cast<std::uint8_t>(~confirmed);
    uncertain_ &= static_cast<std::uint8_t>(~confirmed);
  }
}

void Tracking::on_variable(const wire::StateChange& change, Facts& facts, std::uint8_t& confirmed) {
  if (change.name == "sql_mode") {
    facts.sql_mode = parser::sql_mode_bits(change.value);
    confirmed |= fact::kSqlMode;
  } else if (change.name == "character_set_client") {
    const auto charset = parser::charset_by_name(change.value);
    if (charset) facts.charset = *charset;
    if (charset) confirmed |= fact::kCharset;
    if (!charset) uncertain_ |= fact::kCharset;
  }
}

void Tracking::add_gtid(std::string_view gtid) {
  if (gtids_.size() + gtid.size() + 1 > kMaxGtids) {
    gtids_complete_ = false;
    return;
  }
  if (!gtids_.empty()) gtids_ += ',';
  gtids_ += gtid;
}

void Tracking::end(bool schema_dropped) noexcept {
  if (schema_dropped && !facts_->schema.empty()) uncertain_ |= fact::kSchema;
  uncertain_ |= awaited_;
  if (ask_) uncertain_ = fact::kAll;
  awaited_ = 0;
  ask_ = false;
}

wire::StateFilter Tracking::filter() const noexcept {
  wire::StateFilter filter;
  if (!report_) return filter;
  filter.schema = report_->track_schema;
  filter.gtids = report_->gtids != "OFF";
  filter.all_variables = report_->variables == "*";
  filter.variables = report_->variables;
  return filter;
}

}  // namespace sluice::session

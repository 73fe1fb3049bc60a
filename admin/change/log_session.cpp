#include "admin/change/log_session.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "admin/change/server_facts.h"
#include "admin/change/target.h"

namespace sluice::change {
namespace {

constexpr const char* kWatch = "instance.watch";
constexpr std::size_t kMaxKeptStatement = 1U << 20U;  // bytes; a longer one is cut
constexpr unsigned kLogFault = 1236;

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

LogEnd LogSession::run() {
  if (!connect()) {
    if (cancellation_.requested()) return LogEnd::kStopped;
    meter_.set_state(instance_, name_, WatchMeter::State::kAway);
    return LogEnd::kLater;
  }
  const auto opened = open();
  if (opened != LogEnd::kAgain) return opened;
  const auto ended = read();
  if (ended == LogEnd::kAgain) meter_.set_state(instance_, name_, WatchMeter::State::kAway);
  // What was read stays read; another program, or the next start, may take it at once.
  if (ended == LogEnd::kStopped && keep(true))
    static_cast<void>(services_.store.outside().leave_watch(instance_, config_.holder));
  return ended;
}

bool LogSession::connect() {
  const auto instance = services_.store.instance(instance_);
  if (!instance) return false;
  name_ = instance->name;
  const auto secrets = services_.store.instance_secrets(instance_);
  const auto environment = services_.store.environment(instance->environment);
  if (!secrets || !environment) return false;
  auto options = control_options(*instance, *secrets);
  if (!options) return false;
  options_ = std::move(*options);
  ignored_ = read_drift_settings(environment->drift).settings.pattern();
  auto opened = mysql::Connection::open(options_);
  if (!opened) return false;  // scans say so
  control_ = std::move(*opened);
  authors_.emplace(*control_, config_.sample);
  const bool mariadb = control_->is_mariadb();
  dialect_.engine = mariadb ? parser::Engine::MariaDb : parser::Engine::MySql;
  dialect_.server_version = control_->version();
  const auto facts =
      control_->rows(mariadb ? "SELECT CONCAT(@@server_id, '@', @@hostname, ':', @@port), "
                               "@@lower_case_table_names"
                             : "SELECT @@server_uuid, @@lower_case_table_names");
  if (!facts || facts->empty()) return false;
  server_ = facts->front().at(0).value_or("");
  const auto lower = number(facts->front().at(1).value_or("0"));
  dialect_.lower_case_table_names = static_cast<std::uint8_t>(lower);
  return true;
}

LogEnd LogSession::unavailable(const std::string& why) {
  store::SeenAnomaly seen;
  seen.anomaly.kind = kWatch;
  seen.anomaly.instance = instance_;
  seen.anomaly.severity = name(Severity::kInfo);
  seen.anomaly.title = "The binary log is not followed";
  seen.anomaly.detail = why +
                        " Changes outside Sluice are found by scans alone: without their "
                        "statements, times and authors.";
  meter_.set_state(instance_, name_, WatchMeter::State::kUnavailable);
  scans_.report(seen);
  static_cast<void>(services_.store.outside().leave_watch(instance_, config_.holder));
  return LogEnd::kUnavailable;
}

// Where it goes on; `from` is the same for the follower.
mysql::BinlogRequest LogSession::request(const store::WatchedPlace& known,
                                         const BinlogPosition& now,
                                         store::WatchedPlace& from) const {
  mysql::BinlogRequest asked;
  asked.follow = true;
  from = known;
  from.server = server_;
  if (known.server == server_ && !known.file.empty()) {
    asked.from = {known.file, static_cast<std::uint64_t>(known.position)};
    return asked;
  }
  // Another server, after a failover: what it has and we have not seen.
  if (!known.server.empty() && !known.gtids.empty()) {
    if (control_->is_mariadb()) {
      asked.mariadb_from = known.gtids;
      return asked;
    }
    if (const auto set = binlog::GtidSet::parse(known.gtids); set && !now.gtid_executed.empty()) {
      const auto bytes = set->encode();
      asked.had.emplace(bytes.begin(), bytes.end());
      return asked;
    }
  }
  asked.from = {now.file, now.position};
  from = {server_, now.file, static_cast<std::int64_t>(now.position), now.gtid_executed};
  return asked;
}

LogEnd LogSession::open() {
  const auto taken = services_.store.outside().take_watch(
      instance_, config_.holder, services_.now(), services_.now() + config_.lease);
  if (!taken) {
    const bool held = taken.error().kind == store::Failure::kBusy;
    meter_.set_state(instance_, name_,
                     held ? WatchMeter::State::kElsewhere : WatchMeter::State::kAway);
    return LogEnd::kLater;
  }
  resumed_ = !taken->server.empty();
  const auto position = read_position(*control_);
  if (!position) return LogEnd::kLater;
  if (position->file.empty()) {
    return unavailable(
        "The server's binary log is off, or the account may not ask where it stands (REPLICATION "
        "CLIENT, on MariaDB BINLOG MONITOR).");
  }
  mysql::Limits limits;
  limits.cancellation = &cancellation_;
  store::WatchedPlace from;
  const auto asked = request(*taken, *position, from);
  auto opened = mysql::BinlogStream::open(options_, asked, limits);
  if (!opened) {
    if (cancellation_.requested()) return LogEnd::kStopped;
    return refused(opened.error());
  }
  stream_ = std::move(*opened);
  follower_.emplace(from, control_->is_mariadb());
  return LogEnd::kAgain;
}

// The server's answer to the wish to read, which may also come with the first event.
LogEnd LogSession::refused(const mysql::Fault& fault) {
  if (fault.kind != mysql::Failure::kServer) return heard_ ? LogEnd::kAgain : LogEnd::kLater;
  if (fault.number == kLogFault && resumed_) {
    static_cast<void>(services_.store.outside().keep_watch(instance_, config_.holder, {},
                                                           services_.now() + config_.lease));
    services_.log("watch_gap", "instance " + std::to_string(instance_) +
                                   ": the log cannot be read on from where it was; what ran since "
                                   "is left to scans: " +
                                   clean_text(fault.message));
    return LogEnd::kAgain;
  }
  return unavailable("The server says: " + clean_text(fault.message) +
                     ". To follow it, grant the account REPLICATION SLAVE ON *.*.");
}

bool LogSession::keep(bool now) {
  const auto at = std::chrono::steady_clock::now();
  if (!now && at - kept_at_ < config_.lease / 3) return true;
  kept_at_ = at;
  const auto kept = services_.store.outside().keep_watch(
      instance_, config_.holder, follower_->place(), services_.now() + config_.lease);
  // A store that is away comes back; one that gave the watch to another program means it.
  return kept || kept.error().kind != store::Failure::kConflict;
}

LogEnd LogSession::read() {
  while (!cancellation_.requested()) {
    authors_->sample();
    if (heard_ && !keep(false)) return LogEnd::kLater;
    mysql::Limits limits;
    limits.deadline = std::chrono::steady_clock::now() + config_.sample;
    limits.cancellation = &cancellation_;
    const auto event = stream_->next(limits);
    if (!event) {
      if (event.error().kind == mysql::Failure::kDeadline) {
        meter_.reached_end(instance_);
        authors_->caught_up();
        continue;
      }
      if (event.error().kind == mysql::Failure::kCancelled) return LogEnd::kStopped;
      return refused(event.error());
    }
    if (!*event) return LogEnd::kAgain;
    if (!std::exchange(heard_, true)) {
      scans_.resolve(instance_, 0, kWatch);
      meter_.set_state(instance_, name_, WatchMeter::State::kFollowing);
      if (!keep(true)) return LogEnd::kLater;
    }
    count(**event);
    const auto statement = follower_->take(**event, stream_->place());
    if (!statement) {
      // Behind it, the next time.
      static_cast<void>(services_.store.outside().keep_watch(instance_, config_.holder, {},
                                                             services_.now() + config_.lease));
      return unavailable("Its events cannot be read: " + statement.error().what + ".");
    }
    if (*statement) take(**statement);
  }
  return LogEnd::kStopped;
}

void LogSession::count(const mysql::BinlogEventView& event) {
  if (event.timestamp == 0) return;
  const auto now = std::chrono::floor<std::chrono::seconds>(services_.now());
  meter_.read_event(instance_, now.time_since_epoch() - std::chrono::seconds(event.timestamp));
}

bool LogSession::is_ignored(const TouchedDatabase& touched) const {
  return !touched.itself && !touched.objects.empty() &&
         std::all_of(touched.objects.begin(), touched.objects.end(),
                     [&](const auto& name) { return std::regex_match(name, ignored_); });
}

std::optional<store::Id> LogSession::database(const std::string& name) {
  auto databases = services_.store.databases();
  auto found = databases.find(instance_, name);
  // Where names mean the same whatever their case, the log has the client's writing of it.
  if (!found && dialect_.lower_case_table_names != 0)
    found = databases.find(instance_, schema::lower(name));
  if (!found) return std::nullopt;
  return found->id;
}

void LogSession::take(const LoggedStatement& logged) {
  auto touched = touched_by(logged, dialect_);
  std::erase_if(touched, [&](const auto& one) { return is_ignored(one); });
  if (touched.empty()) return;
  const auto passed = services_.store.outside().passed(instance_, logged.thread_id, logged.ran_at);
  if (passed && *passed) {
    authors_->passed();
    return;
  }
  meter_.found_statement(instance_);
  store::OutsideStatement statement;
  statement.instance = instance_;
  statement.ran_at = logged.ran_at;
  statement.thread_id = logged.thread_id;
  statement.gtid = logged.gtid;
  statement.server = server_;
  statement.file = logged.end.file;
  statement.position = static_cast<std::int64_t>(logged.end.position);
  statement.statement = clean_text(std::string_view(logged.sql).substr(0, kMaxKeptStatement));
  authors_->name(statement, logged);
  bool all = false;
  for (const auto& one : touched) {
    const auto id = database(one.name);
    if (id) {
      statement.database = *id;
      const auto added = services_.store.outside().add(statement, services_.now());
      if (!added) services_.log("watch_failed", added.error().detail);
      scans_.scan_soon(*id);
    }
    all = all || !id || one.itself;
  }
  // A database that was made or dropped is found by a sync.
  if (all) scans_.sync_soon(instance_);
}

}  // namespace sluice::change

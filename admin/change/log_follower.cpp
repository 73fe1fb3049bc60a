#include "admin/change/log_follower.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "parser/schema/cursor.h"

namespace sluice::change {
namespace {

using binlog::EventType;

// Without blanks and comments at its front; a comment that servers execute stays.
std::string_view without_comments(std::string_view sql) {
  while (!sql.empty()) {
    const auto text = sql.find_first_not_of(" \t\r\n\v\f");
    if (text == std::string_view::npos) return {};
    sql.remove_prefix(text);
    std::size_t end = std::string_view::npos;
    if (sql.starts_with("/*!") || sql.starts_with("/*M!")) return sql;
    if (sql.starts_with("/*")) {
      end = sql.find("*/");
      if (end != std::string_view::npos) end += 2;
    } else if (sql.starts_with("#") || sql.starts_with("-- ")) {
      end = sql.find('\n');
    } else {
      return sql;
    }
    if (end == std::string_view::npos) return {};
    sql.remove_prefix(end);
  }
  return sql;
}

// The bits that a server's sql_mode has in the log (sql/system_variables.h of both servers) to the
// parser's.
std::uint32_t mode_bits(std::uint64_t logged) {
  constexpr std::array<std::pair<std::uint64_t, std::uint32_t>, 7> kBits{{
      {std::uint64_t{1} << 0U, parser::kRealAsFloat},
      {std::uint64_t{1} << 1U, parser::kPipesAsConcat},
      {std::uint64_t{1} << 2U, parser::kAnsiQuotes},
      {std::uint64_t{1} << 3U, parser::kIgnoreSpace},
      {std::uint64_t{1} << 9U, parser::kOracle},
      {std::uint64_t{1} << 20U, parser::kNoBackslashEscapes},
      {std::uint64_t{1} << 29U, parser::kHighNotPrecedence},
  }};
  std::uint32_t bits = 0;
  for (const auto& [theirs, ours] : kBits) {
    if ((logged & theirs) != 0) bits |= ours;
  }
  return bits;
}

std::map<std::uint32_t, binlog::MariaGtid> newest_of(const binlog::GtidSet& set) {
  std::map<std::uint32_t, binlog::MariaGtid> newest;
  for (const auto& gtid : set.maria()) newest[gtid.domain] = gtid;
  return newest;
}

}  // namespace

LogFollower::LogFollower(store::WatchedPlace from, bool mariadb)
    : place_(std::move(from)), mariadb_(mariadb) {
  if (const auto set = binlog::GtidSet::parse(place_.gtids)) {
    done_ = *set;
    maria_done_ = newest_of(*set);
  }
}

void LogFollower::close(const mysql::BinlogPlace& end) {
  in_transaction_ = false;
  place_.file = end.file;
  place_.position = static_cast<std::int64_t>(end.position);
  if (gtid_) {
    done_.add(*gtid_);
    place_.gtids = done_.text();
  }
  if (maria_gtid_) {
    maria_done_[maria_gtid_->domain] = *maria_gtid_;
    place_.gtids.clear();
    for (const auto& [domain, gtid] : maria_done_)
      place_.gtids += (place_.gtids.empty() ? "" : ",") + to_string(gtid);
  }
  gtid_.reset();
  maria_gtid_.reset();
  gtid_text_.clear();
}

binlog::Result<std::optional<LoggedStatement>> LogFollower::take(
    const mysql::BinlogEventView& event, const mysql::BinlogPlace& end) {
  switch (static_cast<EventType>(event.type)) {
    case EventType::kXid:
    case EventType::kXaPrepare: close(end); return std::optional<LoggedStatement>();
    case EventType::kFormatDescription:
    case EventType::kQuery:
    case EventType::kMariaQueryCompressed:
    case EventType::kGtid:
    case EventType::kAnonymousGtid:
    case EventType::kGtidTagged:
    case EventType::kMariaGtid: break;
    // Rows are nobody's schema; where a file ends the stream itself says.
    default: return std::optional<LoggedStatement>();
  }
  const auto decoded = decoder_.decode(event.bytes);
  if (!decoded) return decoded.error();
  if (const auto* gtid = std::get_if<binlog::Gtid>(&decoded->body)) {
    gtid_ = gtid->gtid;
    committed_ = gtid->immediate_commit_microseconds;
    gtid_text_ = gtid->gtid ? to_string(*gtid->gtid) : "";
    in_transaction_ = false;
  } else if (const auto* maria = std::get_if<binlog::MariaGtidEvent>(&decoded->body)) {
    maria_gtid_ = maria->gtid;
    gtid_text_ = to_string(maria->gtid);
    in_transaction_ = !maria->standalone;
  } else if (std::holds_alternative<binlog::Query>(decoded->body)) {
    return take_query(*decoded, end);
  }
  return std::optional<LoggedStatement>();
}

std::optional<LoggedStatement> LogFollower::take_query(const binlog::Event& event,
                                                       const mysql::BinlogPlace& end) {
  const auto& query = std::get<binlog::Query>(event.body);
  const auto word = first_word(query.sql);
  if (word == "begin") {
    in_transaction_ = true;
    return std::nullopt;
  }
  if (word == "commit" || word == "rollback") {
    // ROLLBACK TO SAVEPOINT ends nothing.
    if (query.sql.size() <= 10) close(end);
    return std::nullopt;
  }
  std::optional<LoggedStatement> statement;
  // A statement that failed half way is logged with its error and may have done something.
  if (may_be_ddl(query.sql)) {
    statement.emplace();
    statement->sql = query.sql;
    statement->schema = query.schema;
    statement->sql_mode = query.sql_mode.value_or(0);
    statement->thread_id = query.thread_id;
    statement->ran_at = store::Time(std::chrono::seconds(event.header.timestamp));
    // The time that it took is rounded; a statement that is not timed is committed when it began,
    // at the earliest.
    const std::uint64_t took = query.seconds > 0 ? query.seconds - 1 : 0;
    statement->committed =
        committed_ != 0
            ? store::Time(std::chrono::microseconds(static_cast<std::int64_t>(committed_)))
            : statement->ran_at + std::chrono::seconds(static_cast<std::int64_t>(took));
    statement->user = query.user;
    statement->host = query.host;
    statement->gtid = gtid_text_;
    statement->end = end;
  }
  if (!in_transaction_) close(end);
  return statement;
}

std::string first_word(std::string_view sql) {
  sql = without_comments(sql);
  const auto end = std::find_if(sql.begin(), sql.end(), [](char c) {
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  });
  return schema::lower(sql.substr(0, static_cast<std::size_t>(end - sql.begin())));
}

bool may_be_ddl(std::string_view sql) {
  const auto rest = without_comments(sql);
  if (rest.starts_with("/*")) return true;  // what a server executes in there is not known yet
  constexpr std::array<std::string_view, 5> kWords{"create", "alter", "drop", "rename", "import"};
  const auto word = first_word(sql);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

std::vector<TouchedDatabase> touched_by(const LoggedStatement& statement, parser::Dialect dialect) {
  dialect.sql_mode = mode_bits(statement.sql_mode);
  dialect.schema = statement.schema;
  const auto parsed = parser::parse(statement.sql, dialect);
  std::vector<TouchedDatabase> touched;
  const auto in = [&](const std::string& name) -> TouchedDatabase& {
    for (auto& one : touched) {
      if (one.name == name) return one;
    }
    return touched.emplace_back(TouchedDatabase{name, {}, false});
  };
  if (!parsed.accepted()) {
    if (!statement.schema.empty()) in(statement.schema);
    return touched;
  }
  using parser::Access;
  for (const auto& one : parsed.statements) {
    for (const auto& object : one.facts.objects) {
      const bool changes = has(object.access, Access::Create) ||
                           has(object.access, Access::Alter) || has(object.access, Access::Drop);
      if (!changes || object.temporary) continue;
      if (object.kind == parser::ObjectKind::Schema) {
        in(object.name).itself = true;
      } else if (!object.schema.empty() && object.kind != parser::ObjectKind::User &&
                 object.kind != parser::ObjectKind::Role) {
        in(object.schema).objects.push_back(object.name);
      }
    }
  }
  return touched;
}

}  // namespace sluice::change

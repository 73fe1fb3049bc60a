#include "admin/change/rollback_fetch.h"

#include <algorithm>

#include "admin/change/target.h"
#include "admin/mysql/connection.h"
#include "proxy/binlog/decode.h"
#include "proxy/binlog/payload.h"
#include "proxy/binlog/row_image.h"

namespace sluice::change {
namespace {

using binlog::Selection;

constexpr unsigned kNoPrivilege = 1227;
constexpr std::uint64_t kMaxPayload = std::uint64_t{1} << 40U;  // inflated in pieces
constexpr std::size_t kShownText = 200;                         // bytes of a statement
constexpr std::string_view kRowImage =
    "the binary log does not have the rows whole: set binlog_row_image = FULL before the change";

binlog::Error stop_error() {
  return {binlog::Fault::kOversized, ""};
}

// Feeds events to the selection, and the rows that it takes to the writer.
class Collector {
 public:
  Collector(const FetchWish& wish, RollbackWriter& writer)
      : selection_(wish.criteria), writer_(writer) {}

  // False: refused() says why nothing more is wanted.
  [[nodiscard]] bool event(wire::Bytes bytes) {
    const auto event = decoder_.decode(bytes);
    if (!event) return refuse(event.error().what);
    if (const auto* payload = std::get_if<binlog::TransactionPayload>(&event->body)) {
      return inner_events(*payload);
    }
    return feed(*event);
  }
  [[nodiscard]] bool finish(Fetched& fetched);
  [[nodiscard]] const std::string& refused() const { return refused_; }

 private:
  [[nodiscard]] bool refuse(std::string why) {
    if (refused_.empty()) refused_ = std::move(why);
    return false;
  }
  [[nodiscard]] bool feed(const binlog::Event& event) {
    const auto verdict = selection_.feed(event);
    if (!verdict) return refuse(verdict.error().what);
    if (*verdict != Selection::Verdict::kTake) return true;
    return take(event.header, std::get<binlog::Rows>(event.body));
  }
  [[nodiscard]] bool take(const binlog::EventHeader& header, const binlog::Rows& rows);
  [[nodiscard]] bool inner_events(const binlog::TransactionPayload& payload);

  binlog::Decoder decoder_;
  Selection selection_;
  RollbackWriter& writer_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> groups_;  // that rows were taken of
  bool cascades_logged_ = true;
  bool foreign_keys_off_ = false;
  std::string refused_;
};

bool Collector::take(const binlog::EventHeader& header, const binlog::Rows& rows) {
  const bool whole = std::ranges::all_of(rows.before, [](bool there) { return there; });
  if (!whole) return refuse(std::string(kRowImage));
  std::uint64_t count = 0;
  binlog::RowReader reader(rows);
  binlog::Row row;
  while (true) {
    const auto more = reader.next(row);
    if (!more) return refuse(more.error().what);
    if (!*more) break;
    ++count;
  }
  rows_ += count;
  if (groups_.empty() || groups_.back() != selection_.group())
    groups_.push_back(selection_.group());
  cascades_logged_ = cascades_logged_ && rows.cascades_logged();
  foreign_keys_off_ = foreign_keys_off_ || (rows.flags & binlog::Rows::kNoForeignKeyChecks) != 0;
  if (writer_.add(header, rows, selection_.group(), count)) return true;
  return refuse(writer_.too_large()
                    ? "the change's rows are larger than what may be kept of one change"
                    : "the change's rows could not be kept");
}

// Events without a frame of their own: each says its size.
bool Collector::inner_events(const binlog::TransactionPayload& payload) {
  wire::Buffer pending;
  const auto take_piece = [&](wire::Bytes piece) -> binlog::Result<void> {
    pending.insert(pending.end(), piece.begin(), piece.end());
    std::size_t at = 0;
    while (pending.size() - at >= binlog::kEventHeaderSize) {
      const wire::Bytes rest = wire::Bytes(pending).subspan(at);
      const auto header = binlog::decode_header(rest);
      if (!header) return header.error();
      if (rest.size() < header->size) break;
      const auto event = decoder_.decode_inner(rest.first(header->size));
      if (!event) return event.error();
      if (!feed(*event)) return stop_error();
      at += header->size;
    }
    pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(at));
    return {};
  };
  const auto inflated = binlog::inflate_payload(payload, kMaxPayload, take_piece);
  if (!inflated) return refuse(inflated.error().what);
  return pending.empty() || refuse("a compressed transaction of the binary log ends too early");
}

bool Collector::finish(Fetched& fetched) {
  selection_.finish();
  fetched.format = decoder_.format();
  fetched.rows = rows_;
  fetched.cascades_logged = rows_ > 0 && cascades_logged_;
  fetched.foreign_keys_off = foreign_keys_off_;
  fetched.texts = selection_.texts();
  fetched.texts_cut = selection_.texts_cut();
  if (!selection_.obstacles().empty()) return refuse(selection_.obstacles().front().what);
  for (const auto& text : fetched.texts) {
    if (!text.selected) continue;
    return refuse("the binary log has a statement of the change as text, without its rows: " +
                  std::string(without_tag(text.sql).substr(0, kShownText)));
  }
  if (const auto missing = selection_.missing(); !missing.empty()) {
    return refuse("the binary log does not have the change any more: " + missing.text() +
                  " is not in it");
  }
  if (!writer_.flush()) return refuse("the change's rows could not be kept");
  for (const auto group : groups_) {
    if (selection_.withdrawn(group)) fetched.withdrawn.push_back(group);
  }
  return true;
}

// What keeps a server from sending its log, for a person.
std::string explain(const mysql::Fault& fault) {
  if (fault.number == kNoPrivilege) {
    return "the instance's account may not read the binary log: GRANT REPLICATION SLAVE ON *.* "
           "to it";
  }
  return "the server's binary log does not have the change any more, or is off (" + fault.message +
         ")";
}

// MySQL, by GTID: all that the server has but for what is wanted.
mysql::Result<std::optional<std::vector<std::uint8_t>>> had_set(const mysql::Options& options,
                                                                const FetchWish& wish) {
  std::optional<std::vector<std::uint8_t>> had;
  if (wish.mariadb || !wish.criteria.gtids) return had;
  auto connection = mysql::Connection::open(options);
  if (!connection) return connection.error();
  const auto executed = (*connection)->value("SELECT @@GLOBAL.gtid_executed");
  if (!executed) return executed.error();
  auto set = binlog::GtidSet::parse(executed->value_or(""));
  if (!set) return mysql::Fault{mysql::Failure::kServer, 0, "", set.error().what};
  set->subtract(*wish.criteria.gtids);
  had = set->encode();
  return had;
}

}  // namespace

mysql::Result<Fetched> fetch_rows(const mysql::Options& options, const FetchWish& wish,
                                  RollbackWriter& writer, const mysql::Limits& limits) {
  Fetched fetched;
  auto had = had_set(options, wish);
  if (!had) return had.error();
  mysql::BinlogRequest request;
  request.from = wish.from;
  request.until = wish.until;
  request.had = std::move(*had);
  auto stream = mysql::BinlogStream::open(options, request, limits);
  if (!stream) return stream.error();
  Collector collector(wish, writer);
  while (true) {
    const auto event = (*stream)->next(limits);
    if (!event && event.error().kind == mysql::Failure::kServer) {
      fetched.refused = explain(event.error());
      return fetched;
    }
    if (!event) return event.error();
    if (!*event) break;
    if (!collector.event((*event)->bytes)) break;
  }
  if (collector.refused().empty()) static_cast<void>(collector.finish(fetched));
  fetched.refused = collector.refused();
  return fetched;
}

}  // namespace sluice::change

#include "admin/change/gate_log.h"

#include "admin/mysql/binlog_stream.h"
#include "proxy/binlog/decode.h"

namespace sluice::change {
namespace {

constexpr std::size_t kTagReach = 400;  // bytes into a text within which a tag may begin
constexpr std::chrono::seconds kTime{60};

class Tracer {
 public:
  Tracer(std::uint64_t thread_id, const std::string& tag) : thread_id_(thread_id), tag_(tag) {}

  void feed(const binlog::Event& event) {
    if (const auto* gtid = std::get_if<binlog::Gtid>(&event.body)) {
      begin(gtid->gtid ? binlog::to_string(*gtid->gtid) : "");
    } else if (const auto* maria = std::get_if<binlog::MariaGtidEvent>(&event.body)) {
      begin(binlog::to_string(maria->gtid));
      // The rows of a group are behind no BEGIN that would name their session.
      nameless_ = !maria->standalone;
    } else if (const auto* query = std::get_if<binlog::Query>(&event.body)) {
      on_query(*query);
    } else if (const auto* text = std::get_if<binlog::RowsQuery>(&event.body)) {
      if (has_tag(text->sql)) ours_ = trace_.tag = true;
    } else if (std::holds_alternative<binlog::Xid>(event.body)) {
      commit();
    } else if (std::holds_alternative<binlog::TransactionPayload>(event.body)) {
      blind_ = true;  // compressed: whose it is stands within
    }
  }

  [[nodiscard]] SessionTrace finish(bool whole) {
    trace_.whole = whole && !blind_;
    return trace_;
  }

 private:
  void begin(std::string gtid) {
    gtid_ = std::move(gtid);
    ours_ = false;
    nameless_ = false;
  }
  void on_query(const binlog::Query& query) {
    const bool named = query.thread_id == thread_id_ && thread_id_ != 0;
    if (has_tag(query.sql)) ours_ = trace_.tag = true;
    ours_ = ours_ || named;
    if (query.sql == "BEGIN") return;
    if (query.sql == "ROLLBACK") return begin("");
    // COMMIT, or a statement that is a transaction by itself.
    commit();
  }
  void commit() {
    if (ours_) {
      trace_.committed = true;
      if (!gtid_.empty()) trace_.gtids += (trace_.gtids.empty() ? "" : ",") + gtid_;
    }
    blind_ = blind_ || (nameless_ && !ours_);
    begin("");
  }
  [[nodiscard]] bool has_tag(std::string_view text) const {
    return !tag_.empty() && text.substr(0, kTagReach).find(tag_) != std::string_view::npos;
  }

  std::uint64_t thread_id_;
  const std::string& tag_;
  SessionTrace trace_;
  std::string gtid_;
  bool ours_ = false;
  bool nameless_ = false;
  bool blind_ = false;
};

}  // namespace

SessionTrace trace_session(const mysql::Options& options, const store::BinlogPosition& from,
                           std::uint64_t thread_id, const std::string& tag) {
  Tracer tracer(thread_id, tag);
  if (from.file.empty()) return tracer.finish(false);
  mysql::Limits limits;
  limits.deadline = std::chrono::steady_clock::now() + kTime;
  mysql::BinlogRequest request;
  request.texts = true;
  request.from = {from.file, static_cast<std::uint64_t>(from.position)};
  auto stream = mysql::BinlogStream::open(options, request, limits);
  if (!stream) return tracer.finish(false);
  binlog::Decoder decoder;
  while (true) {
    const auto event = (*stream)->next(limits);
    if (!event) return tracer.finish(false);
    if (!event->has_value()) return tracer.finish(true);
    const auto decoded = decoder.decode((*event)->bytes);
    if (!decoded) return tracer.finish(false);
    tracer.feed(*decoded);
  }
}

}  // namespace sluice::change

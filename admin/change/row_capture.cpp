#include "admin/change/row_capture.h"

#include <algorithm>

#include "admin/change/server_facts.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

constexpr std::uint64_t kWholeTable = 20'000;  // rows of a table that is read as a whole
constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;  // of one statement's rows
constexpr std::size_t kKeysAtOnce = 500;

bool is_word(std::string_view text, std::string_view word) {
  return schema::same_name(text, word);
}

// Hands rows on; stops beyond a number of bytes.
class RowSink final : public mysql::Sink {
 public:
  using Take = std::function<bool(std::span<const mysql::CellView>)>;
  explicit RowSink(Take take) : take_(std::move(take)) {}
  bool columns(std::span<const mysql::Column>) override { return true; }
  bool row(std::span<const mysql::CellView> cells) override { return take_(cells); }
  bool done(const mysql::Completion&) override { return true; }

 private:
  Take take_;
};

// Where the first of the words stands outside of parentheses; the end when none does.
std::size_t find_words(const policy::rules::Part& part, std::size_t from,
                       std::initializer_list<std::string_view> words) {
  int depth = 0;
  for (const auto& token : part.tokens) {
    const auto text = token.text(part.text);
    if (text == "(") ++depth;
    if (text == ")") --depth;
    if (depth != 0 || token.start < from) continue;
    if (std::ranges::any_of(words, [&](auto word) { return is_word(text, word); })) {
      return token.start;
    }
  }
  return part.text.size();
}

// Behind UPDATE or DELETE FROM and what may stand there: LOW_PRIORITY, QUICK, IGNORE.
std::size_t behind_verb(const policy::rules::Part& part, std::string_view verb) {
  std::size_t at = 0;
  for (const auto& token : part.tokens) {
    const auto text = token.text(part.text);
    if (at != 0) at = token.start;
    const bool skipped = is_word(text, verb) || is_word(text, "LOW_PRIORITY") ||
                         is_word(text, "QUICK") || is_word(text, "IGNORE") || is_word(text, "FROM");
    if (!skipped) return at == 0 ? part.text.size() : at;
    at = std::max<std::size_t>(token.end, 1);
  }
  return part.text.size();
}

bool reads_only(const parser::StatementFacts& facts) {
  using parser::ActionGroup;
  return facts.group == ActionGroup::Read || facts.group == ActionGroup::Session ||
         facts.group == ActionGroup::Transaction;
}

}  // namespace

CapturePlan plan_capture(const policy::rules::SheetStatement& statement,
                         const std::string& database) {
  CapturePlan plan;
  const auto* facts = statement.facts();
  if (facts == nullptr) {
    plan.refused = "the statement is not understood";
    return plan;
  }
  if (reads_only(*facts) && facts->class_name != "rollback_to_savepoint") {
    plan.nothing = true;
    return plan;
  }
  std::size_t written = 0;
  for (const auto& object : facts->objects) {
    if (!parser::has(object.access, parser::Access::Write)) continue;
    ++written;
    plan.schema = object.schema.empty() ? database : object.schema;
    plan.table = object.name;
    if (object.kind != parser::ObjectKind::Table) plan.refused = "it writes to a view or routine";
  }
  const bool dml = facts->group == parser::ActionGroup::Dml && !facts->dynamic;
  if (!dml || written != 1 || !plan.refused.empty()) {
    plan.refused = "only statements that write rows of one table can be undone without the log";
    return plan;
  }
  const std::string& name = facts->class_name;
  plan.inserts = name == "insert" || name == "insert_select";
  const bool single = name == "update" || name == "delete";
  if (!single || statement.parts.empty()) return plan;
  const auto& part = statement.parts.front();
  const std::size_t from = behind_verb(part, name);
  const std::size_t source_end = find_words(part, from, {"SET", "WHERE", "ORDER", "LIMIT"});
  const std::size_t tail = find_words(part, from, {"WHERE", "ORDER", "LIMIT"});
  const std::size_t end = find_words(part, from, {"RETURNING"});
  if (from >= part.text.size() || source_end <= from) return plan;
  plan.source = std::string(part.text.substr(from, std::min(source_end, end) - from));
  if (tail < end) plan.tail = std::string(part.text.substr(tail, end - tail));
  return plan;
}

mysql::Result<bool> logs_rows(mysql::Connection& connection) {
  const auto row = connection.rows(
      "SELECT @@GLOBAL.log_bin, @@SESSION.binlog_format, @@SESSION.binlog_row_image");
  if (!row && row.error().kind != mysql::Failure::kServer) return row.error();
  if (!row || row->empty()) return false;
  const auto& cells = row->front();
  return cells.at(0) == "1" && cells.at(1) == "ROW" && cells.at(2) == "FULL";
}

void RowCapture::refuse(std::string why) {
  if (refused_.empty()) refused_ = clean_text(why);
}

void RowCapture::begin(SnapshotReader& reader, const std::string& database) {
  data_.task = task_;
  data_.attempt = attempt_;
  data_.source = store::RollbackSource::kRows;
  data_.created_at = services_.now;
  data_.expires_at =
      services_.now + std::chrono::hours(24 * static_cast<std::int64_t>(services_.limits.days));
  const auto id = services_.store.rollbacks().begin(data_);
  if (!id) return refuse(id.error().detail);
  data_.id = *id;
  writer_.emplace(
      services_.limits.max_mib << 20U,
      [this](std::int64_t position, std::string_view chunk) { return keep(position, chunk); });
  header_.target = reader.server().target;
  header_.server_version = reader.server().version;
  header_.sql_only = true;
  database_ = database;
  auto snapshot = reader.read(database);
  if (!snapshot) return refuse("the tables could not be read: " + snapshot.error().message);
  snapshot->schema.name = database;
  shapes_.add(std::move(snapshot->schema), header_.target);
}

bool RowCapture::keep(std::int64_t position, std::string_view chunk) {
  const auto put = services_.store.rollbacks().add_chunk(data_.id, position, chunk);
  if (!put) refuse("the rows could not be kept: " + put.error().detail);
  return put.has_value();
}

bool RowCapture::fits(const binlog::TableShape& shape, const CapturePlan& plan) {
  if (!shape.triggers.empty()) {
    refuse("table " + plan.table + " has triggers, whose changes are not known without the log");
  }
  for (const auto& reference : shape.referenced_by) {
    if (!plan.inserts && (reference.delete_changes || reference.update_changes)) {
      refuse("rows of table " + reference.table + " follow those of " + plan.table +
             " by foreign key, and what becomes of them is not known without the log");
    }
  }
  return refused_.empty();
}

RowImages* RowCapture::images_of(const CapturePlan& plan) {
  const std::pair<std::string, std::string> key(plan.schema, plan.table);
  const auto known = images_.find(key);
  if (known != images_.end()) return &known->second;
  const auto* shape = shapes_.find(plan.schema, plan.table);
  if (shape == nullptr) {
    refuse("table " + plan.table + " is not in the change's own database");
    return nullptr;
  }
  if (!fits(*shape, plan)) return nullptr;
  auto made = RowImages::make(*shape);
  if (!made) {
    refuse(made.error().what);
    return nullptr;
  }
  return &images_.emplace(key, std::move(*made)).first->second;
}

std::optional<mysql::Fault> RowCapture::read(const std::string& sql, const RowImages& images,
                                             Rows& rows) {
  bytes_ = 0;
  RowSink sink([&](std::span<const mysql::CellView> cells) {
    auto image = images.encode(cells);
    if (!image) {
      refuse(image.error().what);
      return false;
    }
    bytes_ += image->size();
    keys_.push_back(images.key_literals(cells));
    rows[images.identify(cells)] = std::move(*image);
    if (bytes_ <= kMaxBytes) return true;
    refuse("the rows of one statement are larger than 64 MiB");
    return false;
  });
  const auto outcome = session_.stream(sql, sink);
  if (outcome || outcome.error().kind == mysql::Failure::kStopped) return std::nullopt;
  if (outcome.error().kind != mysql::Failure::kServer) return outcome.error();
  refuse("the rows could not be read: " + outcome.error().message);
  return std::nullopt;
}

std::optional<mysql::Fault> RowCapture::before(const CapturePlan& plan, bool in_transaction) {
  own_transaction_ = false;
  rows_.clear();
  keys_.clear();
  above_.clear();
  if (!refused_.empty() || plan.nothing) return std::nullopt;
  if (!plan.refused.empty()) {
    refuse(plan.refused);
    return std::nullopt;
  }
  const RowImages* images = images_of(plan);
  if (images == nullptr) return std::nullopt;
  if (!in_transaction) {
    const auto begun = session_.query("START TRANSACTION");
    if (!begun) return begun.error();
    own_transaction_ = true;
  }
  const std::string list = "SELECT " + images->select_list() + " FROM ";
  if (!plan.source.empty()) {
    return read(list + plan.source + " " + plan.tail + " FOR UPDATE", *images, rows_);
  }
  const auto count = session_.value("SELECT COUNT(*) FROM (SELECT 1 FROM " + images->table_name() +
                                    " LIMIT " + std::to_string(kWholeTable + 1) + ") few");
  if (!count) return count.error();
  if (std::strtoull(count->value_or("0").c_str(), nullptr, 10) <= kWholeTable) {
    return read(list + images->table_name() + " FOR UPDATE", *images, rows_);
  }
  if (!plan.inserts || images->key().size() != 1) {
    refuse("table " + plan.table + " has more than " + std::to_string(kWholeTable) +
           " rows, and which the statement changes cannot be told beforehand");
    return std::nullopt;
  }
  const auto largest = session_.value("SELECT MAX" + images->key_columns() + " FROM " +
                                      images->table_name() + " FOR UPDATE");
  if (!largest) return largest.error();
  above_ = sqltext::quote_string(largest->value_or(""));
  return std::nullopt;
}

std::optional<mysql::Fault> RowCapture::read_again(const CapturePlan& plan, const RowImages& images,
                                                   Rows& rows) {
  const std::string list = "SELECT " + images.select_list() + " FROM " + images.table_name();
  if (!above_.empty()) {
    return read(list + " WHERE " + images.key_columns() + " > " + above_ + " FOR UPDATE", images,
                rows);
  }
  if (plan.source.empty()) return read(list + " FOR UPDATE", images, rows);
  const std::vector<std::string> keys = std::move(keys_);
  for (std::size_t at = 0; at < keys.size(); at += kKeysAtOnce) {
    std::string in;
    for (std::size_t i = at; i < std::min(at + kKeysAtOnce, keys.size()); ++i) {
      in += (in.empty() ? "" : ", ") + keys[i];
    }
    const auto fault =
        read(list + " WHERE " + images.key_columns() + " IN (" + in + ") FOR UPDATE", images, rows);
    if (fault) return fault;
  }
  return std::nullopt;
}

std::optional<mysql::Fault> RowCapture::after(const CapturePlan& plan, std::int64_t affected_rows) {
  if (plan.nothing) return std::nullopt;
  if (refused_.empty()) {
    const RowImages& images = *images_of(plan);
    Rows now;
    if (auto fault = read_again(plan, images, now)) return fault;
    const bool updates = !plan.source.empty() && !plan.inserts;
    const bool moved = updates && !now.empty() && now.size() != rows_.size();
    if (moved) refuse("the statement changed keys of rows, which are then not found again");
    if (refused_.empty()) write_differences(images, now, affected_rows);
    if (refused_.empty() && !writer_->flush()) refuse("the rows could not be kept");
  }
  if (!own_transaction_) return std::nullopt;
  const auto committed = session_.query("COMMIT");
  if (!committed) return committed.error();
  ++group_;
  return std::nullopt;
}

void RowCapture::write_event(const RowImages& images, binlog::Rows::Kind kind,
                             const wire::Buffer& bytes, std::uint64_t count) {
  if (count == 0) return;
  binlog::Rows event;
  event.kind = kind;
  event.table = images.table();
  event.table_id = images.table()->id;
  const std::vector<bool> all(images.table()->columns.size(), true);
  if (kind != binlog::Rows::Kind::kWrite) event.before = all;
  if (kind != binlog::Rows::Kind::kDelete) event.after = all;
  event.images = bytes;
  if (!writer_->add({}, event, group_, count)) {
    refuse(writer_->too_large() ? "the change's rows are larger than what the environment allows "
                                  "to be kept (rollback.max_mib)"
                                : "the rows could not be kept");
  }
}

void RowCapture::write_differences(const RowImages& images, const Rows& now,
                                   std::int64_t affected_rows) {
  wire::Buffer updated;
  wire::Buffer inserted;
  wire::Buffer deleted;
  std::uint64_t updates = 0;
  std::uint64_t inserts = 0;
  std::uint64_t deletes = 0;
  const auto append = [](wire::Buffer& to, const wire::Buffer& image, std::uint64_t& count) {
    to.insert(to.end(), image.begin(), image.end());
    ++count;
  };
  for (const auto& [id, image] : now) {
    const auto was = rows_.find(id);
    if (was == rows_.end()) {
      append(inserted, image, inserts);
    } else if (was->second != image) {
      updated.insert(updated.end(), was->second.begin(), was->second.end());
      append(updated, image, updates);
    }
  }
  for (const auto& [id, image] : rows_) {
    if (!now.contains(id)) append(deleted, image, deletes);
  }
  if (!above_.empty() && static_cast<std::int64_t>(inserts) != affected_rows) {
    return refuse(
        "which rows the statement inserted cannot be told: their keys do not follow those "
        "that were there");
  }
  // Undone in the opposite order: what was deleted comes back when its place is free.
  write_event(images, binlog::Rows::Kind::kDelete, deleted, deletes);
  write_event(images, binlog::Rows::Kind::kUpdate, updated, updates);
  write_event(images, binlog::Rows::Kind::kWrite, inserted, inserts);
}

void RowCapture::withdraw() {
  if (std::ranges::find(header_.withdrawn, group_) == header_.withdrawn.end()) {
    header_.withdrawn.push_back(group_);
  }
  ++group_;
}

void RowCapture::end() {
  if (data_.id == 0) return;
  if (refused_.empty() && writer_) {
    header_.tables = writer_->tables();
    std::vector<std::string> tables;
    for (const auto& table : header_.tables) tables.push_back(table.table);
    const auto& all = shapes_.schemas();
    const auto own = all.find(database_);
    if (own != all.end()) {
      header_.schemas[database_] = canonical_text(related(own->second, tables), header_.target);
    }
    data_.state = store::RollbackState::kWhole;
    data_.rows = static_cast<std::int64_t>(header_.rows());
    data_.bytes = static_cast<std::int64_t>(writer_->bytes());
    data_.chunks = writer_->chunks();
    data_.header = to_json(header_);
  } else {
    data_.state = store::RollbackState::kRefused;
    data_.reason = refused_;
  }
  static_cast<void>(services_.store.rollbacks().end(data_));
}

}  // namespace sluice::change

#include "admin/change/rollback_script.h"

#include <algorithm>

#include "admin/change/rollback_source.h"
#include "admin/change/row_images.h"
#include "parser/sqltext/quote.h"

namespace sluice::change {
namespace {

constexpr unsigned kNoSuchDatabase = 1049;

std::string full_name(const TableTally& table) {
  return sqltext::quote_identifier(table.schema) + "." + sqltext::quote_identifier(table.table);
}

std::vector<std::string> key_names(const binlog::TableShape& shape, const binlog::UniqueKey& key) {
  std::vector<std::string> names;
  for (const auto column : key.columns) names.push_back(shape.columns[column].name);
  std::ranges::sort(names);
  return names;
}

// Columns as the rows have them; what watches over the table as it is now. A key is one only when
// it was one and still is.
binlog::TableShape merge(const binlog::TableShape& then, const binlog::TableShape& now) {
  binlog::TableShape merged = then;
  merged.triggers = now.triggers;
  std::erase_if(merged.unique_keys, [&](const binlog::UniqueKey& key) {
    return std::ranges::none_of(now.unique_keys, [&](const binlog::UniqueKey& other) {
      return other.prefix == key.prefix && other.functional == key.functional &&
             key_names(now, other) == key_names(then, key);
    });
  });
  for (auto& column : merged.columns) {
    for (const auto& live : now.columns) {
      if (schema::same_name(column.name, live.name)) column.on_update = live.on_update;
    }
  }
  // The columns that a key refers to count in the live table.
  merged.referenced_by.clear();
  for (auto reference : now.referenced_by) {
    std::vector<std::uint32_t> columns;
    for (const auto at : reference.columns) {
      for (std::size_t i = 0; i < then.columns.size(); ++i) {
        if (schema::same_name(then.columns[i].name, now.columns[at].name)) {
          columns.push_back(static_cast<std::uint32_t>(i));
        }
      }
    }
    reference.columns = std::move(columns);
    merged.referenced_by.push_back(std::move(reference));
  }
  return merged;
}

bool cascades(const binlog::TableShape& shape) {
  return std::ranges::any_of(shape.referenced_by, [](const binlog::Reference& reference) {
    return reference.delete_changes || reference.update_changes;
  });
}

}  // namespace

mysql::Result<std::unique_ptr<RollbackScript>> RollbackScript::make(store::Store& store,
                                                                    const store::RollbackData& data,
                                                                    SnapshotReader& reader) {
  std::unique_ptr<RollbackScript> script(new RollbackScript(store, data));
  auto header = read_rollback_header(data.header);
  if (!header) {
    script->refuse(header.error().what);
    return script;
  }
  script->header_ = std::move(*header);
  script->mariadb_ = reader.server().target.mariadb;
  if (script->mariadb_ != script->header_.target.mariadb) {
    script->refuse("the rows are of another kind of server than the instance is now");
    return script;
  }
  if (auto read = script->read_tables(reader); !read) return read.error();
  bool same = true;
  for (const TableTally& table : script->header_.tables) {
    if (!script->fits(table, same)) return script;
  }
  script->check_foreign_keys();
  script->choose_mode(reader, same);
  return script;
}

void RollbackScript::refuse(std::string why) {
  if (refused_.empty()) refused_ = std::move(why);
}

mysql::Result<void> RollbackScript::read_tables(SnapshotReader& reader) {
  for (const auto& [name, text] : header_.schemas) {
    auto reading = schema::read(text, header_.target);
    if (!reading.errors.empty()) {
      refuse("the tables' definitions at the time of the change cannot be read: " +
             reading.errors.front().message);
      continue;
    }
    reading.schema.name = name;
    then_.add(std::move(reading.schema), header_.target);
    auto live = reader.read(name);
    if (!live && live.error().number == kNoSuchDatabase) continue;
    if (!live) return live.error();
    live->schema.name = name;
    now_.add(std::move(live->schema), reader.server().target);
  }
  return {};
}

// Merges the table's two shapes; false: it cannot be undone.
bool RollbackScript::fits(const TableTally& table, bool& same) {
  const auto* then = then_.find(table.schema, table.table);
  const auto* now = now_.find(table.schema, table.table);
  if (now == nullptr) {
    refuse("table " + full_name(table) + " is not there any more");
  } else if (then == nullptr) {
    refuse("how table " + full_name(table) + " was at the time of the change is not known");
  }
  if (!refused_.empty()) return false;
  const auto change = compare_shapes(*then, *then_.table(table.schema, table.table), *now,
                                     *now_.table(table.schema, table.table));
  if (!change.by_name) {
    refuse("table " + full_name(table) + " was altered since: " + change.difference);
    return false;
  }
  if (!change.same) {
    same = false;
    findings_.push_back({"rollback.altered", Severity::kInfo,
                         "Table " + full_name(table) + " was altered since",
                         "Its columns are found by their names: " + change.difference + "."});
  }
  auto merged = merge(*then, *now);
  if (header_.sql_only) {
    for (auto& column : merged.columns) column = as_written(std::move(column));
  }
  merged_[{table.schema, table.table}] = std::move(merged);
  return true;
}

void RollbackScript::check_foreign_keys() {
  if (!header_.cascades_logged) return;
  bool cascaded = false;
  std::string parent;
  for (const TableTally& table : header_.tables) {
    const auto& shape = merged_.at({table.schema, table.table});
    cascaded = cascaded || (cascades(shape) && table.updated + table.deleted > 0);
    if (table.inserted > 0 && !shape.referenced_by.empty()) parent = full_name(table);
  }
  // What the server cascaded is among the rows; it must not do so again.
  server_checks_foreign_keys_ = !cascaded;
  if (cascaded && !parent.empty()) {
    refuse("the change both cascaded over foreign keys and inserted into " + parent +
           ", to which others refer: undone without the server's checks of foreign keys, rows that "
           "came since could lose theirs. Undo it by hand");
  }
}

void RollbackScript::choose_mode(const SnapshotReader& reader, bool same) {
  if (header_.sql_only || !same) return;
  const auto& grants = reader.grants();
  const bool may = mariadb_ ? grants.has("BINLOG REPLAY")
                            : grants.has("BINLOG_ADMIN") || grants.has("REPLICATION_APPLIER");
  if (may) mode_ = binlog::InverseMode::kExact;
}

const binlog::TableShape* RollbackScript::shape(const binlog::TableMap& table) {
  const auto found = merged_.find({table.schema, table.table});
  return found == merged_.end() ? nullptr : &found->second;
}

binlog::Result<void> RollbackScript::visit(const VisitRows& visit) const {
  const auto wanted = [&](const KeptRows& kept) {
    const bool withdrawn =
        std::ranges::find(header_.withdrawn, kept.group) != header_.withdrawn.end();
    return withdrawn || visit(kept);
  };
  return visit_newest_first(data_.chunks, chunks_of(store_, data_.id), wanted);
}

namespace {

// One pass of an inverse over kept rows.
class Pass {
 public:
  Pass(const RollbackScript::Run& how, binlog::Inverse& inverse, bool& more)
      : how_(how), inverse_(inverse), more_(more) {}

  [[nodiscard]] bool undo(KeptRows kept) {
    if (how_.event && !how_.event(kept)) return more_ = false;
    if (kept.rows.images.empty()) return true;
    if (checked_.insert({kept.rows.table.get(), kept.rows.kind}).second) {
      alive_.push_back(kept.rows.table);
      const bool logged = kept.rows.cascades_logged();
      if (failed(inverse_.check(*kept.rows.table, kept.rows.kind, logged))) return false;
    }
    if (how_.row_by_row) return undo_rows(kept);
    return !failed(inverse_.undo(kept.header, kept.rows)) && more_;
  }
  [[nodiscard]] const std::optional<binlog::Error>& trouble() const { return trouble_; }

 private:
  [[nodiscard]] bool failed(const binlog::Result<void>& result) {
    if (!result) trouble_ = result.error();
    return !result;
  }
  [[nodiscard]] bool undo_rows(const KeptRows& kept) {
    std::vector<binlog::Row> all;
    binlog::RowReader reader(kept.rows);
    while (true) {
      binlog::Row row;
      const auto next = reader.next(row);
      if (!next) return !failed(next.error());
      if (!*next) break;
      all.push_back(std::move(row));
    }
    for (std::size_t i = all.size(); i-- > 0;) {
      binlog::Rows one = kept.rows;
      // An event's images lie one behind the other.
      const auto& first = one.before.empty() ? all[i].after_bytes : all[i].before_bytes;
      const std::size_t size = (one.before.empty() ? 0 : all[i].before_bytes.size()) +
                               (one.after.empty() ? 0 : all[i].after_bytes.size());
      one.images = wire::Bytes(first.data(), size);
      if (how_.row && !how_.row(one, all[i], i)) return more_ = false;
      if (failed(inverse_.undo(kept.header, one)) || !more_) return false;
    }
    return true;
  }

  const RollbackScript::Run& how_;
  binlog::Inverse& inverse_;
  bool& more_;
  std::set<std::pair<const binlog::TableMap*, binlog::Rows::Kind>> checked_;
  // So that no other table map comes to lie where one lay that was checked.
  std::vector<std::shared_ptr<const binlog::TableMap>> alive_;
  std::optional<binlog::Error> trouble_;
};

}  // namespace

binlog::Result<void> RollbackScript::run(const Run& how) {
  binlog::InverseOptions options;
  options.mode = how.mode;
  options.maria = mariadb_;
  options.batch_rows = how.batch_rows;
  options.server_checks_foreign_keys = server_checks_foreign_keys_;
  const auto find = [this](std::string_view schema,
                           std::string_view table) -> const binlog::TableShape* {
    const auto found = merged_.find({std::string(schema), std::string(table)});
    return found == merged_.end() ? nullptr : &found->second;
  };
  bool more = true;
  binlog::Inverse inverse(options, header_.format, find, [&](binlog::InverseStatement&& statement) {
    if (more) more = how.take(std::move(statement));
  });
  Pass pass(how, inverse, more);
  inverse.begin();
  if (!more) return {};
  const auto visited = visit([&](const KeptRows& kept) { return pass.undo(kept); });
  if (!visited) return visited;
  if (pass.trouble()) return *pass.trouble();
  if (!more) return {};
  return inverse.end();
}

}  // namespace sluice::change

#include "admin/change/rollback_script.h"

#include <algorithm>
#include <cstdlib>

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
  auto packet = max_allowed_packet(reader.connection());
  if (!packet) return packet.error();
  script->max_allowed_packet_ = *packet;
  return script;
}

mysql::Result<std::size_t> max_allowed_packet(mysql::Connection& connection) {
  const auto bytes = connection.value("SELECT @@max_allowed_packet");
  if (!bytes) return bytes.error();
  return static_cast<std::size_t>(std::strtoull(bytes->value_or("0").c_str(), nullptr, 10));
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
  if (!header_.cascades_logged || !header_.may_have_cascaded) return;
  bool cascaded = false;
  for (const TableTally& table : header_.tables) {
    const auto& shape = merged_.at({table.schema, table.table});
    cascaded = cascaded || (cascades(shape) && table.updated + table.deleted > 0);
  }
  // What the server cascaded is among the rows; it must not do so again. What would be left behind
  // without its checks is looked for at the end.
  server_checks_foreign_keys_ = !cascaded;
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

RowSource RollbackScript::source() const {
  RowSource source;
  source.options.mode = mode_;
  source.options.maria = mariadb_;
  source.options.max_allowed_packet = max_allowed_packet_;
  source.options.server_checks_foreign_keys = server_checks_foreign_keys_;
  source.format = header_.format;
  source.shapes = [this](std::string_view schema, std::string_view table) {
    const auto found = merged_.find({std::string(schema), std::string(table)});
    return found == merged_.end() ? nullptr : &found->second;
  };
  source.newest_first = [this](const VisitRows& wanted) { return visit(wanted); };
  return source;
}

binlog::Result<void> RollbackScript::run(const Run& how) const {
  return run_pass(source(), how);
}

}  // namespace sluice::change

#include "admin/change/rollback_rows.h"

#include <algorithm>

#include "admin/change/server_facts.h"
#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/literal.h"
#include "proxy/binlog/temporal_text.h"
#include "proxy/binlog/value.h"

namespace sluice::change {
namespace {

using binlog::Column;
using binlog::ColumnShape;

constexpr std::size_t kMaxShownBytes = 1024;  // of one value

// What the log does not say of a column (binlog_row_metadata), its definition does.
Column refined(const Column& column, const ColumnShape* shape) {
  Column known = column;
  if (shape == nullptr) return known;
  if (!known.is_unsigned) known.is_unsigned = shape->is_unsigned;
  if (!known.collation && !shape->charset.empty()) {
    known.collation = binlog::collation_of(shape->charset);
  }
  if (known.members.empty()) known.members = shape->members;
  return known;
}

std::string text_of(const binlog::Text& text, const Column& column) {
  const auto charset = binlog::charset_of(column.collation.value_or(text.collation));
  const bool utf8 = charset.name == "utf8mb4" || charset.name == "utf8mb3";
  const bool plain =
      std::ranges::all_of(text.bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!utf8 && !(charset.ascii && plain)) return show_bytes(text.bytes);
  return show_text(text.bytes);
}

std::string member_of(const Column& column, std::uint16_t index) {
  if (index == 0) return "";
  if (index <= column.members.size()) return clean_text(column.members[index - 1]);
  return "#" + std::to_string(index);
}

std::string members_of(const Column& column, std::uint64_t bits) {
  std::string all;
  for (std::uint16_t i = 0; i < 64; ++i) {
    if ((bits >> i & 1U) == 0) continue;
    if (!all.empty()) all += ',';
    all += member_of(column, static_cast<std::uint16_t>(i + 1));
  }
  return all;
}

struct Show {
  const Column& column;
  using Shown = std::optional<std::string>;
  Shown operator()(const binlog::Null&) const { return std::nullopt; }
  Shown operator()(std::int64_t n) const { return std::to_string(n); }
  Shown operator()(std::uint64_t n) const { return std::to_string(n); }
  Shown operator()(float n) const { return binlog::json_number(static_cast<double>(n)); }
  Shown operator()(double n) const { return binlog::json_number(n); }
  Shown operator()(const binlog::Decimal& v) const { return v.digits; }
  Shown operator()(const binlog::Date& v) const { return binlog::to_text(v); }
  Shown operator()(const binlog::Time& v) const { return binlog::to_text(v); }
  Shown operator()(const binlog::DateTime& v) const { return binlog::to_text(v); }
  Shown operator()(const binlog::Timestamp& v) const { return binlog::to_text(v); }
  Shown operator()(const binlog::Year& v) const { return std::to_string(v.year); }
  Shown operator()(const binlog::Bits& v) const { return std::to_string(v.bits); }
  Shown operator()(const binlog::EnumIndex& v) const { return member_of(column, v.index); }
  Shown operator()(const binlog::SetBits& v) const { return members_of(column, v.bits); }
  Shown operator()(const binlog::Text& v) const { return text_of(v, column); }
  Shown operator()(const binlog::Binary& v) const { return show_bytes(v.bytes); }
  Shown operator()(const binlog::Geometry& v) const { return show_bytes(v.bytes); }
  Shown operator()(const binlog::Vector& v) const { return show_bytes(v.bytes); }
  Shown operator()(const binlog::Json& v) const {
    const auto tree = binlog::decode_json(wire::as_bytes(v.bytes));
    if (!tree) return show_bytes(v.bytes);
    std::string text;
    binlog::append_json_text(*tree, text);
    return text_of({45, text}, {});
  }
};

binlog::Result<std::vector<ShownCell>> show_image(const binlog::TableMap& table,
                                                  const binlog::Image& image,
                                                  const binlog::TableShape* shape) {
  std::vector<ShownCell> cells;
  for (std::size_t i = 0; i < image.size() && i < table.columns.size(); ++i) {
    if (!image[i].present()) continue;
    const bool shaped = shape != nullptr && i < shape->columns.size();
    const Column column = refined(table.columns[i], shaped ? &shape->columns[i] : nullptr);
    ShownCell cell;
    cell.column = column.name;
    if (cell.column.empty()) {
      cell.column = shaped ? shape->columns[i].name : "@" + std::to_string(i + 1);
    }
    if (image[i].state == binlog::Cell::State::kPartial) {
      cell.value = "(changed in part)";
    } else {
      const auto value = binlog::decode_value(column, image[i]);
      if (!value) return value.error();
      cell.value = std::visit(Show{column}, *value);
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace

std::string show_bytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text = "0x";
  const std::string_view shown = bytes.substr(0, kMaxShownBytes / 2);
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xFU];
  }
  if (shown.size() < bytes.size()) text += "…";
  return text;
}

std::string show_text(std::string_view text) {
  std::string shown = clean_text(text.substr(0, kMaxShownBytes));
  if (text.size() > kMaxShownBytes) shown += "…";
  return shown;
}

std::string_view name(binlog::Rows::Kind kind) noexcept {
  switch (kind) {
    case binlog::Rows::Kind::kWrite: return "insert";
    case binlog::Rows::Kind::kUpdate: return "update";
    case binlog::Rows::Kind::kDelete: break;
  }
  return "delete";
}

binlog::Result<ShownRow> show_row(const binlog::Rows& rows, const binlog::Row& row,
                                  const binlog::TableShape* shape) {
  ShownRow shown;
  shown.schema = rows.table->schema;
  shown.table = rows.table->table;
  shown.kind = rows.kind;
  if (rows.kind != binlog::Rows::Kind::kWrite) {
    auto cells = show_image(*rows.table, row.before, shape);
    if (!cells) return cells.error();
    shown.before = std::move(*cells);
  }
  if (rows.kind != binlog::Rows::Kind::kDelete) {
    auto cells = show_image(*rows.table, row.after, shape);
    if (!cells) return cells.error();
    shown.after = std::move(*cells);
  }
  return shown;
}

binlog::Result<std::string> key_literal(const Column& column, const ColumnShape& shape,
                                        const binlog::Cell& cell) {
  const auto value = binlog::decode_value(refined(column, &shape), cell);
  if (!value) return value.error();
  std::string text;
  if (auto put = binlog::append_literal(text, *value, binlog::LiteralUse::kSought); !put)
    return put.error();
  return text;
}

Identity identity_of(const binlog::TableMap& table, const binlog::TableShape* shape) {
  Identity identity;
  const auto usable = [&](const binlog::UniqueKey& key) {
    return !key.prefix && !key.functional && !key.columns.empty() &&
           std::ranges::all_of(key.columns, [&](std::uint32_t at) {
             return at < table.columns.size() && !shape->columns[at].nullable;
           });
  };
  if (shape != nullptr) {
    const binlog::UniqueKey* best = nullptr;
    for (const auto& key : shape->unique_keys) {
      if (usable(key) && (best == nullptr || key.primary)) best = &key;
    }
    if (best != nullptr) identity.columns.assign(best->columns.begin(), best->columns.end());
  } else {
    const bool whole =
        std::ranges::all_of(table.primary_key, [](const auto& part) { return part.prefix == 0; });
    for (const auto& part : table.primary_key) {
      if (whole) identity.columns.push_back(part.column);
    }
  }
  identity.unique = !identity.columns.empty();
  for (std::size_t i = 0; i < table.columns.size() && !identity.unique; ++i) {
    identity.columns.push_back(i);
  }
  return identity;
}

std::string identify(const binlog::TableMap& table, const Identity& identity,
                     const binlog::Image& image) {
  std::string bytes = table.schema + '\0' + table.table + '\0';
  for (const auto at : identity.columns) {
    if (at >= image.size() || !image[at].present() || image[at].is_null()) {
      bytes += '\1';
      continue;
    }
    const auto cell = image[at].bytes;
    bytes += '\2' + std::to_string(cell.size()) + ':';
    bytes += wire::as_text(cell);
  }
  return bytes;
}

binlog::Result<binlog::Rows> without_rows(const binlog::Rows& rows,
                                          const std::vector<bool>& left_out, wire::Buffer& images) {
  images.clear();
  binlog::RowReader reader(rows);
  binlog::Row row;
  for (std::size_t i = 0;; ++i) {
    const auto more = reader.next(row);
    if (!more) return more.error();
    if (!*more) break;
    if (i < left_out.size() && left_out[i]) continue;
    images.insert(images.end(), row.before_bytes.begin(), row.before_bytes.end());
    images.insert(images.end(), row.after_bytes.begin(), row.after_bytes.end());
  }
  binlog::Rows fewer = rows;
  fewer.images = images;
  return fewer;
}

}  // namespace sluice::change

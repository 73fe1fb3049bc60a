// Single rows of kept events: what tells one from the other, and how a person is shown them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/change/rollback_data.h"
#include "proxy/binlog/row_image.h"
#include "proxy/binlog/table_shape.h"

namespace sluice::change {

struct ShownCell {
  std::string column;
  std::optional<std::string> value;  // as text; nothing: NULL
  friend bool operator==(const ShownCell&, const ShownCell&) = default;
};

// A row that the change inserted (no `before`), updated, or deleted (no `after`).
struct ShownRow {
  std::string schema;
  std::string table;
  binlog::Rows::Kind kind = binlog::Rows::Kind::kWrite;
  std::vector<ShownCell> before;
  std::vector<ShownCell> after;
};
[[nodiscard]] std::string_view name(binlog::Rows::Kind kind) noexcept;  // "insert", "update", …

// `shape` may be null: columns without a name in the log are then "@1", "@2", …
[[nodiscard]] binlog::Result<ShownRow> show_row(const binlog::Rows& rows, const binlog::Row& row,
                                                const binlog::TableShape* shape);

// Text and bytes as show_row shows them: cut when they are long, bytes in hex.
[[nodiscard]] std::string show_text(std::string_view text);
[[nodiscard]] std::string show_bytes(std::string_view bytes);

// The value as an SQL literal that finds a row by a key.
[[nodiscard]] binlog::Result<std::string> key_literal(const binlog::Column& column,
                                                      const binlog::ColumnShape& shape,
                                                      const binlog::Cell& cell);

// The columns that tell rows of the table apart: those of its primary key, else of a unique key
// without NULLs, else all of them (then equal rows are not told apart).
struct Identity {
  std::vector<std::size_t> columns;
  bool unique = false;
};
[[nodiscard]] Identity identity_of(const binlog::TableMap& table, const binlog::TableShape* shape);
// The same bytes for the same row of the same table, whatever the event.
[[nodiscard]] std::string identify(const binlog::TableMap& table, const Identity& identity,
                                   const binlog::Image& image);

// The event's rows without those at some places (from 0, oldest first). What it borrows lives as
// long as `images`.
[[nodiscard]] binlog::Result<binlog::Rows> without_rows(const binlog::Rows& rows,
                                                        const std::vector<bool>& left_out,
                                                        wire::Buffer& images);

}  // namespace sluice::change

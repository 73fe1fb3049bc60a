// Rows that were read by SELECT, as the images of row events: what a rollback is made of where the
// binary log is off or has no rows. Each column is read as an expression whose text says its value
// whole, and written as a type that the inverse knows to restore:
//
//   integers, YEAR, BIT, ENUM, SET    8-byte integer (of ENUM and SET the number)
//   FLOAT, DOUBLE                     8-byte floating point, which every FLOAT fits in
//   TIMESTAMP                         seconds since 1970 in UTC, as the server keeps it
//   text                              its bytes, in its character set
//   DECIMAL, DATE, TIME, DATETIME     the text that the server prints
//   binary strings, GEOMETRY, VECTOR  bytes;  JSON: its text
//
// Pure.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "admin/mysql/connection.h"
#include "proxy/binlog/event.h"
#include "proxy/binlog/table_shape.h"

namespace sluice::change {

class RowImages {
 public:
  // kUnsupported when a column has a type that cannot be read so; kIncomplete without a primary key
  // of whole columns, by which a row is found again.
  [[nodiscard]] static binlog::Result<RowImages> make(const binlog::TableShape& shape);

  // The select list: an expression a column.
  [[nodiscard]] const std::string& select_list() const noexcept { return select_list_; }
  [[nodiscard]] const std::string& table_name() const noexcept { return table_name_; }  // quoted
  [[nodiscard]] const std::vector<std::uint32_t>& key() const noexcept { return key_; }
  [[nodiscard]] const std::shared_ptr<const binlog::TableMap>& table() const noexcept {
    return table_;
  }

  // A row of that list as an image.
  [[nodiscard]] binlog::Result<wire::Buffer> encode(std::span<const mysql::CellView> cells) const;
  // What tells the row from others: its key's cells. REQUIRES: a row of the list.
  [[nodiscard]] std::string identify(std::span<const mysql::CellView> cells) const;
  // "(1, 'a')": the key as literals, of a row of the list; and the columns that they are of.
  [[nodiscard]] std::string key_literals(std::span<const mysql::CellView> cells) const;
  [[nodiscard]] std::string key_columns() const;

 private:
  enum class Form : std::uint8_t { kInteger, kFloating, kTimestamp, kBytes };
  struct Field {
    Form form = Form::kBytes;
    bool is_unsigned = false;
    std::uint8_t decimals = 0;
    bool raw = false;  // bytes that are no text
  };
  [[nodiscard]] binlog::Result<void> add(const binlog::ColumnShape& column, binlog::TableMap& map);

  std::string select_list_;
  std::string table_name_;
  std::vector<std::string> names_;
  std::vector<Field> fields_;
  std::vector<std::uint32_t> key_;
  std::shared_ptr<const binlog::TableMap> table_;
};

// The column as its images are written: what the inverse has to take it for.
[[nodiscard]] binlog::ColumnShape as_written(binlog::ColumnShape column);

}  // namespace sluice::change

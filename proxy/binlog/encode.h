// Events as bytes: what exact mode puts into BINLOG statements. The counterpart of decode.h for the
// few types that an inverse needs. Pure.
#pragma once

#include <vector>

#include "proxy/binlog/event.h"
#include "proxy/binlog/row_image.h"

namespace sluice::binlog {

// Whole events with header and CRC32, appended to `out`. Times and server ids are `like`'s.
void encode_format_description(const FormatDescription& format, const EventHeader& like,
                               wire::Buffer& out);
void encode_table_map(const TableMap& map, const EventHeader& like, wire::Buffer& out);

struct RowsToEncode {
  Rows::Kind kind = Rows::Kind::kWrite;
  std::uint64_t table_id = 0;
  std::uint16_t flags = 0;
  std::vector<bool> before;  // as in Rows
  std::vector<bool> after;
  wire::Buffer images;
};
// `maria`: version 1 of the event, which MariaDB writes.
void encode_rows(const RowsToEncode& rows, bool maria, const EventHeader& like, wire::Buffer& out);

// Size and checksum of the last event of `out`, which begins at `begin`, made right again.
void seal_event(wire::Buffer& out, std::size_t begin);

// One image of the columns that are `present`. REQUIRES: those cells are kNull or kBytes.
void encode_image(const TableMap& map, const std::vector<bool>& present, const Image& image,
                  wire::Buffer& out);

void append_base64(std::string& out, wire::Bytes bytes);

}  // namespace sluice::binlog

// The recorded logs of both servers, event by event, against text that a person can read beside the
// statements that made them (logs/README.md).
#include "proxy/binlog/decode.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include "proxy/binlog/charset_names.h"
#include "proxy/binlog/framing.h"
#include "proxy/binlog/json.h"
#include "proxy/binlog/literal.h"
#include "proxy/binlog/payload.h"
#include "proxy/binlog/row_image.h"
#include "proxy/binlog/value.h"

namespace sluice::binlog {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream in(std::string(SLUICE_TEST_DIR) + "/binlog/logs/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string cell_text(const Column& column, const Cell& cell) {
  if (!cell.present()) return "-";
  std::string out;
  if (cell.state == Cell::State::kPartial) {
    return "diff of " + std::to_string(cell.bytes.size()) + " bytes";
  }
  const auto value = decode_value(column, cell);
  if (!value) return "error: " + value.error().what;
  if (const auto written = append_literal(out, *value); !written) return written.error().what;
  return out;
}

std::string image_text(const TableMap& map, const Image& image) {
  std::string out;
  for (std::size_t i = 0; i < image.size(); ++i) {
    out += (i > 0 ? ", " : "") + map.columns[i].name + "=" + cell_text(map.columns[i], image[i]);
  }
  return out;
}

// One line an event, one more a row. Numbers that change with each recording are left out.
class Printer {
 public:
  std::string run(const std::string& file) {
    Scanner scanner;
    scanner.push(wire::as_bytes(file));
    for (;;) {
      const auto event = scanner.next();
      if (!event) return out_.str() + "error: " + event.error().what + '\n';
      if (!*event) break;
      if (!print(decoder_.decode(**event), "")) break;
    }
    return out_.str();
  }

 private:
  bool print(const Result<Event>& event, const std::string& indent) {
    out_ << indent;
    if (!event) {
      out_ << "error: " << event.error().what << '\n';
      return false;
    }
    out_ << to_string(event->header.type);
    std::visit([&](const auto& body) { show(body, indent); }, event->body);
    return true;
  }
  template <class T>
  void show(const T&, const std::string&) {
    out_ << '\n';
  }
  void show(const FormatDescription& b, const std::string&) {
    out_ << " checksums " << b.checksums << " maria " << b.maria << '\n';
  }
  void show(const Query& b, const std::string&) {
    out_ << " [" << b.schema << "] mode " << b.sql_mode.value_or(0) << " zone " << b.time_zone
         << ": " << b.sql << '\n';
  }
  void show(const Gtid& b, const std::string&) {
    out_ << (b.gtid ? " tag '" + b.gtid->tag + "'" : " anonymous") << " version "
         << b.server_version << " length " << (b.transaction_length > 0) << " time "
         << (b.original_commit_microseconds > 1'700'000'000'000'000) << '\n';
  }
  void show(const MariaGtidEvent& b, const std::string&) {
    out_ << ' ' << b.gtid.domain << '-' << b.gtid.server << " ddl " << b.ddl << " standalone "
         << b.standalone << " prepared " << b.prepared_xa << " completed " << b.completed_xa
         << " xid " << b.xid.size() << '\n';
  }
  void show(const XaPrepare& b, const std::string&) {
    out_ << ' ' << b.gtrid << ' ' << b.bqual << ' ' << b.format << (b.one_phase ? " one phase" : "")
         << '\n';
  }
  void show(const RowsQuery& b, const std::string&) { out_ << ": " << b.sql << '\n'; }
  void show(const Rotate& b, const std::string&) { out_ << " to " << b.position << '\n'; }
  void show(const TableMap& b, const std::string&) {
    out_ << ' ' << b.schema << '.' << b.table << " names " << b.has_names << " key";
    for (const auto& part : b.primary_key) out_ << ' ' << part.column;
    out_ << '\n';
  }
  void show(const Rows& b, const std::string& indent) {
    out_ << ' ' << b.table->table << (b.statement_end() ? " end" : "")
         << (b.cascades_logged() ? " cascades" : "") << (b.partial ? " partial" : "") << '\n';
    RowReader reader(b);
    Row row;
    for (;;) {
      const auto more = reader.next(row);
      if (!more) out_ << indent << "  error: " << more.error().what << '\n';
      if (!more || !*more) return;
      if (b.kind != Rows::Kind::kWrite)
        out_ << indent << "  - " << image_text(*b.table, row.before) << '\n';
      if (b.kind != Rows::Kind::kDelete)
        out_ << indent << "  + " << image_text(*b.table, row.after) << '\n';
      apply_differences(b, row, indent);
    }
  }
  void apply_differences(const Rows& b, const Row& row, const std::string& indent) {
    for (std::size_t i = 0; i < row.after.size(); ++i) {
      if (row.after[i].state != Cell::State::kPartial) continue;
      auto json = decode_json(row.before[i].bytes);
      ASSERT_TRUE(json);
      const auto applied = apply_json_diffs(*json, row.after[i].bytes);
      ASSERT_TRUE(applied) << applied.error().what;
      std::string text;
      append_json_text(*json, text);
      out_ << indent << "  = " << b.table->columns[i].name << ' ' << text << '\n';
    }
  }
  void show(const TransactionPayload& b, const std::string&) {
    out_ << '\n';
    auto inner = Scanner::of_payload();
    const auto done = inflate_payload(b, 1 << 20, [&](wire::Bytes piece) -> Result<void> {
      inner.push(piece);
      return {};
    });
    ASSERT_TRUE(done) << done.error().what;
    for (auto event = inner.next(); event && *event; event = inner.next())
      (void)print(decoder_.decode_inner(**event), "  ");
    EXPECT_EQ(inner.pending(), 0U);
  }

  Decoder decoder_;
  std::ostringstream out_;
};

void expect_text(const std::string& log) {
  const auto got = Printer().run(read_file(log + ".binlog"));
  const auto expected = read_file(log + ".txt");
  if (got == expected) return;
  const auto kept = ::testing::TempDir() + "/" + log + ".got.txt";
  std::ofstream(kept) << got;
  ADD_FAILURE() << "the decoded log differs from logs/" << log << ".txt; what was decoded is in "
                << kept;
}

TEST(Decode, MysqlLog) {
  expect_text("mysql_9_7");
}
TEST(Decode, MariadbLog) {
  expect_text("mariadb_10_11");
}

TEST(Decode, LogInPiecesOfAnyLengthIsTheSame) {
  const auto file = read_file("mysql_9_7.binlog");
  for (const std::size_t piece : {1U, 7U, 1000U}) {
    Scanner scanner;
    std::size_t events = 0;
    std::uint64_t last = 0;
    for (std::size_t at = 0; at < file.size(); at += piece) {
      scanner.push(wire::as_bytes(std::string_view(file).substr(at, piece)));
      for (auto event = scanner.next(); event && *event; event = scanner.next()) {
        ++events;
        EXPECT_GT(scanner.position(), last);
        last = scanner.position();
      }
    }
    EXPECT_GT(events, 50U);
    EXPECT_EQ(scanner.pending(), 0U);
  }
}

// Every byte of every event counts: a flipped one is noticed, by its checksum or before.
TEST(Decode, DamageIsNoticed) {
  const auto file = read_file("mysql_9_7.binlog");
  Scanner scanner;
  scanner.push(wire::as_bytes(file));
  Decoder decoder;
  std::size_t checked = 0;
  for (auto event = scanner.next(); event && *event; event = scanner.next()) {
    wire::Buffer bytes((*event)->begin(), (*event)->end());
    ASSERT_TRUE(decoder.decode(bytes));
    const bool description = bytes[4] == 15;
    for (std::size_t at = 0; at < bytes.size(); at += 5) {
      if (description) continue;
      bytes[at] ^= 0x10;
      EXPECT_FALSE(Decoder(decoder).decode(bytes)) << "byte " << at;
      bytes[at] ^= 0x10;
      ++checked;
    }
  }
  EXPECT_GT(checked, 500U);
}

TEST(Decode, RefusesByName) {
  const auto magic = check_magic(wire::Buffer{0xFD, 'b', 'i', 'n'});
  ASSERT_FALSE(magic);
  EXPECT_EQ(magic.error().fault, Fault::kUnsupported);
  EXPECT_NE(magic.error().what.find("encrypted"), std::string::npos);
  EXPECT_FALSE(check_magic(wire::Buffer{'P', 'K', 3, 4}));

  Decoder decoder;
  const auto event = [](std::uint8_t type, std::uint16_t flags) {
    wire::Buffer out(kEventHeaderSize + 1, 0);
    out[4] = type;
    out[9] = static_cast<std::uint8_t>(out.size());
    out[17] = static_cast<std::uint8_t>(flags);
    return out;
  };
  const auto early = decoder.decode(event(2, 0));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().fault, Fault::kMalformed);
  const auto file = read_file("mysql_9_7.binlog");
  Scanner scanner;
  scanner.push(wire::as_bytes(file));
  ASSERT_TRUE(decoder.decode(**scanner.next()));
  decoder.assume_checksums(false);
  const auto encryption = decoder.decode(event(164, 0));
  ASSERT_FALSE(encryption);
  EXPECT_NE(encryption.error().what.find("START_ENCRYPTION"), std::string::npos);
  const auto unknown = decoder.decode(event(99, 0));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().what.find("type 99"), std::string::npos);
  EXPECT_TRUE(decoder.decode(event(99, 0x80)));  // LOG_EVENT_IGNORABLE_F
}

// MySQL 9.7: `t` (id INT PRIMARY KEY, a VECTOR(3), b VARCHAR(10) CHARACTER SET big5), FULL
// metadata.
TEST(Decode, AVectorHasACollationAmongTheOthers) {
  const std::string body(
      "\xaa\x01\0\0\0\0\x01\0\x02vx\0\x02v2\0\x03\x03\xf2\x0f\x03\x04\x14\0\x06"
      "\x01\x01\0\x03\x02\x3f\x01\x0d\x01\x03\x04\x07\x02id\x01"
      "a\x01"
      "b\x08\x01\0\x0c\x01\xe0",
      50);
  const auto map = decode_table_map(wire::as_bytes(body), false);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->columns[1].dimensions, 3U);
  EXPECT_EQ(map->columns[1].collation, kBinaryCollation);
  EXPECT_EQ(map->columns[2].collation, 1U);  // big5_chinese_ci
}

TEST(Decode, RowsWithoutTheirTableMap) {
  const auto file = read_file("mysql_9_7.binlog");
  Scanner scanner;
  scanner.push(wire::as_bytes(file));
  Decoder decoder;
  for (auto event = scanner.next(); event && *event; event = scanner.next()) {
    const auto type = (**event)[4];
    if (type == 19) continue;
    const auto decoded = decoder.decode(**event);
    if (type != 30) continue;
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().fault, Fault::kUnknownTable);
    return;
  }
  FAIL() << "no WRITE_ROWS event in the log";
}

}  // namespace
}  // namespace sluice::binlog

// The recorded logs as rows events, for tests: owned bytes, in the order of the log.
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "proxy/binlog/decode.h"
#include "proxy/binlog/framing.h"
#include "proxy/binlog/payload.h"
#include "proxy/binlog/rollback.h"

namespace sluice::binlog {

inline std::string log_file(const std::string& name) {
  std::ifstream in(std::string(SLUICE_TEST_DIR) + "/binlog/logs/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Calls `visit(event, bytes, inner)` for every event of a log, those of payloads included.
template <class Visit>
FormatDescription read_log(const std::string& file, Visit&& visit) {
  Scanner scanner;
  scanner.push(wire::as_bytes(file));
  Decoder decoder;
  for (auto bytes = scanner.next(); bytes && *bytes; bytes = scanner.next()) {
    const auto event = decoder.decode(**bytes);
    EXPECT_TRUE(event);
    if (!event) break;
    visit(*event, **bytes, false);
    const auto* payload = std::get_if<TransactionPayload>(&event->body);
    if (payload == nullptr) continue;
    auto inner = Scanner::of_payload();
    EXPECT_TRUE(inflate_payload(*payload, 1 << 20, [&](wire::Bytes run) -> Result<void> {
      inner.push(run);
      return {};
    }));
    for (auto part = inner.next(); part && *part; part = inner.next()) {
      const auto inside = decoder.decode_inner(**part);
      EXPECT_TRUE(inside);
      if (inside) visit(*inside, **part, true);
    }
  }
  return decoder.format();
}

struct KeptRows {
  wire::Buffer bytes;
  std::shared_ptr<const TableMap> table;
  bool inner = false;
};
struct KeptLog {
  FormatDescription format;
  std::vector<KeptRows> rows;

  // The rows events, newest first, through `inverse`.
  [[nodiscard]] Result<void> undo(Inverse& inverse) const {
    Decoder decoder;
    decoder.assume_checksums(format.checksums);
    inverse.begin();
    for (auto kept = rows.rbegin(); kept != rows.rend(); ++kept) {
      const auto event = decoder.decode_rows(kept->bytes, kept->table, kept->inner);
      if (!event) return event.error();
      if (auto done = inverse.undo(event->header, std::get<Rows>(event->body)); !done) return done;
    }
    return inverse.end();
  }
};
inline KeptLog rows_of_log(const std::string& name) {
  KeptLog out;
  out.format = read_log(log_file(name), [&](const Event& event, wire::Bytes bytes, bool inner) {
    if (const auto* rows = std::get_if<Rows>(&event.body))
      out.rows.push_back({{bytes.begin(), bytes.end()}, rows->table, inner});
  });
  return out;
}

}  // namespace sluice::binlog

// Law: events of any bytes are decoded or refused, and what is decoded is cut into rows, made
// values, undone in both modes and described without reading past its end. Events follow each other
// with their sizes, as in a file.
#include "proxy/binlog/decode.h"
#include "proxy/binlog/framing.h"
#include "proxy/binlog/payload.h"
#include "proxy/binlog/rollback.h"
#include "proxy/binlog/select.h"

namespace {
using namespace sluice::binlog;  // one screen, one subject
using sluice::wire::Bytes;

void undo(const FormatDescription& format, const Event& event, const Rows& rows) {
  for (const auto mode : {InverseMode::kSql, InverseMode::kExact}) {
    InverseOptions options;
    options.mode = mode;
    options.maria = format.maria;
    Inverse inverse(options, format, nullptr, [](InverseStatement&&) {});
    inverse.begin();
    if (inverse.undo(event.header, rows)) (void)inverse.end();
  }
}

void run(Decoder& decoder, Selection& selection, Scanner scanner, Bytes bytes, bool inner) {
  scanner.push(bytes);
  for (auto part = scanner.next(); part && *part; part = scanner.next()) {
    const auto event = inner ? decoder.decode_inner(**part) : decoder.decode(**part);
    if (!event) continue;
    if (const auto* payload = std::get_if<TransactionPayload>(&event->body); payload && !inner) {
      (void)inflate_payload(*payload, 1 << 16, [&](Bytes piece) -> Result<void> {
        run(decoder, selection, Scanner::of_payload(1 << 16), piece, true);
        return {};
      });
      continue;
    }
    (void)selection.feed(*event);
    if (const auto* rows = std::get_if<Rows>(&event->body)) undo(decoder.format(), *event, *rows);
  }
}
}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  Decoder decoder;
  decoder.verify_rows(false);
  Selection selection{Criteria{}};
  // Odd: a file. Even: the same without its front, and without checksums, which a fuzzer cannot
  // make.
  const Bytes bytes(data + 1, size - 1);
  if ((data[0] & 1) != 0) {
    run(decoder, selection, Scanner(1 << 20), bytes, false);
  } else {
    run(decoder, selection, Scanner::of_payload(1 << 20), bytes, true);
  }
  selection.finish();
  return 0;
}

// Law: nothing that is inflated grows past what its header claims or the limit, and what is given
// out is exactly that long.
#include <algorithm>
#include <cstdlib>

#include "proxy/binlog/payload.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  constexpr std::size_t kMax = 1 << 18;
  if (size < 4) return 0;
  const wire::Bytes bytes(data + 4, size - 4);
  binlog::TransactionPayload payload;
  payload.bytes = bytes;
  payload.inflated_size = data[1] | std::uint64_t{data[2]} << 8U | std::uint64_t{data[3]} << 16U;
  if ((data[0] & 1) != 0) payload.compression = binlog::TransactionPayload::Compression::kNone;
  std::uint64_t total = 0;
  const auto done = binlog::inflate_payload(payload, kMax, [&](wire::Bytes piece) {
    total += piece.size();
    return binlog::Result<void>{};
  });
  if (total > kMax || (done && total != payload.inflated_size)) std::abort();
  wire::Buffer out;
  if (!binlog::inflate_maria(bytes, kMax, out) && !out.empty()) std::abort();
  if (out.size() > kMax) std::abort();
  out.clear();
  (void)binlog::inflate_column(bytes, kMax, out);
  if (out.size() > std::max<std::size_t>(kMax, bytes.size())) std::abort();
  return 0;
}

// Law: a text that the judge takes for a call of the gate is read, or said to be wrong; and what is
// answered is a whole number of packets, numbered one after the other.
#include <cstdlib>

#include "policy/judged.h"
#include "proxy/session/sluice_call.h"
#include "proxy/wire/frame.h"

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sluice;
  if (size < 1) return 0;
  parser::Dialect dialect;
  dialect.sql_mode = data[0] & (parser::kAnsiQuotes | parser::kNoBackslashEscapes);
  dialect.placeholders = (data[0] & 0x40U) != 0;
  if ((data[0] & 0x20U) != 0) dialect.engine = parser::Engine::MariaDb;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (!policy::judge_text(text, dialect).calls_sluice) return 0;
  const auto read = session::parse_sluice_call(text, dialect);
  policy::SluiceAnswer answer;
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    if (wrong->empty()) std::abort();
    answer = {{"error"}, {{*wrong}}, false};
  } else {
    const auto& call = std::get<session::ParsedCall>(read);
    if (call.arguments.size() > 16) std::abort();
    answer.columns.assign(call.arguments.size(), call.name);
    auto& row = answer.rows.emplace_back();
    for (const auto& argument : call.arguments) row.push_back(argument.value);
  }
  if (answer.columns.empty()) return 0;
  wire::Buffer out;
  session::append_result_set(answer, (data[0] & 0x80U) != 0, wire::Capabilities{}, 2, 1, out);
  std::uint8_t sequence = 1;
  std::size_t at = 0;
  while (at < out.size()) {
    if (out.size() - at < wire::kFrameHeaderSize) std::abort();
    const std::size_t length =
        out[at] | std::size_t{out[at + 1]} << 8U | std::size_t{out[at + 2]} << 16U;
    if (out[at + 3] != sequence++) std::abort();
    at += wire::kFrameHeaderSize + length;
  }
  if (at != out.size()) std::abort();
  return 0;
}

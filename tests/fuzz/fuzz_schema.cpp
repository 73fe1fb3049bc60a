// Any text is read without harm, and a model that was read differs in nothing from itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "parser/schema/ddl.h"
#include "parser/schema/diff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  sluice::schema::DiffOptions options;
  options.target.mariadb = (data[0] & 1) != 0;
  options.target.ansi_quotes = (data[0] & 2) != 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto reading = sluice::schema::read(text, options.target);
  // A model differs in nothing from itself.
  if (!sluice::schema::diff(reading.schema, reading.schema, options).empty()) std::abort();
  return 0;
}

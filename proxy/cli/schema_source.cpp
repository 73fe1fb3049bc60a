#include "proxy/cli/schema_source.h"

#include <fstream>
#include <iostream>
#include <iterator>

#include "parser/schema/ddl.h"

namespace sluice::cli {

std::optional<std::string> load_text(const std::string& file, Invocation& invocation) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(invocation.in), {});
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    invocation.err << "sluice: cannot read " << file << '\n';
    return std::nullopt;
  }
  return text;
}

std::optional<schema::Schema> load_file(const std::string& file, Invocation& invocation,
                                        const schema::Target& target) {
  const auto text = load_text(file, invocation);
  if (!text) return std::nullopt;
  auto reading = schema::read(*text, target);
  for (const auto& error : reading.errors) {
    invocation.err << file << ':' << error.line << ':' << error.column << ": " << error.message
                   << " near '" << error.near << "'\n";
  }
  if (!reading.errors.empty()) return std::nullopt;
  return std::move(reading.schema);
}

}  // namespace sluice::cli

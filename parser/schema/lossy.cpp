// Which change of a column's type keeps every value (manual 13, ranges and lengths).
#include <algorithm>
#include <array>

#include "parser/schema/cursor.h"
#include "parser/schema/diff.h"

namespace sluice::schema {
namespace {

int integer_size(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 5> kSizes = {
      {{"tinyint", 1}, {"smallint", 2}, {"mediumint", 3}, {"int", 4}, {"bigint", 8}}};
  for (const auto& [type, size] : kSizes) {
    if (type == name) return size;
  }
  return 0;
}

// Bytes (of blobs and binaries) or, for character types, characters that always fit.
std::uint64_t capacity(const DataType& type) {
  if (type.name.starts_with("tiny")) return 255;
  if (type.name == "text" || type.name == "blob") return 65535;
  if (type.name.starts_with("medium")) return 16777215;
  if (type.name.starts_with("long")) return 4294967295;
  return type.length.value_or(1);
}

bool is_text(const DataType& type) {
  return type.name == "char" || type.name == "varchar" || type.name.ends_with("text");
}
bool is_bytes(const DataType& type) {
  return type.name == "binary" || type.name == "varbinary" || type.name.ends_with("blob");
}

bool charset_fits(const DataType& from, const DataType& to) {
  if (from.charset == to.charset || from.charset == "ascii" || to.charset == "utf8mb4") return true;
  return to.charset == "utf8mb3" && from.charset == "latin1";
}

std::string lossy_number(const DataType& from, const DataType& to) {
  const int size = integer_size(from.name);
  const int wanted = integer_size(to.name);
  if (size > 0 && wanted > 0) {
    if (from.is_unsigned == to.is_unsigned) return wanted >= size ? "" : "the integer gets smaller";
    if (from.is_unsigned) return wanted > size ? "" : "large values do not fit the signed type";
    return "negative values do not fit the unsigned type";
  }
  if (from.name == "decimal" && to.name == "decimal") {
    if (!from.is_unsigned && to.is_unsigned) return "negative values do not fit the unsigned type";
    const auto scale = [](const DataType& t) { return t.decimals.value_or(0); };
    const auto whole = [&](const DataType& t) {
      return t.length.value_or(10) - std::min(scale(t), t.length.value_or(10));
    };
    return scale(to) < scale(from) || whole(to) < whole(from) ? "the number gets fewer digits" : "";
  }
  if (from.name == "float" && to.name == "double" && !(to.is_unsigned && !from.is_unsigned))
    return {};
  return "the type changes from " + from.name + " to " + to.name;
}

}  // namespace

std::string lossy(const Column& from, const Column& to, const Target&) {
  const auto& a = from.type;
  const auto& b = to.type;
  if (from.generated || to.generated) return {};  // nothing of its own to lose
  if (is_text(a) && is_text(b)) {
    if (!charset_fits(a, b))
      return "the character set " + b.charset + " has not every character of " + a.charset;
    // A length counts characters, a TEXT's capacity bytes: a character takes up to four of them.
    const bool one_byte = b.charset == "latin1" || b.charset == "ascii";
    const auto need = capacity(a) * (a.length && !b.length && !one_byte ? 4 : 1);
    return capacity(b) < need ? "the text gets shorter" : "";
  }
  if (is_bytes(a) && is_bytes(b)) {
    if (a.name != "binary" && b.name == "binary") return "values are padded";
    return capacity(b) < capacity(a) ? "the value gets shorter" : "";
  }
  if (a.name == b.name && (a.name == "enum" || a.name == "set")) {
    for (const auto& member : a.members) {
      if (std::find(b.members.begin(), b.members.end(), member) == b.members.end())
        return "member '" + member + "' is gone";
    }
    return {};
  }
  if (a.name == b.name && !integer_size(a.name) && a.name != "decimal" && a.name != "float") {
    return b.length.value_or(0) < a.length.value_or(0) ? "the precision gets smaller" : "";
  }
  if (is_text(b) && a.name == "enum") {
    std::size_t longest = 0;
    for (const auto& member : a.members) longest = std::max(longest, member.size());
    return capacity(b) < longest ? "the text gets shorter" : "";
  }
  if (a.name == "date" && (b.name == "datetime" || b.name == "timestamp"))
    return b.name == "datetime" ? "" : "timestamp has a smaller range";
  if (a == b) return {};
  return lossy_number(a, b);
}

}  // namespace sluice::schema

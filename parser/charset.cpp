#include "parser/charset.h"

#include <cstddef>

namespace sluice::parser {
namespace {

constexpr std::size_t kCharsets = static_cast<std::size_t>(Charset::Ujis) + 1;

constexpr const char* kHighHalves[] = {
#include "parser/charset_classes.inc"
};
static_assert(sizeof(kHighHalves) / sizeof(kHighHalves[0]) == kCharsets);

constexpr ByteClass class_of_low(unsigned byte) {
  if (byte == ' ' || (byte >= 9 && byte <= 13)) return ByteClass::Space;
  if (byte >= '0' && byte <= '9') return ByteClass::Digit;
  if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')) return ByteClass::Letter;
  if (byte == '_' || byte == '$') return ByteClass::Letter;
  return ByteClass::Other;
}

constexpr auto make_tables() {
  std::array<std::array<std::uint8_t, 256>, kCharsets> tables{};
  for (std::size_t set = 0; set < kCharsets; ++set) {
    for (unsigned byte = 0; byte < 256; ++byte) {
      ByteClass value = ByteClass::Other;
      if (byte < 128) {
        value = class_of_low(byte);
      } else {
        const char mark = kHighHalves[set][byte - 128];
        if (mark == 'S') value = ByteClass::Space;
        if (mark == 'I') value = ByteClass::Letter;
        if (mark == 'L') value = ByteClass::Lead;
      }
      tables[set][byte] = static_cast<std::uint8_t>(value);
    }
  }
  return tables;
}

constexpr auto kTables = make_tables();

struct Range {
  unsigned char low, high;
  [[nodiscard]] constexpr bool has(unsigned char byte) const { return byte >= low && byte <= high; }
};

// A two-byte set: first byte in one of two ranges, second in one of three (an empty range is {1,
// 0}).
struct DoubleByte {
  Range lead1, lead2, tail1, tail2, tail3;
};
constexpr Range kNo{1, 0};
constexpr DoubleByte kBig5{{0xA1, 0xF9}, kNo, {0x40, 0x7E}, {0xA1, 0xFE}, kNo};
constexpr DoubleByte kSjis{{0x81, 0x9F}, {0xE0, 0xFC}, {0x40, 0x7E}, {0x80, 0xFC}, kNo};
constexpr DoubleByte kEuckr{{0x81, 0xFE}, kNo, {0x41, 0x5A}, {0x61, 0x7A}, {0x81, 0xFE}};
constexpr DoubleByte kGb2312{{0xA1, 0xF7}, kNo, {0xA1, 0xFE}, kNo, kNo};
constexpr DoubleByte kGbk{{0x81, 0xFE}, kNo, {0x40, 0x7E}, {0x80, 0xFE}, kNo};

std::uint32_t double_byte(const DoubleByte& set, const unsigned char* p, std::size_t left) {
  if (left < 2 || !(set.lead1.has(p[0]) || set.lead2.has(p[0]))) return 0;
  return set.tail1.has(p[1]) || set.tail2.has(p[1]) || set.tail3.has(p[1]) ? 2 : 0;
}

bool continues(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

std::uint32_t utf8(const unsigned char* p, std::size_t left, bool four) {
  const unsigned char c = p[0];
  if (c < 0xC2 || left < 2 || !continues(p[1])) return 0;
  if (c < 0xE0) return 2;
  if (left < 3 || !continues(p[2])) return 0;
  if (c < 0xF0) {
    if (c == 0xE0 && p[1] < 0xA0) return 0;   // overlong
    return c == 0xED && p[1] > 0x9F ? 0 : 3;  // surrogates
  }
  if (!four || left < 4 || !continues(p[3]) || c > 0xF4) return 0;
  if (c == 0xF0 && p[1] < 0x90) return 0;
  return c == 0xF4 && p[1] > 0x8F ? 0 : 4;
}

std::uint32_t japanese_euc(const unsigned char* p, std::size_t left) {
  constexpr Range kHigh{0xA1, 0xFE};
  if (left < 2) return 0;
  if (p[0] == 0x8E) return p[1] >= 0xA0 && p[1] <= 0xDF ? 2 : 0;
  if (p[0] == 0x8F) return left >= 3 && kHigh.has(p[1]) && kHigh.has(p[2]) ? 3 : 0;
  return kHigh.has(p[0]) && kHigh.has(p[1]) ? 2 : 0;
}

std::uint32_t gb18030(const unsigned char* p, std::size_t left) {
  if (const std::uint32_t two = double_byte(kGbk, p, left); two != 0) return two;
  constexpr Range kLead{0x81, 0xFE};
  constexpr Range kDigit{0x30, 0x39};
  if (left < 4 || !kLead.has(p[0]) || !kDigit.has(p[1])) return 0;
  return kLead.has(p[2]) && kDigit.has(p[3]) ? 4 : 0;
}

}  // namespace

const std::uint8_t* byte_classes(Charset charset) noexcept {
  return kTables[static_cast<std::size_t>(charset)].data();
}

bool is_multi_byte(Charset charset) noexcept {
  return charset >= Charset::Big5 || charset <= Charset::Utf8mb3;
}

std::uint32_t multi_byte_length(Charset charset, const unsigned char* p,
                                const unsigned char* end) noexcept {
  const auto left = static_cast<std::size_t>(end - p);
  if (left == 0 || p[0] < 0x80) return 0;
  switch (charset) {
    case Charset::Utf8mb4: return utf8(p, left, true);
    case Charset::Utf8mb3: return utf8(p, left, false);
    case Charset::Big5: return double_byte(kBig5, p, left);
    case Charset::Sjis:
    case Charset::Cp932: return double_byte(kSjis, p, left);
    case Charset::Euckr: return double_byte(kEuckr, p, left);
    case Charset::Gb2312: return double_byte(kGb2312, p, left);
    case Charset::Gbk: return double_byte(kGbk, p, left);
    case Charset::Gb18030: return gb18030(p, left);
    case Charset::Ujis:
    case Charset::Eucjpms: return japanese_euc(p, left);
    default: return 0;
  }
}

}  // namespace sluice::parser

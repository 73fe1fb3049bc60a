#include "parser/name_charset.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <iconv.h>

#include "parser/charset.h"

namespace sluice::parser {
namespace {

// The C library's name of it; null for those that are UTF-8 or are bytes without a meaning, and for
// those that it does not know.
const char* library_name(Charset charset) {
  switch (charset) {
    case Charset::Latin1: return "CP1252";
    case Charset::Latin2: return "ISO-8859-2";
    case Charset::Latin5: return "ISO-8859-9";
    case Charset::Latin7: return "ISO-8859-13";
    case Charset::Cp1250: return "CP1250";
    case Charset::Cp1251: return "CP1251";
    case Charset::Cp1256: return "CP1256";
    case Charset::Cp1257: return "CP1257";
    case Charset::Cp850: return "CP850";
    case Charset::Cp852: return "CP852";
    case Charset::Cp866: return "CP866";
    case Charset::Greek: return "ISO-8859-7";
    case Charset::Hebrew: return "ISO-8859-8";
    case Charset::Hp8: return "HP-ROMAN8";
    case Charset::Koi8r: return "KOI8-R";
    case Charset::Koi8u: return "KOI8-U";
    case Charset::Macroman: return "MACINTOSH";
    case Charset::Tis620: return "TIS-620";
    case Charset::Big5: return "BIG5";
    case Charset::Cp932: return "CP932";
    case Charset::Eucjpms: return "EUC-JP-MS";
    case Charset::Euckr: return "EUC-KR";
    case Charset::Gb18030: return "GB18030";
    case Charset::Gb2312: return "EUC-CN";
    case Charset::Gbk: return "CP936";
    case Charset::Sjis: return "SHIFT_JIS";
    case Charset::Ujis: return "EUC-JP";
    default: return nullptr;
  }
}

// The converter of the character set that was last asked for.
class Converter {
 public:
  Converter() = default;
  ~Converter() { close(); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  [[nodiscard]] bool open(Charset charset) {
    if (is_open() && charset_ == charset) return true;
    close();
    const char* from = library_name(charset);
    if (from == nullptr) return false;
    handle_ = ::iconv_open("UTF-8", from);
    charset_ = charset;
    return is_open();
  }
  // False when it is no such text.
  [[nodiscard]] bool convert(std::string_view text, std::string& out) {
    std::string in(text);
    out.assign(text.size() * 4, '\0');
    char* from = in.data();
    char* to = out.data();
    std::size_t left = in.size();
    std::size_t room = out.size();
    const std::size_t wrong = ::iconv(handle_, &from, &left, &to, &room);
    (void)::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    out.resize(out.size() - room);
    return wrong != static_cast<std::size_t>(-1) && left == 0;
  }

 private:
  [[nodiscard]] bool is_open() const { return handle_ != closed(); }
  // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv_open(3) says so
  static iconv_t closed() { return reinterpret_cast<iconv_t>(-1); }
  void close() {
    if (is_open()) (void)::iconv_close(handle_);
    handle_ = closed();
  }

  iconv_t handle_ = closed();
  Charset charset_ = Charset::Utf8mb4;
};

// Half-width katakana are characters of one byte.
bool is_katakana(Charset charset, unsigned char byte) {
  return (charset == Charset::Sjis || charset == Charset::Cp932) && byte >= 0xA1 && byte <= 0xDF;
}

// Whether it is characters of a multi-byte set from end to end.
bool is_whole(std::string_view name, Charset charset, std::uint32_t longest) {
  const auto* p = reinterpret_cast<const unsigned char*>(name.data());  // NOLINT: bytes
  const auto* end = p + name.size();
  while (p < end) {
    std::uint32_t length = 1;
    if (*p >= 0x80 && !is_katakana(charset, *p)) length = multi_byte_length(charset, p, end);
    if (length == 0 || length > longest) return false;
    p += length;
  }
  return true;
}

thread_local Converter converter;

// Windows leaves five bytes of its 1252 without a meaning; for the servers' latin1 they are the
// control characters of ISO 8859-1.
constexpr std::string_view kControls = "\x81\x8D\x8F\x90\x9D";

// False when it is no such text, or of a character set that cannot be read here.
bool convert(std::string_view name, Charset charset, std::string& out) {
  if (!converter.open(charset)) return false;
  if (charset != Charset::Latin1 || name.find_first_of(kControls) == std::string_view::npos)
    return converter.convert(name, out);
  std::string one;
  out.clear();
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool control = kControls.find(name[i]) != std::string_view::npos;
    if (!control && !converter.convert(name.substr(i, 1), one)) return false;
    out += control ? std::string{'\xC2', name[i]} : one;
  }
  return true;
}

}  // namespace

bool is_ascii(std::string_view text) noexcept {
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  std::size_t i = 0;
  for (; i + sizeof kHigh <= text.size(); i += sizeof kHigh) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, sizeof eight);
    if ((eight & kHigh) != 0) return false;
  }
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(i), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_name(std::string_view name, const Dialect& dialect) {
  const Charset charset = dialect.charset;
  // swe7 has letters in the place of some of ASCII's signs.
  if (charset == Charset::Swe7) return name.find_first_of("@[\\]^`{|}~") == std::string_view::npos;
  if (is_ascii(name)) return true;
  constexpr std::uint32_t kAny = 4;
  switch (charset) {
    // MariaDB refuses what MySQL has a `?` for.
    case Charset::Utf8mb4:
      return is_whole(name, charset, dialect.engine == Engine::MariaDb ? 3 : kAny);
    case Charset::Utf8mb3:
    case Charset::Binary: return is_whole(name, Charset::Utf8mb3, 3);
    default: break;
  }
  if (is_multi_byte(charset) && !is_whole(name, charset, kAny)) return false;
  std::string converted;
  return convert(name, charset, converted);
}

std::string without_supplementary(std::string name) {
  if (is_ascii(name)) return name;
  std::string kept;
  for (std::size_t i = 0; i < name.size();) {
    const bool four = (static_cast<unsigned char>(name[i]) & 0xF8U) == 0xF0U;
    kept += four ? '?' : name[i];
    i += four ? 4 : 1;
  }
  return kept;
}

std::string name_in_utf8(std::string_view name, Charset charset) {
  // Shift-JIS and its kin have ASCII in the place of ASCII, but for what no name has.
  if (is_ascii(name) || charset == Charset::Utf8mb4 || charset == Charset::Utf8mb3)
    return std::string(name);
  std::string converted;
  if (!convert(name, charset, converted)) return std::string(name);
  return converted;
}

}  // namespace sluice::parser

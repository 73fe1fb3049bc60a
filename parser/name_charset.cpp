#include "parser/name_charset.h"

#include <algorithm>

#include <iconv.h>

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

}  // namespace

std::string name_in_utf8(std::string_view name, Charset charset) {
  const bool ascii = std::all_of(name.begin(), name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  // Shift-JIS and its kin have ASCII in the place of ASCII, but for what no name has.
  if (ascii || charset == Charset::Utf8mb4 || charset == Charset::Utf8mb3) return std::string(name);
  thread_local Converter converter;
  std::string converted;
  if (!converter.open(charset) || !converter.convert(name, converted)) return std::string(name);
  return converted;
}

}  // namespace sluice::parser

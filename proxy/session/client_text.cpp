#include "proxy/session/client_text.h"

#include <algorithm>
#include <array>

#include <iconv.h>

namespace sluice::session {
namespace {

using parser::Charset;

struct Row {
  Charset charset;
  const char* name;  // iconv's, where it is another than the server's
};
constexpr std::array kNames{
    Row{Charset::Utf8mb4, "UTF-8"},
    Row{Charset::Utf8mb3, "UTF-8"},
    Row{Charset::Ascii, "ASCII"},
    Row{Charset::Binary, "UTF-8"},
    Row{Charset::Latin1, "CP1252"},
    Row{Charset::Latin2, "ISO-8859-2"},
    Row{Charset::Latin5, "ISO-8859-9"},
    Row{Charset::Latin7, "ISO-8859-13"},
    Row{Charset::Greek, "ISO-8859-7"},
    Row{Charset::Hebrew, "ISO-8859-8"},
    Row{Charset::Koi8r, "KOI8-R"},
    Row{Charset::Koi8u, "KOI8-U"},
    Row{Charset::Tis620, "TIS-620"},
    Row{Charset::Euckr, "EUC-KR"},
    Row{Charset::Eucjpms, "EUC-JP-MS"},
    Row{Charset::Ujis, "EUC-JP"},
    Row{Charset::Sjis, "SHIFT_JIS"},
    Row{Charset::Gb2312, "GB2312"},
    Row{Charset::Macroman, "MACINTOSH"},
    Row{Charset::Macce, "MAC-CENTRALEUROPE"},
    Row{Charset::Hp8, "HP-ROMAN8"},
    Row{Charset::Armscii8, "ARMSCII-8"},
    Row{Charset::Geostd8, "GEORGIAN-ACADEMY"},
};

std::string iconv_name(Charset charset) {
  for (const Row& row : kNames) {
    if (row.charset == charset) return row.name;
  }
  return std::string(parser::charset_name(charset));
}

// The converter of libiconv, in one file and freed with its scope.
class Converter {
 public:
  explicit Converter(Charset charset)
      : handle_(::iconv_open("UTF-8", iconv_name(charset).c_str())) {}
  ~Converter() {
    if (usable()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  [[nodiscard]] bool usable() const noexcept { return handle_ != iconv_t(-1); }

  // Appends what can be converted of it; how many bytes that were.
  std::size_t convert(std::string_view text, std::string& out) {
    std::string input(text);  // its interface takes no const
    char* from = input.data();
    std::size_t left = input.size();
    std::array<char, 4096> piece;
    while (left != 0) {
      char* to = piece.data();
      std::size_t room = piece.size();
      const std::size_t before = left;
      const bool failed = ::iconv(handle_, &from, &left, &to, &room) == std::size_t(-1);
      out.append(piece.data(), piece.size() - room);
      if (failed && (left == before || room >= piece.size() / 2)) break;
    }
    return text.size() - left;
  }

 private:
  iconv_t handle_;
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

std::optional<std::string> to_utf8(std::string_view text, Charset charset) {
  if (is_ascii(text)) return std::string(text);
  Converter converter(charset);
  std::string out;
  if (!converter.usable() || converter.convert(text, out) != text.size()) return std::nullopt;
  return out;
}

std::string readable_utf8(std::string_view text, Charset charset) {
  if (auto whole = to_utf8(text, charset)) return std::move(*whole);
  std::string out;
  Converter converter(charset);
  while (!text.empty()) {
    if (converter.usable()) text.remove_prefix(converter.convert(text, out));
    if (text.empty()) break;
    out += static_cast<unsigned char>(text.front()) < 0x80 ? text.front() : '?';
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace sluice::session

#include "admin/http/console.h"

#include <algorithm>
#include <string>

#include <zlib.h>

namespace sluice::http {
namespace {

// Scripts, styles and pictures come from here alone. Mantine writes its variables and CodeMirror
// its theme into style elements, which cannot be named beforehand.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' "
    "data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action "
    "'none'; "
    "frame-ancestors 'none'";

constexpr std::string_view kNoConsole =
    "This program was built without its console. Build it with ./dev build, which needs Node.js "
    "and "
    "npm; the API is described at /api/openapi.yaml.\n";

// The whole is small and was compressed by us: its size is the gzip trailer's.
std::string inflate(std::span<const unsigned char> gzip) {
  if (gzip.size() < 18) return {};
  const auto* tail = gzip.data() + gzip.size() - 4;
  const std::size_t size = tail[0] | (std::size_t{tail[1]} << 8U) | (std::size_t{tail[2]} << 16U) |
                           (std::size_t{tail[3]} << 24U);
  std::string out(size, '\0');
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return {};
  stream.next_in = const_cast<unsigned char*>(gzip.data());  // zlib's header is not const here
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = ::inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return status == Z_STREAM_END ? out : std::string();
}

bool accepts_gzip(const Request& request) {
  const std::string_view header = request.header("accept-encoding");
  const auto at = header.find("gzip");
  if (at == std::string_view::npos) return false;
  const std::string_view rest = header.substr(at + 4, header.find(',', at) - at - 4);
  return rest.find("q=0") == std::string_view::npos || rest.find("q=0.") != std::string_view::npos;
}

const ConsoleFile* find(std::span<const ConsoleFile> files, std::string_view path) {
  const auto found = std::ranges::find(files, path, &ConsoleFile::path);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

Response console_response(const Request& request, std::span<const ConsoleFile> files) {
  const std::string_view path = request.path;
  const ConsoleFile* page = find(files, "/index.html");
  if (page == nullptr) {
    return {path == "/" ? 200U : 404U, "text/plain; charset=utf-8", std::string(kNoConsole), {}};
  }
  const ConsoleFile* file = find(files, path);
  const bool names_file = path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
  if (file == nullptr && names_file) return problem(404, "The console has no such file.");
  if (file == nullptr) file = page;
  Response response;
  response.content_type = file->content_type;
  const bool kept = file->path.starts_with("/assets/");
  response.headers = {
      {"ETag", std::string(file->etag)},
      {"Cache-Control", kept ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", std::string(kPolicy)},
  };
  if (request.header("if-none-match") == file->etag) {
    response.status = 304;
    response.content_type.clear();
  } else if (accepts_gzip(request)) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.body.assign(file->gzip.begin(), file->gzip.end());
  } else {
    response.body = inflate(file->gzip);
  }
  return response;
}

}  // namespace sluice::http

// The console's files, as they are embedded in the program: admin/http/web, built by Vite and
// compressed when the program was built.
//
// A name with a hash in it never changes and may be kept for a year; the page itself is asked for
// anew each time and answered 304 while it is the same. A path that is no file is the page too: the
// console knows its own addresses. Any thread; blocks on nothing.
#pragma once

#include <span>
#include <string_view>

#include "admin/http/message.h"

namespace sluice::http {

struct ConsoleFile {
  std::string_view path;  // "/assets/index-Ab12.js"
  std::string_view content_type;
  std::string_view etag;                // with its quotes
  std::span<const unsigned char> gzip;  // the compressed bytes; they live as long as the program
};

// What was embedded; nothing where the program was built without the console.
[[nodiscard]] std::span<const ConsoleFile> console_files();

// The answer to a GET of `path`, which no route of the API has. 404 for a file that there is not;
// where there is no console at all, a page that says how it is built. Browsers that do not take
// gzip get the bytes inflated.
[[nodiscard]] Response console_response(const Request& request, std::span<const ConsoleFile> files);

}  // namespace sluice::http

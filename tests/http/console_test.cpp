#include "admin/http/console.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "admin/http/router.h"

namespace sluice::http {
namespace {

std::vector<unsigned char> gzip(const std::string& text) {
  std::vector<unsigned char> out(text.size() + 64);
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string copy = text;
  stream.next_in = reinterpret_cast<unsigned char*>(copy.data());
  stream.avail_in = static_cast<uInt>(copy.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

class ConsoleTest : public testing::Test {
 protected:
  Response get(std::string path, std::map<std::string, std::string, std::less<>> headers = {}) {
    Request request;
    request.method = "GET";
    request.path = std::move(path);
    request.headers = std::move(headers);
    return console_response(request, files_);
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return {};
  }

  std::vector<unsigned char> page_ = gzip("<!doctype html>");
  std::vector<unsigned char> script_ = gzip("let a = 1;");
  std::vector<ConsoleFile> files_{
      {"/assets/index-Ab1.js", "text/javascript; charset=utf-8", "\"s\"", script_},
      {"/index.html", "text/html; charset=utf-8", "\"p\"", page_},
  };
};

TEST_F(ConsoleTest, every_address_of_the_console_is_its_page) {
  for (const char* path : {"/", "/index.html", "/projects/3", "/issues/7/tasks"}) {
    const auto response = get(path);
    EXPECT_EQ(response.status, 200U) << path;
    EXPECT_EQ(response.body, "<!doctype html>");
    EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
    EXPECT_NE(header(response, "Content-Security-Policy").find("script-src 'self';"),
              std::string::npos);
  }
  EXPECT_EQ(get("/assets/gone.js").status, 404U);
  EXPECT_EQ(get("/favicon.ico").status, 404U);
}

TEST_F(ConsoleTest, bytes_are_sent_as_the_browser_takes_them) {
  EXPECT_EQ(get("/assets/index-Ab1.js").body, "let a = 1;");
  const auto packed = get("/assets/index-Ab1.js", {{"accept-encoding", "deflate, gzip;q=0.8, br"}});
  EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(packed.body, std::string(script_.begin(), script_.end()));
  EXPECT_NE(header(packed, "Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(header(get("/", {{"accept-encoding", "gzip;q=0"}}), "Content-Encoding"), "");
}

TEST_F(ConsoleTest, what_the_browser_has_is_not_sent_again) {
  const auto same = get("/", {{"if-none-match", "\"p\""}});
  EXPECT_EQ(same.status, 304U);
  EXPECT_TRUE(same.body.empty());
  EXPECT_EQ(get("/", {{"if-none-match", "\"other\""}}).status, 200U);
}

TEST_F(ConsoleTest, without_a_console_the_page_says_how_to_build_it) {
  files_.clear();
  EXPECT_EQ(get("/").status, 200U);
  EXPECT_NE(get("/").body.find("./dev build"), std::string::npos);
  EXPECT_EQ(get("/projects").status, 404U);
}

TEST_F(ConsoleTest, the_router_gives_it_what_no_route_has_but_nothing_of_the_api) {
  const Router router(
      {{"GET", "/healthz", [](const Request&) { return Response{}; }, Lane::kInline}}, {},
      [this](const Request& request) { return console_response(request, files_); });
  const auto route = [&router](const char* target, const char* method = "GET") {
    Request request;
    request.method = method;
    return router.route(target, std::move(request));
  };
  EXPECT_EQ(route("/projects?new").body, "<!doctype html>");
  EXPECT_EQ(route("/api/v1/nothing").status, 404U);
  EXPECT_EQ(route("/projects", "POST").status, 404U);
  EXPECT_EQ(route("/healthz", "POST").status, 405U);
  EXPECT_EQ(route("/healthz").body, "");
}

TEST(ConsoleFiles, what_is_embedded_can_be_read) {
  for (const auto& file : console_files()) {
    Request request;
    request.method = "GET";
    request.path = file.path;
    const auto response = console_response(request, console_files());
    EXPECT_EQ(response.status, 200U) << file.path;
    EXPECT_FALSE(response.body.empty()) << file.path;
  }
}

}  // namespace
}  // namespace sluice::http

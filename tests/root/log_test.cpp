#include "proxy/log.h"

#include <sstream>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

namespace sluice::proxy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const auto kTime = std::chrono::system_clock::time_point(1764028799007ms);

TEST(LogLine, LogfmtQuotesOnlyWhatNeedsIt) {
  EXPECT_EQ(
      format_line(LogFormat::kLogfmt, kTime, LogLevel::kInfo, "login",
                  {{"session", "7"}, {"account", "app"}, {"detail", "two words"}, {"reason", ""}}),
      "time=2025-11-24T23:59:59.007Z level=info event=login session=7 account=app "
      "detail=\"two words\"");
}

TEST(LogLine, AClientCannotForgeALineOrAField) {
  const auto line = format_line(LogFormat::kLogfmt, kTime, LogLevel::kWarning, "login",
                                {{"account", "a\nlevel=error event=x"}, {"host", "h\" x=\"y"}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_THAT(line, HasSubstr(R"(account="a\nlevel=error event=x" host="h\" x=\"y")"));
}

TEST(LogLine, JsonIsOneObjectWhateverTheBytes) {
  std::string every;
  for (int c = 0; c < 256; ++c) every += static_cast<char>(c);
  every += "\xED\xA0\x80 \xC0\x80 \xF4\x90\x80\x80 \xE2\x82";  // surrogate, overlong, too big, cut
  const auto line =
      format_line(LogFormat::kJson, kTime, LogLevel::kError, "x",
                  {{"detail", every}, {"good", "Größe \xE2\x82\xAC \xF0\x9F\x90\xAC"}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto parsed = boost::json::parse(line).as_object();
  EXPECT_EQ(parsed.at("level").as_string(), "error");
  EXPECT_EQ(parsed.at("good").as_string(), "Größe \xE2\x82\xAC \xF0\x9F\x90\xAC");
  EXPECT_THAT(std::string(parsed.at("detail").as_string()), HasSubstr("\xEF\xBF\xBD"));
}

TEST(Log, LevelsDecideAndTheEndWritesWhatWaits) {
  std::ostringstream out;
  {
    Log log({LogLevel::kWarning, LogFormat::kLogfmt},
            std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    log.write(LogLevel::kInfo, "hidden");
    log.write(LogLevel::kWarning, "shown");
    log.set_level(LogLevel::kDebug);
    log.on_event(
        {session::Level::kDebug, "session_end", 42, "app", "10.0.0.1", "main", "quit", ""});
  }
  EXPECT_EQ(out.str().find("hidden"), std::string::npos);
  EXPECT_THAT(out.str(), HasSubstr("level=warning event=shown\n"));
  EXPECT_THAT(out.str(), HasSubstr("level=debug event=session_end session=42 account=app "
                                   "host=10.0.0.1 instance=main reason=quit\n"));
}

}  // namespace
}  // namespace sluice::proxy

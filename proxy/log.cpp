#include "proxy/log.h"

#include <array>
#include <cstdio>
#include <ctime>

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace sluice::proxy {
namespace {

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

std::string rfc3339(std::chrono::system_clock::time_point time) {
  using std::chrono::milliseconds;
  const auto since = std::chrono::floor<milliseconds>(time.time_since_epoch()).count();
  const std::int64_t millis = ((since % 1000) + 1000) % 1000;
  const auto seconds = static_cast<std::time_t>((since - millis) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, static_cast<int>(millis));
  return text.data();
}

// The bytes of the UTF-8 character at the front of `text`; 0 when there is none (Unicode 15, 3.9,
// table 3-7: no surrogate, no overlong form, nothing past U+10FFFF).
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first <= 0xDF   ? 2
                             : first >= 0xE0 && first <= 0xEF ? 3
                             : first >= 0xF0 && first <= 0xF4 ? 4
                                                              : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0U) != 0x80) return 0;
  }
  const unsigned char second = at(1);
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
      (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

// In JSON's escapes, which logfmt readers take too.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

bool is_plain(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F)
      return false;  // and all >= 0x80
  }
  return !text.empty();
}

}  // namespace

std::string format_line(LogFormat format, std::chrono::system_clock::time_point time,
                        LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields) {
  std::string line;
  const bool json = format == LogFormat::kJson;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (json) {
      line += line.empty() ? '{' : ',';
      append_quoted(line, key);
      line += ':';
      append_quoted(line, value);
      return;
    }
    if (!line.empty()) line += ' ';
    line += key;
    line += '=';
    if (is_plain(value)) {
      line += value;
    } else {
      append_quoted(line, value);
    }
  };
  add("time", rfc3339(time));
  add("level", kLevels[static_cast<std::size_t>(level)]);
  add("event", event);
  for (const auto& [key, value] : fields) {
    if (!value.empty()) add(key, value);
  }
  if (json) line += '}';
  return line;
}

Log::Log(LogConfig config) : Log(config, std::make_shared<spdlog::sinks::stderr_sink_mt>()) {}

Log::Log(LogConfig config, std::shared_ptr<spdlog::sinks::sink> sink)
    : format_(config.format),
      level_(config.level),
      writer_(std::make_shared<spdlog::details::thread_pool>(kQueue, 1)),
      logger_(std::make_shared<spdlog::async_logger>(
          "sluice", std::move(sink), writer_, spdlog::async_overflow_policy::overrun_oldest)) {
  logger_->set_pattern("%v");
  logger_->set_level(spdlog::level::trace);  // our own level decides
  logger_->flush_on(spdlog::level::trace);
}

Log::~Log() {
  if (const std::size_t lost = writer_->overrun_counter(); lost > 0) {
    write(LogLevel::kWarning, "log_lines_lost", {{"count", std::to_string(lost)}});
  }
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < level_.load(std::memory_order_relaxed)) return;
  const std::string line =
      format_line(format_, std::chrono::system_clock::now(), level, event, fields);
  logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void Log::on_event(const session::Event& event) {
  const auto level = static_cast<LogLevel>(event.level);
  const std::string session = event.session == 0 ? "" : std::to_string(event.session);
  write(level, event.what,
        {{"session", session},
         {"account", event.account},
         {"host", event.host},
         {"instance", event.instance},
         {"reason", event.reason},
         {"detail", event.detail}});
}

}  // namespace sluice::proxy

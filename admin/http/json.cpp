#include "admin/http/json.h"

#include <charconv>
#include <stdexcept>

namespace sluice::http {
namespace {

// What the first token of a media type is, in small letters.
std::string media_type(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return type;
}

// The number in exactly these digits; nothing otherwise.
std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (text.front() < '0' || text.front() > '9') return std::nullopt;
  return value;
}

}  // namespace

Body::Body(const Request& request) {
  // Also what keeps forms of other sites out: a browser does not send this type across sites
  // without asking first.
  if (media_type(request.header("content-type")) != "application/json") {
    broken_ = http::problem(415, "Send a JSON object with Content-Type: application/json.");
    return;
  }
  boost::system::error_code fault;
  auto value = json::parse(request.body, fault);
  if (fault) {
    broken_ = http::problem(400, "The body is no JSON text: " + fault.message() + ".");
  } else if (!value.is_object()) {
    broken_ = http::problem(400, "The body is JSON, but not an object: expected {…}.");
  } else {
    object_ = std::move(value.get_object());
  }
}

const json::value* Body::raw(std::string_view field) {
  known_.emplace(field);
  const auto* found = object_.if_contains(field);
  return found == nullptr || found->is_null() ? nullptr : found;
}

bool Body::has(std::string_view field) {
  return raw(field) != nullptr;
}

std::optional<std::string> check_text(std::string_view text, const TextRule& rule) {
  if (text.size() < rule.min) {
    return rule.min == 1 ? "must not be empty"
                         : "expected at least " + std::to_string(rule.min) + " bytes";
  }
  if (text.size() > rule.max) {
    return "expected at most " + std::to_string(rule.max) + " bytes";
  }
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool line = c == '\n' || c == '\r' || c == '\t';
    if (byte == 0 || byte == 0x7F || (byte < 0x20 && !line)) {
      return "holds a control character";
    }
    if (line && !rule.lines) return "expected a single line";
  }
  if (rule.min > 0 && text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return "must not be blank";
  }
  return std::nullopt;
}

std::optional<std::string> Body::maybe_text(std::string_view field, TextRule rule) {
  const auto* value = raw(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    fault(field, "expected a text");
    return std::nullopt;
  }
  std::string text(value->get_string());
  if (auto bad = check_text(text, rule)) {
    fault(field, std::move(*bad));
    return std::nullopt;
  }
  return text;
}

std::string Body::text(std::string_view field, TextRule rule) {
  if (!has(field)) {
    missing(field);
    return {};
  }
  return maybe_text(field, rule).value_or("");
}

std::optional<std::int64_t> Body::maybe_integer(std::string_view field, std::int64_t min,
                                                std::int64_t max) {
  const auto* value = raw(field);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code wrong;
  const auto number = value->to_number<std::int64_t>(wrong);
  if (wrong || number < min || number > max) {
    fault(field,
          "expected a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Body::maybe_flag(std::string_view field) {
  const auto* value = raw(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    fault(field, "expected true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<std::vector<std::string>> Body::maybe_texts(std::string_view field, TextRule rule) {
  const auto* value = raw(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) {
    fault(field, "expected a list of texts");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& item : value->get_array()) {
    const auto* text = item.if_string();
    auto bad = text == nullptr ? std::optional<std::string>("expected a list of texts")
                               : check_text(std::string_view(*text), rule);
    if (bad) {
      fault(field, std::move(*bad));
      return std::nullopt;
    }
    texts.emplace_back(*text);
  }
  return texts;
}

std::optional<store::Time> Body::maybe_time(std::string_view field) {
  const auto text = maybe_text(field);
  if (!text) return std::nullopt;
  auto time = parse_time(*text);
  if (!time) fault(field, "expected a time as 2026-01-31T23:59:59Z");
  return time;
}

void Body::fault(std::string_view field, std::string message) {
  faults_.push_back({std::string(field), std::move(message)});
}

std::optional<Body> Body::maybe_object(std::string_view field) {
  const auto* value = raw(field);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    fault(field, "expected an object: {…}");
    return std::nullopt;
  }
  return Body(value->get_object());
}

std::vector<Body> Body::objects(std::string_view field) {
  std::vector<Body> bodies;
  const auto* value = raw(field);
  if (value == nullptr) return bodies;
  if (!value->is_array()) {
    fault(field, "expected a list of objects: [{…}, …]");
    return bodies;
  }
  for (const json::value& item : value->get_array()) {
    if (item.is_object()) {
      bodies.push_back(Body(item.get_object()));
    } else {
      fault(field, "expected a list of objects: [{…}, …]");
      return {};
    }
  }
  return bodies;
}

void Body::take(std::string_view field, Body& inner) {
  inner.find_unknown();
  for (auto& error : inner.faults_) {
    fault(std::string(field) + '.' + error.field, std::move(error.message));
  }
}

void Body::find_unknown() {
  for (const auto& [name, value] : object_) {
    if (!known_.contains(std::string_view(name))) fault(name, "there is no such field");
  }
}

std::optional<Response> Body::problem() {
  if (broken_) return broken_;
  find_unknown();
  if (faults_.empty()) return std::nullopt;
  return http::problem(400, "Some fields cannot be used; see `errors`.", faults_);
}

PageOrProblem read_page(const Request& request) {
  PageOrProblem result;
  std::vector<FieldError> faults;
  if (const auto found = request.query.find("limit"); found != request.query.end()) {
    const auto limit = digits(found->second);
    if (!limit || *limit < 1 || *limit > kMaxPage) {
      faults.push_back({"limit", "expected a whole number from 1 to " + std::to_string(kMaxPage)});
    } else {
      result.page.limit = *limit;
    }
  }
  if (const auto found = request.query.find("cursor"); found != request.query.end()) {
    result.page.after = parse_id(found->second);
    if (result.page.after == 0) faults.push_back({"cursor", "expected a next_cursor of this list"});
  }
  if (!faults.empty()) {
    result.problem = http::problem(400, "The query cannot be used; see `errors`.", faults);
  }
  return result;
}

Response answer(unsigned status, const json::value& body) {
  Response response;
  response.status = status;
  response.body = json::serialize(body);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  response.content_type.clear();
  return response;
}

Response list(json::array items, store::Id next) {
  json::object body;
  body["items"] = std::move(items);
  if (next == 0) {
    body["next_cursor"] = nullptr;
  } else {
    body["next_cursor"] = std::to_string(next);
  }
  return answer(200, body);
}

Response problem(const store::Fault& fault) {
  using store::Failure;
  const auto later = [](Response response) {
    response.headers.emplace_back("Retry-After", "2");
    return response;
  };
  switch (fault.kind) {
    case Failure::kNotFound: return problem(404, "There is no such entry.");
    case Failure::kConflict:
      return problem(409, "There is one with that name already; choose another.");
    case Failure::kReference:
      return problem(409, "Something that it refers to does not exist, or still refers to it.");
    case Failure::kRefused: return problem(409, "The store refused it: " + fault.detail + ".");
    case Failure::kBusy: return later(problem(503, "The store is busy; try again."));
    case Failure::kFull:
      return problem(507, "The store has no space left; free some, then try again.");
    case Failure::kUnavailable:
      return later(problem(503, "The store cannot be reached; try again later."));
    case Failure::kNewer:
    case Failure::kWrongKey:
    case Failure::kOther: break;
  }
  throw std::runtime_error("store: " + fault.detail);
}

std::string to_text(store::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<store::Time> parse_time(std::string_view text) {
  // YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)
  constexpr std::size_t kSeconds = 19;
  if (text.size() < kSeconds + 1 || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
      text[16] != ':' || (text[10] != 'T' && text[10] != 't' && text[10] != ' ')) {
    return std::nullopt;
  }
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  store::Time time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                     std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  std::string_view rest = text.substr(kSeconds);
  if (rest.starts_with('.')) {
    const auto end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    std::string fraction(rest.substr(1, end - 1));
    if (fraction.empty()) return std::nullopt;
    fraction.resize(6, '0');
    time += std::chrono::microseconds(digits(fraction).value_or(0));
    rest = rest.substr(end);
  }
  if (rest == "Z" || rest == "z") return time;
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return std::nullopt;
  const auto hours = digits(rest.substr(1, 2));
  const auto minutes = digits(rest.substr(4, 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return rest[0] == '+' ? time - offset : time + offset;
}

store::Id parse_id(std::string_view text) {
  store::Id id = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), id);
  return fault == std::errc{} && end == text.data() + text.size() && id > 0 ? id : 0;
}

}  // namespace sluice::http

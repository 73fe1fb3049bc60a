// Values to and from JSON: the body of a request as typed fields, the query of a list, times, and
// the answers that every handler gives. The values of one subject are written in its handler file.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "admin/http/message.h"
#include "admin/store/store.h"

namespace sluice::http {

namespace json = boost::json;

inline constexpr std::size_t kMaxName = 200;        // bytes of a name or title
inline constexpr std::size_t kMaxText = 64 * 1024;  // bytes of a comment, a PEM text
inline constexpr std::int64_t kMaxPage = 500;       // items of a list's page
inline constexpr std::int64_t kDefaultPage = 50;

// What a text may hold. Zero bytes never; a single line no control character at all, so that it
// fits a header, a log line and a terminal.
struct TextRule {
  std::size_t min = 1;
  std::size_t max = kMaxName;
  bool lines = false;  // line ends and tabs may be in it
};

// The JSON object of a request's body, read field by field; what is wrong is gathered and said at
// once by problem(). A getter of a bad or absent field gives an empty value.
//
//   Body body(call.request());
//   const auto name = body.text("name");
//   const auto port = body.maybe_integer("port", 1, 65535);
//   if (auto bad = body.problem()) return *bad;
//
// One thread; the request must outlive it.
class Body {
 public:
  explicit Body(const Request& request);

  [[nodiscard]] bool has(std::string_view field);
  [[nodiscard]] std::string text(std::string_view field, TextRule rule = {});  // must be there
  [[nodiscard]] std::optional<std::string> maybe_text(std::string_view field, TextRule rule = {});
  [[nodiscard]] std::optional<std::int64_t> maybe_integer(std::string_view field, std::int64_t min,
                                                          std::int64_t max);
  [[nodiscard]] std::optional<bool> maybe_flag(std::string_view field);
  [[nodiscard]] std::optional<std::vector<std::string>> maybe_texts(std::string_view field,
                                                                    TextRule rule = {});
  [[nodiscard]] std::optional<store::Time> maybe_time(std::string_view field);
  // A word that `parse` (word → optional value) knows; `words` says which, for the message.
  template <class Parse>
  [[nodiscard]] auto maybe_choice(std::string_view field, Parse parse, std::string_view words)
      -> decltype(parse(std::string_view{})) {
    const auto word = maybe_text(field);
    if (!word) return std::nullopt;
    auto value = parse(std::string_view(*word));
    if (!value) fault(field, "expected one of " + std::string(words));
    return value;
  }
  // The object of that field, to be read in the same way and given back to take().
  [[nodiscard]] std::optional<Body> maybe_object(std::string_view field);
  // The objects of that list, to be read and given back likewise, as "field[0]"; empty: it is
  // absent.
  [[nodiscard]] std::vector<Body> objects(std::string_view field);
  // The faults of maybe_object()'s Body, as "field.inner".
  void take(std::string_view field, Body& inner);
  // What is referred to: its id, or its name as `find` knows it (name → id, 0: there is none).
  template <class Find>
  [[nodiscard]] std::optional<store::Id> maybe_reference(std::string_view field, Find find) {
    const auto* value = raw(field);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) {
      const store::Id id = find(std::string_view(value->get_string()));
      if (id == 0) fault(field, "there is none of that name");
      return id;
    }
    return maybe_integer(field, 1, std::numeric_limits<std::int64_t>::max());
  }
  // Any JSON value; null: it is absent.
  [[nodiscard]] const json::value* raw(std::string_view field);

  void fault(std::string_view field, std::string message);
  void fault(FieldError fault) { faults_.push_back(std::move(fault)); }
  void missing(std::string_view field) { fault(field, "is required"); }
  // 400 with every fault, unknown fields among them; 415 for a body that is not JSON.
  [[nodiscard]] std::optional<Response> problem();

 private:
  explicit Body(json::object object) : object_(std::move(object)) {}
  void find_unknown();

  json::object object_;
  std::optional<Response> broken_;  // it is no object at all
  std::set<std::string, std::less<>> known_;
  std::vector<FieldError> faults_;
};

// Nothing when the text keeps the rule, otherwise what is expected.
[[nodiscard]] std::optional<std::string> check_text(std::string_view text, const TextRule& rule);

// `limit` and `cursor` of a list. The cursor is the id of the last item that was seen.
struct Page {
  store::Id after = 0;
  std::int64_t limit = kDefaultPage;
};
struct PageOrProblem {
  Page page;
  std::optional<Response> problem;
};
[[nodiscard]] PageOrProblem read_page(const Request& request);

// {"items": […], "next_cursor": null|"…"}; 0: there is no next page.
[[nodiscard]] Response list(json::array items, store::Id next);
// The page of a whole list, in memory and in the list's own order.
template <class Value, class ToJson>
[[nodiscard]] Response list_page(const std::vector<Value>& all, const Page& page, ToJson to_json) {
  json::array items;
  store::Id last = 0;
  bool reached = page.after == 0;
  for (const Value& value : all) {
    if (!reached) {
      reached = value.id == page.after;
      continue;
    }
    if (static_cast<std::int64_t>(items.size()) == page.limit) return list(std::move(items), last);
    items.push_back(to_json(value));
    last = value.id;
  }
  return list(std::move(items), 0);
}
// The page of rows that were asked for with limit + 1, so that the one too many says that more
// follow.
template <class Value, class ToJson>
[[nodiscard]] Response list_more(const std::vector<Value>& rows, const Page& page, ToJson to_json) {
  json::array items;
  const auto count = std::min(rows.size(), static_cast<std::size_t>(page.limit));
  for (std::size_t i = 0; i < count; ++i) items.push_back(to_json(rows[i]));
  return list(std::move(items), rows.size() > count ? rows[count - 1].id : 0);
}

[[nodiscard]] Response answer(unsigned status, const json::value& body);
[[nodiscard]] Response no_content();
// What a failure of the store is to a client. kOther and kWrongKey are faults of ours: it throws.
[[nodiscard]] Response problem(const store::Fault& fault);

// RFC 3339 in UTC: "2026-01-31T23:59:59.123456Z"; reading takes any offset.
[[nodiscard]] std::string to_text(store::Time time);
[[nodiscard]] std::optional<store::Time> parse_time(std::string_view text);
// A decimal id, or 0: what is no id is the id of nothing.
[[nodiscard]] store::Id parse_id(std::string_view text);

}  // namespace sluice::http

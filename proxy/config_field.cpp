#include "proxy/config_field.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <numeric>

namespace sluice::proxy {
namespace {

using Kind = Shape::Kind;
using Shaped = boost::system::result<Scalar, Sentence>;

std::string join(std::span<const std::string> words, std::string_view between) {
  std::string joined;
  for (const auto& word : words) {
    if (!joined.empty()) joined += between;
    joined += word;
  }
  return joined;
}

Sentence expected(const Shape& shape, std::string_view found) {
  return {"expected " + shape.describe() + ", found " + std::string(found)};
}

Shaped in_range(const Shape& shape, std::int64_t value) {
  if (value < shape.min || value > shape.max) return expected(shape, std::to_string(value));
  return Scalar(value);
}

Shaped shape_string(const Shape& shape, const std::string& value) {
  switch (shape.kind) {
    case Kind::kText: return Scalar(value);
    case Kind::kTextList: return Scalar(std::vector<std::string>{value});
    case Kind::kChoice:
      if (std::ranges::find(shape.choices, value) != shape.choices.end()) return Scalar(value);
      break;
    case Kind::kFile:
      if (value.empty() || std::ifstream(value).good()) return Scalar(value);
      return expected(shape, "'" + value + "', which cannot be opened");
    default: break;
  }
  return expected(shape, "'" + value + "'");
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string Shape::describe() const {
  switch (kind) {
    case Kind::kBoolean: return "true or false";
    case Kind::kInteger:
      return "an integer from " + std::to_string(min) + " to " + std::to_string(max) + " (" + unit +
             ")";
    case Kind::kChoice: return "one of " + join(choices, ", ");
    case Kind::kFile: return "the path of a file that can be read";
    case Kind::kTextList: return "a string or a list of strings";
    case Kind::kText: break;
  }
  return "a string";
}

Shaped shape_node(const Shape& shape, const Node& node) {
  if (const auto* boolean = std::get_if<bool>(&node.value)) {
    if (shape.kind == Kind::kBoolean) return Scalar(*boolean);
    return expected(shape, *boolean ? "true" : "false");
  }
  if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
    if (shape.kind == Kind::kInteger) return in_range(shape, *integer);
    return expected(shape, "the integer " + std::to_string(*integer));
  }
  if (const auto* text = std::get_if<std::string>(&node.value)) return shape_string(shape, *text);
  if (const auto* list = std::get_if<Node::List>(&node.value);
      list != nullptr && shape.kind == Kind::kTextList) {
    std::vector<std::string> items;
    for (const Node& item : *list) {
      const auto* text = std::get_if<std::string>(&item.value);
      if (text == nullptr) {
        return expected(shape, "a list with " + std::string(item.type_name()) + " in it");
      }
      items.push_back(*text);
    }
    return Scalar(std::move(items));
  }
  return expected(shape, node.type_name());
}

Shaped shape_text(const Shape& shape, std::string_view text) {
  const std::string found = "'" + std::string(text) + "'";
  if (shape.kind == Kind::kBoolean) {
    if (text == "true") return Scalar(true);
    if (text == "false") return Scalar(false);
    return expected(shape, found);
  }
  if (shape.kind == Kind::kInteger) {
    std::int64_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) return expected(shape, found);
    return in_range(shape, value);
  }
  if (shape.kind == Kind::kTextList) {
    std::vector<std::string> items;
    while (!text.empty()) {
      const auto comma = text.find(',');
      items.emplace_back(text.substr(0, comma));
      text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return Scalar(std::move(items));
  }
  return shape_string(shape, std::string(text));
}

std::string show(const Scalar& value) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* text = std::get_if<std::string>(&value)) return '"' + *text + '"';
  std::string shown = "[";
  for (const auto& item : std::get<std::vector<std::string>>(value)) {
    if (shown.size() > 1) shown += ", ";
    shown += '"' + item + '"';
  }
  return shown + "]";
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  // Farther than this share of the word it is another word, not a slip.
  const std::size_t limit = std::max<std::size_t>(2, word.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = limit + 1;
  for (const auto& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace sluice::proxy

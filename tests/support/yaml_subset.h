// As much of YAML 1.2 as openapi.yaml uses, to a JSON value: block mappings and lists, flow ones
// and double-quoted scalars on one line, plain scalars, whole-line comments. Anything else throws
// with its line.
#pragma once

#include <charconv>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

namespace sluice::testing_support {

class YamlSubset {
 public:
  static boost::json::value read(std::string_view text) {
    YamlSubset reader(text);
    auto value = reader.block(0);
    if (reader.at_ != reader.lines_.size()) reader.fail("what is indented less than the rest");
    return value;
  }

 private:
  struct Line {
    std::size_t number;
    std::size_t indent;
    std::string text;
  };

  explicit YamlSubset(std::string_view text) {
    for (std::size_t number = 1; !text.empty(); ++number) {
      const auto end = std::min(text.find('\n'), text.size());
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      const auto first = line.find_first_not_of(' ');
      if (first == std::string_view::npos || line[first] == '#') continue;
      lines_.push_back({number, first, std::string(line.substr(first))});
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    const auto number = at_ < lines_.size() ? lines_[at_].number : 0;
    throw std::runtime_error("line " + std::to_string(number) + ": " + what);
  }

  static bool is_item(std::string_view text) { return text == "-" || text.starts_with("- "); }

  boost::json::value block(std::size_t indent) {
    if (at_ == lines_.size() || lines_[at_].indent < indent) return nullptr;
    const std::size_t own = lines_[at_].indent;
    if (is_item(lines_[at_].text)) return items(own);
    boost::json::object object;
    while (at_ < lines_.size() && lines_[at_].indent == own) {
      const std::string line = lines_[at_].text;
      const std::size_t colon = colon_of(line);
      if (colon == std::string::npos) fail("expected a key");
      const std::string key = key_of(line.substr(0, colon));
      if (object.contains(key)) fail("the key " + key + " is there twice");
      const auto rest = line.find_first_not_of(' ', colon + 1);
      if (rest == std::string::npos) {
        ++at_;
        object[key] = block(own + 1);
      } else {
        object[key] = flow(line.substr(rest));
        ++at_;
      }
    }
    if (at_ < lines_.size() && lines_[at_].indent > own) fail("indented more than its neighbours");
    return object;
  }

  boost::json::value items(std::size_t own) {
    boost::json::array array;
    while (at_ < lines_.size() && lines_[at_].indent == own && is_item(lines_[at_].text)) {
      Line& line = lines_[at_];
      const std::string rest = line.text.substr(2);
      const bool mapping = rest.front() != '{' && rest.front() != '[' && rest.front() != '"' &&
                           colon_of(rest) != std::string::npos;
      if (mapping) {
        line.indent += 2;
        line.text = rest;
        array.push_back(block(own + 1));
      } else {
        array.push_back(flow(rest));
        ++at_;
      }
    }
    return array;
  }

  // Where a line's key ends; npos: it has none.
  static std::size_t colon_of(std::string_view line) {
    std::size_t from = 0;
    if (line.starts_with('"')) from = line.find('"', 1) + 1;
    for (auto at = line.find(':', from); at != std::string_view::npos;
         at = line.find(':', at + 1)) {
      if (at + 1 == line.size() || line[at + 1] == ' ') return at;
    }
    return std::string_view::npos;
  }
  static std::string key_of(std::string_view text) {
    return std::string(text.starts_with('"') ? text.substr(1, text.size() - 2) : text);
  }

  boost::json::value flow(const std::string& text) {
    std::size_t at = 0;
    auto value = flow_value(text, at, "");
    if (text.find_first_not_of(' ', at) != std::string::npos) fail("text after a value: " + text);
    return value;
  }

  static void skip(const std::string& text, std::size_t& at) {
    while (at < text.size() && text[at] == ' ') ++at;
  }

  boost::json::value flow_value(const std::string& text, std::size_t& at, std::string_view ends) {
    skip(text, at);
    if (at == text.size()) fail("a value is missing");
    if (text[at] == '{') return flow_object(text, at);
    if (text[at] == '[') return flow_array(text, at);
    if (text[at] == '"') {
      auto end = at + 1;
      while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      auto value = boost::json::parse(text.substr(at, end + 1 - at));
      at = end + 1;
      return value;
    }
    if (std::string_view("&*!|>'%@`").find(text[at]) != std::string_view::npos) {
      fail("this form is not read: " + text);
    }
    auto end = ends.empty() ? text.size() : text.find_first_of(ends, at);
    if (end == std::string::npos) fail("a flow value is not closed");
    std::string_view word = std::string_view(text).substr(at, end - at);
    at = end;
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (ends.empty() &&
        (word.find(": ") != std::string_view::npos || word.find(" #") != std::string_view::npos)) {
      fail("quote this text: " + text);
    }
    return scalar(word);
  }

  static boost::json::value scalar(std::string_view word) {
    if (word == "true") return true;
    if (word == "false") return false;
    if (word == "null" || word == "~") return nullptr;
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (fault == std::errc{} && end == word.data() + word.size()) return number;
    return boost::json::value(word);
  }

  boost::json::value flow_object(const std::string& text, std::size_t& at) {
    boost::json::object object;
    ++at;
    for (skip(text, at); at < text.size() && text[at] != '}'; skip(text, at)) {
      const auto colon = text.find(": ", at);
      if (colon == std::string::npos) fail("expected a key: " + text);
      const std::string key = key_of(std::string_view(text).substr(at, colon - at));
      if (object.contains(key)) fail("the key " + key + " is there twice");
      at = colon + 1;
      object[key] = flow_value(text, at, ",}");
      skip(text, at);
      if (at < text.size() && text[at] == ',') ++at;
    }
    if (at == text.size()) fail("a mapping is not closed");
    ++at;
    return object;
  }

  boost::json::value flow_array(const std::string& text, std::size_t& at) {
    boost::json::array array;
    ++at;
    for (skip(text, at); at < text.size() && text[at] != ']'; skip(text, at)) {
      array.push_back(flow_value(text, at, ",]"));
      skip(text, at);
      if (at < text.size() && text[at] == ',') ++at;
    }
    if (at == text.size()) fail("a list is not closed");
    ++at;
    return array;
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

}  // namespace sluice::testing_support

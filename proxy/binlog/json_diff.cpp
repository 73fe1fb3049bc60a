// Partial updates of JSON columns: paths and what is done at their ends.
//
//   path   $ { .name | ."quoted name" | [n] }
#include <algorithm>
#include <charconv>

#include "proxy/binlog/json.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

struct Leg {
  bool index = false;
  std::size_t place = 0;
  std::string key;
};

Error bad_path() {
  return {Fault::kMalformed, "a partial JSON update has a path that is not in the value"};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

// A quoted member name, from behind its first quote; false: it does not end. The server escapes
// what JSON strings must escape; it writes \u only for control characters.
bool read_quoted(std::string_view& text, std::string& out) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return true;
    if (c != '\\') {
      out += c;
      continue;
    }
    if (text.empty()) return false;
    const char escaped = text.front();
    text.remove_prefix(1);
    switch (escaped) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': {
        if (text.size() < 4) return false;
        unsigned code = 0;
        for (int i = 0; i < 4; ++i) {
          const int digit = hex_value(text[static_cast<std::size_t>(i)]);
          if (digit < 0) return false;
          code = code << 4 | static_cast<unsigned>(digit);
        }
        append_utf8(out, code);
        text.remove_prefix(4);
        break;
      }
      default: out += escaped;
    }
  }
  return false;
}

bool read_leg(std::string_view& text, Leg& out) {
  const char begin = text.front();
  text.remove_prefix(1);
  if (begin == '[') {
    out.index = true;
    const auto end = text.find(']');
    if (end == std::string_view::npos) return false;
    const auto [at, fault] = std::from_chars(text.data(), text.data() + end, out.place);
    const bool whole = fault == std::errc{} && at == text.data() + end;
    text.remove_prefix(end + 1);
    return whole;
  }
  if (begin != '.' || text.empty()) return false;
  if (text.front() == '"') {
    text.remove_prefix(1);
    return read_quoted(text, out.key);
  }
  const auto end = std::min(text.find_first_of(".["), text.size());
  out.key = text.substr(0, end);
  text.remove_prefix(end);
  return end > 0;
}

bool read_path(std::string_view text, std::vector<Leg>& out) {
  if (text.empty() || text.front() != '$') return false;
  text.remove_prefix(1);
  while (!text.empty()) {
    if (out.size() > static_cast<std::size_t>(kMaxJsonDepth)) return false;
    Leg leg;
    if (!read_leg(text, leg)) return false;
    out.push_back(std::move(leg));
  }
  return true;
}

// The server's order of members.
bool key_less(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

JsonNode* child(JsonNode& in, const Leg& leg) {
  if (leg.index) {
    // `$[0]` of anything but an array is the value itself.
    if (in.kind != JsonNode::Kind::kArray) return leg.place == 0 ? &in : nullptr;
    return leg.place < in.items.size() ? &in.items[leg.place] : nullptr;
  }
  if (in.kind != JsonNode::Kind::kObject) return nullptr;
  const auto found = std::ranges::find(in.keys, leg.key);
  return found == in.keys.end() ? nullptr
                                : &in.items[static_cast<std::size_t>(found - in.keys.begin())];
}

bool insert(JsonNode& in, const Leg& leg, JsonNode value) {
  if (leg.index) {
    if (in.kind != JsonNode::Kind::kArray || leg.place > in.items.size()) return false;
    in.items.insert(in.items.begin() + static_cast<std::ptrdiff_t>(leg.place), std::move(value));
    return true;
  }
  if (in.kind != JsonNode::Kind::kObject) return false;
  const auto at = std::ranges::lower_bound(in.keys, leg.key, key_less);
  if (at != in.keys.end() && *at == leg.key) return false;
  in.items.insert(in.items.begin() + (at - in.keys.begin()), std::move(value));
  in.keys.insert(at, leg.key);
  return true;
}

bool remove(JsonNode& in, const Leg& leg) {
  const JsonNode* const found = child(in, leg);
  if (found == nullptr || found == &in) return false;
  const auto at = found - in.items.data();
  in.items.erase(in.items.begin() + at);
  if (in.kind == JsonNode::Kind::kObject) in.keys.erase(in.keys.begin() + at);
  return true;
}

}  // namespace

Result<void> apply_json_diffs(JsonNode& json, wire::Bytes diffs) {
  wire::Reader in(diffs);
  while (in.ok() && in.remaining() > 0) {
    const std::uint8_t operation = in.u8();
    const auto path = in.text_lenenc();
    wire::Bytes bytes;
    if (operation < 2) bytes = in.bytes_lenenc();
    if (!in.ok() || operation > 2) break;
    std::vector<Leg> legs;
    if (!read_path(path, legs)) return bad_path();
    JsonNode value;
    if (operation < 2) {
      auto decoded = decode_json(bytes);
      if (!decoded) return decoded.error();
      value = std::move(*decoded);
    }
    JsonNode* at = &json;
    for (std::size_t i = 0; at != nullptr && i + 1 < legs.size(); ++i) at = child(*at, legs[i]);
    if (operation == 0) {
      if (at != nullptr && !legs.empty()) at = child(*at, legs.back());
      if (at == nullptr) return bad_path();
      *at = std::move(value);
      continue;
    }
    if (at == nullptr || legs.empty()) return bad_path();
    if (!(operation == 1 ? insert(*at, legs.back(), std::move(value)) : remove(*at, legs.back())))
      return bad_path();
  }
  if (!in.ok() || in.remaining() > 0)
    return Error{Fault::kMalformed,
                 "a partial JSON update is cut short or has an unknown operation"};
  return {};
}

}  // namespace sluice::binlog

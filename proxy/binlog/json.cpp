// A value:      type 1 | …
// An object:    count | size | (key offset, key length 2) … | (type 1, offset or inlined value) … |
// keys An array:     count | size | (type 1, offset or inlined value) … Counts, sizes and offsets
// have 2 bytes in small ones, 4 in large ones; offsets count from the object's or array's first
// byte.
#include "proxy/binlog/json.h"

#include <bit>

#include "proxy/wire/reader.h"

namespace sluice::binlog {
namespace {

enum Type : std::uint8_t {
  kSmallObject = 0x00,
  kLargeObject = 0x01,
  kSmallArray = 0x02,
  kLargeArray = 0x03,
  kLiteral = 0x04,
  kInt16 = 0x05,
  kUint16 = 0x06,
  kInt32 = 0x07,
  kUint32 = 0x08,
  kInt64 = 0x09,
  kUint64 = 0x0A,
  kDouble = 0x0B,
  kString = 0x0C,
  kOpaque = 0x0F,
};

// What a value may still spend: entries may share offsets, and a small value must not claim a tree
// or texts far larger than itself.
struct Budget {
  std::size_t nodes;
  std::size_t text;
};

Error malformed() {
  return {Fault::kMalformed, "a JSON value's bytes are cut short or malformed"};
}

// Seven bits a byte, the lowest first; the eighth says that more follows. At most five bytes.
std::uint64_t read_length(wire::Reader& in) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < 5; ++i) {
    const std::uint8_t byte = in.u8();
    value |= std::uint64_t{byte & 0x7FU} << (7 * i);
    if ((byte & 0x80) == 0) return value;
  }
  in.fail(wire::Fault::kMalformed);
  return 0;
}

bool is_inlined(std::uint8_t type, bool large) {
  switch (type) {
    case kLiteral:
    case kInt16:
    case kUint16: return true;
    case kInt32:
    case kUint32: return large;
    default: return false;
  }
}

JsonNode integer(std::int64_t value) {
  JsonNode out;
  out.kind = JsonNode::Kind::kInt;
  out.integer = value;
  return out;
}
JsonNode unsigned_integer(std::uint64_t value) {
  JsonNode out;
  out.kind = JsonNode::Kind::kUint;
  out.integer = static_cast<std::int64_t>(value);
  return out;
}

Result<JsonNode> literal(std::uint8_t which) {
  JsonNode out;
  switch (which) {
    case 0: out.kind = JsonNode::Kind::kNull; return out;
    case 1: out.kind = JsonNode::Kind::kTrue; return out;
    case 2: out.kind = JsonNode::Kind::kFalse; return out;
    default: return malformed();
  }
}

Result<JsonNode> scalar(std::uint8_t type, wire::Reader in, Budget& budget) {
  JsonNode out;
  switch (type) {
    case kLiteral: {
      const std::uint8_t which = in.u8();
      if (!in.ok()) return malformed();
      return literal(which);
    }
    case kInt16: out = integer(static_cast<std::int16_t>(in.u16())); break;
    case kUint16: out = unsigned_integer(in.u16()); break;
    case kInt32: out = integer(static_cast<std::int32_t>(in.u32())); break;
    case kUint32: out = unsigned_integer(in.u32()); break;
    case kInt64: out = integer(static_cast<std::int64_t>(in.u64())); break;
    case kUint64: out = unsigned_integer(in.u64()); break;
    case kDouble:
      out.kind = JsonNode::Kind::kDouble;
      out.number = std::bit_cast<double>(in.u64());
      break;
    case kString:
      out.kind = JsonNode::Kind::kString;
      out.text = in.text(read_length(in));
      break;
    case kOpaque:
      out.kind = JsonNode::Kind::kOpaque;
      out.type = in.u8();
      out.text = in.text(read_length(in));
      break;
    default: return malformed();
  }
  if (!in.ok() || out.text.size() > budget.text) return malformed();
  budget.text -= out.text.size();
  return out;
}

Result<JsonNode> value(std::uint8_t type, wire::Bytes bytes, int depth, Budget& budget);

Result<JsonNode> container(bool object, bool large, wire::Bytes bytes, int depth, Budget& budget) {
  wire::Reader in(bytes);
  const auto number = [&](wire::Reader& from) { return large ? from.u32() : from.u16(); };
  const std::uint32_t count = number(in);
  const std::uint32_t size = number(in);
  if (!in.ok() || size > bytes.size()) return malformed();
  const std::uint64_t entry = (object ? (large ? 6U : 4U) : 0U) + (large ? 5U : 3U);
  if (count * entry > in.remaining() || count > budget.nodes) return malformed();
  budget.nodes -= count;
  const auto whole = bytes.first(size);
  JsonNode out;
  out.kind = object ? JsonNode::Kind::kObject : JsonNode::Kind::kArray;
  for (std::uint32_t i = 0; object && i < count; ++i) {
    const std::uint32_t offset = number(in);
    const std::uint16_t length = in.u16();
    if (!in.ok() || offset > size || length > size - offset) return malformed();
    if (length > budget.text) return malformed();
    budget.text -= length;
    out.keys.emplace_back(wire::as_text(whole.subspan(offset, length)));
  }
  out.items.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t type = in.u8();
    wire::Reader inlined(in.bytes(large ? 4 : 2));
    if (!in.ok()) return malformed();
    Result<JsonNode> item = malformed();
    if (is_inlined(type, large)) {
      item = scalar(type, inlined, budget);
    } else {
      const std::uint32_t offset = number(inlined);
      // An offset into the header would let a value contain itself.
      if (offset >= size || offset < bytes.size() - in.remaining()) return malformed();
      item = value(type, whole.subspan(offset), depth + 1, budget);
    }
    if (!item) return item.error();
    out.items.push_back(std::move(*item));
  }
  return out;
}

Result<JsonNode> value(std::uint8_t type, wire::Bytes bytes, int depth, Budget& budget) {
  if (depth > kMaxJsonDepth) return malformed();
  switch (type) {
    case kSmallObject: return container(true, false, bytes, depth, budget);
    case kLargeObject: return container(true, true, bytes, depth, budget);
    case kSmallArray: return container(false, false, bytes, depth, budget);
    case kLargeArray: return container(false, true, bytes, depth, budget);
    default: return scalar(type, wire::Reader(bytes), budget);
  }
}

}  // namespace

Result<JsonNode> decode_json(wire::Bytes json) {
  if (json.empty()) return JsonNode{};
  Budget budget{json.size(), json.size()};
  return value(json[0], json.subspan(1), 0, budget);
}

}  // namespace sluice::binlog

// One pass over MySQL's binary JSON, told to a sink value by value. Inner part of json.cpp and
// json_print.cpp; nobody else includes this.
//
//   A value:   type 1 | …
//   An object: count | size | (key offset, key length 2) … | (type 1, offset or inlined value) … |
//              keys, values
//   An array:  count | size | (type 1, offset or inlined value) … | values
//
// Counts, sizes and offsets have 2 bytes in small ones, 4 in large ones; offsets count from the
// object's or array's first byte.
//
// A Sink has null(), boolean(bool), integer(int64), whole(uint64), real(double), text(view),
// opaque(type, view), begin(object, count), key(index, view), item(index), end(object).
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "proxy/binlog/json.h"
#include "proxy/wire/reader.h"

namespace sluice::binlog {

template <class Sink>
class JsonWalk {
 public:
  JsonWalk(wire::Bytes json, Sink& sink) : nodes_(json.size()), text_(json.size()), sink_(sink) {}

  // False: the bytes are cut short or malformed; what the sink was told then counts for nothing.
  [[nodiscard]] bool value(std::uint8_t type, wire::Bytes bytes, int depth = 0) {
    if (depth > kMaxJsonDepth) return false;
    if (type <= kLargeArray) return container(type, bytes, depth);
    return scalar(type, wire::Reader(bytes));
  }

 private:
  static constexpr std::uint8_t kLargeObject = 0x01;  // small ones are even, arrays from 2 on
  static constexpr std::uint8_t kLargeArray = 0x03;
  static constexpr std::uint8_t kLiteral = 0x04;
  static constexpr std::uint8_t kInt16 = 0x05;
  static constexpr std::uint8_t kUint16 = 0x06;
  static constexpr std::uint8_t kInt32 = 0x07;
  static constexpr std::uint8_t kUint32 = 0x08;
  static constexpr std::uint8_t kInt64 = 0x09;
  static constexpr std::uint8_t kUint64 = 0x0A;
  static constexpr std::uint8_t kDouble = 0x0B;
  static constexpr std::uint8_t kString = 0x0C;
  static constexpr std::uint8_t kOpaque = 0x0F;

  static bool is_inlined(std::uint8_t type, bool large) {
    return (type >= kLiteral && type <= kUint16) || (large && (type == kInt32 || type == kUint32));
  }

  // Seven bits a byte, the lowest first; the eighth says that more follows. At most five bytes.
  static std::uint64_t length(wire::Reader& in) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 5; ++i) {
      const std::uint8_t byte = in.u8();
      value |= std::uint64_t{byte & 0x7FU} << (7 * i);
      if ((byte & 0x80) == 0) return value;
    }
    in.fail(wire::Fault::kMalformed);
    return 0;
  }

  // Entries may share offsets, and a small value must not claim texts far larger than itself.
  bool spend(std::size_t size) {
    if (size > text_) return false;
    text_ -= size;
    return true;
  }

  bool scalar(std::uint8_t type, wire::Reader in) {
    switch (type) {
      case kLiteral: return literal(in.u8()) && in.ok();
      case kInt16: sink_.integer(static_cast<std::int16_t>(in.u16())); break;
      case kUint16: sink_.whole(in.u16()); break;
      case kInt32: sink_.integer(static_cast<std::int32_t>(in.u32())); break;
      case kUint32: sink_.whole(in.u32()); break;
      case kInt64: sink_.integer(static_cast<std::int64_t>(in.u64())); break;
      case kUint64: sink_.whole(in.u64()); break;
      case kDouble: {
        const auto bits = in.u64();
        if (in.ok()) sink_.real(std::bit_cast<double>(bits));
        break;
      }
      case kString: {
        const auto text = in.text(length(in));
        if (!in.ok() || !spend(text.size())) return false;
        sink_.text(text);
        break;
      }
      case kOpaque: {
        const std::uint8_t column = in.u8();
        const auto bytes = in.text(length(in));
        if (!in.ok() || !spend(bytes.size())) return false;
        sink_.opaque(column, bytes);
        break;
      }
      default: return false;
    }
    return in.ok();
  }

  bool literal(std::uint8_t which) {
    if (which > 2) return false;
    if (which == 0)
      sink_.null();
    else
      sink_.boolean(which == 1);
    return true;
  }

  bool container(std::uint8_t type, wire::Bytes bytes, int depth) {
    const bool object = type <= kLargeObject;
    const bool large = (type & 1) != 0;
    wire::Reader in(bytes);
    const auto number = [large](wire::Reader& from) { return large ? from.u32() : from.u16(); };
    const std::uint32_t count = number(in);
    const std::uint32_t size = number(in);
    if (!in.ok() || size > bytes.size()) return false;
    const std::uint64_t key_size = object ? (large ? 6U : 4U) : 0U;
    const std::uint64_t item_size = large ? 5 : 3;
    if (count * (key_size + item_size) > in.remaining() || count > nodes_) return false;
    nodes_ -= count;
    const auto whole = bytes.first(size);
    const std::uint64_t head = large ? 8 : 4;
    const std::uint64_t end = head + count * (key_size + item_size);
    wire::Reader keys(bytes.subspan(head));
    wire::Reader items(bytes.subspan(head + count * key_size));
    sink_.begin(object, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      if (object) {
        const std::uint32_t offset = number(keys);
        const std::uint16_t bytes_of_key = keys.u16();
        if (offset > size || bytes_of_key > size - offset || !spend(bytes_of_key)) return false;
        sink_.key(i, wire::as_text(whole.subspan(offset, bytes_of_key)));
      } else {
        sink_.item(i);
      }
      if (!item(items, whole, large, end, depth)) return false;
    }
    sink_.end(object);
    return true;
  }

  bool item(wire::Reader& items, wire::Bytes whole, bool large, std::uint64_t end, int depth) {
    const std::uint8_t type = items.u8();
    wire::Reader inlined(items.bytes(large ? 4 : 2));
    if (!items.ok()) return false;
    if (is_inlined(type, large)) return scalar(type, inlined);
    const std::uint32_t offset = large ? inlined.u32() : inlined.u16();
    // An offset into the header would let a value contain itself.
    if (offset >= whole.size() || offset < end) return false;
    return value(type, whole.subspan(offset), depth + 1);
  }

  std::size_t nodes_;
  std::size_t text_;
  Sink& sink_;
};

}  // namespace sluice::binlog

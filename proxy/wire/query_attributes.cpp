#include "proxy/wire/query_attributes.h"

#include "proxy/wire/commands.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sluice::wire {
namespace {

constexpr std::uint8_t kNewTypes = 1;
constexpr std::uint64_t kParameterSets = 1;

std::size_t bitmap_size(std::size_t count) {
  return (count + 7) / 8;
}

struct Typed {
  std::uint16_t type = 0;
  std::string_view name;
};

// count x (type, name). The count was checked against the packet by its bitmap.
std::vector<Typed> read_types(Reader& in, std::size_t count, bool names) {
  std::vector<Typed> types;
  // Every type takes two bytes at least, so a lying count reserves nothing.
  if (count > in.remaining() / 2) {
    in.fail(Fault::kTruncated);
    return types;
  }
  types.reserve(count);
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    Typed typed;
    typed.type = in.u16();
    if (names) typed.name = in.text_lenenc();
    types.push_back(typed);
  }
  return types;
}

Parameter read_parameter(Reader& in, Typed typed, bool null, bool long_data) {
  Parameter parameter;
  parameter.type = typed.type;
  parameter.name = typed.name;
  parameter.null = null;
  parameter.long_data = long_data;
  if (null || long_data) return parameter;
  const auto type = static_cast<ColumnType>(typed.type & 0xff);
  const auto value = decode_value(in, type, (typed.type & kUnsignedParameter) != 0);
  if (value) parameter.value = *value;
  return parameter;
}

bool bit(Bytes bitmap, std::size_t i) {
  return (bitmap[i / 8] >> (i % 8) & 1) != 0;
}

// A count that a packet of this size can hold, or 0 and a fault.
std::size_t read_count(Reader& in) {
  const std::uint64_t count = in.lenenc();
  if (count / 8 > in.remaining()) {
    in.fail(Fault::kTruncated);
    return 0;
  }
  return static_cast<std::size_t>(count);
}

// The parameters behind count and sets. Leaves `in` at the text.
std::vector<Parameter> read_attributes(Reader& in, std::size_t count) {
  std::vector<Parameter> parameters;
  if (count == 0) return parameters;
  const Bytes nulls = in.bytes(bitmap_size(count));
  in.expect(kNewTypes);
  const auto types = read_types(in, count, true);
  for (std::size_t i = 0; i < types.size() && in.ok(); ++i)
    parameters.push_back(read_parameter(in, types[i], bit(nulls, i), false));
  return parameters;
}

// Of an execution's block the part of the statement's own parameters, without names. Attributes
// stand behind them: in the bitmap, among the types and among the values.
Result<void> keep_own(const ExecuteBlock& from, std::size_t own, const std::vector<bool>& long_data,
                      Buffer& out) {
  Writer to(out);
  Reader in(from.block);
  const Bytes nulls = in.bytes(bitmap_size(from.count));
  const std::uint8_t new_types = in.u8();
  std::vector<Typed> types;
  if (new_types == kNewTypes) types = read_types(in, from.count, from.names);
  // Without types nobody can tell where the attributes' values begin.
  if (new_types != kNewTypes && from.count != own) in.fail(Fault::kMalformed);
  if (!in.ok()) return make_error_code(in.fault());
  const std::size_t bitmap = out.size();
  to.zeros(bitmap_size(own));
  for (std::size_t i = 0; i < own; ++i) {
    if (bit(nulls, i)) {
      out[bitmap + i / 8] = static_cast<std::uint8_t>(out[bitmap + i / 8] | (1U << (i % 8)));
    }
  }
  to.u8(new_types);
  for (std::size_t i = 0; i < own && i < types.size(); ++i) to.u16(types[i].type);
  const Bytes values = from.block.last(in.remaining());
  if (from.count == own) {
    to.bytes(values);
    return {};
  }
  for (std::size_t i = 0; i < own; ++i) {
    const bool sent_ahead = i < long_data.size() && long_data[i];
    if (bit(nulls, i) || sent_ahead) continue;
    const auto type = static_cast<ColumnType>(types[i].type & 0xff);
    const auto value = decode_value(in, type, false);
    if (!value) return value.error();
  }
  to.bytes(values.first(values.size() - in.remaining()));
  return {};
}

}  // namespace

Result<void> drop_query_attributes(Bytes payload, std::size_t parameters,
                                   const std::vector<bool>& long_data, Capabilities client,
                                   Buffer& out) {
  if (static_cast<Command>(payload.front()) == Command::kQuery) {
    const auto query = split_query(payload, client);
    if (!query) return query.error();
    encode_query(query->sql, {}, client.without(cap::kQueryAttributes), out);
    return {};
  }
  auto command = decode_stmt_execute(payload);
  if (!command) return command.error();
  const auto block = split_execute(*command, parameters, client);
  if (!block) return block.error();
  Buffer rest;
  if (parameters != 0) {
    if (const auto kept = keep_own(*block, parameters, long_data, rest); !kept) return kept.error();
  }
  command->flags =
      static_cast<std::uint8_t>(command->flags & ~StmtExecute::kParameterCountAvailable);
  command->rest = rest;
  encode(*command, out);
  return {};
}

Result<QueryText> split_query(Bytes payload, Capabilities capabilities) {
  const Bytes body = payload.subspan(1);
  if (!capabilities.has(cap::kQueryAttributes)) return QueryText{as_text(body), {}};
  if (body.size() >= 2 && body[0] == 0 && body[1] == kParameterSets)
    return QueryText{as_text(body.subspan(2)), body.first(2)};
  Reader in(body);
  const std::size_t count = read_count(in);
  if (in.lenenc() != kParameterSets) in.fail(Fault::kMalformed);
  (void)read_attributes(in, count);
  const std::size_t begin = body.size() - in.remaining();
  return in.finish_prefix(QueryText{as_text(body.subspan(begin)), body.first(begin)});
}

Result<std::vector<Parameter>> decode_query_attributes(const QueryText& query) {
  if (query.attributes.empty()) return std::vector<Parameter>{};
  Reader in(query.attributes);
  const std::size_t count = read_count(in);
  if (in.lenenc() != kParameterSets) in.fail(Fault::kMalformed);
  auto parameters = read_attributes(in, count);
  return in.finish(std::move(parameters));
}

void encode_query(std::string_view sql, const std::vector<Parameter>& attributes,
                  Capabilities capabilities, Buffer& out) {
  Writer to(out);
  to.u8(static_cast<std::uint8_t>(Command::kQuery));
  if (capabilities.has(cap::kQueryAttributes)) {
    to.lenenc(attributes.size());
    to.lenenc(kParameterSets);
    if (!attributes.empty()) {
      const std::size_t bitmap = out.size();
      to.zeros(bitmap_size(attributes.size()));
      to.u8(kNewTypes);
      for (const Parameter& attribute : attributes) {
        to.u16(attribute.type);
        to.text_lenenc(attribute.name);
      }
      for (std::size_t i = 0; i < attributes.size(); ++i) {
        if (attributes[i].null) {
          auto& byte = out[bitmap + i / 8];
          byte = static_cast<std::uint8_t>(byte | (1U << (i % 8)));
        } else {
          encode_value(attributes[i].value, static_cast<ColumnType>(attributes[i].type & 0xff),
                       out);
        }
      }
    }
  }
  to.text(sql);
}

Result<std::vector<Parameter>> decode_execute_parameters(Bytes block, std::size_t count, bool names,
                                                         std::vector<std::uint16_t>& types,
                                                         const std::vector<bool>& long_data) {
  std::vector<Parameter> parameters;
  if (count == 0) return parameters;
  Reader in(block);
  const Bytes nulls = in.bytes(bitmap_size(count));
  std::vector<Typed> typed;
  if (in.u8() == kNewTypes) {
    typed = read_types(in, count, names);
  } else if (types.size() == count) {
    for (const std::uint16_t type : types) typed.push_back({type, {}});
  } else {
    in.fail(Fault::kMalformed);
  }
  for (std::size_t i = 0; i < typed.size() && in.ok(); ++i) {
    const bool sent_ahead = i < long_data.size() && long_data[i];
    parameters.push_back(read_parameter(in, typed[i], bit(nulls, i), sent_ahead));
  }
  auto result = in.finish(std::move(parameters));
  if (result) {
    types.clear();
    for (const Typed& one : typed) types.push_back(one.type);
  }
  return result;
}

}  // namespace sluice::wire

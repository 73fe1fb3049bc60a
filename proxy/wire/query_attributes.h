// Typed parameters in binary form: the query attributes before a COM_QUERY's text and the
// parameters of COM_STMT_EXECUTE. MySQL Internals, "COM_QUERY" and "COM_STMT_EXECUTE".
//
//   COM_QUERY with QUERY_ATTRIBUTES:  lenenc count | lenenc sets (1) | block | SQL text
//   block, when count > 0:            (count+7)/8 bytes NULL bitmap | 1 byte new-types (1)
//                                     | count x (2 bytes type, lenenc name) | values
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "proxy/wire/bytes.h"
#include "proxy/wire/capabilities.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/errors.h"

namespace sluice::wire {

// COM_QUERY's payload behind its command byte, taken apart without decoding the attributes' values
// further than to know where the text begins.
struct QueryText {
  std::string_view sql;
  Bytes attributes;  // count and block as they came; empty without QUERY_ATTRIBUTES
};
// REQUIRES: payload[0] is COM_QUERY's byte. The usual forms (no attributes) cost a few compares.
[[nodiscard]] Result<QueryText> split_query(Bytes payload, Capabilities capabilities);

struct Parameter {
  std::uint16_t type = 0;  // low byte: column type; bit 15: unsigned
  std::string_view name;   // empty unless it is an attribute
  bool null = false;
  bool long_data = false;  // sent before by COM_STMT_SEND_LONG_DATA; no value here
  Value value;             // views into the packet
};
// The attributes of a split query.
[[nodiscard]] Result<std::vector<Parameter>> decode_query_attributes(const QueryText& query);
void encode_query(std::string_view sql, const std::vector<Parameter>& attributes,
                  Capabilities capabilities, Buffer& out);  // with COM_QUERY's byte

// A COM_QUERY or COM_STMT_EXECUTE of a client that agreed on QUERY_ATTRIBUTES (`client`), as a
// server that did not reads it: without its attributes, and without the count and the names of
// parameters. `parameters`: how many the statement itself has; `long_data`: as below. Appends the
// payload. Errors: as the server's own for what is damaged, and for attributes without their types.
[[nodiscard]] Result<void> drop_query_attributes(Bytes payload, std::size_t parameters,
                                                 const std::vector<bool>& long_data,
                                                 Capabilities client, Buffer& out);

// What COM_STMT_EXECUTE says of its parameters depends on the types sent earlier: the caller keeps
// `types` a statement (bounded by the statement's parameter count) and gives it to each call, which
// replaces it when the packet has new types. `long_data[i]` says that parameter i was sent ahead.
[[nodiscard]] Result<std::vector<Parameter>> decode_execute_parameters(
    Bytes block, std::size_t count, bool names, std::vector<std::uint16_t>& types,
    const std::vector<bool>& long_data);

}  // namespace sluice::wire

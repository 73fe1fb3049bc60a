#include "proxy/session/sluice_call.h"

#include <algorithm>
#include <utility>

#include "parser/lexer.h"
#include "parser/literal.h"
#include "proxy/wire/columns.h"
#include "proxy/wire/packets.h"
#include "proxy/wire/writer.h"

namespace sluice::session {
namespace {

using parser::Token;
using parser::TokenKind;

constexpr std::size_t kMaxArguments = 16;
constexpr std::uint16_t kUtf8mb4 = 45;

std::string lower(std::string_view word) {
  std::string out(word);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

std::string unquoted(std::string_view name) {
  if (name.size() >= 2 && (name.front() == '`' || name.front() == '"')) {
    name = name.substr(1, name.size() - 2);
  }
  return lower(name);
}

class CallReader {
 public:
  CallReader(std::string_view text, const parser::Dialect& dialect)
      : text_(text), dialect_(dialect), lexer_(text, dialect) {
    advance();
  }

  std::variant<ParsedCall, std::string> read() {
    ParsedCall call;
    // The grammar has taken it already: CALL sluice . name.
    while (at_.kind != TokenKind::Dot && at_.kind != TokenKind::EndOfText) advance();
    advance();
    call.name = unquoted(at_.text(text_));
    advance();
    if (at_.kind != TokenKind::LeftParen) return call;
    advance();
    while (at_.kind != TokenKind::RightParen) {
      auto argument = read_argument();
      if (!argument || call.arguments.size() == kMaxArguments) {
        return "sluice." + call.name +
               "() takes literals: 'text', numbers, NULL, TRUE, FALSE, or ? where it is prepared";
      }
      call.arguments.push_back(std::move(*argument));
      if (at_.kind == TokenKind::Comma) advance();
    }
    return call;
  }

 private:
  void advance() { at_ = lexer_.next(); }

  std::optional<CallArgument> read_argument() {
    std::string sign;
    if (at_.kind == TokenKind::Dash) {
      sign = "-";
      advance();
    }
    const std::string_view word = at_.text(text_);
    CallArgument argument;
    switch (at_.kind) {
      case TokenKind::IntegerNumber:
      case TokenKind::LongNumber:
      case TokenKind::UnsignedLongNumber:
      case TokenKind::DecimalNumber: argument.value = sign + std::string(word); break;
      case TokenKind::TextString: {
        if (!sign.empty()) return std::nullopt;
        argument.value = parser::string_value(word, dialect_);
        advance();
        // 'a' 'b' is one string.
        for (; at_.kind == TokenKind::TextString; advance()) {
          *argument.value += parser::string_value(at_.text(text_), dialect_);
        }
        return ended(std::move(argument));
      }
      case TokenKind::Placeholder: argument.placeholder = true; break;
      default: {
        const std::string name = lower(word);
        if (name == "true" || name == "false") {
          argument.value = name == "true" ? "1" : "0";
        } else if (name != "null" && name != "\\n") {
          return std::nullopt;
        }
        if (!sign.empty()) return std::nullopt;
      }
    }
    advance();
    return ended(std::move(argument));
  }

  // What follows an argument is nothing but a comma or the end.
  std::optional<CallArgument> ended(CallArgument argument) const {
    if (at_.kind != TokenKind::Comma && at_.kind != TokenKind::RightParen) return std::nullopt;
    return argument;
  }

  std::string_view text_;
  const parser::Dialect& dialect_;
  parser::Lexer lexer_;
  Token at_;
};

class ResultWriter {
 public:
  ResultWriter(wire::Capabilities capabilities, std::uint16_t status, std::uint8_t sequence,
               wire::Buffer& out)
      : capabilities_(capabilities), status_(status), sequence_(sequence), out_(out) {}

  template <class Write>
  void packet(Write&& write) {
    sequence_ = wire::append_packet_with(out_, sequence_, std::forward<Write>(write));
  }
  void count(std::size_t columns) {
    packet([&](wire::Buffer& to) {
      encode(wire::ColumnCount{.columns = columns, .metadata_follows = true}, capabilities_, to);
    });
  }
  void definition(std::string_view name) {
    packet([&](wire::Buffer& to) {
      wire::ColumnDefinition column;
      column.name = name;
      column.charset = kUtf8mb4;
      column.length = 65535;
      column.type = wire::ColumnType::kVarString;
      encode(column, capabilities_, to);
    });
  }
  // Behind the definitions, and behind the rows.
  void end(bool last) {
    const bool deprecated = capabilities_.has(wire::cap::kDeprecateEof);
    if (deprecated && !last) return;
    packet([&](wire::Buffer& to) {
      if (!deprecated) return encode(wire::EofPacket{.warnings = 0, .status = status_}, to);
      wire::OkPacket ok;
      ok.header = wire::kEofHeader;
      ok.status = status_;
      encode(ok, capabilities_, to);
    });
  }

 private:
  wire::Capabilities capabilities_;
  std::uint16_t status_;
  std::uint8_t sequence_;
  wire::Buffer& out_;
};

void append_row(const std::vector<std::optional<std::string>>& row, bool binary,
                wire::Buffer& out) {
  if (!binary) {
    for (const auto& value : row) {
      wire::append_text_value(value ? std::optional<std::string_view>(*value) : std::nullopt, out);
    }
    return;
  }
  std::vector<wire::Value> values;
  std::vector<wire::ColumnDefinition> columns(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    columns[i].type = wire::ColumnType::kVarString;
    if (row[i]) {
      values.emplace_back(std::string_view(*row[i]));
    } else {
      values.emplace_back(wire::Null{});
    }
  }
  encode_binary_row(values, columns, out);
}

}  // namespace

std::variant<ParsedCall, std::string> parse_sluice_call(std::string_view text,
                                                        const parser::Dialect& dialect) {
  return CallReader(text, dialect).read();
}

void append_result_set(const policy::SluiceAnswer& answer, bool binary,
                       wire::Capabilities capabilities, std::uint16_t status, std::uint8_t sequence,
                       wire::Buffer& out) {
  ResultWriter writer(capabilities, status, sequence, out);
  writer.count(answer.columns.size());
  for (const std::string& name : answer.columns) writer.definition(name);
  writer.end(false);
  for (const auto& row : answer.rows) {
    writer.packet([&](wire::Buffer& to) { append_row(row, binary, to); });
  }
  writer.end(true);
}

void append_prepare_ok(std::uint32_t id, std::uint16_t parameters, wire::Capabilities capabilities,
                       std::uint16_t status, std::uint8_t sequence, wire::Buffer& out) {
  ResultWriter writer(capabilities, status, sequence, out);
  writer.packet([&](wire::Buffer& to) {
    encode(wire::PrepareOk{.statement_id = id,
                           .columns = 0,
                           .parameters = parameters,
                           .warnings = 0,
                           .metadata_follows = true},
           capabilities, to);
  });
  for (std::uint16_t i = 0; i < parameters; ++i) writer.definition("?");
  if (parameters != 0) writer.end(false);
}

}  // namespace sluice::session

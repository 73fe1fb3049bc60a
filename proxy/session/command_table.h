// Every COM_* byte, with its handler or its refusal.
#pragma once

#include <cstdint>

#include "proxy/session/session.h"

namespace sluice::session {

struct CommandRow;
// The row of a byte; unknown bytes share the row that refuses.
[[nodiscard]] const CommandRow& command_row(std::uint8_t byte) noexcept;

class CommandTable {
 public:
  using Handler = net::Task<Flow> (Session::*)(Inbound&);
  [[nodiscard]] static Handler handler(const CommandRow& row) noexcept;
  static const CommandRow* rows(std::size_t& count) noexcept;
};

struct CommandRow {
  wire::Command command;
  CommandTable::Handler handler;
};

}  // namespace sluice::session

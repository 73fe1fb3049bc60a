// Temporal and floating values as the server writes and reads them. Pure.
#pragma once

#include <string>

#include "proxy/binlog/value.h"

namespace sluice::binlog {

void append_text(std::string& out, const Date& date);      // 2024-02-03
void append_text(std::string& out, const Time& time);      // -12:00:00.500
void append_text(std::string& out, const DateTime& both);  // 2024-02-03 01:02:03.125
// In UTC; 0 is the zero date.
void append_text(std::string& out, const Timestamp& timestamp);

template <class Temporal>
[[nodiscard]] std::string to_text(const Temporal& value) {
  std::string out;
  append_text(out, value);
  return out;
}

// The fewest digits that read back the same, with an exponent, so that it is a DOUBLE: the same
// one again, and the same FLOAT when it came from one. The sign of a zero is kept. REQUIRES: a
// finite number (columns hold no other).
void append_double(std::string& out, double value);

}  // namespace sluice::binlog

// Temporal and floating values as the server writes and reads them. Pure.
#pragma once

#include <string>

#include "proxy/binlog/value.h"

namespace sluice::binlog {

[[nodiscard]] std::string to_text(const Date& date);      // 2024-02-03
[[nodiscard]] std::string to_text(const Time& time);      // -12:00:00.500
[[nodiscard]] std::string to_text(const DateTime& both);  // 2024-02-03 01:02:03.125
// In UTC; 0 is the zero date.
[[nodiscard]] std::string to_text(const Timestamp& timestamp);

// 17 significant digits with an exponent: the same DOUBLE again, and the same FLOAT when it came
// from one. The sign of a zero is kept. REQUIRES: a finite number (columns hold no other).
[[nodiscard]] std::string double_literal(double value);

}  // namespace sluice::binlog

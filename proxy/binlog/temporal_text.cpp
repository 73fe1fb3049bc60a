#include "proxy/binlog/temporal_text.h"

#include <charconv>

#include "proxy/binlog/digits.h"

namespace sluice::binlog {
namespace {

void append_clock(std::string& out, std::uint16_t hours, std::uint8_t minutes, std::uint8_t seconds,
                  std::uint32_t microseconds, std::uint8_t decimals) {
  append_padded(out, hours, 2);
  out += ':';
  append_padded(out, minutes, 2);
  out += ':';
  append_padded(out, seconds, 2);
  if (decimals == 0) return;
  constexpr std::uint32_t kUnits[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  out += '.';
  append_padded(out, microseconds / kUnits[decimals], decimals);
}

// Days since 1970-01-01 to a date of the Gregorian calendar (whole 400-year cycles of 146097 days,
// with years that begin in March so that the leap day is the last one).
Date civil(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = days / 146'097;
  const std::int64_t day_of_era = days % 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::uint16_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
          static_cast<std::uint8_t>(month),
          static_cast<std::uint8_t>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

}  // namespace

void append_text(std::string& out, const Date& date) {
  append_padded(out, date.year, 4);
  out += '-';
  append_padded(out, date.month, 2);
  out += '-';
  append_padded(out, date.day, 2);
}

void append_text(std::string& out, const Time& time) {
  if (time.negative) out += '-';
  append_clock(out, time.hours, time.minutes, time.seconds, time.microseconds, time.decimals);
}

void append_text(std::string& out, const DateTime& both) {
  append_text(out, both.date);
  out += ' ';
  append_clock(out, both.hours, both.minutes, both.seconds, both.microseconds, both.decimals);
}

void append_text(std::string& out, const Timestamp& timestamp) {
  DateTime both;
  both.decimals = timestamp.decimals;
  both.microseconds = timestamp.microseconds;
  if (timestamp.seconds != 0) {
    const std::uint32_t clock = timestamp.seconds % 86'400;
    both.date = civil(timestamp.seconds / 86'400);
    both.hours = static_cast<std::uint8_t>(clock / 3600);
    both.minutes = static_cast<std::uint8_t>(clock / 60 % 60);
    both.seconds = static_cast<std::uint8_t>(clock % 60);
  }
  append_text(out, both);
}

void append_double(std::string& out, double value) {
  char buffer[64];
  out.append(
      buffer,
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr);
}

}  // namespace sluice::binlog

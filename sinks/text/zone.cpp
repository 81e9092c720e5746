#include "sinks/text/zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace fastrsi {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const ::date::time_zone* find_zone(const std::string& name) {
  try {
    return ::date::locate_zone(name);
  } catch (const std::runtime_error&) {
    throw std::invalid_argument(
        "zone \"" + name +
        "\" is not known here: write a canonical IANA name such as \"Asia/Tehran\"");
  }
}

// Local calendar fields and the offset they were made with.
struct Local {
  int year;
  unsigned month;
  unsigned day;
  unsigned weekday;
  int hour;
  int minute;
  int second;
  int offset_minutes;
};

Local local_of(const ::date::time_zone& zone, ExchangeTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const ::date::sys_seconds utc{since_epoch};
  const auto offset = zone.get_info(utc).offset;
  const auto local = since_epoch + offset;
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::sys_days date_days{days};
  const std::chrono::year_month_day fields{date_days};
  const std::chrono::hh_mm_ss clock{local - days};
  return {static_cast<int>(fields.year()),
          static_cast<unsigned>(fields.month()),
          static_cast<unsigned>(fields.day()),
          std::chrono::weekday{date_days}.c_encoding(),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(offset).count())};
}

// "+03:30" or "+0330".
std::string offset_text(int minutes, std::string_view colon) {
  const int size = minutes < 0 ? -minutes : minutes;
  return fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', size / 60, colon, size % 60);
}

}  // namespace

TextZone::TextZone(const std::string& name)
    : zone_(find_zone(name)),
      utc_(name == "UTC" || name == "Etc/UTC" || name == "Etc/GMT" || name == "GMT") {}

std::string TextZone::seconds(ExchangeTime time) const {
  if (!is_sane(time)) return "-";
  const Local local = local_of(*zone_, time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}", local.year, local.month, local.day,
                     local.hour, local.minute, local.second,
                     utc_ ? "UTC" : offset_text(local.offset_minutes, ":"));
}

std::string TextZone::day(ExchangeTime time) const {
  const Local local = local_of(*zone_, time);
  return fmt::format("{:04}-{:02}-{:02}", local.year, local.month, local.day);
}

std::string TextZone::mail_date(ExchangeTime time) const {
  const Local local = local_of(*zone_, time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}", kWeekdays[local.weekday], local.day,
                     kMonths[local.month - 1], local.year, local.hour, local.minute, local.second,
                     offset_text(local.offset_minutes, ""));
}

ExchangeTime time_from_wall_ms(std::int64_t unix_ms) noexcept {
  const std::int64_t earliest = to_unix_ns(kEarliestSaneTime) / 1'000'000;
  const std::int64_t latest = to_unix_ns(kLatestSaneTime) / 1'000'000 - 1;
  return exchange_time_from_ns(std::clamp(unix_ms, earliest, latest) * 1'000'000);
}

}  // namespace fastrsi

// Times for people, in the zone they live in; the door to the date library for texts.
// Immutable after construction: any thread may call.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/units.hpp"

namespace date {
class time_zone;
}

namespace fastrsi {

class TextZone {
 public:
  // Throws std::invalid_argument naming the zone and the mend when it is not known here.
  explicit TextZone(const std::string& name);

  // "2024-08-09 03:24:12 +03:30", in UTC "2024-08-08 23:54:12 UTC". Whole seconds; a time outside
  // [1980, 2200) is "-".
  std::string seconds(ExchangeTime time) const;
  // "2024-08-09"
  std::string day(ExchangeTime time) const;
  // "Fri, 09 Aug 2024 03:24:12 +0330": a mail's (RFC 5322, section 3.3).
  std::string mail_date(ExchangeTime time) const;

 private:
  const date::time_zone* zone_;  // of the library's database, which lives as long as the program
  bool utc_;
};

// A wall clock's milliseconds as the same kind of time; far-out ones saturate.
ExchangeTime time_from_wall_ms(std::int64_t unix_ms) noexcept;

}  // namespace fastrsi

// What the clock on the wall says in an IANA zone: weekday and minute of the day, daylight saving
// time included. For hours that people name; bars are cut by the calendar.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace fastrsi {

inline constexpr int kMinutesPerDay = 24 * 60;

struct LocalReading {
  int weekday = 0;  // 0 Monday ... 6 Sunday
  int minute = 0;   // of the day: 0 ... 1439, as the clock shows it
  friend bool operator==(const LocalReading&, const LocalReading&) = default;
};

// Immutable after construction; any thread.
class LocalClock {
 public:
  // Throws std::runtime_error naming the zone and the mend when the zone is not known here.
  explicit LocalClock(const std::string& zone);
  ~LocalClock();
  LocalClock(LocalClock&&) noexcept;
  LocalClock& operator=(LocalClock&&) noexcept;

  LocalReading at(std::int64_t unix_ms) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fastrsi

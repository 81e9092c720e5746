#include "engine/market/local_clock.hpp"

#include <date/date.h>
#include <date/tz.h>

#include <stdexcept>

namespace fastrsi {

struct LocalClock::Impl {
  const date::time_zone* zone;
};

LocalClock::LocalClock(const std::string& zone) {
  try {
    impl_ = std::make_unique<Impl>(Impl{date::locate_zone(zone)});
  } catch (const std::exception&) {
    throw std::runtime_error("zone \"" + zone +
                             "\" is not known here (use a canonical IANA name such as Asia/Tehran; "
                             "old names such as Iran need the package tzdata-legacy)");
  }
}
LocalClock::~LocalClock() = default;
LocalClock::LocalClock(LocalClock&&) noexcept = default;
LocalClock& LocalClock::operator=(LocalClock&&) noexcept = default;

LocalReading LocalClock::at(std::int64_t unix_ms) const {
  const date::sys_seconds time{
      std::chrono::floor<std::chrono::seconds>(std::chrono::milliseconds{unix_ms})};
  const date::local_seconds local = impl_->zone->to_local(time);
  const date::local_days day = date::floor<date::days>(local);
  const unsigned weekday = date::weekday{day}.iso_encoding() - 1;
  const auto minute = std::chrono::floor<std::chrono::minutes>(local - day).count();
  return {static_cast<int>(weekday), static_cast<int>(minute)};
}

}  // namespace fastrsi

#include "sinks/delivery/settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace fastrsi {
namespace {

constexpr std::int64_t kCountMost = 1'000'000'000;

std::optional<std::int64_t> number_of(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size() && !text.empty();
  if (!whole || text.front() == '-' || value > kCountMost) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr std::array<Unit, 5> kUnits{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

constexpr std::array<std::string_view, 7> kDays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

std::optional<unsigned> day_of(std::string_view text) noexcept {
  const auto found = std::find(kDays.begin(), kDays.end(), text);
  if (found == kDays.end()) return std::nullopt;
  return static_cast<unsigned>(found - kDays.begin());
}

}  // namespace

std::optional<Milliseconds> parse_duration_ms(std::string_view text) noexcept {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = number_of(text.substr(0, digits));
  if (!count) return std::nullopt;
  for (const Unit& unit : kUnits) {
    if (text.substr(digits) == unit.name) return Milliseconds{*count * unit.milliseconds};
  }
  return std::nullopt;
}

std::optional<Rate> parse_rate(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::size_t plus = std::min(text.find('+', slash), text.size());
  const auto count = number_of(text.substr(0, slash));
  const auto period = parse_duration_ms(text.substr(slash + 1, plus - slash - 1));
  const auto burst =
      plus == text.size() ? std::optional<std::int64_t>(1) : number_of(text.substr(plus + 1));
  if (!count || !period || !burst) return std::nullopt;
  if (*count < 1 || period->count() < 1 || *burst < 1) return std::nullopt;
  return Rate{*count, *period, *burst};
}

std::string to_text(const Rate& rate) {
  return std::to_string(rate.count) + "/" + std::to_string(rate.period.count()) + "ms+" +
         std::to_string(rate.burst);
}

std::optional<Quota> parse_quota(std::string_view text) noexcept {
  if (text.find('+') != std::string_view::npos) return std::nullopt;
  const auto rate = parse_rate(text);
  if (!rate) return std::nullopt;
  Quota quota;
  quota.most = rate->count;
  quota.period = rate->period;
  return quota;
}

std::optional<unsigned> parse_days(std::string_view text) noexcept {
  unsigned days = 0;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    const std::size_t dash = std::min(part.find('-'), part.size());
    const auto first = day_of(part.substr(0, dash));
    const auto last = dash == part.size() ? first : day_of(part.substr(dash + 1));
    if (!first || !last) return std::nullopt;
    // "sat-mon" goes over the week's end.
    for (unsigned day = *first;; day = (day + 1) % 7) {
      days |= 1U << day;
      if (day == *last) break;
    }
    if (comma == text.size()) return days;
    text.remove_prefix(comma + 1);
  }
}

std::optional<int> parse_clock(std::string_view text) noexcept {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hours = number_of(text.substr(0, 2));
  const auto minutes = number_of(text.substr(3));
  if (!hours || !minutes || *minutes > 59 || *hours * 60 + *minutes > 24 * 60) return std::nullopt;
  return static_cast<int>(*hours * 60 + *minutes);
}

std::optional<QuietMode> quiet_mode_from_text(std::string_view text) noexcept {
  if (text == "hold") return QuietMode::Hold;
  if (text == "silent") return QuietMode::Silent;
  if (text == "drop") return QuietMode::Drop;
  return std::nullopt;
}

void check(const DeliverySettings& settings) {
  const auto refuse = [&](const std::string& what) {
    throw std::runtime_error("sink \"" + settings.sink + "\": " + what);
  };
  if (settings.targets.empty()) refuse("nobody to send to (give it at least one recipient)");
  if (settings.endpoints.empty()) refuse("no endpoint is enabled (enable at least one)");
  if (!settings.targets_most.empty() && settings.targets_most.size() != settings.endpoints.size()) {
    refuse("targets_most must have one number for each endpoint");
  }
  const auto has_twins = [](std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    return std::adjacent_find(names.begin(), names.end()) != names.end();
  };
  if (has_twins(settings.targets)) refuse("a recipient stands there twice (remove one)");
  if (has_twins(settings.endpoints)) refuse("two endpoints have one name (rename one)");
  if (settings.live_most < 2 * settings.targets.size() || settings.live_most > kDeliveryLiveMost) {
    refuse("max_live must be from twice the recipients to 1000000");
  }
  if (settings.symbols_most == 0) refuse("max_symbols must be at least 1");
  if (settings.repeat == Repeat::Interval && settings.repeat_interval.count() < 1) {
    refuse("repeat needs a duration of at least 1ms");
  }
  if (settings.backoff.base.count() < 1 || settings.backoff.cap < settings.backoff.base ||
      settings.backoff.attempts_most == 0) {
    refuse("backoff needs base >= 1ms, cap >= base and at least one attempt");
  }
  if (settings.quota.reserve_percent < 0 || settings.quota.reserve_percent > 100) {
    refuse("the quota's reserve is a share of 0 to 100 percent");
  }
}

}  // namespace fastrsi

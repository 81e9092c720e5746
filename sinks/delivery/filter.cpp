#include "sinks/delivery/filter.hpp"

#include <algorithm>
#include <string>

namespace fastrsi {
namespace {

bool matches_any(std::string_view name, const std::vector<std::string>& globs) noexcept {
  return std::any_of(globs.begin(), globs.end(),
                     [&](const std::string& glob) { return matches_glob(name, glob); });
}

bool is_of_symbols(const DeliveryEvent& event, const std::vector<std::string>& globs) {
  return matches_any(event.symbol, globs) || matches_any(event.venue + ":" + event.symbol, globs);
}

}  // namespace

bool matches_glob(std::string_view name, std::string_view glob) noexcept {
  std::size_t at = 0;
  std::size_t in_glob = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (at < name.size()) {
    // The star first: a name may hold one itself.
    if (in_glob < glob.size() && glob[in_glob] == '*') {
      star = in_glob++;
      taken = at;
    } else if (in_glob < glob.size() && (glob[in_glob] == '?' || glob[in_glob] == name[at])) {
      ++in_glob;
      ++at;
    } else if (star != std::string_view::npos) {
      in_glob = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  while (in_glob < glob.size() && glob[in_glob] == '*') ++in_glob;
  return in_glob == glob.size();
}

bool is_wanted(const DeliverySettings& settings, const DeliveryEvent& event) {
  if (event.first_load) {
    if (!contains(settings.first_load_kinds, event.kind)) return false;
  } else {
    if (!settings.automatic || !contains(settings.kinds, event.kind)) return false;
    const auto& stages = settings.stages;
    if (std::find(stages.begin(), stages.end(), event.stage) == stages.end()) return false;
    // A bar that is still forming has not closed.
    const bool at_close = settings.repeat == Repeat::OncePerBarClose;
    if (at_close && event.stage == Stage::Provisional) return false;
  }
  if (priority_of(settings, event) < settings.least) return false;
  return matches_any(to_text(event.timeframe), settings.timeframes) &&
         !is_of_symbols(event, settings.exclude) && is_of_symbols(event, settings.symbols);
}

Priority priority_of(const DeliverySettings& settings, const DeliveryEvent& event) {
  const auto fits = [&event](const PriorityRule& rule) {
    return contains(rule.kinds, event.kind) &&
           matches_any(to_text(event.timeframe), rule.timeframes) &&
           is_of_symbols(event, rule.symbols);
  };
  const auto& rules = settings.priorities;
  const auto rule = std::find_if(rules.begin(), rules.end(), fits);
  return rule == rules.end() ? event.priority : rule->level;
}

WallMs expiry_of(const DeliverySettings& settings, const DeliveryEvent& event) noexcept {
  const auto bar =
      std::chrono::duration_cast<Milliseconds>(nominal_length(event.timeframe)).count();
  const std::int64_t life = settings.expires
                                ? settings.expires->count()
                                : std::clamp(bar, kExpiryLeast.count(), kExpiryMost.count());
  // A first-load list is of no bar, and a bar long past says nothing of a signal just fired.
  const std::int64_t closed = to_unix_ns(event.bar_open) / 1'000'000 + bar;
  const std::int64_t from = event.first_load ? event.created : closed;
  std::int64_t expires = 0;
  if (__builtin_add_overflow(from, life, &expires)) return INT64_MAX;
  return expires;
}

}  // namespace fastrsi

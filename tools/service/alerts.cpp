#include "tools/service/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/market/record.hpp"
#include "sinks/printable.hpp"
#include "sinks/transport/child.hpp"
#include "tools/json.hpp"
#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

// The service ends within 10 s, whatever the program does.
constexpr std::chrono::seconds kAlertWithin{5};
constexpr std::chrono::seconds kLookEvery{1};

Json alert_json(const std::string& venue, const std::string& of, const std::string& what) {
  return {{"venue", venue}, {"of", of}, {"what", what}};
}

std::string failure_of(const std::vector<std::string>& command, const std::string& input) {
  using transport::ChildEnd;
  const transport::ChildResult child =
      transport::run_child({.command = command, .input = input, .within = kAlertWithin});
  switch (child.end) {
    case ChildEnd::Exited:
      return child.code == 0 ? std::string{} : fmt::format("it returned {}", child.code);
    case ChildEnd::Killed:
      return fmt::format("it died of signal {}", child.code);
    case ChildEnd::TimedOut:
    case ChildEnd::Stopped:
      return fmt::format("it took more than {} s", kAlertWithin.count());
    case ChildEnd::NotStarted:
      return std::generic_category().message(child.code);
  }
  return {};
}

}  // namespace

Alerts::Alerts(AlertSettings settings, std::function<void(const std::string&)> say)
    : settings_(std::move(settings)), say_(std::move(say)) {}

void Alerts::look_at(const std::vector<Trouble>& now, Clock::time_point time) {
  if (!is_due(time)) return;
  if (running_.valid()) {
    if (running_.wait_for(std::chrono::seconds{0}) != std::future_status::ready) return;
    take_end();
  }
  Known known;
  for (const Trouble& trouble : now) {
    known[{trouble.venue, trouble.of, trouble.kind}] = trouble.what;
  }
  const bool same = std::equal(known.begin(), known.end(), told_.begin(), told_.end(),
                               [](const auto& a, const auto& b) { return a.first == b.first; });
  if (same) {
    next_ = time + kLookEvery;
    return;
  }
  std::string text = message(known);
  before_ = std::exchange(told_, std::move(known));
  next_ = time + settings_.every;
  running_ = std::async(std::launch::async, [command = settings_.command, text = std::move(text)] {
    return failure_of(command, text);
  });
}

void Alerts::take_end() {
  const std::string failure = running_.get();
  if (failure.empty()) return;
  told_ = std::move(before_);
  say_(fmt::format("alert.command {}: {} (it is tried again)", printable(settings_.command.front()),
                   failure));
}

// One JSON object in one line.
std::string Alerts::message(const Known& now) const {
  Json begun = Json::array();
  Json over = Json::array();
  std::string text;
  const auto add = [&text](const Place& place, std::string_view what) {
    text += text.empty() ? "" : "\n";
    text += fmt::format("{}: {}: {}", printable(place.venue), printable(place.of), printable(what));
  };
  for (const auto& [place, what] : now) {
    if (told_.contains(place)) continue;
    begun.push_back(alert_json(place.venue, place.of, what));
    add(place, what);
  }
  for (const auto& [place, what] : told_) {
    if (now.contains(place)) continue;
    over.push_back(alert_json(place.venue, place.of, place.kind));
    add(place, "no longer " + place.kind);
  }
  const Json alert = {{"type", "alert"},
                      {"at", to_iso_seconds(exchange_time_from_ns(wall_ns()))},
                      {"text", text},
                      {"begun", std::move(begun)},
                      {"over", std::move(over)},
                      {"troubles", now.size()}};
  return alert.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace fastrsi

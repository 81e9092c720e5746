#include "sinks/delivery/frozen.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"

namespace fastrsi {

FrozenMessage& FrozenMessages::add(FrozenMessage message) {
  octets_ += message.row.octets.size();
  std::string mid = message.row.mid;
  const auto [place, is_new] = messages_.emplace(std::move(mid), std::move(message));
  FASTRSI_ASSERT(is_new);
  return place->second;
}

FrozenMessage* FrozenMessages::find(const std::string& mid) {
  const auto found = messages_.find(mid);
  return found == messages_.end() ? nullptr : &found->second;
}

void FrozenMessages::remove(const std::string& mid) {
  const auto found = messages_.find(mid);
  FASTRSI_ASSERT(found != messages_.end());
  octets_ -= found->second.row.octets.size();
  messages_.erase(found);
}

bool has_live_target(const FrozenMessage& message) noexcept {
  return std::any_of(message.targets.begin(), message.targets.end(),
                     [](const TargetRow& target) { return is_live(target.state); });
}

}  // namespace fastrsi

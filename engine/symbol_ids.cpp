// Duplicates and gaps by trade id (SIGNALS.md, section 2.6).
#include <algorithm>

#include "engine/symbol_core.hpp"

namespace fastrsi {

bool SymbolCore::is_duplicate(const Tick& tick) const noexcept {
  if (!tick.has_id || !id_seen_) return false;
  const auto id = static_cast<std::uint64_t>(tick.id);
  if (id_rule_ == IdRule::Rising) return id < next_id_;
  return std::find(id_window_.begin(), id_window_.end(), id) != id_window_.end();
}

std::uint64_t SymbolCore::missing_before(const Tick& tick) const noexcept {
  if (!tick.has_id || !id_seen_ || id_rule_ != IdRule::Rising) return 0;
  return static_cast<std::uint64_t>(tick.id) - next_id_;
}

void SymbolCore::remember_id(const Tick& tick) noexcept {
  if (!tick.has_id) return;
  const auto id = static_cast<std::uint64_t>(tick.id);
  id_seen_ = true;
  if (id_rule_ == IdRule::Rising) {
    next_id_ = id + 1;
    return;
  }
  if (id_window_.size() < kIdWindow) {
    id_window_.push_back(id);
    return;
  }
  id_window_[id_window_at_] = id;
  id_window_at_ = (id_window_at_ + 1) % kIdWindow;
}

}  // namespace fastrsi

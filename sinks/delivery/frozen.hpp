// Messages that are sealed: their octets, and how it stands with each target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sinks/delivery/rows.hpp"

namespace fastrsi {

struct FrozenMessage {
  MessageRow row;
  std::vector<TargetRow> targets;
  // The keys of its events; empty for a dead letter that is sent once more.
  std::vector<std::string> events;
  WallMs created = 0;  // of its oldest event
};

// Owner: one DeliverySink, and its thread.
class FrozenMessages {
 public:
  FrozenMessage& add(FrozenMessage message);
  FrozenMessage* find(const std::string& mid);
  void remove(const std::string& mid);

  // visit(FrozenMessage&), by mid; it must not remove.
  template <typename Visit>
  void for_each(Visit&& visit) {
    for (auto& [mid, message] : messages_) visit(message);
  }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [mid, message] : messages_) visit(message);
  }

  std::size_t size() const noexcept { return messages_.size(); }
  std::size_t octets() const noexcept { return octets_; }

 private:
  std::map<std::string, FrozenMessage> messages_;
  std::size_t octets_ = 0;
};

// Whether a target still waits or is under way.
bool has_live_target(const FrozenMessage& message) noexcept;

}  // namespace fastrsi

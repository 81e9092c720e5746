#include "sinks/delivery/rows.hpp"

namespace fastrsi {

std::string_view to_text(EventState state) noexcept {
  switch (state) {
    case EventState::Collecting:
      return "collecting";
    case EventState::Frozen:
      return "frozen";
    case EventState::Done:
      return "done";
    case EventState::Dead:
      return "dead";
    case EventState::Expired:
      return "expired";
    case EventState::Dropped:
      return "dropped";
  }
  return "?";
}

std::string_view to_text(TargetState state) noexcept {
  switch (state) {
    case TargetState::Wait:
      return "wait";
    case TargetState::InFlight:
      return "in_flight";
    case TargetState::Done:
      return "done";
    case TargetState::Dead:
      return "dead";
    case TargetState::Expired:
      return "expired";
  }
  return "?";
}

}  // namespace fastrsi

#include "sinks/delivery/transport.hpp"

namespace fastrsi {

std::string_view to_text(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::Done:
      return "done";
    case Outcome::Temporary:
      return "temporary";
    case Outcome::Permanent:
      return "permanent";
    case Outcome::InDoubt:
      return "in_doubt";
    case Outcome::RateLimited:
      return "rate_limited";
    case Outcome::Quota:
      return "quota";
    case Outcome::EndpointFailure:
      return "endpoint_failure";
    case Outcome::AuthFailure:
      return "auth_failure";
    case Outcome::SenderRejected:
      return "sender_rejected";
  }
  return "?";
}

}  // namespace fastrsi

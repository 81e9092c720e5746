// The contract of what carries a frozen message to its targets, and what can come of it
// (DELIVERY.md, section 3, "Classification table", and section 5).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

enum class Outcome : std::uint8_t {
  Done,
  Temporary,        // this target or message, later
  Permanent,        // this target or message, never; no other endpoint is asked
  InDoubt,          // it may have arrived: the answer was lost
  RateLimited,      // 429, 421 of a rate: the sink pauses; no attempt is counted
  Quota,            // a day's quota is used up: the sink pauses for long
  EndpointFailure,  // nobody was sent to; the next endpoint is tried
  AuthFailure,      // refused credentials; the next endpoint is tried, this one is left alone
  SenderRejected,   // permanent for this endpoint; the next one is tried
};
std::string_view to_text(Outcome outcome) noexcept;  // "in_doubt"

// What became of one target (a recipient, a chat, a topic).
struct TargetAnswer {
  std::size_t target = 0;  // its place in Shipment::targets
  Outcome outcome = Outcome::EndpointFailure;
  int code = 0;      // the protocol's own: 550, 429; 0 when there was no answer
  std::string text;  // the server's words, secrets taken out, printable; at most 500 bytes
};

struct SendAnswer {
  std::vector<TargetAnswer> targets;  // one for each of the shipment
  // How long the server wants to be left alone.
  std::optional<std::chrono::milliseconds> retry_after;
  // It will not get well by itself: TLS refused, a certificate, a wrong password.
  bool config_suspect = false;
  // The row of the classification table, by its word ("tls_self_signed", "auth_refused",
  // "dot_no_reply"): what a diagnosis is found by.
  std::string row;
  // The talk with the server, secrets taken out, a line each; for `fastrsi test`.
  std::vector<std::string> transcript;
};

struct Shipment {
  std::string_view mid;
  std::string_view octets;
  std::vector<std::string_view> targets;
};

// One endpoint of one sink: an SMTP server, a bot's address, a directory. Owner and thread: the
// sink's. Whatever happens is an answer: nothing here throws after construction.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual SendAnswer send(const Shipment& shipment) noexcept = 0;
  // Connects and logs in, and sends nothing to anybody.
  virtual SendAnswer probe() noexcept = 0;
  // How many targets one shipment may have; 1 for chats.
  virtual std::size_t targets_most() const noexcept = 0;
  // From any thread, once, at the process's end: what is under way ends within three seconds, its
  // answer is not used. Nothing to do for what never waits longer than kStopWait (driver.hpp).
  virtual void cancel() noexcept {}
};

}  // namespace fastrsi

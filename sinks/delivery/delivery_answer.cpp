// What an answer changes: the endpoint's health, each target's state, and whether the next endpoint
// is asked at once (DELIVERY.md, sections 7.2 and 7.4).
#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"

#include "sinks/delivery/delivery_sink.hpp"

namespace fastrsi {
namespace {

// A transport that forgets a target leaves it open whether it was reached.
TargetAnswer answer_for(const SendAnswer& answer, std::size_t target) {
  for (const TargetAnswer& one : answer.targets) {
    if (one.target == target) return one;
  }
  return {target, Outcome::InDoubt, 0, "the transport gave no answer"};
}

bool is_final(Outcome outcome) noexcept {
  return outcome == Outcome::Done || outcome == Outcome::Permanent || outcome == Outcome::InDoubt;
}

bool is_limit(Outcome outcome) noexcept {
  return outcome == Outcome::RateLimited || outcome == Outcome::Quota;
}

}  // namespace

void DeliverySink::note_endpoint(const SendAnswer& answer, WallMs now) {
  const std::size_t endpoint = flight_->endpoint;
  bool heard = false;
  bool failed = false;
  bool refused = false;
  bool done = false;
  std::optional<Outcome> limit;
  for (std::size_t i = 0; i < flight_->targets.size(); ++i) {
    const Outcome outcome = answer_for(answer, i).outcome;
    done = done || outcome == Outcome::Done;
    failed = failed || outcome == Outcome::EndpointFailure;
    refused = refused || outcome == Outcome::AuthFailure;
    heard = heard || (outcome != Outcome::EndpointFailure && outcome != Outcome::AuthFailure &&
                      outcome != Outcome::InDoubt);
    // A day's quota says more than a minute's rate.
    if (is_limit(outcome) && limit != Outcome::Quota) limit = outcome;
  }
  if (refused) {
    endpoints_.refused(endpoint, now, changes_);
  } else if (failed) {
    endpoints_.failed(endpoint, now, changes_);
  } else if (heard) {
    endpoints_.answered(endpoint, changes_);
  }
  if (limit) {
    const Milliseconds length =
        endpoints_.pause(endpoint, *limit, answer.retry_after, now, changes_);
    tallies_.add(Tally::RateLimited);
    tallies_.add(Tally::PauseMs, static_cast<std::uint64_t>(length.count()));
  } else if (done) {
    endpoints_.taken(endpoint, changes_);
  }
  if (done) last_success_ = now;
}

void DeliverySink::log_attempt(const TargetRow& target, const TargetAnswer& answer, WallMs now) {
  const std::string& endpoint = settings_.endpoints[flight_->endpoint];
  changes_.emplace_back(AttemptRow{target.mid, target.target, now, endpoint, answer.outcome,
                                   answer.code, target.last_text});
  if (answer.outcome == Outcome::Done) {
    // What it said last is over; another endpoint's trouble is not.
    if (last_error_.starts_with(endpoint + ": ")) last_error_.clear();
    return;
  }
  last_error_ = endpoint + ": " + std::string(to_text(answer.outcome)) +
                (answer.code == 0 ? "" : " " + std::to_string(answer.code)) +
                (target.last_text.empty() ? "" : " " + target.last_text);
}

// True when the target's turn is over; false when the next endpoint may be asked.
bool DeliverySink::settle(TargetRow& target, const TargetAnswer& answer, WallMs now) {
  target.last_code = answer.code;
  target.last_text = answer.text.substr(0, kAnswerTextMost);
  log_attempt(target, answer, now);
  if (!is_final(answer.outcome)) return false;
  if (answer.outcome == Outcome::Done) {
    end_target(target, TargetState::Done);
  } else if (answer.outcome == Outcome::Permanent) {
    set_dead(target, "permanent", now);
  } else {
    target.in_doubt = true;
    tallies_.add(Tally::InDoubt);
    if (settings_.assume_sent) end_target(target, TargetState::Done);
  }
  return true;
}

// Nothing came of it this time.
void DeliverySink::put_off(TargetRow& target, const TargetAnswer& answer, const SendAnswer& whole,
                           WallMs now) {
  const bool counts = !is_limit(answer.outcome);
  if (!counts) --target.attempts;
  if (answer.outcome == Outcome::SenderRejected &&
      flight_->rejections == settings_.endpoints.size()) {
    return set_dead(target, "sender_rejected", now);
  }
  if (target.attempts >= settings_.backoff.attempts_most) return set_dead(target, "attempts", now);
  const std::uint32_t failures = target.attempts > 0 ? target.attempts - 1 : 0;
  Milliseconds wait = backoff(settings_.backoff, failures, jitter_);
  if (counts && target.attempts == 1) wait = std::max(wait, settings_.backoff.first_least);
  // A pause is kept by the endpoint; another one may be free sooner.
  if (counts && whole.retry_after) {
    wait = std::max(wait, std::clamp(*whole.retry_after, Milliseconds{0}, kRetryAfterMost));
  }
  target.state = TargetState::Wait;
  target.due = now + wait.count();
  changes_.emplace_back(target);
}

std::optional<DeliveryAttempt> DeliverySink::answer(const SendAnswer& answer, WallMs now,
                                                    bool may_fail_over) {
  FASTRSI_ASSERT(flight_.has_value());
  FrozenMessage& message = *frozen_.find(flight_->mid);
  note_endpoint(answer, now);
  std::vector<std::pair<std::size_t, TargetAnswer>> open;
  std::int64_t unsent = 0;
  bool rejected = false;
  for (std::size_t i = 0; i < flight_->targets.size(); ++i) {
    const TargetAnswer one = answer_for(answer, i);
    TargetRow& target = message.targets[flight_->targets[i]];
    rejected = rejected || one.outcome == Outcome::SenderRejected;
    if (settle(target, one, now)) {
      unsent += one.outcome == Outcome::Permanent ? 1 : 0;
      if (target.state == TargetState::InFlight) put_off(target, one, answer, now);
    } else {
      open.emplace_back(flight_->targets[i], one);
    }
  }
  flight_->rejections += rejected ? 1 : 0;
  const auto next = endpoints_.available(now, flight_->tried);
  if (!open.empty() && may_fail_over && next && message.row.expires > now) {
    if (unsent > 0 && !settings_.dry_run) quota_.give_back(flight_->quota_slot, unsent, changes_);
    flight_->targets.clear();
    for (const auto& [target, one] : open) flight_->targets.push_back(target);
    flight_->endpoint = *next;
    flight_->tried[*next] = true;
    endpoints_.book(*next, now, changes_);
    tallies_.add(Tally::Attempts);
    return attempt();
  }
  for (const auto& [target, one] : open) {
    put_off(message.targets[target], one, answer, now);
    ++unsent;
  }
  if (unsent > 0 && !settings_.dry_run) quota_.give_back(flight_->quota_slot, unsent, changes_);
  flight_.reset();
  if (!has_live_target(message)) {
    finish(message, now);
  } else if (message.row.expires <= now) {
    expire_message(message, now);
  }
  return std::nullopt;
}

}  // namespace fastrsi

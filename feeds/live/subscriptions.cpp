#include "feeds/live/subscriptions.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace fastrsi::live {
namespace {

constexpr Clock::duration kAnswerWithin = std::chrono::seconds{5};
// Then the connection is given up.
constexpr int kTimesAskedMax = 3;

constexpr std::array<std::string_view, 5> kStates = {"wanted", "requested", "accepted", "live",
                                                     "refused"};

}  // namespace

std::string_view to_text(SymbolState state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

Subscriptions::Subscriptions(Venue& venue, Quarantine& quarantine)
    : venue_(venue),
      quarantine_(quarantine),
      pace_(venue.facts().limits.messages, venue.facts().limits.messages_long) {}

void Subscriptions::want(const std::vector<std::string>& symbols) {
  std::vector<std::string> gone;
  std::vector<std::string> fresh;
  for (const auto& [symbol, entry] : entries_) {
    if (std::find(symbols.begin(), symbols.end(), symbol) == symbols.end()) gone.push_back(symbol);
  }
  for (const std::string& symbol : symbols) {
    if (quarantine_.contains(symbol)) {
      entries_[symbol].state = SymbolState::Refused;
    } else if (entries_.try_emplace(symbol).second) {
      fresh.push_back(symbol);
    }
  }
  std::erase_if(gone, [&](const std::string& symbol) {
    const auto entry = entries_.find(symbol);
    const bool was_asked_for =
        entry->second.times_asked > 0 && entry->second.state != SymbolState::Refused;
    entries_.erase(entry);
    return !was_asked_for;
  });
  if (!gone.empty()) queue(venue_.unsubscribe(gone, next_id_), true);
  if (!fresh.empty()) queue(venue_.subscribe(fresh, next_id_), false);
}

void Subscriptions::renew(const std::string& symbol) {
  const auto entry = entries_.find(symbol);
  if (entry == entries_.end() || entry->second.state == SymbolState::Refused) return;
  entry->second = Entry{};
  queue(venue_.unsubscribe({&symbol, 1}, next_id_), true);
  queue(venue_.subscribe({&symbol, 1}, next_id_), false);
}

void Subscriptions::give_up(const std::string& symbol, const std::string& reason) {
  const auto entry = entries_.find(symbol);
  if (entry == entries_.end() || entry->second.state == SymbolState::Refused) return;
  if (entry->second.times_asked > 0) queue(venue_.unsubscribe({&symbol, 1}, next_id_), true);
  refuse(symbol, reason);
}

void Subscriptions::queue(std::vector<ControlMessage> messages, bool is_unsubscribe) {
  for (ControlMessage& message : messages) {
    next_id_ = std::max(next_id_, message.id) + 1;
    queue_.emplace_back(std::move(message), is_unsubscribe);
  }
}

std::optional<std::string> Subscriptions::next_message(Clock::time_point now) {
  if (queue_.empty() || pace_.earliest(now) > now) return std::nullopt;
  auto [message, is_unsubscribe] = std::move(queue_.front());
  queue_.pop_front();
  pace_.take(now);
  for (const std::string& symbol : message.symbols) {
    const auto entry = entries_.find(symbol);
    if (is_unsubscribe || entry == entries_.end()) continue;
    if (entry->second.state == SymbolState::Wanted) {
      entry->second.state =
          venue_.facts().acknowledges ? SymbolState::Requested : SymbolState::Accepted;
    }
    entry->second.asked_at = now;
    ++entry->second.times_asked;
    entry->second.request = message.id;
  }
  // Where answers carry no ids they come in order.
  requests_[message.id != 0 ? message.id : next_id_++] = {message.symbols, is_unsubscribe};
  return std::move(message.text);
}

bool Subscriptions::check(Clock::time_point now) {
  std::vector<std::string> again;
  for (const auto& [symbol, entry] : entries_) {
    if (entry.state != SymbolState::Requested || entry.asked_at + kAnswerWithin > now) continue;
    if (entry.times_asked >= kTimesAskedMax) return false;
    again.push_back(symbol);
  }
  for (const std::string& symbol : again) entries_[symbol].state = SymbolState::Wanted;
  if (!again.empty()) queue(venue_.subscribe(again, next_id_), false);
  return true;
}

Clock::time_point Subscriptions::next_due(Clock::time_point now) const {
  Clock::time_point due = now + kAnswerWithin;
  if (!queue_.empty()) due = pace_.earliest(now);
  for (const auto& [symbol, entry] : entries_) {
    if (entry.state == SymbolState::Requested) due = std::min(due, entry.asked_at + kAnswerWithin);
  }
  return std::max(due, now + std::chrono::milliseconds{1});
}

AnswerKind Subscriptions::take_answer(const Answer& answer) {
  if (answer.kind != AnswerKind::Accepted && answer.kind != AnswerKind::Refused) {
    return answer.kind;
  }
  Request request;
  auto found = requests_.find(answer.id);
  const bool names_symbols = !answer.accepted.empty() || !answer.refused.empty();
  if (found == requests_.end() && answer.id == 0 && !names_symbols) found = requests_.begin();
  if (found != requests_.end()) {
    request = std::move(found->second);
    requests_.erase(found);
  }
  for (const std::string& symbol : answer.accepted) {
    if (!answer.is_unsubscribe) accept(symbol);
  }
  bool named = false;
  for (const Refusal& refusal : answer.refused) {
    named = named || !refusal.symbol.empty();
    if (!refusal.symbol.empty()) refuse(refusal.symbol, refusal.reason);
  }
  if (request.is_unsubscribe) return answer.kind;
  if (answer.kind == AnswerKind::Accepted && answer.accepted.empty()) {
    for (const std::string& symbol : request.symbols) accept(symbol);
  }
  if (answer.kind == AnswerKind::Refused && !named) refuse_all(request, answer.reason);
  return answer.kind;
}

void Subscriptions::accept(const std::string& symbol) {
  const auto entry = entries_.find(symbol);
  if (entry == entries_.end()) return;
  SymbolState& state = entry->second.state;
  if (state == SymbolState::Wanted || state == SymbolState::Requested)
    state = SymbolState::Accepted;
}

void Subscriptions::refuse(const std::string& symbol, const std::string& reason) {
  const auto entry = entries_.find(symbol);
  if (entry == entries_.end()) return;
  entry->second.state = SymbolState::Refused;
  quarantine_[symbol] = reason.empty() ? "refused without a reason" : reason;
}

// One of several is bad, and the venue does not say which: each is asked for alone.
void Subscriptions::refuse_all(const Request& request, const std::string& reason) {
  if (request.symbols.size() == 1) return refuse(request.symbols.front(), reason);
  for (const std::string& symbol : request.symbols) {
    const auto entry = entries_.find(symbol);
    if (entry == entries_.end() || entry->second.state == SymbolState::Live) continue;
    entry->second = Entry{};
    queue(venue_.subscribe({&symbol, 1}, next_id_), false);
  }
}

void Subscriptions::heard(const std::string& symbol) {
  const auto entry = entries_.find(symbol);
  if (entry != entries_.end()) entry->second.state = SymbolState::Live;
}

bool Subscriptions::is_settled() const noexcept {
  return queue_.empty() && count(SymbolState::Wanted) == 0 && count(SymbolState::Requested) == 0;
}

std::optional<SymbolState> Subscriptions::state(const std::string& symbol) const {
  const auto entry = entries_.find(symbol);
  if (entry == entries_.end()) return std::nullopt;
  return entry->second.state;
}

std::size_t Subscriptions::count(SymbolState state) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [state](const auto& entry) { return entry.second.state == state; }));
}

}  // namespace fastrsi::live

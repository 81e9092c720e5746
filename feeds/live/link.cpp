#include "feeds/live/link.hpp"

#include <algorithm>
#include <utility>

#include "feeds/live/link_line.hpp"

namespace fastrsi::live {

Link::Link(const net::Network& network, Venue& venue, ConnectPace& connects, LinkSettings settings,
           LinkListener& listener)
    : network_(network),
      venue_(venue),
      connects_(connects),
      settings_(std::move(settings)),
      listener_(listener),
      backoff_(settings_.times.retry_first_max, settings_.times.retry_longest, settings_.seed) {
  counts_.number = settings_.number;
}

Link::~Link() {
  network_.loop.cancel(connect_timer_);
  network_.loop.cancel(serve_timer_);
}

void Link::want(std::vector<std::string> symbols) {
  // A symbol that is taken from the list and put on it again gets another chance.
  std::erase_if(quarantine_, [&](const auto& refused) {
    return std::find(symbols.begin(), symbols.end(), refused.first) == symbols.end();
  });
  std::erase_if(told_, [&](const std::string& symbol) { return !quarantine_.contains(symbol); });
  symbols_ = std::move(symbols);
  for (Line* line : {line_.get(), next_.get()}) {
    if (line != nullptr && line->is_open()) line->subscriptions().want(symbols_);
  }
  serve_at(Clock::now());
}

void Link::start() {
  connect_later(Clock::duration{0});
}

void Link::connect_later(Clock::duration pause) {
  network_.loop.cancel(connect_timer_);
  const Clock::time_point at =
      connects_.take(settings_.url.host, venue_.facts().limits.connections, Clock::now() + pause);
  connect_timer_ = network_.loop.call_at(at, [this] { connect(); });
}

void Link::connect() {
  connect_timer_ = net::TimerId::None;
  ++counts_.connects_total;
  net::WebSocketSettings settings;
  settings.url = settings_.url;
  settings.proxy = settings_.proxy;
  settings.open_timeout =
      std::chrono::duration_cast<std::chrono::milliseconds>(settings_.times.open_within);
  (line_ == nullptr ? line_ : next_) = std::make_unique<Line>(*this, std::move(settings));
}

void Link::on_open(Line& line) {
  if (&line == line_.get()) {
    counts_.is_up = true;
    listener_.on_up(settings_.number);
  }
  serve_at(Clock::now());
}

void Link::on_closed(Line& line, const net::Ended& why) {
  ++counts_.failures_total;
  // What is said again and again while it lasts is said once; the count tells the rest.
  const bool is_news = counts_.last_error != why.sentence;
  counts_.last_error = why.sentence;
  const bool was_good =
      line.is_settled() && Clock::now() - line.opened_at() >= settings_.times.good_after;
  if (was_good) backoff_.reset();
  if (&line == next_.get()) {
    next_.reset();
    overlap_until_.reset();
  } else if (next_ != nullptr && next_->is_open()) {
    // The new one is there already; what it did not have yet may be missing.
    listener_.on_down(settings_.number, why.sentence);
    finish_change_over();
    listener_.on_up(settings_.number);
    return;
  } else {
    const bool was_up = counts_.is_up;
    counts_.is_up = false;
    line_ = std::move(next_);
    overlap_until_.reset();
    if (was_up) {
      listener_.on_down(settings_.number, why.sentence);
    } else if (is_news) {
      listener_.on_notice(settings_.number, why.sentence);
    }
    if (line_ != nullptr) return;  // another one is on its way
  }
  Clock::duration pause = backoff_.next();
  if (why.retry_after) pause = std::max<Clock::duration>(pause, *why.retry_after);
  connect_later(pause);
}

void Link::change_over(const std::string& why) {
  if (line_ == nullptr || !line_->is_open() || next_ != nullptr ||
      connect_timer_ != net::TimerId::None) {
    return;
  }
  listener_.on_notice(settings_.number, "changes over to another connection: " + why);
  connect_later(Clock::duration{0});
}

void Link::finish_change_over() {
  ++counts_.change_overs_total;
  line_ = std::move(next_);
  overlap_until_.reset();
}

void Link::serve_at(Clock::time_point when) {
  network_.loop.cancel(serve_timer_);
  serve_timer_ = network_.loop.call_at(when, [this] { serve(); });
}

void Link::serve() {
  const Clock::time_point now = Clock::now();
  Clock::time_point due = now + std::chrono::seconds{1};
  for (Line* line : {line_.get(), next_.get()}) {
    if (line == nullptr) continue;
    if (const std::string fault = line->serve(now); !fault.empty()) {
      net::Ended why;
      why.sentence = settings_.url.authority() + ": " + fault;
      on_closed(*line, why);
      return serve_at(now + std::chrono::milliseconds{1});
    }
    due = std::min(due, line->next_due(now));
  }
  const LinkTimes& times = settings_.times;
  if (next_ != nullptr && next_->is_open()) {
    const bool settled = next_->is_settled() || now - next_->opened_at() >= times.settle_within;
    if (settled && !overlap_until_) overlap_until_ = now + times.overlap;
    if (overlap_until_ && now >= *overlap_until_) finish_change_over();
  } else if (line_ != nullptr && line_->is_open()) {
    const Nanoseconds life = venue_.facts().limits.connection_life;
    if (life.count() > 0 && now - line_->opened_at() >= life - times.change_before) {
      change_over("the venue ends connections of this age");
    }
  }
  serve_at(due);
}

void Link::take_answer(std::string_view frame) {
  Line* const line = answering_ != nullptr ? answering_ : line_.get();
  if (line == nullptr) return;
  const std::size_t refused = quarantine_.size();
  const Answer answer = venue_.read_answer(frame);
  line->subscriptions().take_answer(answer);
  if (answer.kind == AnswerKind::Reconnect) {
    change_over(answer.reason.empty() ? "the venue asks for it" : answer.reason);
  }
  if (answer.kind == AnswerKind::Maintenance) {
    listener_.on_notice(settings_.number, answer.reason);
  }
  if (quarantine_.size() != refused) tell_refused();
}

void Link::tell_refused() {
  for (const auto& [symbol, reason] : quarantine_) {
    if (told_.insert(symbol).second) {
      std::string told = symbol;
      told.append(": refused by the venue: ").append(reason);
      listener_.on_notice(settings_.number, told);
    }
  }
}

void Link::refuse(const std::string& symbol, const std::string& reason) {
  const std::optional<SymbolState> known = state(symbol);
  if (!known || *known == SymbolState::Live || *known == SymbolState::Refused) return;
  for (Line* line : {line_.get(), next_.get()}) {
    if (line != nullptr) line->subscriptions().give_up(symbol, reason);
  }
  tell_refused();
  serve_at(Clock::now());
}

bool Link::is_whole() const noexcept {
  return counts_.is_up && line_ != nullptr && line_->is_settled();
}

void Link::heard(const std::string& symbol) {
  if (line_ != nullptr) line_->subscriptions().heard(symbol);
}

void Link::renew(const std::string& symbol) {
  if (line_ == nullptr || !line_->is_open()) return;
  line_->subscriptions().renew(symbol);
  serve_at(Clock::now());
}

std::optional<SymbolState> Link::state(const std::string& symbol) const {
  return line_ == nullptr ? std::nullopt : line_->subscriptions().state(symbol);
}

LinkStatus Link::status() const {
  LinkStatus status = counts_;
  status.symbols = symbols_.size();
  status.refused = quarantine_.size();
  if (line_ == nullptr) return status;
  const Subscriptions& subscriptions = line_->subscriptions();
  status.live = subscriptions.count(SymbolState::Live);
  status.waiting =
      subscriptions.count(SymbolState::Wanted) + subscriptions.count(SymbolState::Requested);
  status.received_bytes_total = line_->received_bytes_total();
  return status;
}

}  // namespace fastrsi::live

// Playing the tape: when a frame is due, and to whom it goes.
#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/simulate/simulator.hpp"

namespace fastrsi::simulate {
namespace {

// Frames of one turn; then sockets have theirs.
constexpr int kFramesPerTurn = 512;
// A client with so much unread makes the market wait, and is cut after so long.
constexpr std::size_t kWaitingBytesMax = 4U * 1024 * 1024;
constexpr std::chrono::seconds kStalledMax{10};
constexpr std::chrono::milliseconds kWaitPause{1};

}  // namespace

std::int64_t Simulator::exchange_time_ns() const {
  if (!has_begun_ || options_.speed == kSpeedMax || is_over_) {
    return std::max(played_ns_, begin_ns_);
  }
  const auto wall = std::chrono::duration<double, std::nano>(Clock::now() - begin_wall_).count();
  const auto now = begin_ns_ + static_cast<std::int64_t>(wall * options_.speed);
  return std::max(now, played_ns_);
}

bool Simulator::fetch() {
  if (!has_frame_) has_frame_ = tape_->next(frame_);
  return has_frame_;
}

// What clients find in the history when they come.
void Simulator::play_history() {
  if (!fetch()) return;
  const std::int64_t first_ns = to_unix_ns(frame_.received);
  begin_ns_ = first_ns;
  while (fetch() && to_unix_ns(frame_.received) - first_ns < options_.history.count()) {
    deliver(frame_);
    begin_ns_ = to_unix_ns(frame_.received);
    has_frame_ = false;
  }
  if (has_frame_) begin_ns_ = to_unix_ns(frame_.received);
}

void Simulator::begin_if_ready() {
  if (has_begun_ || subscriptions_ < options_.wait_streams) return;
  has_begun_ = true;
  begin_wall_ = Clock::now();
  loop_.call_after(Nanoseconds{0}, [this] { play(); });
}

bool Simulator::is_due(Clock::time_point now) const {
  if (options_.speed == kSpeedMax) return true;
  const auto since = static_cast<double>(to_unix_ns(frame_.received) - begin_ns_);
  const auto wall = std::chrono::duration<double, std::nano>(now - begin_wall_).count();
  return wall * options_.speed >= since;
}

// A market without a clock waits for its subscribers to come back, unless its own faults keep them
// away. A client that does not read makes any market wait for a while.
bool Simulator::must_wait() {
  const bool is_alone = subscriptions_ < options_.wait_streams;
  const bool keeps_away =
      is_on(FaultKind::Refuse) || is_on(FaultKind::CloseInHandshake) || is_on(FaultKind::Silent);
  if (options_.speed == kSpeedMax && is_alone && !keeps_away) return true;
  const auto slow = std::find_if(clients_.begin(), clients_.end(), [](const auto& client) {
    return client->connection().waiting_bytes() > kWaitingBytesMax;
  });
  const bool was_stalled = std::exchange(is_stalled_, slow != clients_.end());
  if (!is_stalled_) return false;
  if (!was_stalled) stalled_since_ = Clock::now();
  if (Clock::now() - stalled_since_ > kStalledMax) (*slow)->connection().cut("it does not read");
  return true;
}

void Simulator::play() {
  if (is_over_) return;
  const Clock::time_point now = Clock::now();
  Clock::duration pause{0};
  for (int i = 0; i < kFramesPerTurn; ++i) {
    if (!fetch()) return finish_tape();
    if (!is_due(now)) {
      const auto since = static_cast<double>(to_unix_ns(frame_.received) - begin_ns_);
      const auto due =
          begin_wall_ + std::chrono::duration_cast<Clock::duration>(
                            std::chrono::duration<double, std::nano>(since / options_.speed));
      pause = std::max(due - now, Clock::duration{0});
      break;
    }
    // A market without a clock is at its next frame now.
    played_ns_ = std::max(played_ns_, to_unix_ns(frame_.received));
    run_faults(Nanoseconds(to_unix_ns(frame_.received) - begin_ns_));
    if (must_wait()) {
      pause = kWaitPause;
      break;
    }
    deliver(frame_);
    has_frame_ = false;
  }
  flush_all();
  loop_.call_after(pause, [this] { play(); });
}

void Simulator::deliver(const TapeFrame& frame) {
  ++statistics_.frames;
  played_ns_ = std::max(played_ns_, to_unix_ns(frame.received));
  const FrameEvents& events = *frame.events;
  const bool has_trades = events.kind == FrameKind::Trades;
  if (has_trades && !frame.is_repeat) {
    for (std::size_t i = 0; i < events.ticks.size(); ++i) {
      history_.add(events.symbols[i], events.ticks[i]);
    }
  }
  const std::string stream = protocol_->stream_of(frame);
  const auto found = stream.empty() ? streams_.end() : streams_.find(stream);
  if (found == streams_.end()) {
    ++statistics_.unserved;
    return;
  }
  if (!found->second.clients.empty() && !keep_back(frame, stream)) {
    if (reorder_count_ > 0) {
      held_.push_back({stream, std::string(frame.bytes)});
      if (held_.size() == reorder_count_) send_held();
    } else {
      send_to_all(stream, frame.bytes);
      if (duplicate_left_ > 0) {
        --duplicate_left_;
        send_to_all(stream, frame.bytes);
        nlohmann::json fields = trades_text(events, stream);
        fields["fault"] = "duplicate";
        say("twice", fields);
      }
    }
  }
  if (has_trades) found->second.last = frame.bytes;
}

void Simulator::send_to_all(const std::string& stream, std::string_view bytes) {
  std::string scratch;
  for (Client* const client : streams_[stream].clients) {
    client->send(protocol_->dress(bytes, stream, client->form, scratch));
    ++statistics_.sent;
  }
}

void Simulator::send_held() {
  reorder_count_ = 0;
  std::vector<Held> held;
  held.swap(held_);
  for (auto one = held.rbegin(); one != held.rend(); ++one) send_to_all(one->stream, one->bytes);
}

void Simulator::finish_tape() {
  send_held();
  is_over_ = true;
  say("end of the tape", {});
  flush_all();
  if (options_.stays) return;
  listener_.close();
  for_each_client([](Client& client) { client.close(1000, "the end"); });
  loop_.call_after(kStalledMax, [this] { loop_.stop(); });
}

void Simulator::flush_all() {
  for_each_client([](Client& client) { client.connection().flush(); });
}

}  // namespace fastrsi::simulate

#include "tools/service/live_feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

// A symbol is stale after this many of its usual pauses, and never before this time.
constexpr std::int64_t kStalePauses = 20;
constexpr std::int64_t kStaleNsMin = 60'000'000'000;
// Then it is asked for anew, and its connection changed when that has not helped.
constexpr int kTimesRenewedMax = 2;
// Closed bars of each timeframe at the start: the seed of an average weighs nothing by then.
constexpr std::size_t kHistoryBars = 1000;
// The newest pause counts for this share of the average.
constexpr std::int64_t kPauseShare = 8;

}  // namespace

LiveRunner::Feed::Feed(LiveRunner& runner, std::size_t index)
    : runner_(runner),
      index_(index),
      settings_(runner.frames_.feeds[index]),
      venue_(make_venue(settings_.settings)),
      tls_({settings_.settings.ca_file, settings_.settings.pin}) {
  if (settings_.history == nullptr) return;
  history_ = std::make_unique<LiveHistory>(
      *settings_.history, kHistoryBars,
      [this](std::function<void()> task) { runner_.post(std::move(task)); },
      [this](const std::string& name) { return now_of(name); },
      [this](const live::HistoryResult& result) { take_history(result); });
}

void LiveRunner::Feed::want(const ShardFeed& list) {
  std::map<std::uint32_t, std::vector<std::string>> wanted;
  for (auto& [number, connected] : links_) wanted[number];
  std::map<std::string, Watched, std::less<>> symbols;
  for (const std::string& symbol : list.symbols) {
    if (!runner_.shard_.is_ours(list.venue, symbol)) continue;
    const std::uint32_t link = list.links.at(symbol);
    wanted[link].push_back(symbol);
    const auto known = symbols_.find(symbol);
    symbols[symbol] = known == symbols_.end() ? Watched{} : known->second;
    symbols[symbol].link = link;
    symbols[symbol].id.reset();  // another engine may count otherwise
    symbols[symbol].place = static_cast<int>(symbols.size());
  }
  if (history_ != nullptr) {
    for (const auto& [symbol, watched] : symbols_) {
      if (!symbols.contains(symbol)) history_->forget(symbol);
    }
  }
  symbols_ = std::move(symbols);
  for (auto& [number, names] : wanted) {
    Connected& connected = links_[number];
    const bool is_new = connected.link == nullptr;
    if (is_new) {
      live::LinkSettings settings;
      settings.number = number;
      settings.url = settings_.url;
      settings.proxy = settings_.proxy;
      settings.seed = static_cast<std::uint64_t>(wall_ns()) + number;
      connected.link = std::make_unique<live::LinkPair>(
          net::Network{runner_.loop_, runner_.resolver_, tls_}, *venue_, runner_.frames_.connects,
          settings, settings_.settings.twin, *this);
    }
    if (is_new && runner_.frames_.capture != nullptr) {
      connected.tap =
          runner_.frames_.capture->open({settings_.settings.venue, settings_.settings.url, number});
    }
    connected.link->want(names);
    if (is_new) connected.link->start();
  }
  std::erase_if(links_, [](const auto& one) { return one.second.link->symbols().empty(); });
}

void LiveRunner::Feed::on_frame(std::uint32_t link, std::string_view bytes,
                                std::int64_t received_ns) noexcept {
  CaptureLine line;
  line.bytes = bytes;
  line.received = receive_time_from_ns(received_ns);
  line.link = link;
  Connected& connected = links_.find(link)->second;
  connected.heard_ns = received_ns;
  if (received_ns != runner_.batch_ns_) {
    runner_.batch_ns_ = received_ns;
    runner_.stamp_ns_ = steady_ns();
  }
  if (connected.tap != nullptr) connected.tap->frame(line.received, bytes, true);
  runner_.take(line, index_);
  switch (runner_.shard_.events().kind) {
    case FrameKind::Ack:
    case FrameKind::Error:
    case FrameKind::Status:
    case FrameKind::Heartbeat:
    case FrameKind::Rejected:
      return connected.link->take_answer(bytes);
    default:
      return;
  }
}

void LiveRunner::Feed::take_event(std::uint32_t link, LineKind kind, std::int64_t received_ns,
                                  const std::string& why) noexcept {
  CaptureLine line;
  line.received = receive_time_from_ns(received_ns);
  line.link = link;
  line.kind = kind;
  if (CaptureTap* const tap = links_.find(link)->second.tap.get(); tap != nullptr) {
    if (kind == LineKind::Connected) tap->connected(line.received);
    if (kind == LineKind::Disconnected) tap->disconnected(line.received, why);
    if (kind == LineKind::Time) tap->time(line.received);
  }
  runner_.stamp_ns_ = steady_ns();
  runner_.take(line, index_);
}

void LiveRunner::Feed::on_up(std::uint32_t link) noexcept {
  Connected& connected = links_.find(link)->second;
  connected.is_up = true;
  ++connected.ups;
  connected.heard_ns = wall_ns();
  take_event(link, LineKind::Connected, connected.heard_ns);
  say(link, fmt::format("connected, {} symbols", connected.link->symbols().size()));
}

void LiveRunner::Feed::on_down(std::uint32_t link, const std::string& why) noexcept {
  links_.find(link)->second.is_up = false;
  take_event(link, LineKind::Disconnected, wall_ns(), why);
  say(link, "disconnected: " + why);
}

void LiveRunner::Feed::on_notice(std::uint32_t link, const std::string& line) noexcept {
  say(link, line);
}

void LiveRunner::Feed::say(std::uint32_t link, const std::string& line) const {
  runner_.frames_.say(fmt::format("{} connection {}: {}", settings_.settings.venue, link, line));
}

void LiveRunner::Feed::look_round(std::int64_t now_ns) {
  for (auto& [number, connected] : links_) {
    if (connected.heard_ns != 0 && now_ns - connected.heard_ns >= runner_.frames_.silence.count()) {
      take_event(number, LineKind::Time, now_ns);
    }
  }
  const ExchangeTime venue_now = runner_.shard_.venue_time(index_);
  if (venue_now != kNoExchangeTime) settings_.venue_ns->store(to_unix_ns(venue_now));
  const Engine& engine = runner_.shard_.engine();
  for (const SymbolId id : runner_.shard_.symbols_of(index_)) {
    const SymbolCore& core = engine.symbol(id);
    const auto watched = symbols_.find(core.symbol().name);
    if (watched == symbols_.end()) continue;
    watched->second.id = id;
    const std::int64_t newest =
        core.ring().size() == 0 ? 0 : to_unix_ns(core.ring().back(0).received);
    look_at(watched->first, watched->second, newest, now_ns);
    watched->second.is_ready = core.is_warm() || is_hopeless(watched->first, watched->second);
    if (history_ == nullptr) continue;
    Connected& connected = links_.find(watched->second.link)->second;
    history_->look_at(core, connected.is_up, connected.ups, venue_now, watched->second.place);
    if (history_->is_unknown(watched->first)) {
      connected.link->refuse(watched->first, history_->trouble(watched->first));
    }
  }
}

bool LiveRunner::Feed::is_hopeless(const std::string& name, const Watched& watched) const {
  return links_.find(watched.link)->second.link->quarantine().contains(name);
}

void LiveRunner::Feed::look_at(const std::string& name, Watched& watched, std::int64_t newest_ns,
                               std::int64_t now_ns) {
  Connected& connected = links_.find(watched.link)->second;
  if (newest_ns > watched.heard_ns) {
    if (watched.heard_ns != 0) {
      const std::int64_t pause = newest_ns - watched.heard_ns;
      watched.pause_ns += (pause - watched.pause_ns) / kPauseShare;
    }
    watched.heard_ns = newest_ns;
    watched.is_stale = false;
    watched.times_renewed = 0;
    connected.link->heard(name);
    return;
  }
  if (!connected.is_up || watched.heard_ns == 0) return;
  const std::int64_t stale_after = std::max(kStaleNsMin, kStalePauses * watched.pause_ns);
  if (now_ns - std::max(watched.heard_ns, watched.renewed_ns) < stale_after) return;
  watched.is_stale = true;
  watched.renewed_ns = now_ns;
  say(watched.link, fmt::format("{} is stale: no trade for {} s, usually every {} s", name,
                                (now_ns - watched.heard_ns) / 1'000'000'000,
                                std::max<std::int64_t>(1, watched.pause_ns / 1'000'000'000)));
  if (++watched.times_renewed <= kTimesRenewedMax) return connected.link->renew(name);
  if (watched.times_renewed == kTimesRenewedMax + 1) {
    connected.link->change_over(name + " stays stale");
  }
}

LiveHistory::Now LiveRunner::Feed::now_of(const std::string& name) const {
  const auto watched = symbols_.find(name);
  if (watched == symbols_.end() || !watched->second.id) return {};
  const Connected& connected = links_.find(watched->second.link)->second;
  const SymbolCore& core = runner_.shard_.engine().symbol(*watched->second.id);
  return {connected.ups, core.gaps(), connected.is_up, runner_.shard_.venue_time(index_)};
}

// A line a timeframe, so that a replay of the capture takes them in at the same place.
void LiveRunner::Feed::take_history(const live::HistoryResult& result) {
  const auto watched = symbols_.find(result.symbol);
  if (watched == symbols_.end()) return;
  Connected& connected = links_.find(watched->second.link)->second;
  CaptureLine line;
  line.kind = LineKind::Bars;
  line.received = receive_time_from_ns(wall_ns());
  line.link = watched->second.link;
  runner_.stamp_ns_ = steady_ns();
  for (const CaptureBars& bars : result.lists) {
    if (connected.tap != nullptr) connected.tap->bars(line.received, bars);
    std::string text = write_bars(bars);
    const std::size_t size = text.size();
    text.append(kFramePaddingBytes, '\0');
    line.bytes = std::string_view(text).substr(0, size);
    runner_.take(line, index_);
  }
}

LiveFeedStatus LiveRunner::Feed::status() const {
  LiveFeedStatus status;
  const std::int64_t now_ns = wall_ns();
  for (const auto& [number, connected] : links_) {
    for (live::LinkStatus& link : connected.link->status()) {
      status.links.push_back(std::move(link));
      status.heard_ns.push_back(connected.heard_ns);
    }
    for (const auto& [symbol, reason] : connected.link->quarantine()) {
      status.troubles.push_back({symbol, "refused", "refused: " + reason});
    }
  }
  if (history_ != nullptr) status.history_waiting = history_->waiting();
  status.symbols = symbols_.size();
  for (const auto& [name, watched] : symbols_) {
    status.ready += watched.is_ready ? 1 : 0;
    const std::string fault = history_ == nullptr ? std::string{} : history_->trouble(name);
    if (!fault.empty())
      status.troubles.push_back({name, "without history", "no history: " + fault});
    if (!watched.is_stale) continue;
    status.troubles.push_back(
        {name, "stale",
         fmt::format("stale for {} s", (now_ns - watched.heard_ns) / 1'000'000'000)});
  }
  return status;
}

}  // namespace fastrsi

// Feeds that are exchanges: every shard connects for itself, to the symbols that are its own.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <variant>

#include "tools/capture_session.hpp"
#include "tools/commands.hpp"
#include "tools/service/alerts.hpp"
#include "tools/service/clocks.hpp"
#include "tools/service/input.hpp"
#include "tools/service/live_runner.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kLive = "live";

template <typename Parse>
net::Url url_from(const std::string& key, const std::string& text, Parse&& parse) {
  auto parsed = parse(text);
  if (const auto* error = std::get_if<net::UrlError>(&parsed)) {
    throw std::invalid_argument(key + ": " + error->sentence);
  }
  return std::get<net::Url>(std::move(parsed));
}

class LiveInput final : public Input {
 public:
  LiveInput(const Config& config, const Checkpoint& checkpoint, std::size_t shards)
      : shards_(shards),
        silence_(config.engine.silence),
        alerts_(config.alert, [](const std::string& line) { print_error(line); }) {
    if (!config.capture.dir.empty()) capture_ = open_capture(config.capture);
    for (const FeedSettings& settings : config.feeds) add_feed(config, settings);
    std::size_t listed = 0;
    for (const ShardFeed& feed : feeds_) listed += feed.symbols.size();
    // Room for what `watch` adds.
    symbols_max_ = std::max(config.engine.symbols_max, 2 * listed);
    position_.files = {std::string(kLive)};
    after_break_ = !checkpoint.parts.empty();
  }

  std::vector<ShardFeed> arranged(std::vector<ShardFeed> feeds) override {
    for (ShardFeed& feed : feeds) arrange(feed);
    return feeds;
  }
  std::unique_ptr<ShardRunner> make_runner(ShardBegin begin) override {
    auto runner = std::make_unique<LiveRunner>(
        begin, LiveFrames{live_feeds_, connects_, capture_.get(), silence_,
                          [](const std::string& line) { print_error(line); }});
    runners_.push_back(runner.get());
    return runner;
  }
  void keep_time() override {
    tell_ready();
    const auto now = Alerts::Clock::now();
    if (alerts_.is_due(now)) alerts_.look_at(troubles(), now);
  }
  void give_up() override {
    for (const LiveFeed& feed : live_feeds_) {
      if (feed.history != nullptr) feed.history->stop();
    }
    for (LiveRunner* runner : runners_) runner->stop();
  }
  void judge(const Shard&, ReplayReport&) const override {}

  void tell(std::size_t index, nlohmann::ordered_json& feed) const override {
    nlohmann::ordered_json connections = nlohmann::ordered_json::array();
    nlohmann::ordered_json troubles = nlohmann::ordered_json::object();
    std::size_t waiting = 0;
    for (const LiveRunner* runner : runners_) {
      const std::vector<LiveFeedStatus> status = runner->status();
      if (index >= status.size()) continue;
      for (std::size_t i = 0; i < status[index].links.size(); ++i) {
        connections.push_back(to_json(status[index].links[i]));
        const std::int64_t heard = status[index].heard_ns[i];
        connections.back()["silent_s"] =
            heard == 0 ? nlohmann::ordered_json(nullptr)
                       : nlohmann::ordered_json(static_cast<double>(wall_ns() - heard) / 1e9);
      }
      waiting += status[index].history_waiting;
      for (const SymbolTrouble& trouble : status[index].troubles) {
        troubles[trouble.symbol] = trouble.what;
      }
    }
    feed["connections"] = std::move(connections);
    feed["history"] = history_of(index, waiting);
    feed["troubles"] = std::move(troubles);
  }

 private:
  // The expert advisor's start lines: how many symbols there are, and when all can be judged.
  void tell_ready() {
    for (std::size_t i = 0; i < live_feeds_.size(); ++i) {
      if (indexed_[i]) continue;
      std::size_t symbols = 0;
      std::size_t ready = 0;
      for (const LiveRunner* runner : runners_) {
        const std::vector<LiveFeedStatus> status = runner->status();
        if (status.empty()) return;
        symbols += status[i].symbols;
        ready += status[i].ready;
      }
      if (ready < symbols) continue;
      indexed_[i] = true;
      print_error(fmt::format("{}: end of indexing, {} symbols are ready", feeds_[i].venue, ready));
    }
  }

  std::vector<Trouble> troubles() {
    std::vector<Trouble> list;
    const std::int64_t now = wall_ns();
    for (const LiveRunner* runner : runners_) {
      const std::vector<LiveFeedStatus> status = runner->status();
      for (std::size_t i = 0; i < status.size(); ++i) {
        const std::string& venue = feeds_[i].venue;
        for (const SymbolTrouble& one : status[i].troubles) {
          list.push_back({venue, one.symbol, std::string(one.kind), one.what});
        }
        for (const live::LinkStatus& link : status[i].links) {
          const std::string name = fmt::format("connection {}", link.number);
          std::int64_t& up = last_up_[{i, link.number}];
          if (link.is_up || up == 0) up = now;
          if (now - up < kAwayAfterNs) continue;
          list.push_back({venue, name, "away", fmt::format("away: {}", link.last_error)});
        }
      }
    }
    return list;
  }

  nlohmann::ordered_json history_of(std::size_t index, std::size_t waiting) const {
    const LiveFeed& feed = live_feeds_[index];
    if (feed.history == nullptr) return nullptr;
    const live::HistoryCounters& counters = feed.history->counters();
    return {{"waiting", waiting},
            {"requests", counters.requests_total.load()},
            {"bars", counters.bars_total.load()},
            {"cached_bars", counters.cached_bars_total.load()},
            {"filed_bars", counters.filed_bars_total.load()},
            {"too_fast", counters.too_fast_total.load()},
            {"errors", counters.errors_total.load()}};
  }
  static std::unique_ptr<CaptureWriter> open_capture(const TapSettings& tap) {
    constexpr std::uint64_t kMib = 1024U * 1024;
    CaptureSettings settings;
    settings.dir = tap.dir;
    settings.level = tap.level;
    settings.file_bytes_max = static_cast<std::uint64_t>(tap.file_mib) * kMib;
    settings.file_time_max = tap.file_time;
    settings.queue_bytes = static_cast<std::size_t>(tap.queue_mib) * kMib;
    settings.keep_free_bytes = static_cast<std::uint64_t>(tap.keep_free_mib) * kMib;
    return std::make_unique<CaptureWriter>(
        std::move(settings), [](const std::string& line) { print_error("capture: " + line); });
  }
  static nlohmann::ordered_json to_json(const live::LinkStatus& link) {
    return {{"number", link.number},
            {"up", link.is_up},
            {"symbols", link.symbols},
            {"live", link.live},
            {"waiting", link.waiting},
            {"refused", link.refused},
            {"connects", link.connects_total},
            {"failures", link.failures_total},
            {"change_overs", link.change_overs_total},
            {"received_bytes", link.received_bytes_total},
            {"last_error", link.last_error}};
  }

  // Feeds of one venue are one: their symbols go over the same connections.
  void add_feed(const Config& config, const FeedSettings& settings) {
    const std::string key = "feed " + settings.venue;
    const std::unique_ptr<Venue> venue = make_venue(settings);
    if (venue == nullptr) throw std::invalid_argument(key + ": this program cannot connect to it");
    LiveFeed live;
    live.settings = settings;
    const std::string& address = settings.url.empty() ? venue->facts().url : settings.url;
    if (address.empty()) throw std::invalid_argument(key + ": has no url (set it)");
    live.url = url_from(key + ": url", address,
                        [](const std::string& text) { return net::parse_url(text); });
    if (!settings.proxy.empty()) {
      live.proxy = url_from(key + ": proxy", settings.proxy, net::parse_proxy);
    }
    const auto same = std::find_if(feeds_.begin(), feeds_.end(), [&](const ShardFeed& feed) {
      return feed.venue == settings.venue;
    });
    if (same != feeds_.end()) return;
    std::optional<ShardFeed> feed = feed_for(config, {}, settings.venue);
    if (feed->symbols.empty()) {
      throw std::invalid_argument(key + ": names no symbols (symbols = [...] or symbols_file)");
    }
    feed->is_live = true;
    const int streams = venue->facts().limits.streams_per_connection;
    per_link_.push_back(streams > 0 ? static_cast<std::size_t>(streams) : kLinkSymbolsMax);
    plan_.emplace_back();
    add_history(config, *venue, live);
    live_feeds_.push_back(std::move(live));
    indexed_.push_back(false);
    print_error(fmt::format("{}: {} symbols", feed->venue, feed->symbols.size()));
    feeds_.push_back(std::move(*feed));
  }

  void add_history(const Config& config, const Venue& venue, LiveFeed& live) {
    live.venue_ns = std::make_unique<std::atomic<std::int64_t>>(0);
    const FeedSettings& feed = live.settings;
    const bool is_known = !feed.rest_url.empty() || feed.url.empty();
    live::HistorySettings settings;
    settings.asks_venue = feed.backfill && is_known && !venue.history_timeframes().empty();
    if (!settings.asks_venue && feed.history_dir.empty()) return;
    settings.files_folder = feed.history_dir;
    settings.say = [](const std::string& line) { print_error(line); };
    settings.feed = feed;
    settings.rest_url = feed.rest_url;
    settings.cache_folder = state_folder(config.state.dir) + "/history";
    settings.now = [ns = live.venue_ns.get()] { return exchange_time_from_ns(ns->load()); };
    settings.seed = static_cast<std::uint64_t>(wall_ns());
    live.history = std::make_unique<live::HistoryFetcher>(std::move(settings));
  }

  // A symbol stays where it is; a new one goes to the first connection of its shard with room.
  void arrange(ShardFeed& feed) {
    const auto same = std::find_if(feeds_.begin(), feeds_.end(),
                                   [&](const ShardFeed& one) { return one.venue == feed.venue; });
    const auto index = static_cast<std::size_t>(same - feeds_.begin());
    auto& plan = plan_[index];
    std::erase_if(plan, [&](const auto& one) {
      return std::find(feed.symbols.begin(), feed.symbols.end(), one.first) == feed.symbols.end();
    });
    std::map<std::uint32_t, std::size_t> held;
    for (const auto& [symbol, link] : plan) ++held[link];
    for (const std::string& symbol : feed.symbols) {
      if (plan.contains(symbol)) continue;
      auto link = static_cast<std::uint32_t>(shard_of(feed.venue, symbol, shards_));
      while (held[link] >= per_link_[index]) link += static_cast<std::uint32_t>(shards_);
      plan[symbol] = link;
      ++held[link];
    }
    feed.links = plan;
  }

  // What is longer away than this is an alert.
  static constexpr std::int64_t kAwayAfterNs = 30'000'000'000;
  // Where a venue names no limit.
  static constexpr std::size_t kLinkSymbolsMax = 200;

  const std::size_t shards_;
  const Nanoseconds silence_;
  std::vector<LiveFeed> live_feeds_;
  std::vector<std::size_t> per_link_;                                    // by feed
  std::vector<std::map<std::string, std::uint32_t, std::less<>>> plan_;  // likewise
  live::ConnectPace connects_;
  std::unique_ptr<CaptureWriter> capture_;  // before the runners' taps
  std::vector<LiveRunner*> runners_;
  std::vector<bool> indexed_;  // by feed: its last start line is said
  // By feed and connection, by our clock.
  std::map<std::pair<std::size_t, std::uint32_t>, std::int64_t> last_up_;
  Alerts alerts_;
};

}  // namespace

std::unique_ptr<Input> make_live_input(const Config& config, const Checkpoint& checkpoint,
                                       std::size_t shards) {
  return std::make_unique<LiveInput>(config, checkpoint, shards);
}

}  // namespace fastrsi

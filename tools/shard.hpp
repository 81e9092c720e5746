// A shard: parsers, an engine and its graph, run by one thread. Frames go in, records come out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/histogram.hpp"
#include "engine/engine.hpp"
#include "engine/executor.hpp"
#include "feeds/capture.hpp"
#include "feeds/capture_bars.hpp"
#include "feeds/feeds.hpp"
#include "sinks/journal.hpp"

namespace fastrsi {

// What a shard counts of the frames it read.
struct FrameStatistics {
  std::array<std::uint64_t, kFrameKindCount> frames{};  // by kind
  std::array<std::uint64_t, kRejectCount> rejected{};   // frames and trades refused, by reason
  std::uint64_t trades = 0;            // taken from frames and files, of any symbol
  std::uint64_t unwatched_trades = 0;  // of symbols that are not on the feed's list
  std::uint64_t overflow_symbols =
      0;  // trades of symbols beyond EngineSettings::symbols_max of the session
};

// What a shard saw of one file's frames.
struct SourceStatistics {
  std::uint64_t frames = 0;
  std::uint64_t refused = 0;  // frames of which nothing was taken
  std::uint64_t damaged = 0;  // frames refused, wholly or in part, for what damage makes of them
  std::uint64_t damaged_line = 0;  // of the first of them; 0 where lines have no numbers
  Reject damage = Reject::None;    // its reason
};

// One venue of a session: what its frames are parsed with, and which symbols count.
struct ShardFeed {
  std::string venue;
  TradeStream stream = TradeStream::FirstSeen;
  std::vector<std::string> symbols;             // none: every symbol the feed shows
  std::set<std::string, std::less<>> excluded;  // but these
  CalendarSettings calendar;
  // Which of the venue's connections has which symbol; the first, 0, has those that are not named.
  std::map<std::string, std::uint32_t, std::less<>> links;
  bool at_sight = false;    // which has which is seen when it shows a symbol
  bool is_live = false;     // its connections are this shard's alone
  GenericSettings generic;  // of the venue "generic"
};

// Which of `count` shards has a symbol: the same on every machine.
std::size_t shard_of(std::string_view venue, std::string_view symbol, std::size_t count) noexcept;

// Owner: the session. Thread: one, from the first take() on.
class Shard {
 public:
  // Takes the symbols whose name hashes to `index` of `count`. Throws std::runtime_error when a
  // calendar's zone is not known.
  Shard(std::size_t index, std::size_t count, const EngineSettings& settings,
        const std::vector<RuleSettings>& rules, const std::vector<ShardFeed>& feeds,
        RecordOutput& out, MakeExecutor make = make_executor);

  // `feed` indexes the feeds, line.link its connections. `stamp_ns` is handed on to the records the
  // line causes.
  void take(const CaptureLine& line, std::size_t feed, std::int64_t stamp_ns) noexcept;

  // Reads the line as take() does, for what parsers and symbol lists learn from it; the engine does
  // not see it: its state is from behind it.
  void pass(const CaptureLine& line, std::size_t feed) noexcept;

  // The engine's state, part by part; parts that are alike in every shard are the first shard's.
  std::vector<StatePart> save() const;
  // Goes on from parts of all shards, whatever their number was. Returns the names of damaged ones.
  std::vector<std::string> restore(const std::vector<StatePart>& parts);
  // Rules and lists of symbols change, the rest of the state goes on. The feeds are the same ones,
  // in the same order. Returns the engine that was, which the records on their way still point
  // into.
  std::unique_ptr<Engine> reconfigure(const EngineSettings& settings,
                                      const std::vector<RuleSettings>& rules,
                                      const std::vector<ShardFeed>& feeds);

  const FrameStatistics& frame_statistics(std::size_t feed) const noexcept {
    return feeds_[feed].statistics;
  }
  // None for a file that has shown no frame.
  SourceStatistics source_statistics(std::size_t source) const noexcept {
    return source < sources_.size() ? sources_[source] : SourceStatistics{};
  }
  // Whether a symbol is this shard's to watch.
  bool is_ours(std::string_view venue, std::string_view name) const noexcept;
  const EngineStatistics& engine_statistics() const noexcept { return engine_->statistics(); }
  std::size_t symbol_count() const noexcept { return engine_->symbol_count(); }
  // Of one feed: its symbols, and the greatest exchange time any of its connections has carried.
  std::vector<SymbolId> symbols_of(std::size_t feed) const;
  ExchangeTime venue_time(std::size_t feed) const noexcept;
  // What the last line held, until the next one.
  const FrameEvents& events() const noexcept { return events_; }
  Engine& engine() noexcept { return *engine_; }

 private:
  // One connection of a feed.
  struct Link {
    std::uint32_t number;
    std::unique_ptr<Parser>
        parser;  // none for a venue we have no parser for: its frames are refused
    ConnectionId connection;
  };
  struct Feed {
    ShardFeed settings;
    std::vector<Link> links;
    SymbolTable foreign;  // names other shards take
    bool discovers;       // takes symbols it was not told of
    FrameStatistics statistics;
  };

  void set_engine(const EngineSettings& settings, const std::vector<RuleSettings>& rules);
  void add_feed(const ShardFeed& feed, std::vector<Link> links);
  ConnectionId add_connection(const Feed& feed, const Link& link);
  // Files of trades and bars need no parser; ids of venues we do not know may mean anything but
  // "again".
  static bool has_rising_ids(const Link& link) noexcept {
    return link.parser != nullptr && link.parser->id_rule() == IdRule::Rising;
  }
  // The one of that number, which is made when it is new.
  Link& link_of(Feed& feed, std::uint32_t number);
  void parse(Feed& feed, Link& link, const CaptureLine& line) noexcept;
  void take_frame(Feed& feed, Link& link, const CaptureLine& line, std::int64_t stamp_ns) noexcept;
  void count_frame(Feed& feed, const CaptureLine& line) noexcept;
  void take_bar(Feed& feed, Link& link, const CaptureLine& line, std::int64_t stamp_ns) noexcept;
  void take_past_bars(Feed& feed, Link& link, const CaptureLine& line) noexcept;
  void take_ticks(Feed& feed, Link& link, ReceiveTime received, ExchangeTime venue_time,
                  std::int64_t stamp_ns) noexcept;
  SymbolId resolve(Feed& feed, Link& link, std::string_view name) noexcept;
  // Of a list at the start, or at a symbol's first trade: the one place later on that takes memory.
  SymbolId add_symbol(Feed& feed, Link& link, std::string_view name) noexcept;

  const std::size_t index_;
  const std::size_t count_;
  RecordOutput& out_;
  const MakeExecutor make_;
  std::unique_ptr<Engine> engine_;
  std::vector<Feed> feeds_;
  std::vector<SourceStatistics> sources_;  // grows at a file's first frame
  std::size_t names_ = 0;  // symbols met, ours and others': the same count in every shard
  const std::size_t names_max_;
  std::unique_ptr<Executor> executor_;
  FrameEvents events_;
  CaptureBars past_bars_;
};

}  // namespace fastrsi

#include "tools/shard.hpp"

#include <utility>

namespace fastrsi {
namespace {

// FNV-1a: the same symbol goes to the same shard on every machine.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 0xCBF2'9CE4'8422'2325U) noexcept {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3U;
  return hash;
}

// Reasons that speak of damage, not of what a venue may well send.
bool is_damage(Reject reject) noexcept {
  return reject != Reject::None && reject != Reject::NotMarketTrade &&
         reject != Reject::UnknownMessage && reject != Reject::OtherMarket;
}

}  // namespace

Shard::Shard(std::size_t index, std::size_t count, const EngineSettings& settings,
             const std::vector<RuleSettings>& rules, const std::vector<ShardFeed>& feeds,
             RecordOutput& out, MakeExecutor make)
    : index_(index), count_(count), out_(out), make_(make), names_max_(settings.symbols_max) {
  set_engine(settings, rules);
  for (const ShardFeed& feed : feeds) add_feed(feed, make_parser(feed.venue, feed.stream));
}

void Shard::set_engine(const EngineSettings& settings, const std::vector<RuleSettings>& rules) {
  executor_.reset();
  engine_ = std::make_unique<Engine>(settings, rules);
  executor_ = make_(*engine_, out_);
}

void Shard::add_feed(const ShardFeed& feed, std::unique_ptr<Parser> parser) {
  // Files of trades and bars need no parser; ids of venues we do not know may mean anything but
  // "again".
  const IdRule id_rule = parser != nullptr ? parser->id_rule() : IdRule::Window;
  const ConnectionId connection = engine_->add_connection(feed.venue, id_rule, feed.calendar);
  feeds_.push_back({std::move(parser),
                    connection,
                    SymbolTable(names_max_),
                    feed.venue,
                    feed.symbols.empty(),
                    feed.excluded,
                    {}});
  for (const std::string& symbol : feed.symbols) add_symbol(feeds_.back(), symbol);
}

bool Shard::is_ours(std::string_view venue, std::string_view name) const noexcept {
  return count_ == 1 || hash_of(name, hash_of(venue)) % count_ == index_;
}

void Shard::take(const CaptureLine& line, std::size_t feed_index, std::int64_t stamp_ns) noexcept {
  Feed& feed = feeds_[feed_index];
  switch (line.kind) {
    case LineKind::Frame:
      return take_frame(feed, line, stamp_ns);
    case LineKind::Disconnected:
      return engine_->disconnected(feed.connection);
    case LineKind::Connected:
      return;
    case LineKind::Trade:
      events_.clear();
      events_.ticks.push_back(line.tick);
      events_.symbols.push_back(line.symbol);
      return take_ticks(feed, line.received, line.tick.time, stamp_ns);
    case LineKind::Bar:
      return take_bar(feed, line, stamp_ns);
  }
}

void Shard::pass(const CaptureLine& line, std::size_t feed_index) noexcept {
  Feed& feed = feeds_[feed_index];
  events_.clear();
  if (line.kind == LineKind::Frame) parse(feed, line);
  if (line.kind == LineKind::Trade || line.kind == LineKind::Bar) {
    events_.symbols.push_back(line.symbol);
  }
  for (const std::string_view symbol : events_.symbols) resolve(feed, symbol);
}

void Shard::take_frame(Feed& feed, const CaptureLine& line, std::int64_t stamp_ns) noexcept {
  parse(feed, line);
  if (events_.kind == FrameKind::Kline) engine_->compare(feed.connection, events_.kline);
  take_ticks(feed, line.received, events_.venue_time, stamp_ns);
}

void Shard::parse(Feed& feed, const CaptureLine& line) noexcept {
  if (feed.parser != nullptr) {
    feed.parser->parse(line.bytes, line.received, events_);
  } else {
    events_.clear();
    events_.kind = FrameKind::Rejected;
    events_.reject = Reject::UnknownMessage;
  }
  count_frame(feed, line);
}

void Shard::count_frame(Feed& feed, const CaptureLine& line) noexcept {
  if (line.source >= sources_.size()) sources_.resize(line.source + 1);
  SourceStatistics& source = sources_[line.source];
  ++source.frames;
  ++feed.statistics.frames[static_cast<std::size_t>(events_.kind)];
  if (events_.reject == Reject::None) return;
  feed.statistics.rejected[static_cast<std::size_t>(events_.reject)] +=
      events_.rejected_trades > 0 ? events_.rejected_trades : 1U;
  source.refused += events_.kind == FrameKind::Rejected ? 1U : 0U;
  if (line.is_cut || !is_damage(events_.reject)) return;
  if (source.damaged++ > 0) return;
  source.damaged_line = line.number;
  source.damage = events_.reject;
}

// A bar of a file counts as four trades at its open time, so that every timeframe sees its
// extremes.
void Shard::take_bar(Feed& feed, const CaptureLine& line, std::int64_t stamp_ns) noexcept {
  events_.clear();
  Tick tick;
  tick.time = line.bar.open_time;
  tick.received = line.received;
  for (const Price price : {line.bar.open, line.bar.high, line.bar.low, line.bar.close}) {
    tick.price = price;
    events_.ticks.push_back(tick);
    events_.symbols.push_back(line.symbol);
  }
  take_ticks(feed, line.received, line.bar.open_time, stamp_ns);
}

void Shard::take_ticks(Feed& feed, ReceiveTime received, ExchangeTime venue_time,
                       std::int64_t stamp_ns) noexcept {
  for (std::size_t i = 0; i < events_.ticks.size(); ++i) {
    Tick& tick = events_.ticks[i];
    tick.symbol = resolve(feed, events_.symbols[i]);
    if (tick.symbol != kNoSymbol) engine_->prefetch(tick.symbol);
    feed.statistics.trades += tick.id_only ? 0U : 1U;
  }
  executor_->run({feed.connection, received, venue_time, events_.ticks, stamp_ns});
}

SymbolId Shard::resolve(Feed& feed, std::string_view name) noexcept {
  const SymbolId known = engine_->find_symbol(feed.connection, name);
  if (known != kNoSymbol || feed.foreign.find(name) != kNoSymbol) return known;
  if (feed.discovers && !feed.excluded.contains(name)) return add_symbol(feed, name);
  ++feed.statistics.unwatched_trades;
  return kNoSymbol;
}

// The limit counts the symbols of all shards: where it falls must not depend on how many there are.
SymbolId Shard::add_symbol(Feed& feed, std::string_view name) noexcept {
  if (names_ == names_max_) {
    ++feed.statistics.overflow_symbols;
    return kNoSymbol;
  }
  ++names_;
  if (is_ours(feed.venue, name)) return engine_->add_symbol(feed.connection, name);
  feed.foreign.add(name, SymbolId{0});
  return kNoSymbol;
}

}  // namespace fastrsi

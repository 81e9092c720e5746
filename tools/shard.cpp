#include "tools/shard.hpp"

#include <algorithm>
#include <utility>

namespace fastrsi {
namespace {

// FNV-1a: the same symbol goes to the same shard on every machine.
std::uint64_t hash_of(std::string_view text, std::uint64_t hash = 0xCBF2'9CE4'8422'2325U) noexcept {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3U;
  return hash;
}

// SplitMix64's end: the lowest bit of FNV-1a alone is but the parity of the letters' lowest bits,
// so that BTCUSDT and ETHUSDT would meet in one of two shards.
std::uint64_t mixed(std::uint64_t hash) noexcept {
  hash = (hash ^ (hash >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
  hash = (hash ^ (hash >> 27U)) * 0x94D0'49BB'1331'11EBU;
  return hash ^ (hash >> 31U);
}

// Reasons that speak of damage, not of what a venue may well send.
bool is_damage(Reject reject) noexcept {
  return reject != Reject::None && reject != Reject::NotMarketTrade &&
         reject != Reject::UnknownMessage && reject != Reject::OtherMarket;
}

std::unique_ptr<Parser> parser_of(const ShardFeed& feed) {
  if (feed.venue == "generic") return make_generic_parser(feed.generic);
  return make_parser(feed.venue, feed.stream);
}

}  // namespace

std::size_t shard_of(std::string_view venue, std::string_view symbol, std::size_t count) noexcept {
  return mixed(hash_of(symbol, hash_of(venue))) % count;
}

Shard::Shard(std::size_t index, std::size_t count, const EngineSettings& settings,
             const std::vector<RuleSettings>& rules, const std::vector<ShardFeed>& feeds,
             RecordOutput& out, MakeExecutor make)
    : index_(index), count_(count), out_(out), make_(make), names_max_(settings.symbols_max) {
  set_engine(settings, rules);
  for (const ShardFeed& feed : feeds) add_feed(feed, {});
}

void Shard::set_engine(const EngineSettings& settings, const std::vector<RuleSettings>& rules) {
  executor_.reset();
  engine_ = std::make_unique<Engine>(settings, rules);
  executor_ = make_(*engine_, out_);
}

// `links` are those of a configuration before: their parsers know their connections.
void Shard::add_feed(const ShardFeed& settings, std::vector<Link> links) {
  feeds_.push_back(
      {settings, std::move(links), SymbolTable(names_max_), settings.symbols.empty(), {}});
  Feed& feed = feeds_.back();
  for (Link& link : feed.links) link.connection = add_connection(feed, link);
  for (const std::string& symbol : settings.symbols) {
    if (settings.at_sight) break;
    const auto named = settings.links.find(symbol);
    const std::uint32_t number = named == settings.links.end() ? 0 : named->second;
    // Connections of other shards are none of ours.
    if (settings.is_live && !is_ours(settings.venue, symbol)) continue;
    add_symbol(feed, link_of(feed, number), symbol);
  }
  if (!settings.is_live) link_of(feed, 0);
}

ConnectionId Shard::add_connection(const Feed& feed, const Link& link) {
  const IdRule id_rule = has_rising_ids(link) ? IdRule::Rising : IdRule::Window;
  return engine_->add_connection(feed.settings.venue, id_rule, feed.settings.calendar, link.number,
                                 feed.settings.is_live);
}

Shard::Link& Shard::link_of(Feed& feed, std::uint32_t number) {
  for (Link& link : feed.links) {
    if (link.number == number) return link;
  }
  Link link{number, parser_of(feed.settings), {}};
  link.connection = add_connection(feed, link);
  feed.links.push_back(std::move(link));
  return feed.links.back();
}

std::vector<SymbolId> Shard::symbols_of(std::size_t feed) const {
  std::vector<SymbolId> symbols;
  for (const Link& link : feeds_[feed].links) {
    const std::vector<SymbolId>& some = engine_->symbols_of(link.connection);
    symbols.insert(symbols.end(), some.begin(), some.end());
  }
  return symbols;
}

ExchangeTime Shard::venue_time(std::size_t feed) const noexcept {
  ExchangeTime newest = kNoExchangeTime;
  for (const Link& link : feeds_[feed].links) {
    newest = std::max(newest, engine_->venue_time(link.connection));
  }
  return newest;
}

bool Shard::is_ours(std::string_view venue, std::string_view name) const noexcept {
  return count_ == 1 || shard_of(venue, name, count_) == index_;
}

void Shard::take(const CaptureLine& line, std::size_t feed_index, std::int64_t stamp_ns) noexcept {
  Feed& feed = feeds_[feed_index];
  Link& link = link_of(feed, line.link);
  switch (line.kind) {
    case LineKind::Frame:
      return take_frame(feed, link, line, stamp_ns);
    case LineKind::Disconnected:
      return engine_->disconnected(link.connection);
    case LineKind::Connected:
      return;
    case LineKind::Trade:
      events_.clear();
      events_.ticks.push_back(line.tick);
      events_.symbols.push_back(line.symbol);
      // A file's own words for its trades say nothing where the venue's ids are numbers that rise.
      if (line.tick.id_is_text && has_rising_ids(link)) events_.ticks.back().has_id = false;
      return take_ticks(feed, link, line.received, line.tick.time, stamp_ns);
    case LineKind::Bar:
      return take_bar(feed, link, line, stamp_ns);
    case LineKind::Time:
      executor_->run(
          {link.connection, line.received, kNoExchangeTime, {}, stamp_ns, /*is_clock=*/true});
      return;
    case LineKind::Bars:
      return take_past_bars(feed, link, line);
    case LineKind::Dropped:
      return engine_->disconnected(link.connection);
  }
}

void Shard::pass(const CaptureLine& line, std::size_t feed_index) noexcept {
  Feed& feed = feeds_[feed_index];
  Link& link = link_of(feed, line.link);
  events_.clear();
  if (line.kind == LineKind::Frame) parse(feed, link, line);
  if (line.kind == LineKind::Trade || line.kind == LineKind::Bar) {
    events_.symbols.push_back(line.symbol);
  }
  for (const std::string_view symbol : events_.symbols) resolve(feed, link, symbol);
}

void Shard::take_frame(Feed& feed, Link& link, const CaptureLine& line,
                       std::int64_t stamp_ns) noexcept {
  parse(feed, link, line);
  if (events_.kind == FrameKind::Kline) engine_->compare(link.connection, events_.kline);
  take_ticks(feed, link, line.received, events_.venue_time, stamp_ns);
}

void Shard::parse(Feed& feed, Link& link, const CaptureLine& line) noexcept {
  if (link.parser != nullptr) {
    link.parser->parse(line.bytes, line.received, events_);
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
void Shard::take_bar(Feed& feed, Link& link, const CaptureLine& line,
                     std::int64_t stamp_ns) noexcept {
  events_.clear();
  Tick tick;
  tick.time = line.bar.open_time;
  tick.received = line.received;
  for (const Price price : {line.bar.open, line.bar.high, line.bar.low, line.bar.close}) {
    tick.price = price;
    events_.ticks.push_back(tick);
    events_.symbols.push_back(line.symbol);
  }
  take_ticks(feed, link, line.received, line.bar.open_time, stamp_ns);
}

void Shard::take_past_bars(Feed& feed, Link& link, const CaptureLine& line) noexcept {
  if (!read_bars(line.bytes, past_bars_)) return;
  // A name that is looked up is followed by readable bytes (SymbolTable::find).
  const std::size_t size = past_bars_.symbol.size();
  past_bars_.symbol.append(16, '\0');
  const SymbolId symbol = resolve(feed, link, std::string_view(past_bars_.symbol).substr(0, size));
  if (symbol == kNoSymbol) return;
  std::vector<PastBar> bars;
  for (const CaptureBar& bar : past_bars_.bars) {
    bars.push_back({bar.open_time, bar.open.value, bar.high.value, bar.low.value, bar.close.value});
  }
  engine_->take_history(link.connection, symbol, {past_bars_.timeframe, !past_bars_.repair, bars},
                        line.received, out_);
}

void Shard::take_ticks(Feed& feed, Link& link, ReceiveTime received, ExchangeTime venue_time,
                       std::int64_t stamp_ns) noexcept {
  for (std::size_t i = 0; i < events_.ticks.size(); ++i) {
    Tick& tick = events_.ticks[i];
    tick.symbol = resolve(feed, link, events_.symbols[i]);
    if (tick.symbol != kNoSymbol) engine_->prefetch(tick.symbol);
    feed.statistics.trades += tick.id_only ? 0U : 1U;
  }
  executor_->run({link.connection, received, venue_time, events_.ticks, stamp_ns});
}

SymbolId Shard::resolve(Feed& feed, Link& link, std::string_view name) noexcept {
  const SymbolId known = engine_->find_symbol(link.connection, name);
  if (known != kNoSymbol || feed.foreign.find(name) != kNoSymbol) return known;
  const std::vector<std::string>& list = feed.settings.symbols;
  const bool is_wanted =
      feed.discovers ||
      (feed.settings.at_sight && std::find(list.begin(), list.end(), name) != list.end());
  if (is_wanted && !feed.settings.excluded.contains(name)) {
    return add_symbol(feed, link, name);
  }
  ++feed.statistics.unwatched_trades;
  return kNoSymbol;
}

// The limit counts the symbols of all shards: where it falls must not depend on how many there are.
SymbolId Shard::add_symbol(Feed& feed, Link& link, std::string_view name) noexcept {
  if (names_ == names_max_) {
    ++feed.statistics.overflow_symbols;
    return kNoSymbol;
  }
  ++names_;
  if (is_ours(feed.settings.venue, name)) return engine_->add_symbol(link.connection, name);
  feed.foreign.add(name, SymbolId{0});
  return kNoSymbol;
}

}  // namespace fastrsi

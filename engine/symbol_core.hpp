// One symbol: its ring, its bars, its RSI series and the rules that look at them. A tick enters
// here.
//
// Most ticks are quiet: they lie in the symbol's flip band, come before anything is due, and follow
// the last trade by id and time. Such a tick only moves the pending extremes; bars take them over
// (settle) before anything changes a bar. A tick that leaves the band, but no bar, moves the same
// extremes and evaluates the series whose own bands it left. A tick that opens a bar of the
// shortest timeframe only touches that one's bars besides. Every other tick goes the full way,
// exactly as SIGNALS.md says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/bar.hpp"
#include "engine/base/fixed_array.hpp"
#include "engine/base/ring.hpp"
#include "engine/edge.hpp"
#include "engine/flip_band.hpp"
#include "engine/market/kline.hpp"
#include "engine/market/past_bars.hpp"
#include "engine/market/tick.hpp"
#include "engine/plan.hpp"
#include "engine/record_output.hpp"
#include "engine/statistics.hpp"

namespace fastrsi {

// More empty bars in a row than this start a series anew (DECISIONS.md, D11).
inline constexpr std::uint64_t kCarriedBarsMax = 1'000'000;
// Ids remembered where they only differ.
inline constexpr std::size_t kIdWindow = 128;

// What one input (a trade, or an advance of the venue time) meets besides the symbol itself.
struct Moment {
  RecordOutput& out;
  EngineStatistics& statistics;
  const Calendar& calendar;
  LaneValues* scratch;            // one entry a block of the largest plan
  std::uint32_t* pending_lists;   // by list: symbols waiting for the next first-load list
  ExchangeTime first_venue_time;  // of the connection
  ReceiveTime received;
  std::int64_t stamp_ns = 0;
};

// A level that would make a kind true in the forming bar.
struct Level {
  Kind kind = Kind::Buy;
  bool true_now = false;
  double below =
      std::numeric_limits<double>::quiet_NaN();  // nearest price under the current one; NaN: none
  double above = std::numeric_limits<double>::quiet_NaN();  // nearest price over it; NaN: none
};

// Owner: the engine. Thread: the shard's. Allocates at construction, and where trades turn out to
// be missing.
class alignas(kCacheLineBytes) SymbolCore {
 public:
  SymbolCore(Symbol symbol, const SymbolPlan& plan, IdRule id_rule, const EngineSettings& settings);

  // A trade of this symbol, in the order of SIGNALS.md, section 2.3.
  void apply(const Tick& tick, const Moment& moment) noexcept {
    if (!take_if_quiet(tick)) apply_loud(tick, moment);
  }
  // The two halves of it: most trades need no moment. False, and nothing done, when it is not.
  bool take_if_quiet(const Tick& tick) noexcept {
    if (!follows(tick) || tick.time >= quiet_until_ || !quiet_band_.holds(tick.price.value)) {
      return false;
    }
    take_quietly(tick);
    return true;
  }
  void apply_loud(const Tick& tick, const Moment& moment) noexcept;

  // Asks for the memory that every trade needs first.
  void prefetch() const noexcept {
    const char* const begin = reinterpret_cast<const char*>(this);
    for (std::size_t line = 0; line < kFirstLines; ++line) {
      __builtin_prefetch(begin + line * kCacheLineBytes);
    }
  }

  // Closes every bar that ends at `reached` or before.
  void close_until(ExchangeTime reached, const Moment& moment) noexcept;
  // The earliest end of a forming bar; kNeverExchangeTime when none is forming.
  ExchangeTime next_close() const noexcept { return next_close_; }

  // Trades may be missing from here on: marks bars where ids cannot tell (DECISIONS.md, D9).
  void disconnected() noexcept;
  // Bars from before, for one timeframe (symbol_history.cpp).
  void take_history(const PastBars& history, const Moment& moment) noexcept;
  // The last trade before the first that is missing and not mended yet; kNoExchangeTime: none is.
  ExchangeTime missing_since() const noexcept;
  // Times that trades were found missing, or may have been.
  std::uint32_t gaps() const noexcept { return gaps_; }
  // Whether every condition of every rule has the bars it needs.
  bool is_warm() const noexcept;
  // Compares a closed candle of the venue with our own bar, now or when ours closes.
  void compare(const Kline& kline, EngineStatistics& statistics) noexcept;
  // Names this symbol in the lists of `list` if it waits for one (first load) or always (scan).
  void enter_list(std::uint32_t list, ListReason reason, ExchangeTime time,
                  const Moment& moment) noexcept;

  const Symbol& symbol() const noexcept { return symbol_; }
  const SymbolPlan& plan() const noexcept { return plan_; }
  const Ring<Tick>& ring() const noexcept { return ring_; }
  // Everything that later trades and their records depend on, as bytes (symbol_state.cpp).
  std::string save() const;
  // Goes on from what save() said, perhaps under other rules: what they share is taken over, the
  // rest begins anew, as of `now`. False, and nothing changed, when the bytes are not a state's.
  bool restore(std::string_view bytes, ExchangeTime now);
  // Begins to be watched now: bars that are open already are partial.
  void watch_since(ExchangeTime now) noexcept;
  // There was a break in the input (DECISIONS.md, D25).
  void returned() noexcept;
  // Puts the symbol on the next first-load list again; counts itself in `pending_lists`.
  void list_again(std::uint32_t list, std::uint32_t* pending_lists) noexcept;
  // Symbols waiting for the next first-load list, by list.
  void count_waiting(std::uint32_t* pending_lists) const noexcept;

  // Takes pending trades over into the bars; reading a bar needs it.
  void settle() noexcept;
  // The forming bar of a track; nullptr when none is forming. Call settle() first.
  const Bar* forming_bar(std::uint32_t track) const noexcept;
  // The newest closed bar of a track; nullptr before the first.
  const Bar* closed_bar(std::uint32_t track) const noexcept;
  // RSI of a watch's default period at the newest closed bar; NaN before it has a value.
  double closed_rsi(std::uint32_t watch) const noexcept;
  // Next-signal prices of a watch, one entry a kind that is warm. Empty before the first trade.
  std::vector<Level> levels(std::uint32_t watch) const;
  // The last traded price; NaN before the first trade.
  double last_price() const noexcept { return last_price_; }

 private:
  friend class LevelFinder;
  friend class SymbolState;

  struct Track {
    Bar bar;
    Bar closed;                                   // the newest closed bar
    ExchangeTime closed_until = kNoExchangeTime;  // its end
    Kline kline;                                  // a candle waiting for our bar to close
    bool forming = false;
    bool kline_waits = false;
    bool gap_next = false;                 // the next bar to open begins after missing trades
    bool touched = false;                  // the trade being applied went into its bar
    ExchangeTime since = kNoExchangeTime;  // watched from here on: a bar open then is partial
  };
  struct GapMark;
  struct GapMarkDelete {
    void operator()(GapMark* mark) const noexcept;
  };
  struct Closed {  // values of a block at the newest closed bar and the two before
    LaneValues at0{kFlat, kFlat, kFlat};
    LaneValues at1{kFlat, kFlat, kFlat};
    LaneValues at2{kFlat, kFlat, kFlat};
  };
  // A track as it was before the bar of the last trade closed without another trade: only the next
  // trade's id shows whether that bar had all of them.
  struct Unsure {
    Bar bar;
    Bar closed;
    ExchangeTime closed_until = kNoExchangeTime;
    ExchangeTime last_trade = kNoExchangeTime;  // of the symbol, then
  };
  struct Series {
    PriceBand band = kEmptyBand;  // of trade prices
    ExchangeTime due = kNeverExchangeTime;
  };
  struct Watch {
    EdgeState edge;
    bool entered = false;    // the first-load list
    bool waiting = false;    // for that list to be sealed
    bool returning = false;  // not looked at since a break in the input: what fires is old
  };
  static constexpr std::size_t kFirstLines = 4;  // up to the arrays
  enum class Placement : std::uint8_t { Applied, Late };
  // Where and when something is said: shared by the firings and follow-ups of one evaluation.
  struct Context {
    const WatchPlan& plan;
    Watch& watch;
    const Bar& bar;
    const RuleValues& values;
    std::uint64_t closed;  // bars closed, without bar 0 when it is forming
    ExchangeTime time;
    bool forming;
  };

  // Whether the trade comes next by id and time, and moves the price.
  bool follows(const Tick& tick) const noexcept {
    const bool is_next =
        !tick.has_id || (id_seen_ && static_cast<std::uint64_t>(tick.id) == next_id_);
    return is_next && !tick.id_only && tick.time >= last_time_;
  }
  void take_quietly(const Tick& tick) noexcept {
    ring_.push(tick);
    next_id_ += tick.has_id ? 1U : 0U;
    last_time_ = tick.time;
    last_price_ = tick.price.value;
    pending_.add(tick.price.value);
  }
  void apply_to_first(const Tick& tick, const Moment& moment) noexcept;
  void apply_fully(const Tick& tick, const Moment& moment) noexcept;
  // Asks at once for the memory that a price outside the band will need, which else would come line
  // after line.
  void prefetch_for(double price) const noexcept;

  // ids (symbol_ids.cpp)
  bool is_duplicate(const Tick& tick) const noexcept;
  std::uint64_t missing_before(const Tick& tick) const noexcept;
  void remember_id(const Tick& tick) noexcept;

  // bars (symbol_bars.cpp)
  Placement place(Track& track, const TrackPlan& plan, const Tick& tick, bool gap,
                  const Moment& moment) noexcept;
  void add_trade(Track& track, const Tick& tick, EngineStatistics& statistics) noexcept;
  void open_bar(Track& track, BarSpan span, double price, bool gap, const Moment& moment) noexcept;
  void close_bar(Track& track, const TrackPlan& plan, const Moment& moment) noexcept;
  void carry_until(Track& track, const TrackPlan& plan, ExchangeTime time, bool gap,
                   const Moment& moment) noexcept;
  void restart(Track& track, const TrackPlan& plan, EngineStatistics& statistics) noexcept;
  void commit_series(std::uint32_t series, const Bar& bar) noexcept;
  // As close_bar(), with nobody looking.
  void commit_bar(Track& track, const TrackPlan& plan) noexcept;
  void mark_gap() noexcept;
  void wait_for_gap_end() noexcept;
  void compare_with(const Bar& bar, const Kline& kline, EngineStatistics& statistics) noexcept;
  void close_first_until(ExchangeTime reached, const Moment& moment) noexcept;
  void settle_first() noexcept;
  void refresh_bars() noexcept;
  void refresh_first_bar() noexcept;
  void refresh_band() noexcept;
  // The symbol's band is made of its series', one after the other.
  void begin_band() noexcept {
    quiet_band_ = PriceBand{};
    quiet_until_ = bars_until_;
  }
  void narrow_band(std::uint32_t index) noexcept {
    const Series& series = series_[index];
    if (series.band.low > quiet_band_.low) low_series_ = static_cast<std::uint16_t>(index);
    if (series.band.high < quiet_band_.high) high_series_ = static_cast<std::uint16_t>(index);
    quiet_band_.narrow_to(series.band);
    quiet_until_ = std::min(quiet_until_, series.due);
  }
  // Empty, so that the next trade evaluates it; without borders where nothing looks at forming
  // bars.
  static Series unevaluated(const SeriesPlan& plan) noexcept {
    return plan.forming ? Series{} : Series{PriceBand{}, kNeverExchangeTime};
  }
  // A track's bar with the trades it has not taken over yet.
  Bar settled_bar(std::uint32_t track) const noexcept;

  // history (symbol_history.cpp)
  // visit(std::uint32_t block) for each of a track's series, in their order.
  template <typename Visit>
  void for_each_block(std::uint32_t track, Visit&& visit) const {
    const TrackPlan& plan = plan_.tracks[track];
    for (std::uint32_t i = plan.series.first; i < plan.series.last; ++i) {
      const SeriesPlan& series = plan_.series[i];
      for (std::uint32_t b = series.blocks.first; b < series.blocks.last; ++b) visit(b);
    }
  }
  void keep_unsure(std::uint32_t track) noexcept;
  void keep_gap_mark() noexcept;
  void take_history(std::uint32_t track, const PastBars& history, const Moment& moment) noexcept;
  void begin_anew(Track& track, const TrackPlan& plan) noexcept;
  void go_back(std::uint32_t track) noexcept;
  void put_history(Track& track, const TrackPlan& plan, const PastBar& part,
                   ExchangeTime known_until, const Moment& moment) noexcept;
  void look_at_closed(const Track& track, const TrackPlan& plan, const Moment& moment) noexcept;
  void close_history(Track& track, const TrackPlan& plan, ExchangeTime known_until,
                     const Moment& moment) noexcept;
  void carry_history(Track& track, const TrackPlan& plan, ExchangeTime until,
                     ExchangeTime known_until, const Moment& moment) noexcept;
  void go_on_with(Track& track, const TrackPlan& plan, const Bar& seen, ExchangeTime known_until,
                  const Moment& moment) noexcept;

  // evaluation (symbol_evaluate.cpp)
  void evaluate_left(const Tick& tick, const Moment& moment) noexcept;
  void evaluate_forming(std::uint32_t series, const Tick& tick, const Moment& moment) noexcept;
  void evaluate_closed(std::uint32_t watch, const Bar& bar, const Moment& moment) noexcept;
  // Values if the series' bar closed as it is; returns its applied price.
  double peek_at(const SeriesPlan& plan, const Bar& bar, LaneValues* now) const noexcept;
  RuleValues forming_values(const WatchPlan& plan, const LaneValues* now) const noexcept;
  RuleValues closed_values(const WatchPlan& plan) const noexcept;
  void narrow(BandBuilder& band, const WatchPlan& plan, const EdgeState& edge,
              const RuleValues& values) const noexcept;
  // The truths a list shows: those of the last price, whether it was evaluated or not.
  KindSet truth_now(std::uint32_t watch, const Moment& moment) const noexcept;
  void advance_edges(const Context& context, const Moment& moment) noexcept;
  void follow_up(const Context& context, const Moment& moment) noexcept;
  // All that the firings of one look have in common: kind, stage, firing and repeat are missing.
  void describe(Record& record, const Context& context, const Moment& moment) const noexcept;
  void say(const Record& record, const Moment& moment) noexcept;
  Quality quality_of(const Bar& bar) const noexcept;
  void add_evidence(Evidence& evidence, const Context& context) const noexcept;
  void end_input(bool late) noexcept;

  // The quiet path reads and writes these, and the ring: two lines.
  PriceBand quiet_band_ = kEmptyBand;
  ExchangeTime quiet_until_ = kNoExchangeTime;
  ExchangeTime last_time_ = kNoExchangeTime;  // newest trade time applied
  std::uint64_t next_id_ = 0;
  double last_price_ = std::numeric_limits<double>::quiet_NaN();
  PendingTrades pending_;  // of all tracks
  Ring<Tick> ring_;
  ExchangeTime next_close_ = kNeverExchangeTime;
  bool id_seen_ = false;
  bool late_mark_ = false;  // the next records say "late"
  bool gap_waits_ = false;  // trades are missing before the next one that moves a price
  bool said_ = false;       // this input made a record
  const bool flip_bands_;
  const IdRule id_rule_;
  // Whose bands are the lower and the upper border of the symbol's.
  std::uint16_t low_series_ = 0;
  std::uint16_t high_series_ = 0;

  // Until when a trade that follows leaves every bar's borders alone; kNoExchangeTime while some
  // bar is not forming or holds no trade, ids need the window, a gap waits, or flip bands are off.
  ExchangeTime bars_until_ = kNoExchangeTime;
  const SymbolPlan& plan_;
  FixedArray<Series> series_;
  FixedArray<Track> tracks_;
  FixedArray<LaneBlock> blocks_;
  FixedArray<Closed> closed_;  // by block
  FixedArray<Watch> watches_;

  // The first track is the shortest timeframe's. While it alone opens and closes bars, the others
  // are left alone: what it took over and they did not is kept here.
  PendingTrades later_;
  ExchangeTime others_close_ = kNeverExchangeTime;  // earliest end of the others' forming bars
  ExchangeTime others_until_ = kNoExchangeTime;     // likewise, while all of them hold trades

  const Symbol symbol_;
  std::vector<std::uint64_t> id_window_;
  std::size_t id_window_at_ = 0;
  std::uint32_t gaps_ = 0;
  FixedArray<Unsure> unsure_;  // by track
  FixedArray<LaneBlock> unsure_blocks_;
  FixedArray<Closed> unsure_closed_;
  std::unique_ptr<GapMark, GapMarkDelete> gap_mark_;
};

}  // namespace fastrsi

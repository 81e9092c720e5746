// The contract of a feed's parser: bytes in, ticks and control events out. No socket, no clock, no
// engine. A new venue is one .cpp file with one make_..._parser, and a row in make_parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/calendar.hpp"
#include "engine/market/kline.hpp"
#include "engine/market/tick.hpp"
#include "engine/market/timeframe.hpp"

namespace fastrsi {

// Bytes a parser may read (never use) behind a frame's end.
inline constexpr std::size_t kFramePaddingBytes = 64;
// Frames above this are refused unread: real order-book snapshots reach 5 MB.
inline constexpr std::size_t kFrameBytesMax = 16U * 1024 * 1024;
// Trades taken from one frame; the rest of a larger one is rejected and counted.
inline constexpr std::size_t kTradesPerFrameMax = 16'384;

// What a frame is. Only Trades and Kline carry data for the engine.
enum class FrameKind : std::uint8_t {
  Trades,         // at least one live trade
  Kline,          // a candle of the venue, closed or forming
  Book,           // order book: snapshot, update, best bid and offer
  Ticker,         // tickers, mark prices, funding, open interest, spreads, liquidations
  TradeSnapshot,  // trades from before the subscription: never live trades
  Ack,            // answer to a subscribe or unsubscribe
  Heartbeat,      // heartbeats, pings, pongs
  Status,         // system status, welcome, info
  Error,          // the venue refuses something
  OtherTrades,    // trades of the stream kind that is switched off (Binance trade / aggTrade)
  Rejected,       // see Reject
};
inline constexpr std::size_t kFrameKindCount = 11;
std::string_view to_text(FrameKind kind) noexcept;

// Why a frame, or a trade in it, was not taken.
enum class Reject : std::uint8_t {
  None,
  Empty,           // no bytes
  TooLarge,        // above kFrameBytesMax
  Truncated,       // does not end as JSON does
  NotJson,         // not JSON, or not an object or array
  UnknownMessage,  // JSON of no shape this venue sends
  OtherMarket,     // of a market that is a venue of its own: Binance's options, Kraken's futures
  MissingField,    // a trade without price, time or symbol
  BadPrice,        // not finite and positive
  BadQuantity,     // not a finite number, or negative
  BadTime,         // not a time, or outside [1980, 2200)
  BadId,           // not an unsigned 64-bit number
  NotMarketTrade,  // futures: X other than MARKET (insurance fund, ADL, ...); block trades
  TooManyTrades,   // above kTradesPerFrameMax
};
inline constexpr std::size_t kRejectCount = 14;
std::string_view to_text(Reject reject) noexcept;

// What one frame held. Reused from frame to frame: it allocates until it has seen its largest
// frame, then no more.
struct FrameEvents {
  FrameKind kind = FrameKind::Rejected;
  Reject reject = Reject::None;  // why the frame, or the first refused trade in it, was refused
  ExchangeTime venue_time = kNoExchangeTime;  // greatest sane exchange time the message carries
  std::uint32_t rejected_trades =
      0;  // trades refused in this frame; the reason of the first is in `reject`
  std::vector<Tick>
      ticks;  // sorted by (time, id) ascending (SIGNALS.md, section 2.3); symbol not resolved
  std::vector<std::string_view>
      symbols;  // symbols[i] is the name of ticks[i]; points into the frame or the parser
  Kline kline;  // when kind is Kline

  FrameEvents();
  void clear() noexcept;
};

// Which of Binance's two trade streams counts.
enum class TradeStream : std::uint8_t {
  Trade,
  AggTrade,
  FirstSeen,  // whichever the connection shows first: for captures without a configured feed
};

// Owner: one connection. Thread: the shard's. parse() is a pure function of the bytes and of what
// this connection has sent before (only FirstSeen, and Kraken's channel numbers, remember
// anything).
class Parser {
 public:
  virtual ~Parser() = default;
  // `frame` is followed by kFramePaddingBytes readable bytes. Sets every field of `out`.
  virtual void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept = 0;
  virtual IdRule id_rule() const noexcept = 0;
};

// How a feed writes the time of a trade. Numbers may have a fraction.
enum class TimeUnit : std::uint8_t { Second, Millisecond, Microsecond, Nanosecond, Iso };

// The venue "generic": any feed of JSON. Paths are those of generic_path.hpp, from a trade's own
// place, or with "$" from the frame's root.
struct GenericSettings {
  std::string trades;                          // generic.trades; empty: the frame itself
  std::string symbol = "symbol";               // generic.symbol
  std::string constant_symbol;                 // generic.constant_symbol, in place of a path
  std::string price = "price";                 // generic.price
  std::string quantity;                        // generic.quantity; empty: the feed has none
  std::string id;                              // generic.id; empty: the feed has none
  bool id_rises = false;                       // generic.id_rises: by one, for each symbol
  std::string time;                            // generic.time; empty: when it was received
  TimeUnit time_unit = TimeUnit::Millisecond;  // generic.time_unit
  std::vector<std::string> subscribe;          // generic.subscribe
  std::vector<std::string> unsubscribe;        // generic.unsubscribe
  std::string ping;                            // generic.ping; empty: none
  Nanoseconds ping_every{20'000'000'000};      // generic.ping_every
};

// FeedSettings::speed: as fast as the machine can.
inline constexpr double kSpeedMax = 0.0;

struct FeedSettings {
  std::string venue;                 // venue
  std::string stream = "trade";      // stream: trade | aggTrade
  std::vector<std::string> symbols;  // symbols; none: every symbol the feed shows
  std::string symbols_file;          // symbols_file: one a line, # comments, UTF-8
  std::string url;                   // url; empty: the venue's own
  double speed = kSpeedMax;          // speed: times real time for file: urls, or "max"
  CalendarSettings calendar;         // calendar
  bool backfill = true;              // backfill
  std::string rest_url;              // rest_url; empty: the venue's own, none beside a `url`
  std::string history_dir;           // history_dir: CSV files of bars or trades
  bool twin = false;                 // twin: two connections for every symbol
  std::string proxy;                 // proxy: http://user:password@host:port or socks5://...
  std::string ca_file;               // ca_file: certificates to trust in place of the system's
  std::string pin;                   // pin: SHA-256 of the server's public key, in base64
  GenericSettings generic;           // generic
};

// Venues whose frames can be parsed: "binance", "binance-usdm", "binance-coinm", "coinbase",
// "coinbase-advanced", "kraken", "bybit-spot", "bybit-linear", "okx", "bitstamp".
const std::vector<std::string>& parser_venues();

// simdjson's kernels: the one that finds structure (chosen at start) / the one that walks it
// (chosen by the build).
std::string json_kernel();

// nullptr when the venue has no parser, as "generic" has none without its settings.
std::unique_ptr<Parser> make_parser(std::string_view venue, TradeStream stream);

std::unique_ptr<Parser> make_binance_parser(bool futures, TradeStream stream);
std::unique_ptr<Parser>
make_coinbase_parser();  // Exchange and Advanced Trade: their frames tell themselves apart
std::unique_ptr<Parser> make_kraken_parser();  // v1 and v2: likewise
std::unique_ptr<Parser> make_bybit_parser();   // spot, linear, options; v5 and before: likewise
std::unique_ptr<Parser> make_okx_parser();     // v5 and v3: likewise
std::unique_ptr<Parser> make_bitstamp_parser();
// Paths must be sound: the configuration has checked them.
std::unique_ptr<Parser> make_generic_parser(const GenericSettings& settings);

}  // namespace fastrsi

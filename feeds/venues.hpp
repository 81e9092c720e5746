// What each venue needs to be spoken to: addresses, texts, limits, answers, history. Data and pure
// functions; sockets, clocks and pace are the caller's. A venue is one venue_<name>.cpp with one
// make_..., and a row in venues.cpp.
//
// How a caller uses it. Connect to facts().url, send facts().greetings, then subscribe(), no faster
// than facts().limits. Frames that the parser calls Ack, Error or Status go to read_answer(). A
// symbol lives when it is accepted or when its first trade comes, whichever is first; where
// facts().acknowledges is false, or an ack proves nothing (ack_proves_symbol), only data counts.
// When an answer refuses a request of several symbols without naming the bad one, ask for each of
// them alone.
//
// Facts are from the venues' public documentation, named in each file with its year. Everything
// here is for cold paths: it allocates, and may throw std::bad_alloc only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/units.hpp"
#include "engine/market/timeframe.hpp"
#include "feeds/feeds.hpp"

namespace fastrsi {

// So many in any stretch of so long. count 0: no limit is known.
struct RateLimit {
  int count = 0;
  Nanoseconds per{0};
};

struct VenueLimits {
  int streams_per_connection = 0;        // symbols of one connection
  int symbols_per_message = 1;           // in one subscribe
  std::size_t message_bytes_max = 4096;  // of one subscribe
  RateLimit messages;                    // control messages of one connection, pings among them
  RateLimit messages_long;               // a second limit of the same (OKX: an hour's)
  RateLimit connections;                 // new connections of one address
  Nanoseconds connection_life{0};        // the venue closes it then; 0: no limit
  Nanoseconds first_message_within{0};   // it closes a connection that has not subscribed; 0: never
  Nanoseconds idle_max{0};               // it closes a connection that sends nothing; 0: never
  Nanoseconds quiet_max{0};  // a healthy connection is never silent for longer; 0: may be
};

// An application's ping. Pings of the WebSocket itself are the connection's own matter.
struct VenuePing {
  std::string text;  // empty: none
  Nanoseconds every{0};
};

// The venue's REST interface. A Retry-After header always rules; these are the venue's own words.
struct RestFacts {
  std::string url;                 // "https://api.binance.com"; empty: none
  RateLimit weight;                // of one address; a request's weight is in its RestRequest
  std::string used_weight_header;  // how much of `weight` is used; empty: not told
  std::string remaining_header;    // how many requests are left now; empty: not told
  std::string reset_header;        // when there will be more, unix milliseconds; empty: not told
  std::vector<int> slow_down;      // statuses that mean: wait
  std::vector<int> banned;         // statuses that mean: stop, the address is banned for a time
  int bars_per_request_max = 0;    // 0: the venue has no candles
  std::size_t bars_back_max = 0;   // bars that can be had at all; 0: all of them
  bool has_empty_bars = false;     // bars without trades are sent, with volume 0
};

struct VenueFacts {
  std::string name;                    // "binance-usdm"
  std::string url;                     // "wss://..."; empty: the configuration must say
  std::vector<std::string> greetings;  // sent once after connecting, before all else
  VenueLimits limits;
  VenuePing ping;
  RestFacts rest;
  bool acknowledges = true;       // answers come to subscribe and unsubscribe
  bool ack_proves_symbol = true;  // an accepted symbol exists
  std::string symbol_hint;        // how symbols are written here, for error messages
};

// A message to send. Its id, where the venue carries ids, comes back in the answer.
struct ControlMessage {
  std::string text;
  std::uint64_t id = 0;
  std::vector<std::string> symbols;
};

struct Refusal {
  std::string symbol;  // empty: the answer does not say which
  std::string reason;
};

enum class AnswerKind : std::uint8_t {
  None,         // nothing about requests
  Accepted,     // of `id`, or of `accepted`
  Refused,      // of `id`, or of those in `refused`
  Reconnect,    // the venue will close this connection soon: open another
  Maintenance,  // the venue's market is not trading; `reason` says how
};

// What an answer says. `id` 0: it carries none, so it is about the symbols it names, or else about
// the oldest request without an answer.
struct Answer {
  AnswerKind kind = AnswerKind::None;
  std::uint64_t id = 0;
  std::vector<std::string> accepted;  // symbols
  std::vector<Refusal> refused;
  std::string reason;           // the venue's words, for the log; empty when all is well
  bool is_all = false;          // `accepted` is the connection's whole list of trades now
  bool is_unsubscribe = false;  // what was accepted is an unsubscribe
};

// A REST request: GET RestFacts::url + target.
struct RestRequest {
  std::string target;
  int weight = 1;
  // Of a history: bars that open before this are in the answer; ask on from here.
  ExchangeTime covers_until;
};

// Bars wanted: opened at begin or later, and before end. `limit` at most
// RestFacts::bars_per_request_max.
struct HistoryQuery {
  std::string symbol;
  Timeframe timeframe = Timeframe::M1;
  ExchangeTime begin;
  ExchangeTime end;
  int limit = 0;
};

struct HistoryBar {
  ExchangeTime open_time;
  Price open, high, low, close;
  Quantity volume;
  std::uint64_t trades = 0;
  bool has_trades = false;  // the venue tells how many
};

// Bars that had closed by `now`, oldest first, each once, and none outside the query. `error`: the
// venue's refusal or what is wrong with the body; then there are no bars.
struct History {
  std::vector<HistoryBar> bars;
  std::size_t damaged = 0;         // rows that could not be read and were left out
  bool is_too_fast = false;        // the error is a rate limit
  bool is_unknown_symbol = false;  // the error is about the symbol
  std::string error;
};

struct ListedSymbol {
  std::string name;  // as configurations write it
  bool trades = false;
  std::string state;  // the venue's word for it ("TRADING", "BREAK")
};

// One page of the venue's list.
struct SymbolList {
  std::vector<ListedSymbol> symbols;
  std::string next;  // what symbols_request() wants for the page after; empty: this was the last
  std::string error;
};

// Owner: whoever talks to the venue. Thread: one at a time, because it keeps the memory its JSON
// is read with.
class Venue {
 public:
  virtual ~Venue() = default;

  const VenueFacts& facts() const noexcept { return facts_; }

  // Messages within the limits of a message, with ids rising from `first_id`. Pace and streams a
  // connection are the caller's to keep.
  virtual std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                                std::uint64_t first_id) const = 0;
  virtual std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                                  std::uint64_t first_id) const = 0;
  // Of any bytes: None for what is no answer.
  virtual Answer read_answer(std::string_view frame) = 0;

  // The timeframes of its history, ascending. Bars of a day and longer begin at midnight UTC, weeks
  // on Monday.
  virtual std::span<const Timeframe> history_timeframes() const noexcept { return {}; }
  // Nothing when the venue has no such bars.
  virtual std::optional<RestRequest> history_request(const HistoryQuery&) const { return {}; }
  virtual History read_history(std::string_view body, const HistoryQuery& query, ExchangeTime now);

  // The list of symbols; `page` is empty for the first. Nothing when the venue has none.
  virtual std::optional<RestRequest> symbols_request(const std::string& page) const;
  virtual SymbolList read_symbols(std::string_view body);

 protected:
  explicit Venue(VenueFacts facts) : facts_(std::move(facts)) {}

 private:
  const VenueFacts facts_;
};

// nullptr when the feed's venue is not known.
std::unique_ptr<Venue> make_venue(const FeedSettings& feed);

enum class BinanceMarket : std::uint8_t { Spot, UsdM, CoinM };
std::unique_ptr<Venue> make_binance_venue(BinanceMarket market, const std::string& stream);
std::unique_ptr<Venue> make_coinbase_venue();
std::unique_ptr<Venue> make_coinbase_advanced_venue();
std::unique_ptr<Venue> make_kraken_venue();
std::unique_ptr<Venue> make_bybit_venue(bool linear);
std::unique_ptr<Venue> make_okx_venue();
std::unique_ptr<Venue> make_bitstamp_venue();
std::unique_ptr<Venue> make_generic_venue(const GenericSettings& settings);

}  // namespace fastrsi

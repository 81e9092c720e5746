// Binance's frames: spot, USD-M and COIN-M futures; raw events and combined ones
// ({"stream":name,"data":event}).
//
// The meaning of an event's one-letter keys depends on "e", so a frame is walked once, to its last
// brace, keeping the raw token of each letter, and judged then. Order book frames of the usual
// shapes are told before (binance_shape.hpp), and trades are read without a walk where they look as
// always (binance_usual.hpp, binance_scan.hpp).
//
// A message's venue time is the greater of "E" and "T" for trades and books. Elsewhere only "E"
// counts: "T" of a mark price is the time of the next funding, in the future, and of a kline its
// close.
//
// Klines of an interval we have no timeframe for (3d), of contracts, indices and mark prices count
// as tickers. An event with "S" comes from the options' venue, whose trades look like ours; it has
// events of its own too (Reject::OtherMarket).
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "feeds/binance_fields.hpp"
#include "feeds/binance_scan.hpp"
#include "feeds/binance_shape.hpp"
#include "feeds/binance_usual.hpp"
#include "feeds/candles.hpp"
#include "feeds/feeds.hpp"
#include "feeds/json.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

enum class EventType : std::uint8_t {
  Trade,
  AggTrade,
  Kline,
  Book,
  Ticker,
  Status,
  Option,
  Unknown
};

struct EventName {
  std::string_view name;
  EventType type;
};

constexpr std::array kEventNames = {
    EventName{"trade", EventType::Trade},
    EventName{"aggTrade", EventType::AggTrade},
    EventName{"kline", EventType::Kline},
    EventName{"depthUpdate", EventType::Book},
    EventName{"bookTicker", EventType::Book},
    EventName{"24hrTicker", EventType::Ticker},
    EventName{"24hrMiniTicker", EventType::Ticker},
    EventName{"1hTicker", EventType::Ticker},
    EventName{"4hTicker", EventType::Ticker},
    EventName{"1dTicker", EventType::Ticker},
    EventName{"avgPrice", EventType::Ticker},
    EventName{"markPriceUpdate", EventType::Ticker},
    EventName{"indexPriceUpdate", EventType::Ticker},
    EventName{"forceOrder", EventType::Ticker},
    EventName{"compositeIndex", EventType::Ticker},
    EventName{"assetIndexUpdate", EventType::Ticker},
    EventName{"continuous_kline", EventType::Ticker},
    EventName{"indexPrice_kline", EventType::Ticker},
    EventName{"markPrice_kline", EventType::Ticker},
    EventName{"contractInfo", EventType::Status},
    EventName{"serverShutdown", EventType::Status},
    EventName{"depth", EventType::Option},
    EventName{"index", EventType::Option},
    EventName{"markPrice", EventType::Option},
    EventName{"openInterest", EventType::Option},
};

EventType type_of(std::string_view name) noexcept {
  for (const EventName& row : kEventNames) {
    if (row.name == name) return row.type;
  }
  return EventType::Unknown;
}

// Snapshots and open interest come with words of every kind; answers with their own only.
FrameKind kind_of_answer(WordSet words) noexcept {
  const auto has = [words](WordSet all) { return (words & all) == all; };
  if (has(kLastUpdateId)) return FrameKind::Book;
  if (has(kOpenInterest)) return FrameKind::Ticker;
  if (has(kOtherWord)) return FrameKind::Rejected;
  if (has(kError) || has(kCode | kMessage)) return FrameKind::Error;
  return has(kResult | kId) ? FrameKind::Ack : FrameKind::Rejected;
}

// Their "1M" is a month; our own name of it is none of theirs.
std::optional<Timeframe> kline_timeframe(std::string_view interval) noexcept {
  if (interval == "1M") return Timeframe::Mo1;
  if (interval == "1mo") return std::nullopt;
  return timeframe_from_text(interval);
}

void reject(Reject reason, FrameEvents& out) noexcept {
  out.clear();
  out.reject = reason;
}

void raise_by_times(const BinanceFields& event, FrameEvents& out) noexcept {
  raise(out.venue_time, time_from_unix_text(event.text('E')));
  raise(out.venue_time, time_from_unix_text(event.text('T')));
}

class BinanceParser final : public Parser {
 public:
  BinanceParser(bool futures, TradeStream stream) : futures_(futures), stream_(stream) {}

  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (out.reject != Reject::None) return;
    const BinanceFrame known = tell_binance_frame(frame);
    if (known.shape == BinanceShape::Book) {
      out.kind = FrameKind::Book;
      out.venue_time = known.venue_time;
      return;
    }
    list_type_.reset();
    if (known.shape != BinanceShape::Other) {
      const bool is_single = known.shape == BinanceShape::Trade;
      UsualTrade trade;
      if (is_single ? read_usual_trade(known.event, trade)
                    : read_usual_aggregate_trade(known.event, trade)) {
        return take_usual(trade, is_single, received, out);
      }
      event_.clear();
      if (scan_binance_event(known.event, event_)) {
        return judge_event(is_single ? EventType::Trade : EventType::AggTrade, received, out);
      }
    }
    const Reject reason = walk(frame, out);
    if (reason != Reject::None) return reject(reason, out);
    if (list_type_) return judge_list(out);
    judge(received, out);
  }

  IdRule id_rule() const noexcept override { return IdRule::Rising; }

 private:
  [[gnu::noinline]] Reject walk(std::string_view frame, FrameEvents& out) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    event_.clear();
    kline_.clear();
    bool is_whole = false;
    if (frame.front() == '[') {
      json::Array list;
      is_whole = json::root_of(document, list) && walk_list(list, out);
    } else {
      json::Object root;
      is_whole = json::root_of(document, root) && walk_root(root, out);
    }
    return is_whole && json::at_end(document) ? Reject::None : Reject::NotJson;
  }

  // An event itself, an answer, or a combined frame whose keys come in another order.
  bool walk_root(json::Object& root, FrameEvents& out) noexcept {
    bool has_data = false;
    return json::each_field(root, [&](const char* key, json::Value& value) {
      if (has_data) return true;
      const char first = json::first_character(value);
      if (!json::key_is(key, "data") || (first != '{' && first != '[')) return take(key, value);
      has_data = true;
      event_.clear();
      return first == '{' ? walk_event(value) : walk_list(value, out);
    });
  }

  bool walk_event(json::Value& event) noexcept {
    return json::each_field_of(
        event, [this](const char* key, json::Value& value) { return take(key, value); });
  }

  bool take(const char* key, json::Value& value) noexcept {
    const bool is_kline =
        key[0] == 'k' && key[1] == '"' && !event_.has('k') && json::first_character(value) == '{';
    event_.take(key, value);
    if (!is_kline) return true;
    kline_.clear();
    return json::each_field_of(value, [this](const char* inner_key, json::Value& inner) {
      kline_.take(inner_key, inner);
      return true;
    });
  }

  // The tickers of all symbols come as a list of events.
  bool walk_list(json::Value& list, FrameEvents& out) noexcept {
    json::Array events;
    return list.get_array().get(events) == simdjson::SUCCESS && walk_list(events, out);
  }

  bool walk_list(json::Array& list, FrameEvents& out) noexcept {
    list_type_ = EventType::Unknown;
    bool is_first = true;
    return json::each_element(list, [&](json::Value& event) {
      event_.clear();
      if (json::first_character(event) == '{' && !walk_event(event)) return false;
      const EventType type = type_of(event_.string('e'));
      list_type_ = is_first || type == *list_type_ ? type : EventType::Unknown;
      is_first = false;
      raise(out.venue_time, time_from_unix_text(event_.text('E')));
      return true;
    });
  }

  void judge_list(FrameEvents& out) const noexcept {
    if (*list_type_ == EventType::Option) return reject(Reject::OtherMarket, out);
    if (*list_type_ != EventType::Ticker) return reject(Reject::UnknownMessage, out);
    out.kind = FrameKind::Ticker;
  }

  void judge(ReceiveTime received, FrameEvents& out) noexcept {
    if (!event_.has('e')) return judge_answer(out);
    judge_event(type_of(event_.string('e')), received, out);
  }

  void judge_event(EventType type, ReceiveTime received, FrameEvents& out) noexcept {
    if (event_.has('S')) return reject(Reject::OtherMarket, out);
    switch (type) {
      case EventType::Trade:
      case EventType::AggTrade:
        return judge_trade(type == EventType::Trade, received, out);
      case EventType::Kline:
        return judge_kline(out);
      case EventType::Book:
        out.kind = FrameKind::Book;
        return raise_by_times(event_, out);
      case EventType::Ticker:
        out.kind = FrameKind::Ticker;
        return raise(out.venue_time, time_from_unix_text(event_.text('E')));
      case EventType::Status:
        out.kind = FrameKind::Status;
        return raise(out.venue_time, time_from_unix_text(event_.text('E')));
      case EventType::Option:
        return reject(Reject::OtherMarket, out);
      case EventType::Unknown:
        return reject(Reject::UnknownMessage, out);
    }
  }

  // Whether the connection's trades are those of the other stream.
  bool is_other_stream(bool is_single) noexcept {
    const TradeStream stream = is_single ? TradeStream::Trade : TradeStream::AggTrade;
    if (stream_ == TradeStream::FirstSeen) stream_ = stream;
    return stream_ != stream;
  }

  void take_usual(const UsualTrade& trade, bool is_single, ReceiveTime received,
                  FrameEvents& out) noexcept {
    out.venue_time = std::max(trade.sent, trade.time);
    out.kind = is_other_stream(is_single) ? FrameKind::OtherTrades : FrameKind::Trades;
    if (out.kind == FrameKind::OtherTrades) return;
    Tick& tick = out.ticks.emplace_back();
    tick.price = Price{trade.price};
    tick.quantity = Quantity{trade.quantity};
    tick.id = TradeId{trade.id};
    tick.has_id = true;
    tick.time = trade.time;
    tick.received = received;
    out.symbols.emplace_back(trade.symbol);
  }

  void judge_trade(bool is_single, ReceiveTime received, FrameEvents& out) noexcept {
    if (is_other_stream(is_single)) {
      out.kind = FrameKind::OtherTrades;
      return raise_by_times(event_, out);
    }
    const std::string_view origin = event_.text('X');
    TradeText trade;
    trade.symbol = reader_.unescaped(event_.string('s'));
    trade.price = event_.text('p');
    trade.quantity = event_.text('q');
    // Early aggregate trades of futures have none.
    trade.id = event_.text(is_single ? 't' : 'a');
    trade.has_time = event_.has('T');
    trade.time = time_from_unix_text(event_.text('T'));
    trade.market = !futures_ || origin.data() == nullptr || origin == "MARKET";
    raise(out.venue_time, time_from_unix_text(event_.text('E')));
    add_trade(trade, received, out);
    judge_trades(out);
  }

  void judge_kline(FrameEvents& out) noexcept {
    if (!event_.has('k')) return reject(Reject::MissingField, out);
    raise(out.venue_time, time_from_unix_text(event_.text('E')));
    const auto timeframe = kline_timeframe(kline_.string('i'));
    if (!timeframe) {
      out.kind = FrameKind::Ticker;
      return;
    }
    Kline& kline = out.kline;
    out.kind = FrameKind::Kline;
    kline.symbol = reader_.unescaped(event_.string('s'));
    kline.timeframe = *timeframe;
    kline.open_time = time_from_unix_text(kline_.text('t'));
    kline.closed = kline_.text('x') == "true";
    if (kline.symbol.empty()) return reject(Reject::MissingField, out);
    if (kline.open_time == kNoExchangeTime) return reject(Reject::BadTime, out);
    if (!read_price(kline_.text('o'), kline.open) || !read_price(kline_.text('h'), kline.high) ||
        !read_price(kline_.text('l'), kline.low) || !read_price(kline_.text('c'), kline.close)) {
      reject(Reject::BadPrice, out);
    }
  }

  // A message that is no event: an answer, an error, a snapshot, or the best bid and offer of spot.
  void judge_answer(FrameEvents& out) noexcept {
    const bool is_best = event_.has('u') && event_.has('s') && event_.has('b') && event_.has('a');
    out.kind = is_best ? FrameKind::Book : kind_of_answer(event_.words());
    if (out.kind == FrameKind::Book) return raise_by_times(event_, out);
    if (out.kind == FrameKind::Rejected) out.reject = Reject::UnknownMessage;
  }

  // Constant after construction.
  const bool futures_;
  // FirstSeen until the first trade of either stream.
  TradeStream stream_;
  // The frame being parsed.
  json::Reader reader_;
  BinanceFields event_;
  BinanceFields kline_;
  std::optional<EventType> list_type_;
};

}  // namespace

std::unique_ptr<Parser> make_binance_parser(bool futures, TradeStream stream) {
  return std::make_unique<BinanceParser>(futures, stream);
}

}  // namespace fastrsi

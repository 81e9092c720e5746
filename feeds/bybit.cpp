// Bybit's frames, spot and linear, of version 5 and of the versions before it.
//
//   {"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":..,"data":[{"T":..,"s":..,"p":..,"v":..,
//    "i":..,"BT":false}]}                                         v5 (and 3): "snapshot" is live
//   {"topic":"trade.BTCUSD","data":[{"timestamp":iso,"symbol":..,"price":..,"size":..,
//    "trade_id":uuid}]}                                           v2, inverse and linear
//   {"topic":"trade","params":{"symbol":..},"data":{"v":id,"t":..,"p":..,"q":..}}   v1-3, spot
//
// The name of a topic ends at its first point. It need not come first in the frame, so trades are
// gathered unless the topic is known to be another one.
//
// Ids: linear trades have UUIDs, which are hashed (trade_id.hpp); those of spot are numbers that
// are shared among symbols (Bybit: Spot v3, Public trade) and jump. So ids only tell duplicates
// (IdRule::Window), and both markets' frames are read by one parser. A block trade ("BT") was made
// outside the book: no market trade.
//
// Candles say whether they have closed ("confirm"). A message of several, and those of versions 1
// to 3, count as tickers. Options are spoken to in the same way and read likewise.
#include <array>
#include <optional>
#include <string_view>

#include "feeds/candles.hpp"
#include "feeds/feeds.hpp"
#include "feeds/frame_names.hpp"
#include "feeds/json.hpp"
#include "feeds/trade_id.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

constexpr std::array kTopics = {
    FrameName{"orderbook", FrameKind::Book},
    FrameName{"publicTrade", FrameKind::Trades},
    FrameName{"tickers", FrameKind::Ticker},
    FrameName{"kline", FrameKind::Kline},
    FrameName{"allLiquidation", FrameKind::Ticker},
    FrameName{"liquidation", FrameKind::Ticker},
    FrameName{"kline_lt", FrameKind::Ticker},
    FrameName{"tickers_lt", FrameKind::Ticker},
    FrameName{"lt", FrameKind::Ticker},
    FrameName{"insurance", FrameKind::Ticker},
    FrameName{"adlAlert", FrameKind::Ticker},
    FrameName{"priceLimit", FrameKind::Ticker},
    FrameName{"system", FrameKind::Status},
    // Versions 1 to 3.
    FrameName{"trade", FrameKind::Trades},
    FrameName{"orderBookL2_25", FrameKind::Book},
    FrameName{"orderBook_200", FrameKind::Book},
    FrameName{"orderbook25", FrameKind::Book},
    FrameName{"depth", FrameKind::Book},
    FrameName{"mergedDepth", FrameKind::Book},
    FrameName{"diffDepth", FrameKind::Book},
    FrameName{"bookticker", FrameKind::Book},
    FrameName{"bookTicker", FrameKind::Book},
    FrameName{"realtimes", FrameKind::Ticker},
    FrameName{"instrument_info", FrameKind::Ticker},
    FrameName{"candle", FrameKind::Ticker},
    FrameName{"klineV2", FrameKind::Ticker},
};

struct KlineInterval {
  std::string_view name;
  Timeframe timeframe;
};

// Bybit: v5, Kline. Minutes, or a letter.
constexpr std::array kKlineIntervals = {
    KlineInterval{"1", Timeframe::M1},   KlineInterval{"3", Timeframe::M3},
    KlineInterval{"5", Timeframe::M5},   KlineInterval{"15", Timeframe::M15},
    KlineInterval{"30", Timeframe::M30}, KlineInterval{"60", Timeframe::H1},
    KlineInterval{"120", Timeframe::H2}, KlineInterval{"240", Timeframe::H4},
    KlineInterval{"360", Timeframe::H6}, KlineInterval{"720", Timeframe::H12},
    KlineInterval{"D", Timeframe::D1},   KlineInterval{"W", Timeframe::W1},
    KlineInterval{"M", Timeframe::Mo1},
};

std::optional<Timeframe> interval_timeframe(std::string_view interval) noexcept {
  for (const KlineInterval& row : kKlineIntervals) {
    if (row.name == interval) return row.timeframe;
  }
  return std::nullopt;
}

// "orderbook.50.BTCUSDT" -> "orderbook"
std::string_view topic_name(std::string_view topic) noexcept {
  return topic.substr(0, topic.find('.'));
}

// "orderbook.50.BTCUSDT" -> "BTCUSDT"; without data() when there is none.
std::string_view topic_symbol(std::string_view topic) noexcept {
  const std::size_t point = topic.rfind('.');
  return point == std::string_view::npos ? std::string_view{} : topic.substr(point + 1);
}

// What an object of "data" holds, of any version: a trade or a candle. Old trades have their
// milliseconds beside a text of whole seconds.
struct BybitItem {
  std::string_view symbol;
  std::string_view price;
  std::string_view quantity;  // "size", "q"
  std::string_view volume;    // "v": the quantity of a trade of version 5, the id of an old one
  std::string_view id;
  std::string_view time_ms;
  std::string_view time_iso;
  std::string_view is_block;
  std::string_view interval;
  CandleText candle;

  void take(const char* key, json::Value& value) noexcept {
    using json::key_is;
    switch (key[0]) {
      case 'T':
      case 't':
        return take_time_or_id(key, value);
      case 's':
      case 'p':
      case 'q':
      case 'v':
      case 'B':
        return take_trade(key, value);
      case 'i':
        if (key_is(key, "i")) return keep_first(id, json::text_of(value));
        if (key_is(key, "interval")) keep_first(interval, json::string_of(value));
        return;
      default:
        return take_candle(key, value);
    }
  }

  void take_time_or_id(const char* key, json::Value& value) noexcept {
    using json::key_is;
    if (key_is(key, "T") || key_is(key, "t") || key_is(key, "trade_time_ms") ||
        key_is(key, "tradeTimeMs")) {
      return keep_first(time_ms, json::text_of(value));
    }
    if (key_is(key, "timestamp")) return keep_first(time_iso, json::string_of(value));
    if (key_is(key, "trade_id") || key_is(key, "tradeId")) keep_first(id, json::text_of(value));
  }

  void take_trade(const char* key, json::Value& value) noexcept {
    using json::key_is;
    if (key_is(key, "s") || key_is(key, "symbol"))
      return keep_first(symbol, json::string_of(value));
    if (key_is(key, "p") || key_is(key, "price")) return keep_first(price, json::text_of(value));
    if (key_is(key, "q") || key_is(key, "size")) return keep_first(quantity, json::text_of(value));
    if (key_is(key, "v")) return keep_first(volume, json::text_of(value));
    if (key_is(key, "BT")) return keep_first(is_block, json::text_of(value));
    if (key_is(key, "start")) keep_first(candle.open_time, json::text_of(value));
  }

  void take_candle(const char* key, json::Value& value) noexcept {
    using json::key_is;
    if (key_is(key, "open")) return keep_first(candle.open, json::text_of(value));
    if (key_is(key, "high")) return keep_first(candle.high, json::text_of(value));
    if (key_is(key, "low")) return keep_first(candle.low, json::text_of(value));
    if (key_is(key, "close")) return keep_first(candle.close, json::text_of(value));
    if (key_is(key, "confirm")) keep_first(candle.closed, json::text_of(value));
  }
};

class BybitParser final : public Parser {
 public:
  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (out.reject != Reject::None) return;
    received_ = received;
    root_ = {};
    last_ = {};
    Reject reason = walk(frame, out);
    if (reason == Reject::None) reason = judge(out);
    if (reason == Reject::None) return sorter_.sort(out);
    out.clear();
    out.reject = reason;
  }

  IdRule id_rule() const noexcept override { return IdRule::Window; }

 private:
  struct Root {
    std::string_view topic;
    std::string_view event;    // of old answers
    std::string_view code;     // likewise
    std::string_view symbol;   // of an old spot frame's "params"
    std::string_view op;       // of answers
    std::string_view success;  // likewise
    std::string_view message;  // likewise
    std::string_view ts;
    bool has_data = false;
    bool has_list = false;
    bool has_ping = false;
    bool has_description = false;  // of an old error
    std::size_t items = 0;
  };

  Reject walk(std::string_view frame, FrameEvents& out) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    if (frame.front() == '[') return Reject::UnknownMessage;
    json::Object root;
    const bool is_whole = json::root_of(document, root) &&
                          json::each_field(root, [&](const char* key, json::Value& value) {
                            return walk_root(key, value, out);
                          });
    return is_whole && json::at_end(document) ? Reject::None : Reject::NotJson;
  }

  bool walk_root(const char* key, json::Value& value, FrameEvents& out) noexcept {
    using json::key_is;
    const char first = json::first_character(value);
    if (key_is(key, "data")) {
      if (root_.has_data) return true;
      root_.has_data = true;
      return walk_data(first, value, out);
    }
    if (key_is(key, "params") && first == '{') return walk_inner(value);
    if (key_is(key, "request") && first == '{') return walk_inner(value);
    if (key_is(key, "topic")) keep_first(root_.topic, json::string_of(value));
    if (key_is(key, "ts") || key_is(key, "timestamp_e6") || key_is(key, "timestampE6")) {
      keep_first(root_.ts, json::text_of(value));
    }
    if (key_is(key, "op")) keep_first(root_.op, json::string_of(value));
    if (key_is(key, "event")) keep_first(root_.event, json::string_of(value));
    if (key_is(key, "code")) keep_first(root_.code, json::text_of(value));
    if (key_is(key, "success")) keep_first(root_.success, json::text_of(value));
    if (key_is(key, "ret_msg")) keep_first(root_.message, json::string_of(value));
    root_.has_description |= key_is(key, "desc");
    root_.has_ping |= key_is(key, "ping") || key_is(key, "pong");
    return true;
  }

  // The symbol of an old spot frame; the op of an old answer.
  bool walk_inner(json::Value& inner) noexcept {
    return json::each_field_of(inner, [this](const char* key, json::Value& value) {
      if (json::key_is(key, "symbol")) keep_first(root_.symbol, json::string_of(value));
      if (json::key_is(key, "op")) keep_first(root_.op, json::string_of(value));
      return true;
    });
  }

  // Trades are gathered unless the topic is known to be another one. A lone object, and the last
  // of a list, are kept until the topic is known.
  bool walk_data(char first, json::Value& data, FrameEvents& out) noexcept {
    const std::string_view name = topic_name(root_.topic);
    const FrameName* const topic = find_name(kTopics, name);
    const bool may_be_trades = topic == nullptr || topic->kind == FrameKind::Trades;
    if (!may_be_trades && topic->kind != FrameKind::Kline) return true;
    if (first == '{') return walk_item(data);
    if (first != '[') return true;
    root_.has_list = true;
    return json::each_element_of(data, [&](json::Value& item) {
      if (json::first_character(item) != '{') {
        last_ = {};
      } else if (!walk_item(item)) {
        return false;
      }
      if (may_be_trades) add(last_, out);
      return true;
    });
  }

  bool walk_item(json::Value& item) noexcept {
    last_ = {};
    ++root_.items;
    return json::each_field_of(item, [this](const char* key, json::Value& value) {
      last_.take(key, value);
      return true;
    });
  }

  void add(const BybitItem& item, FrameEvents& out) noexcept {
    const bool is_old_spot = item.quantity.data() != nullptr && item.volume.data() != nullptr;
    const std::string_view id = is_old_spot ? item.volume : item.id;
    const TradeIdText digits{id};
    TradeText text;
    text.symbol = reader_.unescaped(item.symbol);
    text.price = item.price;
    text.quantity = item.quantity.data() != nullptr ? item.quantity : item.volume;
    text.id = digits.digits();
    text.id_is_text = digits.is_text();
    text.has_time = item.time_ms.data() != nullptr || item.time_iso.data() != nullptr;
    text.time = item.time_ms.data() != nullptr ? time_from_unix_text(item.time_ms)
                                               : time_from_iso_text(item.time_iso);
    text.market = item.is_block != "true";
    add_trade(text, received_, out);
  }

  Reject judge(FrameEvents& out) noexcept {
    if (root_.topic.data() == nullptr || root_.event.data() != nullptr) return judge_answer(out);
    const FrameName* const topic = find_name(kTopics, topic_name(root_.topic));
    if (topic == nullptr || !root_.has_data) return Reject::UnknownMessage;
    out.kind = topic->kind;
    if (out.kind == FrameKind::Trades) return judge_live_trades(out);
    drop_trades(TradeMark{}, out);
    if (out.kind == FrameKind::Kline) return judge_candle(out);
    raise(out.venue_time, time_from_unix_text(root_.ts));
    return Reject::None;
  }

  Reject judge_live_trades(FrameEvents& out) noexcept {
    if (!root_.has_list) {
      if (root_.items == 0) return Reject::UnknownMessage;
      const bool is_named = last_.symbol.data() != nullptr;
      if (!is_named) last_.symbol = root_.symbol.empty() ? topic_symbol(root_.topic) : root_.symbol;
      add(last_, out);
    }
    raise(out.venue_time, time_from_unix_text(root_.ts));
    judge_trades(out);
    // An update without a trade carries a time and nothing else.
    if (out.ticks.empty() && out.rejected_trades == 0) out.kind = FrameKind::Heartbeat;
    return Reject::None;
  }

  Reject judge_candle(FrameEvents& out) noexcept {
    raise(out.venue_time, time_from_unix_text(root_.ts));
    const auto timeframe = interval_timeframe(last_.interval);
    if (!root_.has_list || root_.items != 1 || !timeframe) {
      out.kind = FrameKind::Ticker;
      return Reject::None;
    }
    out.kline.timeframe = *timeframe;
    out.kline.symbol = reader_.unescaped(topic_symbol(root_.topic));
    out.kline.closed = last_.candle.closed == "true";
    return out.kline.symbol.empty() ? Reject::MissingField : read_candle(last_.candle, out.kline);
  }

  Reject judge_answer(FrameEvents& out) const noexcept {
    drop_trades(TradeMark{}, out);
    out.venue_time = kNoExchangeTime;
    const bool is_pong = root_.op == "ping" || root_.op == "pong" || root_.message == "pong";
    if (is_pong || (root_.has_ping && root_.topic.data() == nullptr)) {
      out.kind = FrameKind::Heartbeat;
    } else if (root_.success == "true" || root_.success == "false") {
      out.kind = root_.success == "true" ? FrameKind::Ack : FrameKind::Error;
      if (root_.op == "auth") out.kind = FrameKind::Status;
    } else if (root_.code.data() != nullptr &&
               (root_.event.data() != nullptr || root_.has_description)) {
      out.kind = root_.code == "0" ? FrameKind::Ack : FrameKind::Error;
    } else {
      return Reject::UnknownMessage;
    }
    return Reject::None;
  }

  // The frame being parsed.
  json::Reader reader_;
  Root root_;
  BybitItem last_;
  ReceiveTime received_;
  TradeSorter sorter_;
};

}  // namespace

std::unique_ptr<Parser> make_bybit_parser() {
  return std::make_unique<BybitParser>();
}

}  // namespace fastrsi

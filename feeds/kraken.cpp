// Kraken's frames, of version 1 (lists that end with channel and pair; objects with "event") and of
// version 2 (objects with "channel" or "method"). Futures are another venue, whose frames have a
// "feed" (Reject::OtherMarket).
//
//   [id, payload..., "trade", "XBT/USD"]                 v1: trades have no ids; times are
//   "seconds.fraction"
//   {"channel":"trade","type":"update","data":[...]}     v2: ids rise by one; times are ISO 8601
//
// In version 2 a trade message is an update, whose trades are live, or a snapshot, whose trades are
// from before. Candles ("ohlc") count as tickers: none says that it has closed, and their time is
// their end, in the future.
//
// The name of a version 1 channel comes last, so a frame's trades are gathered and dropped when it
// is another one. The same holds for version 2 where "channel" does not come first.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feeds/feeds.hpp"
#include "feeds/frame_names.hpp"
#include "feeds/json.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

constexpr std::array kKrakenChannels = {
    FrameName{"book", FrameKind::Book},         FrameName{"trade", FrameKind::Trades},
    FrameName{"ticker", FrameKind::Ticker},     FrameName{"heartbeat", FrameKind::Heartbeat},
    FrameName{"level3", FrameKind::Book},       FrameName{"ohlc", FrameKind::Ticker},
    FrameName{"instrument", FrameKind::Status}, FrameName{"status", FrameKind::Status},
    FrameName{"executions", FrameKind::Status}, FrameName{"balances", FrameKind::Status}};

// Version 1. A subscriptionStatus is an answer, good or bad.
constexpr std::array kKrakenEvents = {
    FrameName{"heartbeat", FrameKind::Heartbeat}, FrameName{"subscriptionStatus", FrameKind::Ack},
    FrameName{"systemStatus", FrameKind::Status}, FrameName{"ping", FrameKind::Heartbeat},
    FrameName{"pong", FrameKind::Heartbeat},      FrameName{"error", FrameKind::Error}};

// Stands for a version 1 trade's pair until the end of its frame is reached.
constexpr std::string_view kPairComesLast = "?";

// The first texts of a list of scalars: a trade, a level of the book, a spread, a candle.
struct KrakenRow {
  std::array<std::string_view, 3> texts;
  std::size_t count = 0;

  void take(json::Value& value) noexcept {
    if (count < texts.size()) texts[count] = json::text_of(value);
    ++count;
  }

  bool walk(json::Value& list) noexcept {
    return json::each_element_of(list, [this](json::Value& value) {
      take(value);
      return true;
    });
  }
};

class KrakenParser final : public Parser {
 public:
  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (out.reject != Reject::None) return;
    received_ = received;
    const Reject reason = frame.front() == '[' ? parse_list(frame, out) : parse_object(frame, out);
    if (reason == Reject::None) return sorter_.sort(out);
    out.clear();
    out.reject = reason;
  }

  IdRule id_rule() const noexcept override { return IdRule::Rising; }

 private:
  // Version 1: what a list's elements were.
  struct List {
    std::string_view channel;  // the last but one
    std::string_view pair;     // the last
    bool has_trades = false;
    bool has_other_payload = false;
    KrakenRow scalars;  // a spread's or a candle's
  };

  // Versions 1 and 2: what stands at the root of an object.
  struct Root {
    std::string_view event;
    std::string_view status;
    std::string_view channel;
    std::string_view type;
    std::string_view method;
    std::string_view error;
    std::string_view success;
    std::string_view timestamp;
    std::string_view time_out;
    std::string_view version;
    bool has_feed = false;
    bool has_data = false;
    ExchangeTime data_time = kNoExchangeTime;
  };

  Reject parse_list(std::string_view frame, FrameEvents& out) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    json::Array elements;
    list_ = {};
    const bool is_whole = json::root_of(document, elements) &&
                          json::each_element(elements, [&](json::Value& element) {
                            return walk_element(element, out);
                          });
    if (!is_whole || !json::at_end(document)) return Reject::NotJson;
    return judge_list(out);
  }

  bool walk_element(json::Value& element, FrameEvents& out) noexcept {
    list_.channel = list_.pair;
    list_.pair = json::string_of(element);
    switch (json::first_character(element)) {
      case '[':
        return walk_rows(element, out);
      case '{':
        list_.has_other_payload = true;
        return walk_book(element, out);
      default:
        return true;
    }
  }

  // A list of trades, or a list of scalars.
  bool walk_rows(json::Value& rows, FrameEvents& out) noexcept {
    return json::each_element_of(rows, [&](json::Value& row) {
      if (json::first_character(row) != '[') {
        list_.has_other_payload = true;
        list_.scalars.take(row);
        return true;
      }
      KrakenRow trade;
      if (!trade.walk(row)) return false;
      list_.has_trades = true;
      TradeText text;
      text.symbol = kPairComesLast;
      if (trade.count > 0) text.price = trade.texts[0];
      if (trade.count > 1) text.quantity = trade.texts[1];
      text.has_time = trade.count > 2;
      text.time = time_from_seconds_text(trade.texts[2]);
      add_trade(text, received_, out);
      return true;
    });
  }

  // {"a":[[price, volume, time],...],"b":[...]}; a ticker has lists of scalars there.
  bool walk_book(json::Value& book, FrameEvents& out) noexcept {
    return json::each_field_of(book, [&](const char*, json::Value& side) {
      if (json::first_character(side) != '[') return true;
      return json::each_element_of(side, [&](json::Value& level) {
        if (json::first_character(level) != '[') return true;
        KrakenRow row;
        if (!row.walk(level)) return false;
        raise(out.venue_time, time_from_seconds_text(row.texts[2]));
        return true;
      });
    });
  }

  Reject judge_list(FrameEvents& out) noexcept {
    if (list_.channel.empty() || list_.pair.empty()) return Reject::UnknownMessage;
    if (list_.channel == "trade") {
      if (!list_.has_trades || list_.has_other_payload) return Reject::UnknownMessage;
      const std::string_view pair = reader_.unescaped(list_.pair);
      if (pair.empty()) return Reject::NotJson;  // an escape is broken
      for (std::string_view& symbol : out.symbols) symbol = pair;
      judge_trades(out);
      return Reject::None;
    }
    if (list_.has_trades) return Reject::UnknownMessage;
    if (list_.channel.starts_with("book")) {
      out.kind = FrameKind::Book;
    } else if (list_.channel == "ticker") {
      out.kind = FrameKind::Ticker;
    } else if (list_.channel == "spread") {
      out.kind = FrameKind::Ticker;
      raise(out.venue_time, time_from_seconds_text(list_.scalars.texts[2]));
    } else if (list_.channel.starts_with("ohlc")) {
      out.kind = FrameKind::Ticker;
      raise(out.venue_time, time_from_seconds_text(list_.scalars.texts[0]));
    } else {
      return Reject::UnknownMessage;
    }
    return Reject::None;
  }

  Reject parse_object(std::string_view frame, FrameEvents& out) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    json::Object root;
    root_ = {};
    const bool is_whole = json::root_of(document, root) &&
                          json::each_field(root, [&](const char* key, json::Value& value) {
                            return walk_root(key, value, out);
                          });
    if (!is_whole || !json::at_end(document)) return Reject::NotJson;
    return judge_object(out);
  }

  bool walk_root(const char* key, json::Value& value, FrameEvents& out) noexcept {
    using json::key_is;
    if (key_is(key, "data") && json::first_character(value) == '[' && !root_.has_data) {
      root_.has_data = true;
      return walk_data(value, out);
    }
    if (key_is(key, "channel")) keep_first(root_.channel, json::string_of(value));
    if (key_is(key, "type")) keep_first(root_.type, json::string_of(value));
    if (key_is(key, "event")) keep_first(root_.event, json::string_of(value));
    root_.has_feed |= key_is(key, "feed");
    if (key_is(key, "version")) keep_first(root_.version, json::text_of(value));
    if (key_is(key, "status")) keep_first(root_.status, json::string_of(value));
    if (key_is(key, "method")) keep_first(root_.method, json::string_of(value));
    if (key_is(key, "error")) keep_first(root_.error, json::string_of(value));
    if (key_is(key, "success")) keep_first(root_.success, json::text_of(value));
    if (key_is(key, "timestamp")) keep_first(root_.timestamp, json::text_of(value));
    if (key_is(key, "time_out")) keep_first(root_.time_out, json::text_of(value));
    return true;
  }

  // Version 2. Trades are gathered unless the channel is known to be another one.
  bool walk_data(json::Value& data, FrameEvents& out) noexcept {
    const bool may_be_trades = root_.channel.data() == nullptr || root_.channel == "trade";
    return json::each_element_of(data, [&](json::Value& item) {
      if (json::first_character(item) != '{') return true;
      TradeText trade;
      std::string_view time;
      const bool is_whole = json::each_field_of(item, [&](const char* key, json::Value& value) {
        if (json::key_is(key, "timestamp")) keep_first(time, json::text_of(value));
        if (json::key_is(key, "symbol")) keep_first(trade.symbol, json::string_of(value));
        if (json::key_is(key, "price")) keep_first(trade.price, json::text_of(value));
        if (json::key_is(key, "qty")) keep_first(trade.quantity, json::text_of(value));
        if (json::key_is(key, "trade_id")) keep_first(trade.id, json::text_of(value));
        return true;
      });
      if (!is_whole) return false;
      trade.has_time = time.data() != nullptr;
      trade.time = time_from_iso_text(time);
      raise(root_.data_time, trade.time);
      trade.symbol = reader_.unescaped(trade.symbol);
      if (may_be_trades) add_trade(trade, received_, out);
      return true;
    });
  }

  Reject judge_object(FrameEvents& out) noexcept {
    // They begin with {"event":"info","version":1}.
    if (root_.has_feed || (root_.event == "info" && root_.version == "1"))
      return Reject::OtherMarket;
    if (root_.channel.data() != nullptr) return judge_channel(out);
    if (root_.method.data() != nullptr || root_.error.data() != nullptr) return judge_answer(out);
    const FrameName* const event = find_name(kKrakenEvents, root_.event);
    if (event == nullptr || root_.has_data) return Reject::UnknownMessage;
    out.kind = event->kind;
    if (out.kind == FrameKind::Ack && root_.status == "error") out.kind = FrameKind::Error;
    return Reject::None;
  }

  Reject judge_channel(FrameEvents& out) noexcept {
    const FrameName* const channel = find_name(kKrakenChannels, root_.channel);
    if (channel == nullptr) return Reject::UnknownMessage;
    out.kind = channel->kind;
    const bool needs_data = out.kind == FrameKind::Book || out.kind == FrameKind::Ticker ||
                            out.kind == FrameKind::Trades;
    if (needs_data && !root_.has_data) return Reject::UnknownMessage;
    const bool is_update = root_.type == "update";
    if (out.kind != FrameKind::Trades || !is_update) drop_trades(TradeMark{}, out);
    raise(out.venue_time, time_from_iso_text(root_.timestamp));
    if (channel->name != "ohlc") raise(out.venue_time, root_.data_time);
    if (out.kind != FrameKind::Trades) return Reject::None;
    if (!is_update && root_.type != "snapshot") return Reject::UnknownMessage;
    if (!is_update) {
      out.kind = FrameKind::TradeSnapshot;
    } else if (out.ticks.empty() && out.rejected_trades == 0) {
      out.kind = FrameKind::Heartbeat;  // an update without a trade carries a time and nothing else
    } else {
      judge_trades(out);
    }
    return Reject::None;
  }

  // Version 2's answers to requests.
  Reject judge_answer(FrameEvents& out) noexcept {
    if (root_.has_data) return Reject::UnknownMessage;
    if (root_.method == "pong" || root_.method == "ping") {
      out.kind = FrameKind::Heartbeat;
    } else if (root_.success == "true") {
      out.kind = FrameKind::Ack;
    } else if (root_.success == "false") {
      out.kind = FrameKind::Error;
    } else {
      return Reject::UnknownMessage;
    }
    raise(out.venue_time, time_from_iso_text(root_.time_out));
    return Reject::None;
  }

  // The frame being parsed.
  json::Reader reader_;
  List list_;
  Root root_;
  ReceiveTime received_;
  TradeSorter sorter_;
};

}  // namespace

std::unique_ptr<Parser> make_kraken_parser() {
  return std::make_unique<KrakenParser>();
}

}  // namespace fastrsi

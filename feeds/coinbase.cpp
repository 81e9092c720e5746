// Coinbase's frames, of the Exchange feed ("type", flat) and of Advanced Trade ("channel", with a
// list of events).
//
// Exchange: match and last_match (the last trade before the subscription, first of the sequence)
// are trades. Advanced Trade: an event of market_trades is an update, whose trades are live, or a
// snapshot, whose trades are from before. The venue sends the newest trade first. An update without
// a trade carries a time and nothing else.
//
// Candles count as tickers: their frames hold several, and none says that it has closed. Frames of
// the full channel (received, open, done, change) tell the order book; RFQ matches are not trades
// of the book.
//
// Times are ISO 8601; "0001-01-01T00:00:00Z" stands for none. A frame is walked once in whatever
// order its keys come: trades are gathered where they stand and dropped when the frame turns out to
// hold no live ones.
#include <array>
#include <cstdint>
#include <string_view>

#include "feeds/feeds.hpp"
#include "feeds/frame_names.hpp"
#include "feeds/json.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

// Exchange: frames about one product, which they name; others of the same type are not Coinbase's.
constexpr std::array kProductTypes = {FrameName{"l2update", FrameKind::Book},
                                      FrameName{"match", FrameKind::Trades},
                                      FrameName{"ticker", FrameKind::Ticker},
                                      FrameName{"received", FrameKind::Book},
                                      FrameName{"open", FrameKind::Book},
                                      FrameName{"done", FrameKind::Book},
                                      FrameName{"change", FrameKind::Book},
                                      FrameName{"activate", FrameKind::Book},
                                      FrameName{"last_match", FrameKind::Trades},
                                      FrameName{"heartbeat", FrameKind::Heartbeat},
                                      FrameName{"snapshot", FrameKind::Book},
                                      FrameName{"auction", FrameKind::Status},
                                      FrameName{"rfq_match", FrameKind::OtherTrades}};

constexpr std::array kOtherTypes = {FrameName{"subscriptions", FrameKind::Ack},
                                    FrameName{"status", FrameKind::Status},
                                    FrameName{"error", FrameKind::Error}};

constexpr std::array kAdvancedChannels = {FrameName{"l2_data", FrameKind::Book},
                                          FrameName{"market_trades", FrameKind::Trades},
                                          FrameName{"ticker", FrameKind::Ticker},
                                          FrameName{"ticker_batch", FrameKind::Ticker},
                                          FrameName{"heartbeats", FrameKind::Heartbeat},
                                          FrameName{"candles", FrameKind::Ticker},
                                          FrameName{"subscriptions", FrameKind::Ack},
                                          FrameName{"status", FrameKind::Status},
                                          FrameName{"user", FrameKind::Status},
                                          FrameName{"futures_balance_summary", FrameKind::Status}};

// The texts of a trade, which Exchange writes at the root and Advanced Trade in a list.
struct TradeFields {
  std::string_view product;
  std::string_view id;
  std::string_view price;
  std::string_view size;
  std::string_view time;

  void take(const char* key, json::Value& value) noexcept {
    switch (key[0]) {
      case 'p':
        if (json::key_is(key, "price")) return keep_first(price, json::text_of(value));
        if (json::key_is(key, "product_id")) keep_first(product, json::string_of(value));
        return;
      case 's':
        if (json::key_is(key, "size")) keep_first(size, json::text_of(value));
        return;
      case 't':
        if (json::key_is(key, "time")) return keep_first(time, json::text_of(value));
        if (json::key_is(key, "trade_id")) keep_first(id, json::text_of(value));
        return;
      default:
        return;
    }
  }
};

class CoinbaseParser final : public Parser {
 public:
  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (out.reject != Reject::None) return;
    received_ = received;
    root_ = {};
    Reject reason = walk(frame, out);
    if (reason == Reject::None) reason = judge(out);
    if (reason == Reject::None) return sorter_.sort(out);
    out.clear();
    out.reject = reason;
  }

  IdRule id_rule() const noexcept override { return IdRule::Rising; }

 private:
  // What stands at the root of a frame, and what its events were.
  struct Root {
    std::string_view type;
    std::string_view channel;
    std::string_view timestamp;
    TradeFields trade;
    bool has_events = false;
    bool has_update = false;
    bool has_snapshot = false;
    bool has_other_event = false;
  };

  Reject walk(std::string_view frame, FrameEvents& out) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    if (frame.front() == '[') return Reject::UnknownMessage;
    json::Object root;
    const bool is_whole =
        json::root_of(document, root) &&
        json::each_field(root, [&](const char* key, json::Value& value) {
          if (json::key_is(key, "events") && json::first_character(value) == '[') {
            return walk_events(value, out);
          }
          if (json::key_is(key, "type")) keep_first(root_.type, json::string_of(value));
          if (json::key_is(key, "channel")) keep_first(root_.channel, json::string_of(value));
          if (json::key_is(key, "timestamp")) keep_first(root_.timestamp, json::text_of(value));
          root_.trade.take(key, value);
          return true;
        });
    return is_whole && json::at_end(document) ? Reject::None : Reject::NotJson;
  }

  bool walk_events(json::Value& events, FrameEvents& out) noexcept {
    if (root_.has_events) return true;
    root_.has_events = true;
    return json::each_element_of(events, [&](json::Value& event) {
      return json::first_character(event) != '{' || walk_event(event, out);
    });
  }

  bool walk_event(json::Value& event, FrameEvents& out) noexcept {
    const TradeMark mark = mark_trades(out);
    std::string_view type;
    bool has_trades = false;
    const bool is_whole = json::each_field_of(event, [&](const char* key, json::Value& value) {
      if (json::key_is(key, "type")) keep_first(type, json::string_of(value));
      if (json::key_is(key, "current_time")) {
        raise(out.venue_time, time_from_iso_text(json::text_of(value)));
      }
      if (!json::key_is(key, "trades") || has_trades) return true;
      has_trades = true;
      return json::first_character(value) != '[' || walk_trades(value, out);
    });
    if (!is_whole) return false;
    const bool is_update = has_trades && type == "update";
    if (!is_update) drop_trades(mark, out);
    root_.has_update |= is_update;
    root_.has_snapshot |= has_trades && type == "snapshot";
    root_.has_other_event |= !is_update && !(has_trades && type == "snapshot");
    return true;
  }

  bool walk_trades(json::Value& trades, FrameEvents& out) noexcept {
    return json::each_element_of(trades, [&](json::Value& trade) {
      TradeFields fields;
      if (json::first_character(trade) == '{' &&
          !json::each_field_of(trade, [&](const char* key, json::Value& value) {
            fields.take(key, value);
            return true;
          })) {
        return false;
      }
      add(fields, out);
      return true;
    });
  }

  void add(const TradeFields& fields, FrameEvents& out) noexcept {
    TradeText text;
    text.symbol = reader_.unescaped(fields.product);
    text.price = fields.price;
    text.quantity = fields.size;
    text.id = fields.id;
    text.has_time = fields.time.data() != nullptr;
    text.time = time_from_iso_text(fields.time);
    add_trade(text, received_, out);
  }

  Reject judge(FrameEvents& out) noexcept {
    if (root_.channel.data() != nullptr) return judge_advanced(out);
    if (root_.has_events) return Reject::UnknownMessage;
    if (const FrameName* const other = find_name(kOtherTypes, root_.type)) {
      out.kind = other->kind;
      return Reject::None;
    }
    const FrameName* const name = find_name(kProductTypes, root_.type);
    if (name == nullptr) return Reject::UnknownMessage;
    out.kind = name->kind;
    if (out.kind == FrameKind::Trades) {
      add(root_.trade, out);
      judge_trades(out);
      return Reject::None;
    }
    if (root_.trade.product.empty()) return Reject::UnknownMessage;
    raise(out.venue_time, time_from_iso_text(root_.trade.time));
    return Reject::None;
  }

  Reject judge_advanced(FrameEvents& out) noexcept {
    const FrameName* const name = find_name(kAdvancedChannels, root_.channel);
    if (name == nullptr || !root_.has_events) return Reject::UnknownMessage;
    raise(out.venue_time, time_from_iso_text(root_.timestamp));
    out.kind = name->kind;
    if (out.kind != FrameKind::Trades) {
      drop_trades(TradeMark{}, out);
      return Reject::None;
    }
    if (!out.ticks.empty() || out.rejected_trades != 0) {
      judge_trades(out);
    } else if (root_.has_update) {
      out.kind = FrameKind::Heartbeat;
    } else if (root_.has_snapshot && !root_.has_other_event) {
      out.kind = FrameKind::TradeSnapshot;
    } else {
      return Reject::UnknownMessage;
    }
    return Reject::None;
  }

  // The frame being parsed.
  json::Reader reader_;
  Root root_;
  ReceiveTime received_;
  TradeSorter sorter_;
};

}  // namespace

std::unique_ptr<Parser> make_coinbase_parser() {
  return std::make_unique<CoinbaseParser>();
}

}  // namespace fastrsi

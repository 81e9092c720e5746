// Bitstamp's frames (WebSocket API v2): what happened in "event", where in "channel".
//
//   {"event":"trade","channel":"live_trades_btcusd","data":{"id":..,"price_str":..,"amount_str":..,
//    "microtimestamp":..}}
//
// The symbol is the channel's end. One frame is one trade; its keys come in any order, so it is
// judged at the end. Ids rise, but over all markets together, so they only tell duplicates
// (IdRule::Window). Events of orders have the fields of a trade and are the order book.
#include <array>
#include <string_view>

#include "feeds/feeds.hpp"
#include "feeds/frame_names.hpp"
#include "feeds/json.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

constexpr std::array kBitstampEvents = {FrameName{"trade", FrameKind::Trades},
                                        FrameName{"data", FrameKind::Book},
                                        FrameName{"order_created", FrameKind::Book},
                                        FrameName{"order_changed", FrameKind::Book},
                                        FrameName{"order_deleted", FrameKind::Book},
                                        FrameName{"bts:heartbeat", FrameKind::Heartbeat},
                                        FrameName{"bts:subscription_succeeded", FrameKind::Ack},
                                        FrameName{"bts:unsubscription_succeeded", FrameKind::Ack},
                                        FrameName{"bts:request_reconnect", FrameKind::Status},
                                        FrameName{"bts:error", FrameKind::Error},
                                        FrameName{"snapshot", FrameKind::Book}};

// By the channel's beginning: what "data" tells of it. Only order books send it, and funding.
constexpr std::array kBitstampChannels = {
    FrameName{"diff_order_book_", FrameKind::Book}, FrameName{"order_book_", FrameKind::Book},
    FrameName{"detail_order_book_", FrameKind::Book}, FrameName{"live_orders_", FrameKind::Book},
    FrameName{"funding_rate_", FrameKind::Ticker}};

constexpr std::string_view kTradesChannel = "live_trades_";
constexpr std::string_view kPrivateChannel = "private-";

class BitstampParser final : public Parser {
 public:
  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (out.reject != Reject::None) return;
    received_ = received;
    root_ = {};
    Reject reason = walk(frame);
    if (reason == Reject::None) reason = judge(out);
    if (reason == Reject::None) return;
    out.clear();
    out.reject = reason;
  }

  IdRule id_rule() const noexcept override { return IdRule::Window; }

 private:
  struct Root {
    std::string_view event;
    std::string_view channel;
    bool has_data = false;
    // Of "data".
    std::string_view id;
    std::string_view price;
    std::string_view price_text;  // as it was, where "price" is what a double made of it
    std::string_view amount;
    std::string_view amount_text;
    std::string_view microtime;
    std::string_view seconds;
  };

  Reject walk(std::string_view frame) noexcept {
    json::Document document;
    const Reject reason = reader_.open(frame, document);
    if (reason != Reject::None) return reason;
    if (frame.front() == '[') return Reject::UnknownMessage;
    json::Object root;
    const bool is_whole = json::root_of(document, root) &&
                          json::each_field(root, [this](const char* key, json::Value& value) {
                            if (json::key_is(key, "event"))
                              keep_first(root_.event, json::string_of(value));
                            if (json::key_is(key, "channel"))
                              keep_first(root_.channel, json::string_of(value));
                            if (!json::key_is(key, "data") || json::first_character(value) != '{')
                              return true;
                            return root_.has_data || walk_data(value);
                          });
    return is_whole && json::at_end(document) ? Reject::None : Reject::NotJson;
  }

  bool walk_data(json::Value& data) noexcept {
    using json::key_is;
    root_.has_data = true;
    return json::each_field_of(data, [this](const char* key, json::Value& value) {
      const auto take = [&](std::string_view& slot) { keep_first(slot, json::text_of(value)); };
      if (key_is(key, "id")) take(root_.id);
      if (key_is(key, "price")) take(root_.price);
      if (key_is(key, "price_str")) take(root_.price_text);
      if (key_is(key, "amount")) take(root_.amount);
      if (key_is(key, "amount_str")) take(root_.amount_text);
      if (key_is(key, "microtimestamp")) take(root_.microtime);
      if (key_is(key, "timestamp")) take(root_.seconds);
      return true;
    });
  }

  ExchangeTime time() const noexcept {
    return root_.microtime.data() != nullptr ? time_from_unix_text(root_.microtime)
                                             : time_from_seconds_text(root_.seconds);
  }

  Reject judge(FrameEvents& out) noexcept {
    const FrameName* const event = find_name(kBitstampEvents, root_.event);
    if (event == nullptr) return Reject::UnknownMessage;
    out.kind = event->kind;
    if (root_.channel.starts_with(kPrivateChannel)) {
      // An account's own orders and trades.
      if (out.kind == FrameKind::Trades || out.kind == FrameKind::Book)
        out.kind = FrameKind::Status;
      return Reject::None;
    }
    if (out.kind == FrameKind::Trades) return judge_trade(out);
    if (out.kind == FrameKind::Book) return judge_channel(out);
    return Reject::None;
  }

  Reject judge_channel(FrameEvents& out) const noexcept {
    if (!root_.has_data) return Reject::UnknownMessage;
    for (const FrameName& channel : kBitstampChannels) {
      if (!root_.channel.starts_with(channel.name)) continue;
      out.kind = channel.kind;
      raise(out.venue_time, time());
      return Reject::None;
    }
    return Reject::UnknownMessage;
  }

  Reject judge_trade(FrameEvents& out) noexcept {
    if (!root_.channel.starts_with(kTradesChannel) || !root_.has_data) {
      return Reject::UnknownMessage;
    }
    TradeText text;
    text.symbol = reader_.unescaped(root_.channel.substr(kTradesChannel.size()));
    text.price = root_.price_text.data() != nullptr ? root_.price_text : root_.price;
    text.quantity = root_.amount_text.data() != nullptr ? root_.amount_text : root_.amount;
    text.id = root_.id;
    text.has_time = root_.microtime.data() != nullptr || root_.seconds.data() != nullptr;
    text.time = time();
    add_trade(text, received_, out);
    judge_trades(out);
    return Reject::None;
  }

  // The frame being parsed.
  json::Reader reader_;
  Root root_;
  ReceiveTime received_;
};

}  // namespace

std::unique_ptr<Parser> make_bitstamp_parser() {
  return std::make_unique<BitstampParser>();
}

}  // namespace fastrsi

// OKX's frames, of version 5 and of version 3 ("table", until 2022; OKCoin's are the same).
//
//   {"arg":{"channel":"trades","instId":..},"data":[{"instId":..,"tradeId":..,"px":..,"sz":..,
//    "ts":..,"count":..}]}                                                             v5
//   {"table":"spot/trade","data":[{"instrument_id":..,"price":..,"size":..,"trade_id":..,
//    "timestamp":iso}]}                                                                v3
//   pong                                                    the answer to "ping": no JSON
//
// Ids rise by one per instrument. A trade of "trades" may stand for several at one price: "count"
// says for how many, and "tradeId" is the last one's (OKX: WebSocket, Trades channel, 2023). The
// ids of the others become id_only ticks, so that the sequence shows no false gap. Version 3's
// futures and options have ids that do not rise by one: their trades are taken without.
//
// The last trade is sent again after each subscribe, up to days old: a live trade like others, that
// the rules of duplicates and of late trades deal with.
//
// Candles say whether they have closed (their last text). Those of 6 hours and more begin at
// midnight of Hong Kong unless their name ends with "utc": they count as tickers, as do candles of
// indices and mark prices, several candles in one frame, and those from before "confirm".
#include <array>
#include <optional>
#include <string_view>

#include "feeds/candles.hpp"
#include "feeds/feeds.hpp"
#include "feeds/frame_names.hpp"
#include "feeds/json.hpp"
#include "feeds/okx_names.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

// One object of "data", of either version.
struct OkxItem {
  std::string_view symbol;
  std::string_view price;
  std::string_view quantity;
  std::string_view id;
  std::string_view count;
  std::string_view time_ms;
  std::string_view time_iso;

  void take(const char* key, json::Value& value) noexcept {
    using json::key_is;
    switch (key[0]) {
      case 'i':
        if (key_is(key, "instId") || key_is(key, "instrument_id")) {
          keep_first(symbol, json::string_of(value));
        }
        return;
      case 'p':
        if (key_is(key, "px") || key_is(key, "price")) keep_first(price, json::text_of(value));
        return;
      case 's':
        if (key_is(key, "sz") || key_is(key, "size")) keep_first(quantity, json::text_of(value));
        return;
      case 'q':
        if (key_is(key, "qty")) keep_first(quantity, json::text_of(value));
        return;
      case 't':
        if (key_is(key, "ts")) return keep_first(time_ms, json::text_of(value));
        if (key_is(key, "timestamp")) return keep_first(time_iso, json::text_of(value));
        if (key_is(key, "tradeId") || key_is(key, "trade_id")) keep_first(id, json::text_of(value));
        return;
      case 'c':
        if (key_is(key, "count")) keep_first(count, json::text_of(value));
        return;
      default:
        return;
    }
  }

  bool has_time() const noexcept { return time_ms.data() != nullptr || time_iso.data() != nullptr; }
  ExchangeTime time() const noexcept {
    return time_ms.data() != nullptr ? time_from_unix_text(time_ms) : time_from_iso_text(time_iso);
  }
};

// A candle: open time, open, high, low, close, volumes, and in the last place whether it has
// closed.
constexpr std::size_t kCandleTexts = 9;
struct OkxCandleRow {
  std::array<std::string_view, kCandleTexts> texts;
  std::size_t count = 0;

  bool walk(json::Value& list) noexcept {
    *this = {};
    return json::each_element_of(list, [this](json::Value& value) {
      if (count < texts.size()) texts[count] = json::text_of(value);
      ++count;
      return true;
    });
  }
};

class OkxParser final : public Parser {
 public:
  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = json::check_frame(frame);
    if (frame == "pong") {
      out.reject = Reject::None;
      out.kind = FrameKind::Heartbeat;
    }
    if (out.reject != Reject::None || out.kind == FrameKind::Heartbeat) return;
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
  struct Root {
    std::string_view channel;
    std::string_view symbol;
    std::string_view event;
    std::string_view table;
    bool has_data = false;
    std::size_t rows = 0;
    OkxCandleRow row;  // the last one
    ExchangeTime data_time = kNoExchangeTime;
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
    if (key_is(key, "arg") && first == '{') return walk_arg(value);
    if (key_is(key, "data") && first == '[' && !root_.has_data) {
      root_.has_data = true;
      return walk_data(value, out);
    }
    if (key_is(key, "event")) keep_first(root_.event, json::string_of(value));
    if (key_is(key, "table")) keep_first(root_.table, json::string_of(value));
    return true;
  }

  bool walk_arg(json::Value& arg) noexcept {
    return json::each_field_of(arg, [this](const char* key, json::Value& value) {
      if (json::key_is(key, "channel")) keep_first(root_.channel, json::string_of(value));
      if (json::key_is(key, "instId")) keep_first(root_.symbol, json::string_of(value));
      return true;
    });
  }

  // Trades are gathered unless the channel is known to be another one; its list is walked in either
  // case, for the time it tells.
  bool walk_data(json::Value& data, FrameEvents& out) noexcept {
    const bool may_be_trades = kind_of_name().value_or(FrameKind::Trades) == FrameKind::Trades;
    return json::each_element_of(data, [&](json::Value& element) {
      const char first = json::first_character(element);
      if (first == '[') {
        ++root_.rows;
        return root_.row.walk(element);
      }
      if (first != '{') return true;
      OkxItem item;
      const bool is_whole = json::each_field_of(element, [&](const char* key, json::Value& value) {
        item.take(key, value);
        return true;
      });
      if (!is_whole) return false;
      raise(root_.data_time, item.time());
      if (may_be_trades) add(item, out);
      return true;
    });
  }

  // What the frame is by the names read so far; nothing when none is known.
  std::optional<FrameKind> kind_of_name() const noexcept {
    if (root_.channel.data() != nullptr) return okx_channel_kind(root_.channel);
    if (root_.table.data() != nullptr) return okx_table_kind(root_.table);
    return std::nullopt;
  }

  void add(const OkxItem& item, FrameEvents& out) noexcept {
    TradeText text;
    text.symbol = reader_.unescaped(item.symbol);
    text.price = item.price;
    text.quantity = item.quantity;
    if (!root_.table.starts_with("futures/") && !root_.table.starts_with("option/")) {
      text.id = item.id;
    }
    text.has_time = item.has_time();
    text.time = item.time();
    add_others(text, item.count, out);
    add_trade(text, received_, out);
  }

  // The ids that an aggregated trade stands for, beside its own.
  void add_others(const TradeText& trade, std::string_view count_text, FrameEvents& out) noexcept {
    std::uint64_t count = 0;
    std::uint64_t last = 0;
    if (count_text.data() == nullptr || !read_unsigned(count_text, count) || count < 2) return;
    if (!read_unsigned(trade.id, last) || last < count) return;
    if (trade.symbol.empty() || trade.time == kNoExchangeTime) return;
    if (count > kTradesPerFrameMax - out.ticks.size()) return;
    for (std::uint64_t id = last - count + 1; id < last; ++id) {
      Tick& tick = out.ticks.emplace_back();
      tick.received = received_;
      tick.time = trade.time;
      tick.id = TradeId{id};
      tick.has_id = true;
      tick.id_only = true;
      out.symbols.emplace_back(trade.symbol);
    }
  }

  Reject judge(FrameEvents& out) noexcept {
    if (root_.event.data() != nullptr) return judge_event(out);
    const auto kind = kind_of_name();
    if (!kind || !root_.has_data) return Reject::UnknownMessage;
    out.kind = *kind;
    if (out.kind == FrameKind::Trades) {
      judge_trades(out);
      // An update without a trade carries nothing.
      if (out.ticks.empty() && out.rejected_trades == 0) out.kind = FrameKind::Heartbeat;
      return Reject::None;
    }
    drop_trades(TradeMark{}, out);
    out.venue_time = kNoExchangeTime;
    if (out.kind == FrameKind::Kline) return judge_candle(out);
    raise(out.venue_time, root_.data_time);
    return Reject::None;
  }

  Reject judge_candle(FrameEvents& out) noexcept {
    const auto timeframe = okx_candle_timeframe(root_.channel);
    const auto& texts = root_.row.texts;
    if (root_.rows != 1 || root_.row.count != kCandleTexts || !timeframe) {
      out.kind = FrameKind::Ticker;
      return Reject::None;
    }
    out.kline.timeframe = *timeframe;
    out.kline.symbol = reader_.unescaped(root_.symbol);
    out.kline.closed = texts[kCandleTexts - 1] == "1";
    if (out.kline.symbol.empty()) return Reject::MissingField;
    return read_candle({texts[0], texts[1], texts[2], texts[3], texts[4], {}}, out.kline);
  }

  Reject judge_event(FrameEvents& out) const noexcept {
    drop_trades(TradeMark{}, out);
    out.venue_time = kNoExchangeTime;
    const auto kind = okx_event_kind(root_.event);
    if (!kind) return Reject::UnknownMessage;
    out.kind = *kind;
    return Reject::None;
  }

  // The frame being parsed.
  json::Reader reader_;
  Root root_;
  ReceiveTime received_;
  TradeSorter sorter_;
};

}  // namespace

std::unique_ptr<Parser> make_okx_parser() {
  return std::make_unique<OkxParser>();
}

}  // namespace fastrsi

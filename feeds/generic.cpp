// Any feed of JSON, by configuration: paths say where a frame has its trades and where a trade has
// its fields (generic_path.hpp). A broker's bridge or a local exchange needs no code.
//
// What the list of trades is not in, or has no trade in, is no trade: acks, pings, other channels;
// all of them count as Status. A trade is an object or a list that has a value at the price's path;
// one without symbol or, where their paths are set, without time or id is refused and counted.
// Duplicates are told by ids, where there are any; with `id_rises` also gaps. Text ids are hashed
// (trade_id.hpp), which is why they cannot rise.
//
// Frames are read into a tree (json_tree.hpp) and not walked flat: a few times slower than a known
// venue's, and enough for feeds of some 100,000 trades a second.
#include <algorithm>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "feeds/feeds.hpp"
#include "feeds/generic_path.hpp"
#include "feeds/json_tree.hpp"
#include "feeds/trade_id.hpp"
#include "feeds/trades.hpp"

namespace fastrsi {
namespace {

// A count of units of 10^-digits seconds, with an optional fraction, to a time.
ExchangeTime time_of_unit(std::string_view text, std::size_t digits) noexcept {
  constexpr std::size_t kNanosecondDigits = 9;
  const std::string_view whole = text.substr(0, text.find('.'));
  std::uint64_t count = 0;
  if (!read_unsigned(whole, count)) return kNoExchangeTime;
  std::string_view fraction = text.substr(std::min(whole.size() + 1, text.size()));
  if (whole.size() < text.size() && fraction.empty()) return kNoExchangeTime;
  for (std::size_t i = digits; i < kNanosecondDigits; ++i) {
    char digit = '0';
    if (!fraction.empty()) {
      digit = fraction.front();
      fraction.remove_prefix(1);
    }
    if (digit < '0' || digit > '9' || count > UINT64_MAX / 10 - 1) return kNoExchangeTime;
    count = count * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  // What is finer than a nanosecond is cut off, if it is digits.
  for (const char c : fraction) {
    if (c < '0' || c > '9') return kNoExchangeTime;
  }
  if (count > static_cast<std::uint64_t>(to_unix_ns(kLatestSaneTime))) return kNoExchangeTime;
  const ExchangeTime time = exchange_time_from_ns(static_cast<std::int64_t>(count));
  return is_sane(time) ? time : kNoExchangeTime;
}

ExchangeTime time_from(std::string_view text, TimeUnit unit) noexcept {
  switch (unit) {
    case TimeUnit::Second:
      return time_of_unit(text, 0);
    case TimeUnit::Millisecond:
      return time_of_unit(text, 3);
    case TimeUnit::Microsecond:
      return time_of_unit(text, 6);
    case TimeUnit::Nanosecond:
      return time_of_unit(text, 9);
    case TimeUnit::Iso:
      break;
  }
  return time_from_iso_text(text);
}

class GenericParser final : public Parser {
 public:
  explicit GenericParser(const GenericSettings& settings)
      : symbol_(settings.constant_symbol),
        unit_(settings.time_unit),
        id_rule_(settings.id_rises ? IdRule::Rising : IdRule::Window) {
    const auto read = [](const std::string& text, JsonPath& path) {
      const PathFault fault = JsonPath::parse(text, path);
      FASTRSI_ASSERT(fault.what.empty());  // the configuration was checked
    };
    read(settings.trades, trades_path_);
    read(settings.symbol, symbol_path_);
    read(settings.price, price_path_);
    read(settings.quantity, quantity_path_);
    read(settings.id, id_path_);
    read(settings.time, time_path_);
  }

  void parse(std::string_view frame, ReceiveTime received, FrameEvents& out) noexcept override {
    out.clear();
    out.reject = tree_.read_padded(frame);
    if (out.reject != Reject::None) return;
    trades_path_.each(tree_.root(), [&](json::Node found) {
      // A list at the path's end is the list of trades, unless its elements are the fields.
      if (!found.is_list() || has_price(found)) return take(found, received, out);
      for (json::Node trade = found.first(); trade; trade = trade.next()) {
        take(trade, received, out);
      }
    });
    if (out.ticks.empty() && out.rejected_trades == 0) {
      out.kind = FrameKind::Status;
      return;
    }
    judge_trades(out);
    sorter_.sort(out);
  }

  IdRule id_rule() const noexcept override { return id_rule_; }

 private:
  json::Node start_of(const JsonPath& path, json::Node trade) const noexcept {
    return path.from_root() ? tree_.root() : trade;
  }

  bool has_price(json::Node trade) const noexcept {
    const json::Node price = price_path_.find(start_of(price_path_, trade));
    return price && !price.is_object() && !price.is_list();
  }

  // A scalar's text; without data() when the trade has none there.
  std::string_view text_at(const JsonPath& path, json::Node trade) const noexcept {
    return path.is_empty() ? std::string_view{} : path.find(start_of(path, trade)).text();
  }

  void take(json::Node trade, ReceiveTime received, FrameEvents& out) noexcept {
    if (!has_price(trade)) return;
    TradeText text;
    text.price = text_at(price_path_, trade);
    text.symbol = symbol_.empty() ? tree_.unescaped(text_at(symbol_path_, trade)) : symbol_;
    // A feed without quantities moves prices all the same.
    text.quantity = quantity_path_.is_empty() ? "0" : text_at(quantity_path_, trade);
    const std::string_view id = text_at(id_path_, trade);
    const TradeIdText digits{id};
    text.id = id_rule_ == IdRule::Rising ? id : digits.digits();
    text.id_is_text = id_rule_ != IdRule::Rising && digits.is_text();
    const std::string_view time = text_at(time_path_, trade);
    text.has_time = time_path_.is_empty() || time.data() != nullptr;
    text.time =
        time_path_.is_empty() ? ExchangeTime{received.time_since_epoch()} : time_from(time, unit_);
    if (!is_sane(text.time)) text.time = kNoExchangeTime;
    if (!id_path_.is_empty() && id.data() == nullptr) {
      return reject_trade(Reject::MissingField, out);
    }
    add_trade(text, received, out);
  }

  // Constant after construction.
  const std::string symbol_;
  const TimeUnit unit_;
  const IdRule id_rule_;
  JsonPath trades_path_;
  JsonPath symbol_path_;
  JsonPath price_path_;
  JsonPath quantity_path_;
  JsonPath id_path_;
  JsonPath time_path_;
  // The frame being parsed.
  json::Tree tree_;
  TradeSorter sorter_;
};

}  // namespace

std::unique_ptr<Parser> make_generic_parser(const GenericSettings& settings) {
  return std::make_unique<GenericParser>(settings);
}

}  // namespace fastrsi

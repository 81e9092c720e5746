#include "feeds/okx_names.hpp"

#include <array>

#include "feeds/frame_names.hpp"

namespace fastrsi {
namespace {

// Exact names first; families, told by their beginning, after them.
constexpr std::array kOkxChannels = {FrameName{"trades", FrameKind::Trades},
                                     FrameName{"books", FrameKind::Book},
                                     FrameName{"tickers", FrameKind::Ticker},
                                     FrameName{"trades-all", FrameKind::Trades},
                                     FrameName{"bbo-tbt", FrameKind::Book},
                                     FrameName{"books5", FrameKind::Book},
                                     FrameName{"option-trades", FrameKind::OtherTrades},
                                     FrameName{"sprd-public-trades", FrameKind::OtherTrades},
                                     FrameName{"public-block-trades", FrameKind::OtherTrades},
                                     FrameName{"public-struc-block-trades", FrameKind::OtherTrades},
                                     FrameName{"block-tickers", FrameKind::Ticker},
                                     FrameName{"mark-price", FrameKind::Ticker},
                                     FrameName{"index-tickers", FrameKind::Ticker},
                                     FrameName{"funding-rate", FrameKind::Ticker},
                                     FrameName{"open-interest", FrameKind::Ticker},
                                     FrameName{"price-limit", FrameKind::Ticker},
                                     FrameName{"opt-summary", FrameKind::Ticker},
                                     FrameName{"estimated-price", FrameKind::Ticker},
                                     FrameName{"liquidation-orders", FrameKind::Ticker},
                                     FrameName{"adl-warning", FrameKind::Ticker},
                                     FrameName{"call-auction-details", FrameKind::Ticker},
                                     FrameName{"instruments", FrameKind::Status},
                                     FrameName{"status", FrameKind::Status},
                                     FrameName{"economic-calendar", FrameKind::Status},
                                     FrameName{"account", FrameKind::Status},
                                     FrameName{"positions", FrameKind::Status},
                                     FrameName{"orders", FrameKind::Status}};

constexpr std::array kChannelFamilies = {FrameName{"books", FrameKind::Book},
                                         FrameName{"candle", FrameKind::Kline},
                                         FrameName{"mark-price-candle", FrameKind::Ticker},
                                         FrameName{"index-candle", FrameKind::Ticker},
                                         FrameName{"sprd-candle", FrameKind::Ticker},
                                         FrameName{"sprd-books", FrameKind::Book},
                                         FrameName{"sprd-bbo", FrameKind::Book},
                                         FrameName{"sprd-tickers", FrameKind::Ticker}};

// Behind the slash.
constexpr std::array kTables = {
    FrameName{"trade", FrameKind::Trades},        FrameName{"ticker", FrameKind::Ticker},
    FrameName{"funding_rate", FrameKind::Ticker}, FrameName{"mark_price", FrameKind::Ticker},
    FrameName{"price_range", FrameKind::Ticker},  FrameName{"estimated_price", FrameKind::Ticker},
    FrameName{"summary", FrameKind::Ticker},      FrameName{"liquidation", FrameKind::Ticker},
    FrameName{"instruments", FrameKind::Status},  FrameName{"optimized_depth", FrameKind::Book}};

constexpr std::array kTableFamilies = {FrameName{"depth", FrameKind::Book},
                                       FrameName{"candle", FrameKind::Ticker}};

constexpr std::array kMarkets = {"spot", "swap", "futures", "option", "index", "system"};

constexpr std::array kOkxEvents = {FrameName{"subscribe", FrameKind::Ack},
                                   FrameName{"unsubscribe", FrameKind::Ack},
                                   FrameName{"error", FrameKind::Error},
                                   FrameName{"notice", FrameKind::Status},
                                   FrameName{"login", FrameKind::Status},
                                   FrameName{"channel-conn-count", FrameKind::Status},
                                   FrameName{"channel-conn-count-error", FrameKind::Error}};

struct Candle {
  std::string_view name;
  Timeframe timeframe;
};

// Hong Kong is 8 hours ahead: bars of up to 4 hours begin there when they begin in UTC.
constexpr std::array kCandles = {
    Candle{"1s", Timeframe::S1},      Candle{"1m", Timeframe::M1},
    Candle{"3m", Timeframe::M3},      Candle{"5m", Timeframe::M5},
    Candle{"15m", Timeframe::M15},    Candle{"30m", Timeframe::M30},
    Candle{"1H", Timeframe::H1},      Candle{"2H", Timeframe::H2},
    Candle{"4H", Timeframe::H4},      Candle{"6Hutc", Timeframe::H6},
    Candle{"12Hutc", Timeframe::H12}, Candle{"1Dutc", Timeframe::D1},
    Candle{"1Wutc", Timeframe::W1},   Candle{"1Mutc", Timeframe::Mo1},
};

template <std::size_t N, std::size_t M>
std::optional<FrameKind> kind_of(const std::array<FrameName, N>& names,
                                 const std::array<FrameName, M>& families,
                                 std::string_view text) noexcept {
  if (const FrameName* const name = find_name(names, text)) return name->kind;
  for (const FrameName& family : families) {
    if (text.starts_with(family.name)) return family.kind;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FrameKind> okx_channel_kind(std::string_view channel) noexcept {
  return kind_of(kOkxChannels, kChannelFamilies, channel);
}

std::optional<FrameKind> okx_table_kind(std::string_view table) noexcept {
  const std::size_t slash = table.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  for (const std::string_view market : kMarkets) {
    if (table.substr(0, slash) == market) {
      return kind_of(kTables, kTableFamilies, table.substr(slash + 1));
    }
  }
  return std::nullopt;
}

std::optional<FrameKind> okx_event_kind(std::string_view event) noexcept {
  const FrameName* const name = find_name(kOkxEvents, event);
  return name == nullptr ? std::nullopt : std::optional{name->kind};
}

std::optional<Timeframe> okx_candle_timeframe(std::string_view channel) noexcept {
  constexpr std::string_view kPrefix = "candle";
  if (!channel.starts_with(kPrefix)) return std::nullopt;
  channel.remove_prefix(kPrefix.size());
  for (const Candle& candle : kCandles) {
    if (candle.name == channel) return candle.timeframe;
  }
  return std::nullopt;
}

}  // namespace fastrsi

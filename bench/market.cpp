// A made-up market, meant to be neither kinder nor harder than a real one: symbols share the
// messages by Zipf's law, a price spreads with the square root of the time since it last moved, in
// the venue's steps, and messages come at the rate of a busy day, in bursts: of the bundled
// capture's trades, put together as the venue puts aggregate trades together, 36 % share the
// millisecond with the one before and 36 % its price.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "bench/history.hpp"
#include "bench/input.hpp"
#include "bench/random.hpp"
#include "engine/base/assert.hpp"

namespace fastrsi::bench {
namespace {

constexpr double kUnitsPerOne = 1e8;
constexpr std::int64_t kUnits = 100'000'000;
// 2024-08-08T12:00:00Z, where a bar of every timeframe up to 12h begins.
constexpr std::int64_t kStartNs = 1'723'118'400'000'000'000;
constexpr Nanoseconds kDelay = std::chrono::milliseconds{5};
constexpr std::size_t kFrameBytesMost = 256;
constexpr double kInBurst = 0.36;
// In a burst half of the trades move on by a step or more; outside, this many stay at the price.
constexpr double kStaysInBurst = 0.5;
constexpr double kStays = 0.28;

// "BTCUSDT", "ETHUSDT", then names of three to five letters and "USDT".
std::string symbol_name(std::size_t index) {
  if (index == 0) return "BTCUSDT";
  if (index == 1) return "ETHUSDT";
  constexpr std::size_t kLetters = 26;
  std::string name;
  for (std::size_t rest = index + kLetters * kLetters; rest > 0; rest /= kLetters) {
    name.push_back(static_cast<char>('A' + rest % kLetters));
  }
  if (index % 3 == 0) name += 'X';
  if (index % 7 == 0) name += 'Q';
  return name + "USDT";
}

std::string lower_of(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

struct Listed {
  std::string stream;  // "btcusdt@aggTrade"
  double price = 0.0;
  std::int64_t step = 1;   // the price's smallest change, in units of 1e-8
  std::int64_t units = 0;  // the newest trade's price
  double moved_ns = 0.0;
  std::uint64_t next_id = 0;
};

class Market final : public Input {
 public:
  explicit Market(const MarketSettings& settings)
      : settings_(settings),
        random_(settings.seed),
        batch_(settings.batch_frames, settings.batch_frames * kFrameBytesMost) {
    for (std::size_t i = 0; i < settings.symbols; ++i) names_.push_back(symbol_name(i));
    double sum = 0.0;
    for (const double share : market_shares(settings.symbols))
      shares_up_to_.push_back(sum += share);
    trades_.reserve(settings.batch_frames);
    restart();
  }

  const std::vector<std::string>& symbols() const override { return names_; }
  TradeStream stream() const override { return TradeStream::AggTrade; }
  std::span<const Tick> trades() const override { return trades_; }

  void tell_history(Timeframe longest, const TakeLine& take) const override {
    std::vector<Past> past;
    for (std::size_t i = 0; i < names_.size(); ++i) past.push_back({names_[i], first_prices_[i]});
    tell_past(exchange_time_from_ns(kStartNs), past, longest, take);
  }

  std::span<const CaptureLine> next(std::size_t count) override {
    batch_.clear();
    trades_.clear();
    for (std::size_t i = 0; i < std::min(count, settings_.batch_frames); ++i) add_trade();
    return batch_.lines();
  }

  void restart() override {
    random_ = Random(settings_.seed);
    now_ns_ = static_cast<double>(kStartNs);
    newest_ = 0;
    listed_.clear();
    first_prices_.clear();
    for (std::size_t i = 0; i < names_.size(); ++i) {
      listed_.push_back(list(i));
      first_prices_.push_back(listed_.back().price);
    }
  }

 private:
  Listed list(std::size_t index) noexcept {
    Listed listed;
    listed.stream = lower_of(names_[index]) + "@aggTrade";
    const double unknown = 0.01 * std::exp(random_.uniform() * 10.0);
    listed.price = index == 0 ? 61'837.63 : index == 1 ? 2'683.8 : unknown;
    // The largest move in cents, others have five digits.
    const double digits = std::floor(std::log10(listed.price * kUnitsPerOne));
    listed.step = index < 2 ? kUnits / 100 : static_cast<std::int64_t>(std::pow(10.0, digits - 4));
    listed.moved_ns = now_ns_;
    listed.units = units_of(listed);
    listed.next_id = 100'000'000 + random_.next() % 3'000'000'000;
    return listed;
  }

  double mean_gap_ns() const noexcept { return 1e9 / settings_.messages_per_second; }

  std::size_t pick() noexcept {
    const auto at = std::upper_bound(shares_up_to_.begin(), shares_up_to_.end(), random_.uniform());
    return std::min(static_cast<std::size_t>(at - shares_up_to_.begin()), names_.size() - 1);
  }

  // Buyers and sellers meet at the steps around the price.
  std::int64_t units_of(const Listed& listed) noexcept {
    const double steps = listed.price * kUnitsPerOne / static_cast<double>(listed.step);
    return std::max(static_cast<std::int64_t>(steps + random_.uniform()), std::int64_t{1}) *
           listed.step;
  }

  void move(Listed& listed, bool in_burst) noexcept {
    if (random_.uniform() < (in_burst ? kStaysInBurst : kStays)) return;
    // An order that takes several levels of the book is one burst.
    const double waited = in_burst ? mean_gap_ns() : now_ns_ - listed.moved_ns;
    listed.price *= 1.0 + spread_over(waited) * random_.normal();
    listed.moved_ns = now_ns_;
    listed.units = units_of(listed);
  }

  void add_trade() {
    const bool in_burst = random_.uniform() < kInBurst;
    if (!in_burst) {
      now_ns_ -= std::log(1.0 - random_.uniform()) * mean_gap_ns() / (1.0 - kInBurst);
      newest_ = pick();
    }
    const std::size_t symbol = newest_;
    move(listed_[symbol], in_burst);
    const std::int64_t price = listed_[symbol].units;
    const auto quantity = static_cast<std::int64_t>(1 + random_.next() % 500'000) * 1000;
    const auto ms = static_cast<std::int64_t>(now_ns_ / 1e6);
    Tick& trade = trades_.emplace_back();
    trade.price = Price{static_cast<double>(price) / kUnitsPerOne};
    trade.quantity = Quantity{static_cast<double>(quantity) / kUnitsPerOne};
    trade.id = TradeId{listed_[symbol].next_id++};
    trade.has_id = true;
    trade.time = exchange_time_from_ns(ms * 1'000'000);
    trade.received = receive_time_from_ns(ms * 1'000'000) + kDelay;
    trade.symbol = static_cast<SymbolId>(symbol);
    write(trade, price, quantity, ms);
  }

  void write(const Tick& trade, std::int64_t price, std::int64_t quantity, std::int64_t ms) {
    const std::size_t symbol = index_of(trade.symbol);
    const auto id = static_cast<std::uint64_t>(trade.id);
    std::array<char, kFrameBytesMost> text;
    const auto written = fmt::format_to_n(
        text.data(), text.size(),
        R"({{"stream":"{}","data":{{"e":"aggTrade","E":{},"s":"{}","a":{},"p":"{}.{:08}",)"
        R"("q":"{}.{:08}","f":{},"l":{},"T":{},"m":{},"M":true}}}})",
        listed_[symbol].stream, ms + 1, names_[symbol], id, price / kUnits, price % kUnits,
        quantity / kUnits, quantity % kUnits, id + 1'000'000'000, id + 1'000'000'001, ms,
        id % 2 == 0);
    FASTRSI_ASSERT(written.size < text.size());
    batch_.add({text.data(), written.size}, trade.received);
  }

  // Constant after construction.
  const MarketSettings settings_;
  std::vector<std::string> names_;
  std::vector<double> shares_up_to_;

  Random random_;
  double now_ns_ = 0.0;
  std::size_t newest_ = 0;  // symbol of the newest trade
  std::vector<Listed> listed_;
  std::vector<double> first_prices_;
  std::vector<Tick> trades_;
  FrameBatch batch_;
};

}  // namespace

std::vector<double> market_shares(std::size_t symbols) {
  std::vector<double> shares;
  double sum = 0.0;
  for (std::size_t i = 0; i < symbols; ++i) sum += 1.0 / static_cast<double>(i + 1);
  for (std::size_t i = 0; i < symbols; ++i)
    shares.push_back(1.0 / static_cast<double>(i + 1) / sum);
  return shares;
}

std::unique_ptr<Input> make_market(const MarketSettings& settings) {
  return std::make_unique<Market>(settings);
}

FrameBatch::FrameBatch(std::size_t frames, std::size_t bytes)
    : memory_(bytes + kFramePaddingBytes) {
  lines_.reserve(frames);
}

void FrameBatch::clear() noexcept {
  lines_.clear();
  used_ = 0;
}

void FrameBatch::add(std::string_view frame, ReceiveTime received) {
  FASTRSI_ASSERT(used_ + frame.size() + 1 + kFramePaddingBytes <= memory_.size());
  char* const begin = memory_.data() + used_;
  std::memcpy(begin, frame.data(), frame.size());
  begin[frame.size()] = '\n';
  CaptureLine& line = lines_.emplace_back();
  line.bytes = {begin, frame.size()};
  line.received = received;
  used_ += frame.size() + 1;
}

}  // namespace fastrsi::bench

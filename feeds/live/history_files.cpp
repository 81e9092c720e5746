#include "feeds/live/history_files.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "feeds/capture.hpp"
#include "feeds/live/history_bars.hpp"

namespace fastrsi::live {
namespace {

constexpr Nanoseconds kMinuteLong = std::chrono::minutes{1};

// "BTCUSDT.csv.gz" and "BTCUSDT-1h-2024.csv" are BTCUSDT's, "BTCUSDTX.csv" is not.
bool is_file_of(const std::string& name, const std::string& symbol) {
  if (!name.starts_with(symbol) || name.size() == symbol.size()) return false;
  const char next = name[symbol.size()];
  if (next != '.' && next != '-') return false;
  return name.ends_with(".csv") || name.ends_with(".csv.gz") || name.ends_with(".csv.zst");
}

void keep_newest(std::vector<CaptureBar>& bars) {
  if (bars.size() < 2 * kFiledBarsMax) return;
  bars.erase(bars.begin(), bars.end() - static_cast<std::ptrdiff_t>(kFiledBarsMax));
}

// One file, row after row.
class Gathered {
 public:
  void take(const CaptureLine& line) {
    if (line.kind == LineKind::Bar) return add(line.bar);
    if (line.kind != LineKind::Trade) throw std::runtime_error("holds neither bars nor trades");
    of_trades_ = true;
    const ExchangeTime minute = floor_to(line.tick.time, kMinuteLong);
    const Price price = line.tick.price;
    if (bars_.empty() || minute > bars_.back().open_time) {
      if (bars_.empty()) first_trade_ = line.tick.time;
      bars_.push_back({minute, price, price, price, price, 0});
      keep_newest(bars_);
    } else if (minute < bars_.back().open_time) {
      throw std::runtime_error("its trades are not in order of time");
    }
    CaptureBar& bar = bars_.back();
    bar.high.value = std::max(bar.high.value, price.value);
    bar.low.value = std::min(bar.low.value, price.value);
    bar.close = price;
    ++bar.trades;
  }

  // What it tells without a hole, and of which timeframe.
  std::pair<Timeframe, KnownBars> told() {
    if (bars_.empty()) throw std::runtime_error("holds no rows");
    KnownBars known;
    if (of_trades_) {
      // The first and the last minute may lack trades.
      if (first_trade_ != bars_.front().open_time) bars_.erase(bars_.begin());
      if (!bars_.empty()) bars_.pop_back();
      if (bars_.empty()) throw std::runtime_error("holds no whole minute of trades");
      known.begin = bars_.front().open_time;
      known.end = bars_.back().open_time + kMinuteLong;
      known.bars = std::move(bars_);
      return {Timeframe::M1, std::move(known)};
    }
    const Timeframe timeframe = length_of_bars();
    known.begin = bars_.front().open_time;
    known.end = venue_bar_at(bars_.back().open_time, timeframe).end;
    known.bars = std::move(bars_);
    return {timeframe, std::move(known)};
  }

 private:
  void add(const CsvBar& bar) {
    if (!bars_.empty() && bar.open_time <= bars_.back().open_time) {
      throw std::runtime_error("its bars are not in order of time");
    }
    bars_.push_back({bar.open_time, bar.open, bar.high, bar.low, bar.close, 0});
    keep_newest(bars_);
  }

  // The shortest step between two bars is their length.
  Timeframe length_of_bars() const {
    Nanoseconds step = Nanoseconds::max();
    for (std::size_t i = 1; i < bars_.size(); ++i) {
      step = std::min<Nanoseconds>(step, bars_[i].open_time - bars_[i - 1].open_time);
    }
    for (auto timeframe = Timeframe::S1; timeframe <= Timeframe::W1;
         timeframe = static_cast<Timeframe>(static_cast<int>(timeframe) + 1)) {
      if (nominal_length(timeframe) == step) return timeframe;
    }
    throw std::runtime_error("its bars are of no timeframe known here");
  }

  std::vector<CaptureBar> bars_;
  bool of_trades_ = false;
  ExchangeTime first_trade_ = kNoExchangeTime;
};

}  // namespace

HistoryFiles::HistoryFiles(std::string folder, std::function<void(const std::string&)> say)
    : folder_(std::move(folder)), say_(std::move(say)) {}

FiledBars HistoryFiles::load(const std::string& symbol) const {
  FiledBars filed;
  const std::optional<std::string> name = file_name_of(symbol);
  if (folder_.empty() || !name) return filed;
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    if (is_file_of(entry.path().filename(), *name)) paths.push_back(entry.path());
  }
  if (error) say_("history_dir: " + folder_ + ": " + error.message());
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    try {
      add_file(path, filed);
    } catch (const std::exception& fault) {
      // The reader names the file itself.
      const std::string what = fault.what();
      std::string line = "history_dir: ";
      if (!what.starts_with(path)) line.append(path).append(": ");
      say_(line.append(what));
    }
  }
  return filed;
}

void HistoryFiles::add_file(const std::string& path, FiledBars& filed) const {
  CaptureOptions options;
  options.files = {path};
  options.venue = "csv";
  CaptureReader reader(std::move(options));
  CaptureBlock block;
  Gathered gathered;
  while (reader.next(block)) {
    for (const CaptureLine& line : block.lines) gathered.take(line);
  }
  for (const std::string& damage : reader.diagnostics()) say_("history_dir: " + damage);
  auto [timeframe, known] = gathered.told();
  filed[timeframe].add(known.begin, known.end, known.bars);
}

}  // namespace fastrsi::live

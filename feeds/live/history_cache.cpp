#include "feeds/live/history_cache.hpp"

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "engine/base/assert.hpp"
#include "feeds/venue_texts.hpp"

namespace fastrsi::live {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "FRSIBARS";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kBarBytes = 48;
constexpr std::size_t kCheckBytes = 8;
constexpr std::size_t kFileBytesMax = kHeadBytes + kCachedBarsMax * kBarBytes + kCheckBytes;
// File systems take 255; its suffixes are shorter than the rest.
constexpr std::size_t kNameBytesMax = 200;

// http://www.isthe.com/chongo/tech/comp/fnv/
std::uint64_t fnv(std::string_view bytes, std::uint64_t hash = 0xcbf2'9ce4'8422'2325) noexcept {
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x0000'0100'0000'01b3;
  }
  return hash;
}

template <typename T>
void put(std::string& bytes, T value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

template <typename T>
T take(std::string_view& bytes) noexcept {
  FASTRSI_ASSERT(bytes.size() >= sizeof(T));
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

bool is_price(Price price) noexcept {
  return std::isfinite(price.value) && price.value > 0.0;
}

bool is_sound(const CaptureBar& bar) noexcept {
  return is_sane(bar.open_time) && is_price(bar.open) && is_price(bar.high) && is_price(bar.low) &&
         is_price(bar.close) && bar.low.value <= std::min(bar.open.value, bar.close.value) &&
         bar.high.value >= std::max(bar.open.value, bar.close.value);
}

auto first_from(const std::vector<CaptureBar>& bars, ExchangeTime time) {
  return std::lower_bound(
      bars.begin(), bars.end(), time,
      [](const CaptureBar& bar, ExchangeTime wanted) { return bar.open_time < wanted; });
}

std::string key_of(const std::string& venue, const std::string& symbol, Timeframe timeframe) {
  return venue + "/" + symbol + "/" + std::string{to_text(timeframe)};
}

}  // namespace

std::vector<CaptureBar> KnownBars::within(ExchangeTime from, ExchangeTime to) const {
  if (to <= from) return {};
  return {first_from(bars, from), first_from(bars, to)};
}

void KnownBars::add(ExchangeTime from, ExchangeTime to, const std::vector<CaptureBar>& more) {
  if (to <= from) return;
  if (is_empty() || from > end) {
    *this = {from, to, more};
    return;
  }
  if (to < begin) return;
  // What is added counts where both know.
  std::vector<CaptureBar> all(bars.cbegin(), first_from(bars, from));
  all.insert(all.end(), more.begin(), more.end());
  all.insert(all.end(), first_from(bars, to), bars.cend());
  bars = std::move(all);
  begin = std::min(begin, from);
  end = std::max(end, to);
}

void KnownBars::forget_from(ExchangeTime time) {
  if (time >= end) return;
  bars.erase(first_from(bars, time), bars.cend());
  end = std::max(begin, time);
}

void KnownBars::forget_old(std::size_t bars_max) {
  if (bars.size() <= bars_max) return;
  bars.erase(bars.begin(), bars.end() - static_cast<std::ptrdiff_t>(bars_max));
  begin = bars.empty() ? end : bars.front().open_time;
}

std::optional<std::string> file_name_of(std::string_view text) {
  std::string name = venue::url_encoded(text);
  if (name.empty() || name.size() > kNameBytesMax) return {};
  if (name.front() == '.') name.replace(0, 1, "%2E");
  return name;
}

std::string write_known_bars(const KnownBars& known, std::string_view key) {
  FASTRSI_ASSERT(known.bars.size() <= kCachedBarsMax);
  std::string bytes{kMagic};
  bytes.reserve(kHeadBytes + known.bars.size() * kBarBytes + kCheckBytes);
  put(bytes, kVersion);
  put(bytes, static_cast<std::uint32_t>(known.bars.size()));
  put(bytes, to_unix_ns(known.begin));
  put(bytes, to_unix_ns(known.end));
  for (const CaptureBar& bar : known.bars) {
    put(bytes, to_unix_ns(bar.open_time));
    for (const Price price : {bar.open, bar.high, bar.low, bar.close}) put(bytes, price.value);
    put(bytes, bar.trades);
  }
  put(bytes, fnv(bytes, fnv(key)));
  return bytes;
}

std::optional<KnownBars> read_known_bars(std::string_view bytes, std::string_view key) {
  if (bytes.size() < kHeadBytes + kCheckBytes || bytes.size() > kFileBytesMax) return {};
  std::string_view check = bytes.substr(bytes.size() - kCheckBytes);
  std::string_view rest = bytes.substr(0, bytes.size() - kCheckBytes);
  if (take<std::uint64_t>(check) != fnv(rest, fnv(key))) return {};
  if (!rest.starts_with(kMagic)) return {};
  rest.remove_prefix(kMagic.size());
  if (take<std::uint32_t>(rest) != kVersion) return {};
  const auto count = take<std::uint32_t>(rest);
  KnownBars known;
  known.begin = exchange_time_from_ns(take<std::int64_t>(rest));
  known.end = exchange_time_from_ns(take<std::int64_t>(rest));
  if (!is_sane(known.begin) || !is_sane(known.end) || known.begin > known.end) return {};
  if (rest.size() != std::size_t{count} * kBarBytes) return {};
  known.bars.reserve(count);
  for (ExchangeTime earliest = known.begin; !rest.empty();) {
    CaptureBar bar;
    bar.open_time = exchange_time_from_ns(take<std::int64_t>(rest));
    for (Price* const price : {&bar.open, &bar.high, &bar.low, &bar.close}) {
      price->value = take<double>(rest);
    }
    bar.trades = take<std::uint64_t>(rest);
    if (!is_sound(bar) || bar.open_time < earliest || bar.open_time >= known.end) return {};
    earliest = bar.open_time + Nanoseconds{1};
    known.bars.push_back(bar);
  }
  return known;
}

HistoryCache::HistoryCache(std::string folder, std::string venue)
    : folder_(std::move(folder)), venue_(std::move(venue)) {}

std::string HistoryCache::folder_of(const std::string& symbol) const {
  const auto venue = file_name_of(venue_);
  const auto name = file_name_of(symbol);
  if (folder_.empty() || !venue || !name) return {};
  return folder_ + "/" + *venue + "/" + *name;
}

KnownBars HistoryCache::load(const std::string& symbol, Timeframe timeframe) {
  const std::string folder = folder_of(symbol);
  if (folder.empty()) return {};
  std::ifstream file(folder + "/" + std::string{to_text(timeframe)} + ".bars", std::ios::binary);
  if (!file) return {};
  std::string bytes(kFileBytesMax + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  auto known = read_known_bars(bytes, key_of(venue_, symbol, timeframe));
  if (!known) ++damaged_total_;
  return std::move(known).value_or(KnownBars{});
}

void HistoryCache::save(const std::string& symbol, Timeframe timeframe, const KnownBars& known) {
  const std::string folder = folder_of(symbol);
  if (folder.empty() || known.is_empty()) return;
  KnownBars kept = known;
  kept.forget_old(kCachedBarsMax);
  const std::string bytes = write_known_bars(kept, key_of(venue_, symbol, timeframe));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = folder + "/" + std::string{to_text(timeframe)} + ".bars";
  // Another feed, or another process, may write the same file: the last one counts.
  std::string fresh = path + std::string(6, 'X');
  const int descriptor = ::mkstemp(fresh.data());
  if (descriptor < 0) {
    ++failed_writes_total_;
    return;
  }
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  if (done != bytes.size() || std::rename(fresh.c_str(), path.c_str()) != 0) {
    ++failed_writes_total_;
    ::unlink(fresh.c_str());
  }
}

}  // namespace fastrsi::live

// Binance's klines as a server on loopback makes them up, with the faults that a test lists; and
// what a fetcher should make of them, computed minute by minute.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/market/calendar.hpp"
#include "feeds/capture_bars.hpp"
#include "tests/net_server.hpp"

namespace fastrsi::testing {

inline constexpr std::int64_t kMinute = 60;

// One bar in hundredths; of a minute or of a second, by its unix time.
struct MadeUpBar {
  std::int64_t open_s = 0;
  std::int64_t open = 0, high = 0, low = 0, close = 0, trades = 0;
};

inline MadeUpBar made_up(std::int64_t open_s, bool quiet) {
  std::uint64_t mixed = static_cast<std::uint64_t>(open_s) * 0x9E37'79B9'7F4A'7C15U;
  mixed ^= mixed >> 29;
  const auto digit = [&mixed](int shift) {
    return static_cast<std::int64_t>((mixed >> shift) % 97);
  };
  MadeUpBar bar{open_s, 10'000 + digit(0), 0, 0, 10'000 + digit(8), 1 + digit(16)};
  bar.high = std::max(bar.open, bar.close) + digit(24);
  bar.low = std::min(bar.open, bar.close) - digit(32);
  if (quiet && digit(40) < 60) bar = {open_s, bar.open, bar.open, bar.open, bar.open, 0};
  return bar;
}

// `count` of them as one bar; without trades when none has any.
inline MadeUpBar made_up_together(std::int64_t open_s, std::int64_t end_s, std::int64_t step,
                                  bool quiet) {
  MadeUpBar whole{open_s, 0, 0, 0, 0, 0};
  for (std::int64_t at = open_s; at < end_s; at += step) {
    const MadeUpBar bar = made_up(at, quiet);
    if (bar.trades == 0) continue;
    if (whole.trades == 0) whole = {open_s, bar.open, bar.high, bar.low, bar.close, 0};
    whole.high = std::max(whole.high, bar.high);
    whole.low = std::min(whole.low, bar.low);
    whole.close = bar.close;
    whole.trades += bar.trades;
  }
  if (whole.trades == 0) whole.open = whole.high = whole.low = whole.close = 10'000;
  return whole;
}

inline CaptureBar capture_bar(const MadeUpBar& bar) {
  const auto price = [](std::int64_t hundredths) {
    return Price{static_cast<double>(hundredths) / 100.0};
  };
  return {exchange_time_from_ns(bar.open_s * 1'000'000'000),
          price(bar.open),
          price(bar.high),
          price(bar.low),
          price(bar.close),
          static_cast<std::uint64_t>(bar.trades)};
}

// Serves "/api/v3/klines?..." of the symbols BUSY and QUIET (most of its minutes have no trades).
// Owner: a test; declared before the fetcher that asks it, which must be gone first.
class HistoryVenue {
 public:
  // What it does with a request: "" answers; "late" leaves the newest bar out; "short" ends before
  // the body does; "garbage"; "few" sends half of the bars; "damaged" spoils a row; "hang" says
  // nothing until the client has gone; "STATUS" or "STATUS:RETRY_AFTER".
  explicit HistoryVenue(std::deque<std::string> faults = {})
      : faults_(std::move(faults)), server_([this](net::test::Peer& peer) { serve(peer); }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  // Waits until so many requests have come.
  void await_requests(std::size_t count) const {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [&] { return requests_.size() >= count; });
  }
  void add_fault(const std::string& fault) {
    const std::lock_guard lock(mutex_);
    faults_.push_back(fault);
  }
  void set_headers(const std::string& lines) {
    const std::lock_guard lock(mutex_);
    headers_ = lines;
  }

  static std::string parameter(const std::string& target, const std::string& name) {
    const std::size_t at = target.find(name + "=");
    if (at == std::string::npos) return {};
    const std::size_t from = at + name.size() + 1;
    return target.substr(from, target.find('&', from) - from);
  }

 private:
  void serve(net::test::Peer& peer) {
    while (true) {
      const std::string head = peer.read_head();
      if (head.empty()) return;
      const std::string target = head.substr(4, head.find(' ', 4) - 4);
      std::string fault;
      std::string headers;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(target);
        headers = headers_;
        if (!faults_.empty()) {
          fault = faults_.front();
          faults_.pop_front();
        }
      }
      come_.notify_all();
      if (!answer(peer, target, fault, headers)) return;
    }
  }

  static bool answer(net::test::Peer& peer, const std::string& target, const std::string& fault,
                     const std::string& headers) {
    if (fault == "hang") return !peer.read_some().empty();
    if (!fault.empty() && fault[0] >= '0' && fault[0] <= '9') {
      const std::size_t colon = fault.find(':');
      const std::string after =
          colon == std::string::npos ? "" : "Retry-After: " + fault.substr(colon + 1) + "\r\n";
      send(peer, fault.substr(0, colon) + " No", headers + after, "{}");
      return true;
    }
    const std::string symbol = parameter(target, "symbol");
    if (symbol != "BUSY" && symbol != "QUIET") {
      send(peer, "400 Bad Request", headers, R"({"code":-1121,"msg":"Invalid symbol."})");
      return true;
    }
    const std::string body = fault == "garbage" ? "<html>down</html>" : klines(target, fault);
    if (fault == "short") {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                 body.substr(0, body.size() / 2));
      return false;
    }
    send(peer, "200 OK", headers, body);
    return true;
  }

  static void send(net::test::Peer& peer, const std::string& status, const std::string& headers,
                   const std::string& body) {
    peer.write("HTTP/1.1 " + status + "\r\n" + headers +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  static std::string klines(const std::string& target, const std::string& fault) {
    const auto number = [&target](const std::string& name) {
      return std::strtoll(parameter(target, name).c_str(), nullptr, 10);
    };
    const bool quiet = parameter(target, "symbol") == "QUIET";
    const std::map<std::string, std::int64_t> lengths = {
        {"1s", 1},     {"1m", 60},     {"3m", 180},   {"5m", 300},   {"15m", 900},
        {"30m", 1800}, {"1h", 3600},   {"2h", 7200},  {"4h", 14400}, {"6h", 21600},
        {"8h", 28800}, {"12h", 43200}, {"1d", 86400}, {"3d", 259200}};
    const std::int64_t length = lengths.at(parameter(target, "interval"));
    const std::int64_t end_s = number("endTime") / 1000;
    std::vector<std::string> rows;
    for (std::int64_t at = (number("startTime") / 1000 + length - 1) / length * length;
         at <= end_s && rows.size() < static_cast<std::size_t>(number("limit")); at += length) {
      const MadeUpBar bar = made_up_together(at, at + length, length == 1 ? 1 : kMinute, quiet);
      rows.push_back(fmt::format(
          R"([{},"{}.{:02}","{}.{:02}","{}.{:02}","{}.{:02}","{}",{},"0",{},"0","0","0"])",
          at * 1000, bar.open / 100, bar.open % 100, bar.high / 100, bar.high % 100, bar.low / 100,
          bar.low % 100, bar.close / 100, bar.close % 100, bar.trades, (at + length) * 1000 - 1,
          bar.trades));
    }
    if (fault == "late" && !rows.empty()) rows.pop_back();
    if (fault == "few") rows.resize(rows.size() / 2);
    if (fault == "damaged" && !rows.empty()) rows[rows.size() / 2] = R"([1,"x"])";
    return fmt::format("[{}]", fmt::join(rows, ","));
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable come_;
  std::deque<std::string> faults_;
  std::vector<std::string> requests_;
  std::string headers_;
  net::test::Server server_;
};

// The bars of a list as whole and forming bars of its timeframe, in the calendar.
inline std::vector<CaptureBar> merged(const std::vector<CaptureBar>& bars, Timeframe timeframe,
                                      const Calendar& calendar) {
  std::map<ExchangeTime, CaptureBar> whole;
  for (const CaptureBar& bar : bars) {
    const ExchangeTime open = calendar.bar_at(bar.open_time, timeframe).open;
    const auto [at, is_new] = whole.try_emplace(open, bar);
    at->second.open_time = open;
    if (is_new) continue;
    at->second.high.value = std::max(at->second.high.value, bar.high.value);
    at->second.low.value = std::min(at->second.low.value, bar.low.value);
    at->second.close = bar.close;
    at->second.trades += bar.trades;
  }
  std::vector<CaptureBar> out;
  out.reserve(whole.size());
  for (const auto& [open, bar] : whole) out.push_back(bar);
  return out;
}

// The same out of the venue's minutes (or seconds) themselves.
inline std::vector<CaptureBar> expected(std::int64_t from_s, std::int64_t until_s,
                                        std::int64_t step, bool quiet, Timeframe timeframe,
                                        const Calendar& calendar) {
  std::vector<CaptureBar> bars;
  for (std::int64_t at = from_s; at < until_s; at += step) {
    const MadeUpBar bar = made_up(at, quiet);
    if (bar.trades > 0) bars.push_back(capture_bar(bar));
  }
  return merged(bars, timeframe, calendar);
}

}  // namespace fastrsi::testing

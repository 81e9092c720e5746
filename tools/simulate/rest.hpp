// The REST interface of a simulated exchange: its symbols, its clock, and candles made of the
// trades shown so far. Binance's whole, with weights and bans; of the others what a client needs
// for its history.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/simulate/trade_history.hpp"

namespace fastrsi::simulate {

struct RestAnswer {
  int status = 200;
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

// The whole message, with its length.
std::string http_text(const RestAnswer& answer, bool keep_alive);

// A target's path, and its query as names and values, percent-decoded.
struct RestTarget {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
  // Empty when it is not there.
  std::string text(std::string_view name) const;
  std::int64_t number(std::string_view name, std::int64_t fallback) const;
};
RestTarget parse_target(std::string_view target);

// A body; bytes of symbols that are no UTF-8 become U+FFFD.
std::string body_of(const nlohmann::json& json);

// A price as venues write it: no exponent, and the digits that read back to the same double.
std::string price_text(double price);

// Weight a minute, by the wall's clock as at the venue. Owner: the simulator.
class WeightLimit {
 public:
  using Clock = std::chrono::steady_clock;
  explicit WeightLimit(int weight_a_minute) : max_(weight_a_minute) {}

  struct Verdict {
    int status = 200;  // 429: wait; 418: it did not
    int used = 0;
    int retry_after_s = 0;
  };
  Verdict take(int weight, Clock::time_point now);

 private:
  const int max_;
  int used_ = 0;
  int ignored_ = 0;  // requests since the first 429
  Clock::time_point minute_{};
  Clock::time_point banned_until_{};
};

// Owner: the simulator. Thread: its own.
class Rest {
 public:
  Rest(std::string venue, const TradeHistory& history);
  RestAnswer get(std::string_view target, std::int64_t exchange_now_ms,
                 WeightLimit::Clock::time_point now);

 private:
  RestAnswer binance(const RestTarget& target, std::int64_t now_ms);
  RestAnswer binance_klines(const RestTarget& target, std::int64_t now_ms) const;
  std::string binance_symbols(std::int64_t now_ms) const;

  const std::string venue_;
  const TradeHistory& history_;
  WeightLimit weight_;
};

// Of all venues but Binance's; nothing is weighed there.
RestAnswer other_rest(std::string_view venue, const RestTarget& target, const TradeHistory& history,
                      std::int64_t now_ms);

}  // namespace fastrsi::simulate

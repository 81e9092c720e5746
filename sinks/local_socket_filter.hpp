// Which records a client of the local socket asked for. What it did not name is all there is.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sinks/local_socket.hpp"

namespace fastrsi {

// A subscription's globs: more would be a way to keep the socket's thread busy for others. The C
// library's matching takes time by the power of the stars, and nobody needs five in a name.
inline constexpr std::size_t kSocketGlobsMax = 256;
inline constexpr std::size_t kSocketGlobBytesMax = 128;
inline constexpr std::size_t kSocketGlobStarsMax = 4;

// Owner: one client. Thread: the socket's.
class RecordFilter {
 public:
  // Each narrows the filter by one word more ("buy", "1m", "binance:*"; "*" is all). What is wrong
  // with a word, or nothing.
  std::optional<std::string> add_kind(const std::string& word);
  std::optional<std::string> add_timeframe(const std::string& word);
  std::optional<std::string> add_stage(const std::string& word);
  std::optional<std::string> add_symbol(const std::string& glob);

  // Lists have neither symbol nor stage of their own: kind and timeframe decide.
  bool wants(const SocketRecord& record);

 private:
  bool wants_symbol(const std::string& symbol);

  // A set without a word wants all.
  std::bitset<kKindCount> kinds_;
  std::bitset<kTimeframeCount> timeframes_;
  std::bitset<3> stages_;
  std::vector<std::string> globs_;
  std::unordered_map<std::string, bool> known_;  // symbols that were held against the globs
};

}  // namespace fastrsi

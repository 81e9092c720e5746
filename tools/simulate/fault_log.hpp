// What a simulated exchange did and met, one JSON object a line, so that a test can compare: every
// fault, every trade it kept back, every connection and subscription.
//
//   {"time_ns":exchange time,"wall_ns":unix time,"event":NAME, ...}
//
//   fault        fault, duration_s, count               one came due
//   lost         fault, stream, symbol, ids             trades that were kept back from all clients
//   twice        stream, symbol, ids                    sent again: duplicate, stale
//   connect, open, end   connection, (target | why)
//   subscribe, unsubscribe   connection, streams, dead, unknown
//   limit        connection                             it sent too many messages, and was closed
//   rest         status, target
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "feeds/feeds.hpp"

namespace fastrsi::simulate {

// Owner: the simulator. Thread: its own. Without a file it says nothing.
class FaultLog {
 public:
  // Throws std::invalid_argument when the file cannot be made.
  explicit FaultLog(const std::string& path);

  bool is_wanted() const noexcept { return file_.is_open(); }
  // `fields` is an object; the times and the event's name are put in front of it.
  void add(std::int64_t exchange_ns, const char* event, const nlohmann::json& fields);
  void flush() { file_.flush(); }

 private:
  std::ofstream file_;
};

// The ids and the symbol of a frame's trades, and its stream.
nlohmann::json trades_text(const FrameEvents& events, const std::string& stream);

}  // namespace fastrsi::simulate

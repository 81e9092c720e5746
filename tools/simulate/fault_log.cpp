#include "tools/simulate/fault_log.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <stdexcept>

namespace fastrsi::simulate {

FaultLog::FaultLog(const std::string& path) {
  if (path.empty()) return;
  file_.open(path, std::ios::binary | std::ios::trunc);
  if (!file_)
    throw std::invalid_argument(path + ": cannot be written (name a file for --fault-log)");
}

void FaultLog::add(std::int64_t exchange_ns, const char* event, const nlohmann::json& fields) {
  if (!is_wanted()) return;
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto wall_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count();
  const std::string inside = fields.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  file_ << fmt::format(R"({{"time_ns":{},"wall_ns":{},"event":"{}")", exchange_ns, wall_ns, event)
        << (fields.empty() ? "" : ",") << (fields.empty() ? "}" : inside.substr(1)) << '\n';
}

nlohmann::json trades_text(const FrameEvents& events, const std::string& stream) {
  nlohmann::json ids = nlohmann::json::array();
  for (const Tick& tick : events.ticks) {
    if (tick.has_id) ids.push_back(static_cast<std::uint64_t>(tick.id));
  }
  return {{"stream", stream},
          {"symbol", events.symbols.empty() ? std::string() : std::string(events.symbols.front())},
          {"ids", ids}};
}

}  // namespace fastrsi::simulate

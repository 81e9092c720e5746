#include "tools/replay_report.hpp"
#include "tools/json.hpp"

#include <fmt/format.h>

namespace fastrsi {
namespace {

std::uint64_t rate(std::uint64_t count, double seconds) {
  return seconds > 0.0 ? static_cast<std::uint64_t>(static_cast<double>(count) / seconds) : 0;
}

constexpr std::size_t kProvisional = static_cast<std::size_t>(Stage::Provisional);
constexpr std::size_t kConfirmed = static_cast<std::size_t>(Stage::Confirmed);
constexpr std::size_t kRetracted = static_cast<std::size_t>(Stage::Retracted);

Json signals_json(const EngineStatistics& engine) {
  Json signals = Json::object();
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    const auto& stages = engine.signals[kind];
    signals[std::string(to_text(static_cast<Kind>(kind)))] = {{"provisional", stages[kProvisional]},
                                                              {"confirmed", stages[kConfirmed]},
                                                              {"retracted", stages[kRetracted]}};
  }
  return signals;
}

Json frames_json(const FrameStatistics& frames) {
  Json kinds = Json::object();
  for (std::size_t i = 0; i < kFrameKindCount; ++i) {
    if (frames.frames[i] > 0)
      kinds[std::string(to_text(static_cast<FrameKind>(i)))] = frames.frames[i];
  }
  return kinds;
}

Json rejected_json(const FrameStatistics& frames) {
  Json reasons = Json::object();
  for (std::size_t i = 1; i < kRejectCount; ++i) {
    if (frames.rejected[i] > 0)
      reasons[std::string(to_text(static_cast<Reject>(i)))] = frames.rejected[i];
  }
  return reasons;
}

// "name 12, other 3", or "none".
std::string counts_text(const Json& counts) {
  std::string text;
  for (const auto& [name, count] : counts.items()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, count.get<std::uint64_t>());
  }
  return text.empty() ? "none" : text;
}

}  // namespace

std::string to_json(const ReplayReport& report) {
  const EngineStatistics& engine = report.engine;
  const Json json = {
      {"messages", engine.messages},
      {"ticks", engine.ticks},
      {"symbols", report.symbols},
      {"shards", report.shards},
      {"seconds", report.seconds},
      {"messages_per_second", rate(engine.messages, report.seconds)},
      {"bytes", report.capture.bytes},
      {"signals", signals_json(engine)},
      {"listed", engine.listed},
      {"latency_ns",
       {{"p50", report.latency.percentile_ns(0.50)},
        {"p90", report.latency.percentile_ns(0.90)},
        {"p99", report.latency.percentile_ns(0.99)},
        {"max", report.latency.max_ns()}}},
      {"gaps", engine.gaps},
      {"missing_trades", engine.missing_trades},
      {"duplicates", engine.duplicates},
      {"late_ticks", engine.late_ticks},
      {"older_ticks", engine.older_ticks},
      {"not_market_trades", engine.id_only_ticks},
      {"unwatched_trades", report.frames.unwatched_trades},
      {"bars_closed", engine.bars_closed},
      {"bars_carried", engine.bars_carried},
      {"evaluations", engine.evaluations},
      {"klines_compared", engine.klines_compared},
      {"klines_different", engine.klines_different},
      {"frames", frames_json(report.frames)},
      {"rejected", rejected_json(report.frames)},
      {"damaged_lines", report.capture.damaged_lines},
      {"oversized_lines", report.capture.oversized_lines},
      {"damaged_tails", report.capture.damaged_tails},
  };
  return json.dump() + "\n";
}

std::string to_text(const ReplayReport& report) {
  const EngineStatistics& engine = report.engine;
  std::string text = fmt::format(
      "messages   {} in {:.2f} s ({} a second), {} symbols, {} shard{}\n"
      "frames     {}\n"
      "ticks      {}: gaps {} (missing trades {}), duplicates {}, late {}, older in their bar {}, "
      "not market trades {}, unwatched {}\n"
      "rejected   {}\n"
      "bars       {} closed, {} of them carried; klines compared {}, different {}\n",
      engine.messages, report.seconds, rate(engine.messages, report.seconds), report.symbols,
      report.shards, report.shards == 1 ? "" : "s", counts_text(frames_json(report.frames)),
      engine.ticks, engine.gaps, engine.missing_trades, engine.duplicates, engine.late_ticks,
      engine.older_ticks, engine.id_only_ticks, report.frames.unwatched_trades,
      counts_text(rejected_json(report.frames)), engine.bars_closed, engine.bars_carried,
      engine.klines_compared, engine.klines_different);
  text += fmt::format("signals    {:<12} {:>12} {:>12} {:>12}\n", "", "provisional", "confirmed",
                      "retracted");
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    const auto& stages = engine.signals[kind];
    text +=
        fmt::format("           {:<12} {:>12} {:>12} {:>12}\n", to_text(static_cast<Kind>(kind)),
                    stages[kProvisional], stages[kConfirmed], stages[kRetracted]);
  }
  if (report.latency.max_ns() > 0) {
    text += fmt::format(
        "latency    p50 {} ns, p90 {} ns, p99 {} ns, max {} ns (batch of frames to signal)\n",
        report.latency.percentile_ns(0.50), report.latency.percentile_ns(0.90),
        report.latency.percentile_ns(0.99), report.latency.max_ns());
  }
  for (const std::string& hint : report.hints) text += fmt::format("hint       {}\n", hint);
  return text;
}

}  // namespace fastrsi

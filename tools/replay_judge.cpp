#include "tools/replay_judge.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "sinks/printable.hpp"
#include "tools/config_values.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

// Why a frame or a trade of it was refused, for people; the words of the statistics are shorter.
std::string_view in_words(Reject reject) {
  switch (reject) {
    case Reject::Empty:
      return "an empty frame";
    case Reject::TooLarge:
      return "a frame above 16 MiB";
    case Reject::Truncated:
      return "a frame cut short";
    case Reject::NotJson:
      return "a frame that is no JSON";
    case Reject::MissingField:
      return "a trade without price, time or symbol";
    case Reject::BadPrice:
      return "a trade whose price is no positive number";
    case Reject::BadQuantity:
      return "a trade whose quantity is no number";
    case Reject::BadTime:
      return "a trade whose time is none";
    case Reject::BadId:
      return "a trade whose id is none";
    case Reject::TooManyTrades:
      return "a frame of too many trades";
    case Reject::None:
    case Reject::UnknownMessage:
    case Reject::OtherMarket:
    case Reject::NotMarketTrade:
      break;
  }
  return to_text(reject);
}

std::string damage_text(const std::string& file, const SourceStatistics& statistics) {
  const std::string place =
      statistics.damaged_line == 0 ? file : fmt::format("{}:{}", file, statistics.damaged_line);
  const std::string more = statistics.damaged == 1 ? std::string()
                                                   : fmt::format("; {} more of this file like it",
                                                                 statistics.damaged - 1);
  return fmt::format("{}: {} is skipped{} (mend the file, or get it anew)", place,
                     in_words(statistics.damage), more);
}

}  // namespace

void judge_source(const std::string& file, const std::string& venue,
                  const SourceStatistics& statistics, ReplayReport& report) {
  if (statistics.frames == 0) return;
  std::vector<std::string> known = parser_venues();
  known.emplace_back(kGenericVenue);
  if (std::find(known.begin(), known.end(), venue) == known.end()) {
    const std::string meant = did_you_mean(venue, {known.begin(), known.end()});
    report.diagnostics.push_back(
        fmt::format("{}: frames of {} cannot be read ({}{}known venues: {})", file,
                    printable(venue), meant, meant.empty() ? "" : " ", fmt::join(known, " ")));
  } else if (statistics.refused == statistics.frames) {
    report.diagnostics.push_back(
        venue == kGenericVenue
            ? fmt::format("{}: none of its {} frames is a message that generic can read (in the "
                          "[[feed]] say where a trade has its price and the like: generic.price)",
                          file, statistics.frames)
            : fmt::format("{}: none of its {} frames is a message of {} (is --venue right? known "
                          "venues: {})",
                          file, statistics.frames, venue, fmt::join(known, " ")));
  } else if (statistics.damaged > 0) {
    report.diagnostics.push_back(damage_text(file, statistics));
  }
}

void judge_feed(const ShardFeed& feed, const FrameStatistics& statistics, std::size_t symbols_max,
                ReplayReport& report) {
  if (statistics.trades == 0 &&
      statistics.frames[static_cast<std::size_t>(FrameKind::OtherTrades)] > 0) {
    const char* other = feed.stream == TradeStream::Trade ? "aggTrade" : "trade";
    report.diagnostics.push_back(
        fmt::format("{} sent only trades of the stream \"{}\" (give --stream {}, or set it in the "
                    "[[feed]])",
                    feed.venue, other, other));
  }
  if (statistics.overflow_symbols > 0) {
    report.diagnostics.push_back(
        fmt::format("{} trades of {} are of symbols beyond the first {} (list the symbols you want "
                    "in a [[feed]])",
                    statistics.overflow_symbols, feed.venue, symbols_max));
  }
  if (statistics.trades > 0 && statistics.unwatched_trades == statistics.trades) {
    report.hints.push_back(
        fmt::format("none of the {} trades of {} is of a symbol that its [[feed]] lists",
                    statistics.trades, feed.venue));
  }
}

void judge_silence(const std::vector<Rule>& rules, ReplayReport& report) {
  std::uint64_t records = report.engine.listed;
  for (const auto& stages : report.engine.signals) {
    records += std::accumulate(stages.begin(), stages.end(), std::uint64_t{0});
  }
  if (records > 0 || report.engine.bars_closed == 0) return;
  const auto first = std::min_element(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
    return a.first_gate < b.first_gate;
  });
  report.hints.push_back(
      fmt::format("no signals: rule {} begins after {} closed bars of a timeframe, {} is its first "
                  "(shorter timeframes or a smaller warmup_bars begin sooner)",
                  first->settings.name, first->first_gate, to_text(first->settings.timeframes[0])));
}

}  // namespace fastrsi

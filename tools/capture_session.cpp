#include "tools/capture_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace fastrsi {
namespace {

TradeStream stream_from(std::string_view text) {
  if (text == "trade") return TradeStream::Trade;
  if (text == "aggTrade") return TradeStream::AggTrade;
  return TradeStream::FirstSeen;
}

}  // namespace

std::optional<ShardFeed> feed_for(const Config& config, const std::string& stream,
                                  const std::string& venue) {
  ShardFeed feed;
  feed.venue = venue;
  bool configured = false;
  for (const FeedSettings& settings : config.feeds) {
    if (settings.venue != venue) continue;
    configured = true;
    feed.stream = stream_from(settings.stream);
    feed.calendar = settings.calendar;
    feed.generic = settings.generic;
    feed.symbols.insert(feed.symbols.end(), settings.symbols.begin(), settings.symbols.end());
  }
  if (!configured && !config.feeds.empty()) return std::nullopt;
  if (!stream.empty()) feed.stream = stream_from(stream);
  return feed;
}

CaptureSession open_capture_session(const Config& config, const CaptureFiles& files) {
  CaptureSession session;
  CaptureOptions capture;
  capture.files = files.paths;
  capture.venue = files.venue;
  capture.venues = files.venues;
  session.reader = std::make_unique<CaptureReader>(std::move(capture));
  for (std::size_t i = 0; i < session.reader->venues().size(); ++i) {
    const std::string& venue = session.reader->venues()[i];
    const auto same = std::find_if(session.feeds.begin(), session.feeds.end(),
                                   [&](const ShardFeed& feed) { return feed.venue == venue; });
    const bool is_of_several = session.reader->links()[i] > 0;
    if (same != session.feeds.end()) {
      same->at_sight = same->at_sight || is_of_several;
      session.feed_of_source.push_back(static_cast<std::size_t>(same - session.feeds.begin()));
    } else if (std::optional<ShardFeed> feed = feed_for(config, files.stream, venue)) {
      feed->at_sight = is_of_several;
      session.feed_of_source.push_back(session.feeds.size());
      session.feeds.push_back(std::move(*feed));
    } else {
      session.feed_of_source.push_back(kNoFeed);
      session.passed_over.push_back(fmt::format(
          "{}: is a capture of {}, and no [[feed]] has venue = \"{}\" (add one, or leave "
          "the feeds out to take every venue)",
          files.paths[i], venue, venue));
    }
  }
  std::size_t listed = 0;
  for (const ShardFeed& feed : session.feeds) listed += feed.symbols.size();
  session.symbols_max = std::max(config.engine.symbols_max, listed);
  return session;
}

}  // namespace fastrsi

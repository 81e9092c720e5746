// Captures as one session: the reader that merges them, and which feed each file belongs to. A
// replay and a service whose feeds are files begin with it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "feeds/capture.hpp"
#include "tools/config.hpp"
#include "tools/shard.hpp"

namespace fastrsi {

inline constexpr std::size_t kNoFeed = static_cast<std::size_t>(-1);

struct CaptureFiles {
  std::vector<std::string> paths;
  std::vector<std::string> venues;  // by file, where their feeds say it
  std::string venue;                // for captures whose header names none
  std::string stream;               // trade, aggTrade; empty: the feed's, or else the first seen
};

struct CaptureSession {
  std::unique_ptr<CaptureReader> reader;
  std::vector<ShardFeed> feeds;
  std::size_t symbols_max = 0;              // EngineSettings::symbols_max of the session
  std::vector<std::size_t> feed_of_source;  // kNoFeed: the source is passed over
  std::vector<std::string> passed_over;     // why sources are passed over
};

// What a venue's frames are read with: the configured feeds' settings, or every symbol where none
// is configured; nothing where other venues are. `stream` as in CaptureFiles.
std::optional<ShardFeed> feed_for(const Config& config, const std::string& stream,
                                  const std::string& venue);

// Throws std::runtime_error with one clear line when a capture cannot be opened, VenueUnknown when
// nothing says whose it is.
CaptureSession open_capture_session(const Config& config, const CaptureFiles& files);

}  // namespace fastrsi

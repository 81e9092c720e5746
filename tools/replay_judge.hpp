// What a replay's counts mean, in words: faults of its input, and why there may be less to see than
// was hoped for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/replay.hpp"

namespace fastrsi {

// A file's refused frames, as one line with the place of the first; of a file of another venue only
// that it is one.
void judge_source(const std::string& file, const std::string& venue,
                  const SourceStatistics& statistics, ReplayReport& report);

// Trades of the stream that is not counted, of too many symbols, of symbols nobody watches.
void judge_feed(const ShardFeed& feed, const FrameStatistics& statistics, std::size_t symbols_max,
                ReplayReport& report);

// A session too short for its rules ends without a word: says what they wait for.
void judge_silence(const std::vector<Rule>& rules, ReplayReport& report);

}  // namespace fastrsi

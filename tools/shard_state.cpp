// A shard's state: kept over a restart, and over a change of its configuration.
#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "tools/shard.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kSymbolPart = "symbol/";

}  // namespace

std::vector<StatePart> Shard::save() const {
  std::vector<StatePart> parts;
  engine_->save(index_ == 0, [&](std::string name, std::string bytes) {
    parts.push_back({std::move(name), std::move(bytes)});
  });
  return parts;
}

std::vector<std::string> Shard::restore(const std::vector<StatePart>& parts) {
  std::map<std::string_view, const std::string*> bytes_of;
  for (const StatePart& part : parts) bytes_of[part.name] = &part.bytes;
  // A feed that was told of no symbols takes those it had.
  for (Feed& feed : feeds_) {
    if (!feed.discovers) continue;
    const std::string prefix = std::string(kSymbolPart) + feed.settings.venue + ":";
    for (const StatePart& part : parts) {
      if (!part.name.starts_with(prefix)) continue;
      // A name that is looked up is followed by readable bytes (SymbolTable::find).
      const std::size_t size = part.name.size() - prefix.size();
      const std::string padded = part.name.substr(prefix.size()) + std::string(16, '\0');
      resolve(feed, link_of(feed, 0), std::string_view(padded).substr(0, size));
    }
  }
  return engine_->restore([&](const std::string& name) {
    const auto found = bytes_of.find(name);
    return found == bytes_of.end() ? nullptr : found->second;
  });
}

std::unique_ptr<Engine> Shard::reconfigure(const EngineSettings& settings,
                                           const std::vector<RuleSettings>& rules,
                                           const std::vector<ShardFeed>& feeds) {
  std::vector<StatePart> parts;
  engine_->save(true, [&](std::string name, std::string bytes) {
    parts.push_back({std::move(name), std::move(bytes)});
  });
  std::unique_ptr<Engine> before = std::move(engine_);
  std::vector<Feed> feeds_before = std::move(feeds_);
  feeds_.clear();
  names_ = 0;
  set_engine(settings, rules);
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    add_feed(feeds[i], std::move(feeds_before[i].links));
    feeds_.back().statistics = feeds_before[i].statistics;
  }
  restore(parts);
  engine_->count_on(before->statistics());
  return before;
}

}  // namespace fastrsi

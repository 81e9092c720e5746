#include "tools/service/watch_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sinks/printable.hpp"
#include "tools/config_values.hpp"
#include "tools/did_you_mean.hpp"

namespace fastrsi {
namespace {

bool lists(const ShardFeed& feed, std::string_view name) {
  return std::find(feed.symbols.begin(), feed.symbols.end(), name) != feed.symbols.end();
}

bool is_known_venue(const std::string& name) {
  const std::vector<std::string_view>& venues = known_venues();
  return std::find(venues.begin(), venues.end(), name) != venues.end();
}

const ShardFeed* feed_of(const std::vector<ShardFeed>& feeds, std::string_view full_name) {
  const auto found = std::find_if(feeds.begin(), feeds.end(), [&](const ShardFeed& feed) {
    return full_name.starts_with(feed.venue + ":");
  });
  return found == feeds.end() ? nullptr : &*found;
}

bool watches(const std::vector<ShardFeed>& feeds, const std::string& full_name) {
  const ShardFeed* feed = feed_of(feeds, full_name);
  if (feed == nullptr) return false;
  const std::string name = full_name.substr(feed->venue.size() + 1);
  return feed->symbols.empty() ? !feed->excluded.contains(name) : lists(*feed, name);
}

}  // namespace

std::vector<ShardFeed> WatchList::applied_to(std::vector<ShardFeed> feeds) const {
  for (ShardFeed& feed : feeds) {
    const bool listed = !feed.symbols.empty();
    const std::string prefix = feed.venue + ":";
    for (const std::string& full_name : removed_) {
      if (!full_name.starts_with(prefix)) continue;
      const std::string name = full_name.substr(prefix.size());
      std::erase(feed.symbols, name);
      feed.excluded.insert(name);
    }
    for (const std::string& full_name : added_) {
      if (!listed || !full_name.starts_with(prefix)) continue;
      const std::string name = full_name.substr(prefix.size());
      if (!lists(feed, name)) feed.symbols.push_back(name);
    }
  }
  return feeds;
}

std::string WatchList::change(const std::vector<std::string>& add,
                              const std::vector<std::string>& remove,
                              const std::vector<ShardFeed>& configured, WatchChange& change) {
  WatchList next = *this;
  const auto apply = [&](const std::string& word, bool wanted) -> std::string {
    const std::string venue = word.substr(0, word.find(':'));
    const bool has_colon = venue != word;
    const bool names_venue = has_colon && is_known_venue(venue);
    const std::string meant =
        has_colon && !names_venue ? did_you_mean(venue, known_venues()) : std::string();
    if (!meant.empty()) {
      return fmt::format("{}: no venue has the name {} ({})", printable(word), printable(venue),
                         meant);
    }
    const std::string full_name =
        names_venue || configured.size() != 1 ? word : configured.front().venue + ":" + word;
    const ShardFeed* feed = feed_of(configured, full_name);
    if (feed == nullptr) {
      return fmt::format("{}: no feed has such symbols (write venue:SYMBOL, such as {}:{})",
                         printable(word), configured.empty() ? "binance" : configured[0].venue,
                         printable(word));
    }
    const std::string name = full_name.substr(feed->venue.size() + 1);
    const TextFault fault = check_symbol(name);
    if (!fault.what.empty()) return printable(word) + " " + fault.what;
    if (watches(next.applied_to(configured), full_name) == wanted) {
      change.unchanged.push_back(full_name);
      return {};
    }
    next.added_.erase(full_name);
    next.removed_.erase(full_name);
    if (watches(configured, full_name) != wanted) {
      (wanted ? next.added_ : next.removed_).insert(full_name);
    }
    // A list that has lost its last symbol would mean every symbol.
    const std::vector<ShardFeed> lists = next.applied_to(configured);
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (lists[i].symbols.empty() && !configured[i].symbols.empty()) {
        return fmt::format("{}: is the last symbol of its feed (add another one first)",
                           printable(word));
      }
    }
    (wanted ? change.added : change.removed).push_back(full_name);
    return {};
  };
  for (const std::string& word : add) {
    if (std::string fault = apply(word, true); !fault.empty()) return fault;
  }
  for (const std::string& word : remove) {
    if (std::string fault = apply(word, false); !fault.empty()) return fault;
  }
  *this = std::move(next);
  return {};
}

std::string WatchList::to_note() const {
  std::string note;
  for (const std::string& name : added_) note += "+" + name + "\n";
  for (const std::string& name : removed_) note += "-" + name + "\n";
  return note;
}

void WatchList::from_note(std::string_view note) {
  added_.clear();
  removed_.clear();
  while (!note.empty()) {
    const std::string_view line = note.substr(0, note.find('\n'));
    note.remove_prefix(std::min(note.size(), line.size() + 1));
    if (line.starts_with('+')) added_.emplace(line.substr(1));
    if (line.starts_with('-')) removed_.emplace(line.substr(1));
  }
}

}  // namespace fastrsi

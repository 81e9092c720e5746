// What `watch add` and `watch remove` have changed of the configured lists of symbols. It outlives
// the process; the configuration stays as it is written.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/shard.hpp"

namespace fastrsi {

struct WatchChange {
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> unchanged;  // watched already, or not watched anyway
};

// Thread: the service's.
class WatchList {
 public:
  // The configured lists with the changes on top.
  std::vector<ShardFeed> applied_to(std::vector<ShardFeed> feeds) const;
  // Symbols as "venue:NAME", or NAME where there is one feed. Returns the mend's text and changes
  // nothing when one of them cannot be meant; empty when all is well.
  std::string change(const std::vector<std::string>& add, const std::vector<std::string>& remove,
                     const std::vector<ShardFeed>& configured, WatchChange& change);

  const std::set<std::string>& added() const noexcept { return added_; }
  const std::set<std::string>& removed() const noexcept { return removed_; }
  // "+venue:NAME" and "-venue:NAME", one a line; reads back.
  std::string to_note() const;
  void from_note(std::string_view note);

 private:
  std::set<std::string> added_;  // full names
  std::set<std::string> removed_;
};

}  // namespace fastrsi

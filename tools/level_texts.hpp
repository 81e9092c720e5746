// Next-signal prices as people and programs read them: of a replay's end, or of the running
// service.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "engine/engine.hpp"

namespace fastrsi {

// One thread.
class LevelTexts {
 public:
  // `symbol` is a glob over venue:symbol; an empty `timeframe` is all of them.
  LevelTexts(std::string symbol, std::string timeframe, const std::vector<RuleSettings>& rules);

  void add(Engine& engine);
  bool is_empty() const noexcept { return texts_.empty(); }
  std::string text() const;
  std::string json_lines() const;  // one object a line

 private:
  struct Texts {
    std::string text;
    std::string json;
  };
  std::size_t position_of(const RuleLabel& label) const;

  const std::string symbol_;
  const std::string timeframe_;
  std::vector<std::string> rules_;  // names, as they stand in the configuration
  // By name, then as the rules stand in the configuration: the order of shards and plans must not
  // show.
  std::map<std::tuple<std::string, std::size_t, Timeframe>, Texts> texts_;
};

}  // namespace fastrsi

// Which records a sink was asked for: signals by kind and stage, lists by kind only, since they
// have no stage.
#pragma once

#include "sinks/sinks.hpp"

namespace fastrsi {

// Constant after construction.
class Filter {
 public:
  explicit Filter(const SinkSettings& settings) noexcept : kinds_(settings.kinds) {
    for (const Stage stage : settings.stages) stages_ |= bit_of(stage);
  }

  bool wants(const Signal& signal) const noexcept {
    return contains(kinds_, signal.kind) && (stages_ & bit_of(signal.stage)) != 0;
  }
  bool wants(const Snapshot& snapshot) const noexcept { return contains(kinds_, snapshot.kind); }

 private:
  static constexpr unsigned bit_of(Stage stage) noexcept {
    return 1U << static_cast<unsigned>(stage);
  }

  KindSet kinds_;
  unsigned stages_ = 0;
};

}  // namespace fastrsi

// Runs figures under Google Benchmark and prints one table: figure, ratio, goal.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/figure.hpp"

namespace fastrsi::bench {

// Owner: main. Thread: main's.
class Runner {
 public:
  // Runs a figure's rounds for as long as the library wants. A wrong answer ends the figure.
  void run(benchmark::State& state, const FigureEntry& entry);

  const std::vector<Question>& questions() const noexcept { return questions_; }
  // All readings of a question so far, one a round.
  const std::vector<Reading>& readings(std::size_t question) const { return readings_[question]; }
  const std::string& skipped() const noexcept { return skipped_; }
  bool any_wrong() const noexcept { return any_wrong_; }

 private:
  void start(const FigureEntry& entry);

  std::string name_;
  std::unique_ptr<Figure> figure_;
  std::vector<Question> questions_;
  std::vector<std::vector<Reading>> readings_;  // by question
  std::string skipped_;                         // why there is no answer
  bool any_wrong_ = false;
};

// Prints a figure's rows when it is done.
class TableReporter final : public benchmark::BenchmarkReporter {
 public:
  explicit TableReporter(const Runner& runner) : runner_(runner) {}
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;

 private:
  const Runner& runner_;
};

}  // namespace fastrsi::bench

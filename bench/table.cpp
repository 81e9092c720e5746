#include "bench/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <thread>

#include "feeds/feeds.hpp"

namespace fastrsi::bench {
namespace {

template <typename Read>
double median(const std::vector<Reading>& readings, Read&& read) {
  std::vector<double> values;
  values.reserve(readings.size());
  for (const Reading& reading : readings) values.push_back(read(reading));
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double median_ratio(const std::vector<Reading>& readings) {
  return median(readings, [](const Reading& reading) { return reading.ratio; });
}

std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
  }
  return "unknown processor";
}

std::string compiler() {
#ifdef __clang__
  return "clang " __clang_version__;
#else
  return "g++ " __VERSION__;
#endif
}

std::string nanoseconds(double ns) {
  if (ns < 0.0) return "";
  return ns < 10.0 ? fmt::format("{:.2f}", ns) : fmt::format("{:.0f}", ns);
}

const char* verdict(const Question& question, double ratio) noexcept {
  if (std::isnan(question.goal)) return "";
  const bool met =
      question.better == Better::Higher ? ratio >= question.goal : ratio <= question.goal;
  return met ? "ok" : "MISSED";
}

std::string goal_of(const Question& question) {
  if (std::isnan(question.goal)) return "";
  return fmt::format("{} {:.{}f}", question.better == Better::Higher ? ">=" : "<=", question.goal,
                     question.decimals);
}

void print_row(const Question& question, const std::vector<Reading>& readings) {
  const double ratio = median_ratio(readings);
  const double ours = median(readings, [](const Reading& reading) { return reading.ours_ns; });
  const double yardstick =
      median(readings, [](const Reading& reading) { return reading.yardstick_ns; });
  fmt::print("{:<5}{:<52}{:>8.{}f}  {:<9}{:<8}{:>8}{:>10}{:>8}\n", question.figure, question.text,
             ratio, question.decimals, goal_of(question), verdict(question, ratio),
             nanoseconds(ours), nanoseconds(yardstick), readings.size());
}

}  // namespace

void Runner::start(const FigureEntry& entry) {
  figure_.reset();
  name_ = entry.name;
  questions_.clear();
  readings_.clear();
  skipped_.clear();
  figure_ = entry.make(skipped_);
  if (figure_ == nullptr) return;
  questions_ = figure_->questions();
  readings_.resize(questions_.size());
  figure_->prove();
}

void Runner::run(benchmark::State& state, const FigureEntry& entry) {
  try {
    // The library comes several times, with more rounds each time: all of them count.
    if (name_ != entry.name) start(entry);
    if (figure_ == nullptr) return state.SkipWithError(skipped_.c_str());
    std::vector<Reading> round;
    for ([[maybe_unused]] const auto iteration : state) {
      round.clear();
      figure_->round(round);
      for (std::size_t i = 0; i < round.size(); ++i) readings_[i].push_back(round[i]);
    }
    for (std::size_t i = 0; i < questions_.size(); ++i) {
      state.counters["ratio" + std::to_string(i)] = median_ratio(readings_[i]);
    }
  } catch (const WrongAnswer& wrong) {
    any_wrong_ = true;
    skipped_ = std::string("WRONG ANSWER: ") + wrong.what();
    figure_.reset();
    state.SkipWithError(skipped_.c_str());
  }
}

bool TableReporter::ReportContext(const Context& /*context*/) {
  fmt::print("{}, {} cores | {} | simdjson {}\n", processor(), std::thread::hardware_concurrency(),
             compiler(), json_kernel());
  fmt::print("{:<5}{:<52}{:>8}  {:<9}{:<8}{:>8}{:>10}{:>8}\n", "", "question (medians of rounds)",
             "ratio", "goal", "", "ours ns", "other ns", "rounds");
  return true;
}

void TableReporter::ReportRuns(const std::vector<Run>& runs) {
  if (!runner_.skipped().empty()) {
    fmt::print("{:<5}{}\n", runs.front().run_name.function_name, runner_.skipped());
  } else {
    for (std::size_t i = 0; i < runner_.questions().size(); ++i) {
      print_row(runner_.questions()[i], runner_.readings(i));
    }
  }
  std::fflush(stdout);
}

}  // namespace fastrsi::bench

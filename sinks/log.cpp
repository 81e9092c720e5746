// The expert advisor's log (its alert text without the word Alert): "Buy signal - BTCUSDT -
// ETHUSDT", one line a kind. Signals that arrive together stand in one line, because a trader reads
// "what turned now", not one line a symbol.
#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "sinks/filter.hpp"
#include "sinks/output.hpp"
#include "sinks/printable.hpp"
#include "sinks/sinks.hpp"

namespace fastrsi {
namespace {

// Signals gathered before lines are made of them even without a batch's end.
constexpr std::size_t kGatheredSignalsMax = 16 * 1024;

// spdlog's end of the line: hands formatted text to Output, which knows the records a failure
// costs. One thread uses it, so it needs no mutex.
class OutputLogSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit OutputLogSink(const SinkSettings& settings) : output_(make_output(settings)) {}

  // Says for how many records the next line speaks, and what it says.
  void expect(std::uint64_t records, OutputFields fields) noexcept {
    records_ = records;
    fields_ = std::move(fields);
  }
  const Output& output() const noexcept { return *output_; }
  bool sync() noexcept { return output_->sync(); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    output_->add_line({text.data(), text.size()}, records_, std::move(fields_));
  }
  void flush_() override { output_->flush(); }

 private:
  const std::unique_ptr<Output> output_;
  std::uint64_t records_ = 1;
  OutputFields fields_;
};

// A line that is being gathered; it carries the time of its first signal.
struct Line {
  const RuleLabel* rule;
  Timeframe timeframe;
  Kind kind;
  Stage stage;
  ExchangeTime time;
  std::vector<const Symbol*> symbols;
  std::uint64_t records;
};

// Rules are compared by name: each shard has its own label of the same rule.
bool belongs(const Signal& signal, const Line& line) noexcept {
  return signal.rule->name == line.rule->name && signal.timeframe == line.timeframe &&
         signal.kind == line.kind && signal.stage == line.stage;
}

void join(Line& line, const Symbol* symbol) {
  ++line.records;
  const auto known = std::find(line.symbols.begin(), line.symbols.end(), symbol);
  if (known == line.symbols.end()) line.symbols.push_back(symbol);
}

// `word` is the stage of signals, or the reason of a list.
std::string text_of(const Line& line, std::string_view word) {
  std::string text = to_iso_seconds(line.time);
  text.append(" ").append(to_text(line.timeframe)).append(" ").append(word);
  text.append("  ").append(to_title(line.kind));
  for (const Symbol* symbol : line.symbols) text.append(" - ").append(printable(symbol->name));
  return text;
}

// Owner and thread: one sink thread.
class LogSink final : public Sink {
 public:
  // The logger is this sink's own: it is in no registry, so nothing outlives or reconfigures it.
  explicit LogSink(const SinkSettings& settings)
      : filter_(settings),
        end_(std::make_shared<OutputLogSink>(settings)),
        logger_(settings.name, end_) {
    logger_.set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%v", spdlog::pattern_time_type::utc, std::string()));
    logger_.set_level(spdlog::level::info);
  }
  ~LogSink() override { LogSink::flush(); }
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  void signal(const Signal& signal) noexcept override {
    if (!filter_.wants(signal)) return;
    const auto line = std::find_if(lines_.begin(), lines_.end(),
                                   [&](const Line& each) { return belongs(signal, each); });
    if (line != lines_.end()) {
      join(*line, signal.symbol);
    } else {
      lines_.push_back({signal.rule,
                        signal.timeframe,
                        signal.kind,
                        signal.stage,
                        signal.time,
                        {signal.symbol},
                        1});
    }
    if (++gathered_ >= kGatheredSignalsMax) print_lines();
  }

  // A list stands alone; what was gathered before it comes first.
  void snapshot(const Snapshot& snapshot) noexcept override {
    if (!filter_.wants(snapshot)) return;
    print_lines();
    print(
        {snapshot.rule, snapshot.timeframe, snapshot.kind, {}, snapshot.time, snapshot.symbols, 1},
        {"REASON", std::string(to_text(snapshot.reason))});
  }

  void flush() noexcept override {
    print_lines();
    logger_.flush();
  }
  bool sync() noexcept override { return end_->sync(); }
  std::uint64_t failed_records() const noexcept override { return end_->output().failed_records(); }
  std::string last_error() const override { return end_->output().last_error(); }

 private:
  void print(const Line& line, OutputField word) {
    const std::string text = text_of(line, word.value);
    OutputFields fields;
    if (end_->output().keeps_fields()) {
      fields = record_fields(line.kind, line.timeframe, std::move(word), *line.rule, line.symbols);
    }
    end_->expect(line.records, std::move(fields));
    logger_.info("{}", text);
  }

  void print_lines() noexcept {
    for (const Line& line : lines_) print(line, {"STAGE", std::string(to_text(line.stage))});
    lines_.clear();
    gathered_ = 0;
  }

  const Filter filter_;
  const std::shared_ptr<OutputLogSink> end_;  // shared with the logger, whose interface wants it so
  spdlog::logger logger_;
  std::vector<Line> lines_;
  std::size_t gathered_ = 0;
};

}  // namespace

std::unique_ptr<Sink> make_log_sink(const SinkSettings& settings) {
  return std::make_unique<LogSink>(settings);
}

}  // namespace fastrsi

// Records as JSON, one a line (SIGNALS.md, section 6): what other programs read.
#include <memory>
#include <string>

#include "sinks/filter.hpp"
#include "sinks/output.hpp"
#include "sinks/sinks.hpp"

namespace fastrsi {
namespace {

// Owner and thread: one sink thread.
class NdjsonSink final : public Sink {
 public:
  explicit NdjsonSink(const SinkSettings& settings)
      : filter_(settings), output_(make_output(settings)) {}

  void signal(const Signal& signal) noexcept override {
    if (filter_.wants(signal)) output_->add_line(to_json(signal), 1, fields_of(signal));
  }
  void snapshot(const Snapshot& snapshot) noexcept override {
    if (filter_.wants(snapshot)) output_->add_line(to_json(snapshot), 1, fields_of(snapshot));
  }
  void flush() noexcept override { output_->flush(); }
  bool sync() noexcept override { return output_->sync(); }
  std::uint64_t failed_records() const noexcept override { return output_->failed_records(); }
  std::string last_error() const override { return output_->last_error(); }

 private:
  OutputFields fields_of(const Signal& signal) const {
    if (!output_->keeps_fields()) return {};
    OutputFields fields =
        record_fields(signal.kind, signal.timeframe, {"STAGE", std::string(to_text(signal.stage))},
                      *signal.rule, {signal.symbol});
    fields.push_back({"ID", signal_id(signal)});
    return fields;
  }
  OutputFields fields_of(const Snapshot& list) const {
    if (!output_->keeps_fields()) return {};
    return record_fields(list.kind, list.timeframe, {"REASON", std::string(to_text(list.reason))},
                         *list.rule, list.symbols);
  }

  const Filter filter_;
  const std::unique_ptr<Output> output_;
};

}  // namespace

std::unique_ptr<Sink> make_ndjson_sink(const SinkSettings& settings) {
  return std::make_unique<NdjsonSink>(settings);
}

}  // namespace fastrsi

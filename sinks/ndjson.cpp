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
      : filter_(settings), output_(settings.path, settings.append) {}

  void signal(const Signal& signal) noexcept override {
    if (filter_.wants(signal)) output_.add_line(to_json(signal), 1);
  }
  void snapshot(const Snapshot& snapshot) noexcept override {
    if (filter_.wants(snapshot)) output_.add_line(to_json(snapshot), 1);
  }
  void flush() noexcept override { output_.flush(); }
  bool sync() noexcept override { return output_.sync(); }
  std::uint64_t failed_records() const noexcept override { return output_.failed_records(); }
  std::string last_error() const override { return output_.last_error(); }

 private:
  const Filter filter_;
  Output output_;
};

}  // namespace

std::unique_ptr<Sink> make_ndjson_sink(const SinkSettings& settings) {
  return std::make_unique<NdjsonSink>(settings);
}

}  // namespace fastrsi

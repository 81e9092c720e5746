// The engine on one core, the journal's thread on the other: what stands beside them is for a
// figure to say.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/child.hpp"
#include "bench/input.hpp"
#include "bench/partner.hpp"
#include "bench/pipeline.hpp"
#include "tools/service/recorder.hpp"

namespace fastrsi::bench {

// Owner and thread: a figure.
class EngineBeside {
 public:
  explicit EngineBeside(const std::string& state_dir) : input_(make_market({})) {
    PipelineSettings settings;
    settings.symbols = input_->symbols();
    settings.latencies = &latencies_;
    pipeline_ = std::make_unique<Pipeline>(settings);
    pipeline_->tell_history(*input_);
    JournalSettings journal;
    journal.dir = state_dir;
    journal.ballast_bytes = 0;
    recorder_ = std::make_unique<Recorder>(
        journal, [](const std::string&) {}, 0);
    recorder_->follow({&pipeline_->queue()});
  }
  ~EngineBeside() { stop(); }
  EngineBeside(const EngineBeside&) = delete;
  EngineBeside& operator=(const EngineBeside&) = delete;

  // The journal's thread, which calls `on_publish` when there are new records.
  void start(std::function<void()> on_publish) {
    recorder_->on_publish = std::move(on_publish);
    thread_ = std::thread([this] {
      stay_on(kOtherCore);
      recorder_->run();
    });
  }
  void stop() {
    if (!thread_.joinable()) return;
    recorder_->stop();
    thread_.join();
  }
  Recorder& recorder() noexcept { return *recorder_; }

  // The time from a frame's first byte to its signal in the queue, in ns. All that the frames made
  // is in the window when it returns.
  double p99_of_frames() {
    constexpr std::size_t kFrames = 24'576;
    // As often as a busy feed sends one, so that the others work beside it.
    constexpr std::int64_t kFrameEveryNs = 12'000;
    stay_on(kEngineCore);
    latencies_.clear();
    std::int64_t due = now_ns();
    for (const CaptureLine& line : input_->next(kFrames)) {
      spin_until([&] { return now_ns() >= due; });
      due += kFrameEveryNs;
      const std::size_t before = latencies_.size();
      pipeline_->take(line, now_ns());
      if (latencies_.size() != before) recorder_->wake_up().ring();
    }
    recorder_->ask([](Journal&) {});
    spin_until([this] { return pipeline_->queue().size_approximate() == 0; });
    recorder_->ask([](Journal&) {});
    const auto at = latencies_.begin() +
                    static_cast<std::ptrdiff_t>(0.99 * static_cast<double>(latencies_.size() - 1));
    std::nth_element(latencies_.begin(), at, latencies_.end());
    return static_cast<double>(*at);
  }

 private:
  std::unique_ptr<Input> input_;
  std::vector<std::int64_t> latencies_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Recorder> recorder_;
  std::thread thread_;
};

}  // namespace fastrsi::bench

// Made-up trades, as long as somebody listens. Only whole numbers decide, no library's
// distributions or logarithms, so that a seed means the same everywhere.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <random>
#include <stdexcept>
#include <utility>

#include "feeds/capture_encode.hpp"
#include "tools/simulate/tape.hpp"

namespace fastrsi::simulate {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kNetworkMs = 2;  // from the trade to the frame's arrival
constexpr std::uint64_t kFirstId = 1'000'000;
constexpr std::int64_t kPriceMin = 100;  // in cents
constexpr std::int64_t kStepPart = 2'000;

class GeneratedTape final : public Tape {
 public:
  explicit GeneratedTape(const TapeOptions& options)
      : random_(options.seed),
        time_ns_(to_unix_ns(options.begin)),
        end_ns_(options.length == Nanoseconds::max()
                    ? to_unix_ns(kLatestSaneTime)
                    : to_unix_ns(options.begin) + options.length.count()),
        pause_ns_max_(static_cast<std::uint64_t>(2e9 / options.rate) + 1),
        parser_(make_parser(venue_, TradeStream::Trade)) {
    std::uint64_t sum = 0;
    for (const std::string& name : options.symbols) {
      sum += kWeight / (walks_.size() + 1) + 1;
      const auto price = static_cast<std::int64_t>(1'000 + below(10'000'000));
      walks_.push_back({name, lower(name), sum, price, kFirstId + below(1'000'000'000)});
    }
    bytes_.reserve(512);
  }

  bool next(TapeFrame& frame) override {
    time_ns_ += static_cast<std::int64_t>(below(pause_ns_max_));
    if (time_ns_ >= end_ns_) return false;
    const std::uint64_t drawn = below(walks_.back().weight_sum);
    Walk& walk = *std::upper_bound(
        walks_.begin(), walks_.end(), drawn,
        [](std::uint64_t value, const Walk& one) { return value < one.weight_sum; });
    const std::int64_t step = std::max<std::int64_t>(walk.price / kStepPart, 1);
    walk.price += static_cast<std::int64_t>(below(static_cast<std::uint64_t>(2 * step + 1))) - step;
    walk.price = std::max(walk.price, kPriceMin);
    write(walk, time_ns_ / kMillisecond, below(1'000'000) + 1, below(2) == 0);
    frame.received = receive_time_from_ns(time_ns_ + kNetworkMs * kMillisecond);
    const std::string_view text(bytes_.data(), bytes_.size() - kFramePaddingBytes);
    parser_->parse(text, frame.received, events_);
    frame.bytes = text;
    frame.events = &events_;
    return true;
  }

  const std::string& venue() const noexcept override { return venue_; }
  std::vector<std::string> end() override { return {}; }

 private:
  static constexpr std::uint64_t kWeight = 1'000'000;

  struct Walk {
    std::string name;
    std::string stream;
    std::uint64_t weight_sum;  // of this and all before it
    std::int64_t price;        // in cents
    std::uint64_t id;
  };

  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
  }

  // The remainder's small bias does not matter here.
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void write(Walk& walk, std::int64_t time_ms, std::uint64_t quantity, bool is_buyer_maker) {
    bytes_.clear();
    fmt::format_to(std::back_inserter(bytes_),
                   R"({{"stream":"{}@trade","data":{{"e":"trade","E":{},"s":"{}","t":{},)"
                   R"("p":"{}.{:02}000000","q":"{}.{:05}000","T":{},"m":{},"M":true}}}})",
                   walk.stream, time_ms + 1, walk.name, walk.id++, walk.price / 100,
                   walk.price % 100, quantity / 100'000, quantity % 100'000, time_ms,
                   is_buyer_maker);
    bytes_.append(kFramePaddingBytes, '\0');
  }

  std::mt19937_64 random_;
  std::int64_t time_ns_;
  const std::int64_t end_ns_;
  const std::uint64_t pause_ns_max_;
  const std::string venue_ = "binance";
  const std::unique_ptr<Parser> parser_;
  std::vector<Walk> walks_;
  std::string bytes_;
  FrameEvents events_;
};

class RecordingTape final : public Tape {
 public:
  RecordingTape(std::unique_ptr<Tape> tape, const std::string& file) : tape_(std::move(tape)) {
    std::string error;
    if (std::filesystem::exists(file)) {
      throw std::invalid_argument(file + ": exists already (name a new file for --record)");
    }
    output_ = CaptureOutput::create(file, "", kLevel, error);
    if (output_ == nullptr) throw std::invalid_argument(error + " (name a file for --record)");
  }
  RecordingTape(const RecordingTape&) = delete;
  RecordingTape& operator=(const RecordingTape&) = delete;

  bool next(TapeFrame& frame) override {
    if (!tape_->next(frame)) return false;
    if (!has_header_)
      append_object_line(text_, frame.received, capture_header(venue(), "made-up", 0));
    has_header_ = true;
    append_frame_line(text_, frame.received, frame.bytes, true);
    write(kTextBytes);
    return true;
  }

  const std::string& venue() const noexcept override { return tape_->venue(); }

  std::vector<std::string> end() override {
    std::vector<std::string> troubles = tape_->end();
    write(0);
    if (output_->error().empty()) output_->finish();
    if (!output_->error().empty()) troubles.push_back(output_->error() + " (the record is cut)");
    return troubles;
  }

 private:
  static constexpr int kLevel = 3;
  static constexpr std::size_t kTextBytes = 256U * 1024;

  // A disk that refuses ends the record, not the exchange.
  void write(std::size_t least) {
    if (text_.size() <= least) return;
    if (output_->error().empty()) output_->write(text_);
    text_.clear();
  }

  const std::unique_ptr<Tape> tape_;
  std::unique_ptr<CaptureOutput> output_;
  std::string text_;
  bool has_header_ = false;
};

}  // namespace

std::unique_ptr<Tape> make_generated_tape(const TapeOptions& options) {
  return std::make_unique<GeneratedTape>(options);
}

std::unique_ptr<Tape> make_recording_tape(std::unique_ptr<Tape> tape, const std::string& file) {
  return std::make_unique<RecordingTape>(std::move(tape), file);
}

}  // namespace fastrsi::simulate

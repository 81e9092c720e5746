// Feeds that are files: one reader's thread hands their lines to every shard.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "tools/commands.hpp"
#include "tools/replay_judge.hpp"
#include "tools/service/file_runner.hpp"
#include "tools/service/input.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kFileBlocks = 8;

CaptureFiles files_of(const Config& config, const std::string& config_file) {
  const auto folder = std::filesystem::path(config_file).parent_path();
  CaptureFiles files;
  for (const FeedSettings& feed : config.feeds) {
    if (feed.speed != config.feeds.front().speed) {
      throw std::invalid_argument("feeds that read files run at one speed: set the same in each");
    }
    std::string_view rest = std::string_view(feed.url).substr(kFileScheme.size());
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
      files.paths.push_back((folder / name).string());
      files.venues.push_back(feed.venue);
    }
  }
  return files;
}

class FileInput final : public Input {
 public:
  FileInput(const Config& config, const std::string& config_file, const Checkpoint& checkpoint,
            std::size_t shards)
      : speed_(config.feeds.front().speed), blocks_(kFileBlocks, shards), gate_(shards) {
    const CaptureFiles files = files_of(config, config_file);
    CaptureSession session = open_capture_session(config, files);
    for (const std::string& line : session.passed_over) print_error(line);
    reader_ = std::move(session.reader);
    feed_of_source_ = std::move(session.feed_of_source);
    feeds_ = std::move(session.feeds);
    symbols_max_ = session.symbols_max;
    position_.files = files.paths;
    go_on_from(checkpoint);
  }

  std::unique_ptr<ShardRunner> make_runner(ShardBegin begin) override {
    runners_.push_back(nullptr);
    auto runner = std::make_unique<FileRunner>(
        std::move(begin), FileFrames{blocks_, gate_, feed_of_source_, speed_, position_.lines});
    runners_.back() = runner.get();
    return runner;
  }
  void start() override {
    thread_ = std::thread([this] { read(); });
  }
  void give_up() override { blocks_.give_up(); }
  void join() override {
    if (thread_.joinable()) thread_.join();
  }
  void judge(const Shard& shard, ReplayReport& report) const override {
    report.diagnostics = reader_->diagnostics();
    for (std::size_t source = 0; source < feed_of_source_.size(); ++source) {
      const std::size_t feed = feed_of_source_[source];
      if (feed == kNoFeed) continue;
      judge_source(position_.files[source], feeds_[feed].venue, shard.source_statistics(source),
                   report);
    }
    for (std::size_t feed = 0; feed < feeds_.size(); ++feed) {
      judge_feed(feeds_[feed], shard.frame_statistics(feed), symbols_max_, report);
    }
  }
  void tell(std::size_t, nlohmann::ordered_json& feed) const override {
    feed["lines"] = runners_[0]->lines();
    feed["progress"] = runners_[0]->progress();
  }

 private:
  void go_on_from(const Checkpoint& checkpoint) {
    const auto part = std::find_if(checkpoint.parts.begin(), checkpoint.parts.end(),
                                   [](const StatePart& one) { return one.name == kInputPart; });
    if (part == checkpoint.parts.end()) return;
    const std::optional<InputPosition> saved = position_from(part->bytes);
    after_break_ = !saved || saved->files != position_.files;
    if (!after_break_) position_.lines = saved->lines;
  }

  void read() {
    while (true) {
      CaptureBlock* block = blocks_.take_free();
      if (block == nullptr || !reader_->next(*block)) break;
      blocks_.hand_over(reader_->progress());
    }
    blocks_.close();
  }

  const double speed_;
  BlockExchange blocks_;
  LineGate gate_;
  std::unique_ptr<CaptureReader> reader_;
  std::vector<std::size_t> feed_of_source_;
  std::vector<const ShardRunner*> runners_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Input> make_file_input(const Config& config, const std::string& config_file,
                                       const Checkpoint& checkpoint, std::size_t shards) {
  return std::make_unique<FileInput>(config, config_file, checkpoint, shards);
}

}  // namespace fastrsi

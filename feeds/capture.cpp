#include "feeds/capture.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "feeds/capture_file.hpp"
#include "feeds/capture_log.hpp"

namespace fastrsi {
namespace {

std::size_t text_bytes(const CaptureLine& line) noexcept {
  return line.bytes.size() + line.symbol.size();
}

// A file and the run of lines read from it and not yet merged.
class MergeInput {
 public:
  MergeInput(const std::string& path, std::uint32_t index, const CaptureOptions& options,
             CaptureStatistics& statistics, std::vector<std::string>& diagnostics)
      : log_(std::make_unique<DamageLog>(path, statistics, diagnostics)),
        file_(std::make_unique<CaptureFile>(path, index, options, *log_)) {}

  CaptureFile& file() noexcept { return *file_; }
  const CaptureFile& file() const noexcept { return *file_; }

  bool has_line() const noexcept { return at_ < block_.lines.size(); }
  const CaptureLine& line() const noexcept { return block_.lines[at_]; }
  std::int64_t time() const noexcept { return time_; }

  // To the next line, if there is one.
  void advance() {
    ++at_;
    load();
  }
  void start() {
    at_ = 0;
    block_.lines.clear();
    load();
  }

 private:
  void load() {
    if (!has_line()) {
      at_ = 0;
      if (!file_->fill(block_)) return;
    }
    time_ = std::max(time_, to_unix_ns(time_of(line())));  // it never falls within a file
  }

  std::unique_ptr<DamageLog> log_;  // the file points at it
  std::unique_ptr<CaptureFile> file_;
  CaptureBlock block_;
  std::size_t at_ = 0;
  std::int64_t time_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace

struct CaptureReader::Impl {
  explicit Impl(CaptureOptions given);

  bool merge(CaptureBlock& block);
  bool has_room(const CaptureBlock& block, const CaptureLine& line) const noexcept;
  void append(CaptureBlock& block, const CaptureLine& line);
  MergeInput* earliest() noexcept;

  const CaptureOptions options;
  const std::size_t block_lines_max;
  CaptureStatistics statistics;
  std::vector<std::string> diagnostics;
  std::vector<MergeInput> inputs;
  std::vector<std::string> venues;
  std::vector<std::uint32_t> links;
  std::size_t used = 0;  // bytes of the block being merged
};

CaptureReader::Impl::Impl(CaptureOptions given)
    : options(std::move(given)),
      block_lines_max(std::max(options.block_lines_max, kBlockLinesMin)) {
  if (options.files.empty())
    throw std::runtime_error("no capture is named (name one or more files)");
  inputs.reserve(options.files.size());
  for (const std::string& path : options.files) {
    const auto index = static_cast<std::uint32_t>(inputs.size());
    inputs.emplace_back(path, index, options, statistics, diagnostics);
    venues.push_back(inputs.back().file().venue());
    links.push_back(inputs.back().file().link());
  }
  if (inputs.size() == 1) return;
  for (MergeInput& input : inputs) input.start();
}

// The first of those whose line is earliest; nullptr at the end of all.
MergeInput* CaptureReader::Impl::earliest() noexcept {
  MergeInput* found = nullptr;
  for (MergeInput& input : inputs) {
    if (input.has_line() && (found == nullptr || input.time() < found->time())) found = &input;
  }
  return found;
}

bool CaptureReader::Impl::has_room(const CaptureBlock& block,
                                   const CaptureLine& line) const noexcept {
  if (block.lines.empty()) return true;
  return block.lines.size() < block_lines_max && used + text_bytes(line) <= block.memory.capacity;
}

void CaptureReader::Impl::append(CaptureBlock& block, const CaptureLine& line) {
  CaptureLine& copy = block.lines.emplace_back(line);
  char* const bytes = block.memory.bytes.get() + used;
  char* const symbol = std::copy(line.bytes.begin(), line.bytes.end(), bytes);
  std::copy(line.symbol.begin(), line.symbol.end(), symbol);
  copy.bytes = {bytes, line.bytes.size()};
  copy.symbol = {symbol, line.symbol.size()};
  used += text_bytes(line);
}

// Lines are copied: those of one block come from several files' memory, which goes on being read
// into.
bool CaptureReader::Impl::merge(CaptureBlock& block) {
  block.lines.clear();
  block.lines.reserve(block_lines_max);
  used = 0;
  while (MergeInput* input = earliest()) {
    const CaptureLine& line = input->line();
    if (!has_room(block, line)) break;
    if (block.lines.empty()) {
      reserve(block.memory, std::max(options.block_bytes, text_bytes(line)), 0);
    }
    append(block, line);
    input->advance();
  }
  if (!block.lines.empty()) seal(block.memory, used);
  return !block.lines.empty();
}

CaptureReader::CaptureReader(CaptureOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
CaptureReader::~CaptureReader() = default;

bool CaptureReader::next(CaptureBlock& block) {
  if (impl_->inputs.size() == 1) return impl_->inputs.front().file().fill(block);
  return impl_->merge(block);
}

const std::vector<std::string>& CaptureReader::venues() const noexcept {
  return impl_->venues;
}
const std::vector<std::uint32_t>& CaptureReader::links() const noexcept {
  return impl_->links;
}
const CaptureStatistics& CaptureReader::statistics() const noexcept {
  return impl_->statistics;
}
const std::vector<std::string>& CaptureReader::diagnostics() const noexcept {
  return impl_->diagnostics;
}

double CaptureReader::progress() const noexcept {
  InputProgress sum;
  for (const MergeInput& input : impl_->inputs) {
    const InputProgress one = input.file().progress();
    sum.read += one.read;
    sum.total += one.total;
  }
  if (sum.total == 0) return 0.0;
  return std::min(1.0, static_cast<double>(sum.read) / static_cast<double>(sum.total));
}

}  // namespace fastrsi

#include "feeds/capture_sorted.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "feeds/capture_decode.hpp"
#include "feeds/capture_line.hpp"

namespace fastrsi {
namespace {

struct SortedLine {
  std::int64_t time_ns = 0;
  std::size_t begin = 0;
  std::size_t size = 0;  // with its line end
};

class SortedSource final : public ByteSource {
 public:
  SortedSource(std::string text, std::vector<SortedLine> lines, std::unique_ptr<ByteSource> source)
      : text_(std::move(text)), lines_(std::move(lines)), source_(std::move(source)) {}

  std::size_t read(char* into, std::size_t size) noexcept override {
    std::size_t written = 0;
    while (written < size && next_ < lines_.size()) {
      const SortedLine& line = lines_[next_];
      const std::size_t count = std::min(size - written, line.size - taken_);
      std::memcpy(into + written, text_.data() + line.begin + taken_, count);
      written += count;
      taken_ += count;
      if (taken_ == line.size) {
        ++next_;
        taken_ = 0;
      }
    }
    return written;
  }
  const std::string& damage() const noexcept override { return source_->damage(); }
  InputProgress progress() const noexcept override { return source_->progress(); }

 private:
  const std::string text_;
  const std::vector<SortedLine> lines_;
  const std::unique_ptr<ByteSource> source_;
  std::size_t next_ = 0;
  std::size_t taken_ = 0;  // bytes of the next line given already
};

std::string read_all(const std::string& file, std::string_view begin, ByteSource& source) {
  constexpr std::size_t kStepBytes = 1024U * 1024;
  std::string text(begin);
  for (;;) {
    const std::size_t used = text.size();
    if (used > kSortedFileBytesMax) {
      throw std::runtime_error(file +
                               ": is above 256 MiB, too large to be sorted by time (split it)");
    }
    text.resize(used + kStepBytes);
    const std::size_t count = source.read(text.data() + used, kStepBytes);
    text.resize(used + count);
    if (count == 0) break;
  }
  if (!text.ends_with('\n')) text.push_back('\n');
  return text;
}

// What the line is sorted by; nothing when it is damaged. Accepts exactly what LineReader will.
std::optional<std::int64_t> sort_key(std::string_view line, std::string& scratch) {
  const auto record = read_cryptofeed_record(line);
  if (!record) return std::nullopt;
  if (record->kind == CryptofeedRecord::Kind::Received) {
    scratch.assign(record->data);
    if (!decode_json_string(scratch.data(), scratch.size())) return std::nullopt;
  }
  return record->time_ns.value_or(std::numeric_limits<std::int64_t>::min());
}

}  // namespace

std::unique_ptr<ByteSource> make_sorted_source(const std::string& file, std::string_view begin,
                                               std::unique_ptr<ByteSource> source, DamageLog& log) {
  std::string text = read_all(file, begin, *source);
  std::vector<SortedLine> lines;
  std::string scratch;
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    std::string_view line(text.data() + at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number;
    if (line.size() > kLineBytesMax) {
      ++log.statistics().lines;
      log.oversized_line(number);
    } else if (const auto key = line.empty() ? std::nullopt : sort_key(line, scratch)) {
      lines.push_back({*key, at, end + 1 - at});
    } else if (!line.empty()) {
      ++log.statistics().lines;
      log.damaged_line(number, "no record of cryptofeed format 2");
    }
    at = end + 1;
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const SortedLine& a, const SortedLine& b) { return a.time_ns < b.time_ns; });
  return std::make_unique<SortedSource>(std::move(text), std::move(lines), std::move(source));
}

}  // namespace fastrsi

#include "feeds/capture_file.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "engine/base/assert.hpp"
#include "feeds/capture_sorted.hpp"

namespace fastrsi {
namespace {

// Memory above so many times what is asked for is given back.
constexpr std::size_t kSlackFactor = 8;

}  // namespace

void reserve(BlockMemory& memory, std::size_t bytes, std::size_t keep) {
  FASTRSI_ASSERT(keep <= bytes);
  if (memory.capacity >= bytes && memory.capacity / kSlackFactor <= bytes) return;
  // Not value-initialised: the pages are written by the reads that follow.
  std::unique_ptr<char[]> bigger(new char[bytes + kFramePaddingBytes]);
  if (keep > 0) std::memcpy(bigger.get(), memory.bytes.get(), keep);
  memory.bytes = std::move(bigger);
  memory.capacity = bytes;
}

void seal(BlockMemory& memory, std::size_t used) noexcept {
  FASTRSI_ASSERT(used <= memory.capacity);
  std::memset(memory.bytes.get() + used, 0, kFramePaddingBytes);
}

CaptureFile::CaptureFile(const std::string& path, std::uint32_t index,
                         const CaptureOptions& options, DamageLog& log)
    : path_(path),
      block_lines_max_(std::max(options.block_lines_max, kBlockLinesMin)),
      block_bytes_(std::max<std::size_t>(options.block_bytes, 1)),
      log_(log),
      source_(open_byte_source(path)) {
  std::size_t used = 0;
  carry_.resize(kSniffBytes);
  while (used < kSniffBytes) {
    const std::size_t count = source_->read(carry_.data() + used, kSniffBytes - used);
    if (count == 0) break;
    used += count;
  }
  carry_.resize(used);
  if (used == 0 && !source_->damage().empty()) {
    throw std::runtime_error(path + ": " + source_->damage() + " at once (get the file anew)");
  }
  CaptureShape shape = find_shape(path, {carry_.data(), used}, used < kSniffBytes);
  const std::string& told = index < options.venues.size() ? options.venues[index] : options.venue;
  venue_ = shape.venue.empty() ? told : shape.venue;
  if (venue_.empty()) {
    const std::string hint =
        shape.venue_hint.empty() ? "" : "; its addresses are those of " + shape.venue_hint;
    throw VenueUnknown(path + ": no header names the venue (give --venue" + hint + ")");
  }
  link_ = shape.link;
  is_csv_ = shape.format == CaptureFormat::Csv;
  carry_.erase(carry_.begin(), carry_.begin() + static_cast<std::ptrdiff_t>(shape.begin));
  if (shape.format == CaptureFormat::CryptofeedJson) {
    source_ = make_sorted_source(path, {carry_.data(), carry_.size()}, std::move(source_), log);
    carry_.clear();
  }
  log_.statistics().bytes += carry_.size();
  reader_.emplace(std::move(shape), symbol_from_file_name(path), index, log);
}

bool CaptureFile::fill(CaptureBlock& block) {
  block.lines.clear();
  block.lines.reserve(block_lines_max_);
  while (block.lines.empty() && !at_end_) fill_once(block);
  return !block.lines.empty();
}

// One read more than what was carried over, and as many more as it takes to see the end of one
// line.
void CaptureFile::fill_once(CaptureBlock& block) {
  const std::size_t carried = carry_.size();
  reserve(block.memory, std::max(block_bytes_, carried), 0);
  std::copy(carry_.begin(), carry_.end(), block.memory.bytes.get());
  carry_.clear();
  Span span{0, carried, 0};
  while (block.lines.empty() && !at_end_) {
    make_room(block, span);
    char* const memory = block.memory.bytes.get();
    const std::size_t room = block.memory.capacity - span.used;
    const std::size_t count = room == 0 ? 0 : source_->read(memory + span.used, room);
    log_.statistics().bytes += count;
    span.used += count;
    split(block, span);
    if (count == 0 && room > 0 && !is_full(block)) finish(block, span);
  }
  const char* const rest = block.memory.bytes.get();
  carry_.assign(rest + span.begin, rest + span.used);
  seal(block.memory, span.used);
}

// Moves the begun line to the memory's start, and enlarges the memory when the line fills it.
void CaptureFile::make_room(CaptureBlock& block, Span& span) {
  char* const memory = block.memory.bytes.get();
  if (span.begin > 0) {
    std::memmove(memory, memory + span.begin, span.used - span.begin);
    span = {0, span.used - span.begin, span.searched - span.begin};
  }
  const std::size_t capacity = block.memory.capacity;
  // A line that was searched through to the memory's end; other bytes wait to be split first.
  if (span.used < capacity || span.searched < span.used) return;
  reserve(block.memory, std::min(capacity * 2, std::max(kLineBytesMax + 2, block_bytes_)),
          span.used);
}

bool CaptureFile::is_full(const CaptureBlock& block) const noexcept {
  return block.lines.size() + kBlockLinesMin > block_lines_max_;
}

void CaptureFile::split(CaptureBlock& block, Span& span) {
  char* const memory = block.memory.bytes.get();
  if (skipping_) skip_oversized(block, span);
  while (!is_full(block)) {
    char* const from = memory + span.searched;
    const void* found = std::memchr(from, '\n', span.used - span.searched);
    if (found == nullptr) {
      span.searched = span.used;
      break;
    }
    char* const text = memory + span.begin;
    const auto size = static_cast<std::size_t>(static_cast<const char*>(found) - text);
    take_line(block, text, size);
    span.begin += size + 1;
    span.searched = span.begin;
  }
  // A line end may bring one more byte, so that a line of the largest size still counts as whole.
  if (span.searched == span.used && span.used - span.begin > kLineBytesMax + 1) {
    ++line_number_;
    ++log_.statistics().lines;
    log_.oversized_line(line_number_);
    skipping_ = true;
    span.begin = span.used;
  }
}

void CaptureFile::take_line(CaptureBlock& block, char* text, std::size_t size) {
  ++line_number_;
  if (size > 0 && text[size - 1] == '\r') --size;
  if (size == 0) {
    reader_->read_empty(block.lines);
    return;
  }
  ++log_.statistics().lines;
  if (size > kLineBytesMax) {
    log_.oversized_line(line_number_);
  } else {
    reader_->read(text, size, line_number_, block.lines);
  }
}

void CaptureFile::skip_oversized(const CaptureBlock& block, Span& span) {
  const char* const from = block.memory.bytes.get() + span.begin;
  const void* found = std::memchr(from, '\n', span.used - span.begin);
  if (found == nullptr) {
    span.begin = span.used;
  } else {
    span.begin += static_cast<std::size_t>(static_cast<const char*>(found) - from) + 1;
    skipping_ = false;
  }
  span.searched = span.begin;
}

// What stands behind the last line end is a line too. It may be cut; a frame's parser sees that,
// but a cut number in a CSV row reads as a smaller one, so a row is only taken from a file that is
// whole. In a damaged file that line is part of the tail, which is told once.
void CaptureFile::finish(CaptureBlock& block, Span& span) {
  at_end_ = true;
  const bool is_damaged = !source_->damage().empty();
  char* const text = block.memory.bytes.get() + span.begin;
  const std::size_t size = span.used - span.begin;
  if (is_damaged) {
    log_.damaged_tail(std::max<std::uint64_t>(line_number_ + (size > 0 ? 1 : 0), 1),
                      source_->damage());
  }
  if (size > 0 && is_csv_ && is_damaged) {
    ++line_number_;
    ++log_.statistics().lines;
    log_.damaged_line(line_number_, "cut by the end of the data");
  } else if (size > 0) {
    take_line(block, text, size);
    if (is_damaged && !block.lines.empty()) block.lines.back().is_cut = true;
  }
  span.begin = span.used;
  log_.finish();
}

}  // namespace fastrsi

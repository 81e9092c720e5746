// One file of a capture: its bytes are unpacked straight into a block's memory, split into lines
// there, and the lines point into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/byte_source.hpp"
#include "feeds/capture.hpp"
#include "feeds/capture_format.hpp"
#include "feeds/capture_line.hpp"
#include "feeds/capture_log.hpp"

namespace fastrsi {

// Makes room for at least `bytes` and the padding behind them. What was there is lost, but for
// `keep` bytes from the start; memory that one long line made large is given back when it is not
// needed any more.
void reserve(BlockMemory& memory, std::size_t bytes, std::size_t keep);

// Zeroes the padding behind the `used` bytes, so that what a parser reads there is never the same
// by chance.
void seal(BlockMemory& memory, std::size_t used) noexcept;

// Owner: the reader. Thread: the reader's. Blocks are filled one after the other; nothing of a
// filled one is kept.
class CaptureFile {
 public:
  // Throws std::runtime_error ("FILE: what (mend)") when it cannot be read, is empty or of no known
  // format, VenueUnknown when neither it nor the options name a venue. The log must outlive it.
  CaptureFile(const std::string& path, std::uint32_t index, const CaptureOptions& options,
              DamageLog& log);

  // The next lines. False at the file's end.
  bool fill(CaptureBlock& block);

  const std::string& venue() const noexcept { return venue_; }
  std::uint32_t link() const noexcept { return link_; }
  InputProgress progress() const noexcept { return source_->progress(); }

 private:
  // The part of the block's memory at work: lines begin at `begin`, bytes end at `used`.
  struct Span {
    std::size_t begin = 0;
    std::size_t used = 0;
    std::size_t searched = 0;  // no line end before this
  };

  void fill_once(CaptureBlock& block);
  void make_room(CaptureBlock& block, Span& span);
  void split(CaptureBlock& block, Span& span);
  void take_line(CaptureBlock& block, char* text, std::size_t size);
  void skip_oversized(const CaptureBlock& block, Span& span);
  void finish(CaptureBlock& block, Span& span);
  bool is_full(const CaptureBlock& block) const noexcept;

  const std::string path_;
  const std::size_t block_lines_max_;
  const std::size_t block_bytes_;
  DamageLog& log_;
  std::unique_ptr<ByteSource> source_;
  std::optional<LineReader> reader_;
  std::string venue_;
  std::uint32_t link_ = 0;
  bool is_csv_ = false;
  std::vector<char> carry_;        // bytes read and not yet given: mostly the begin of one line
  std::uint64_t line_number_ = 0;  // of the last line seen
  bool skipping_ = false;          // inside an oversized line
  bool at_end_ = false;
};

}  // namespace fastrsi

// What tests of the capture reader share: files in a folder of their own, packed ones among them,
// and a reader that copies every line out and watches that blocks keep what they were given.
#pragma once

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/capture.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::test {

inline std::string gzipped(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string zstd_packed(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

// A line with bytes of its own.
struct OwnedLine {
  LineKind kind = LineKind::Frame;
  std::string bytes;
  std::string symbol;
  std::int64_t received_ns = 0;
  std::uint32_t source = 0;
  Tick tick;
  CsvBar bar;
  std::uint64_t dropped = 0;

  friend bool operator==(const OwnedLine& a, const OwnedLine& b) {
    return a.kind == b.kind && a.bytes == b.bytes && a.symbol == b.symbol &&
           a.received_ns == b.received_ns && a.source == b.source && a.dropped == b.dropped &&
           a.tick.time == b.tick.time && a.tick.price == b.tick.price &&
           a.tick.quantity == b.tick.quantity && a.tick.id == b.tick.id &&
           a.bar.open_time == b.bar.open_time && a.bar.open == b.bar.open &&
           a.bar.high == b.bar.high && a.bar.low == b.bar.low && a.bar.close == b.bar.close;
  }
};

inline OwnedLine own(const CaptureLine& line) {
  return {line.kind,
          std::string(line.bytes),
          std::string(line.symbol),
          to_unix_ns(line.received),
          line.source,
          line.tick,
          line.bar,
          line.dropped};
}

struct ReadResult {
  std::vector<OwnedLine> lines;
  CaptureStatistics statistics;
  std::vector<std::string> diagnostics;
  std::vector<std::string> venues;
  std::vector<std::uint32_t> links;
  std::string error;         // of the constructor; then the rest is empty
  bool blocks_kept = true;   // no block changed while another one was filled
  bool limits_kept = true;   // lines a block, and progress from 0 up to 1
  unsigned padding_sum = 0;  // of the bytes behind frames: read, so that a sanitizer sees them
};

inline std::vector<OwnedLine> own_all(const CaptureBlock& block) {
  std::vector<OwnedLine> lines;
  for (const CaptureLine& line : block.lines) lines.push_back(own(line));
  return lines;
}

inline void read_padding(const CaptureBlock& block, ReadResult& result) {
  for (const CaptureLine& line : block.lines) {
    if (line.kind != LineKind::Frame) continue;
    const char* const end = line.bytes.data() + line.bytes.size();
    for (std::size_t i = 0; i < kFramePaddingBytes; ++i) {
      result.padding_sum += static_cast<unsigned char>(end[i]);
    }
  }
}

// Reads with two blocks in turn, as a reader and a parser thread would.
inline ReadResult read_capture(const CaptureOptions& options) {
  ReadResult result;
  try {
    CaptureReader reader(options);
    result.venues = reader.venues();
    result.links = reader.links();
    std::array<CaptureBlock, 2> blocks;
    std::array<std::vector<OwnedLine>, 2> copies;
    double progress = reader.progress();
    std::size_t turn = 0;
    while (reader.next(blocks[turn])) {
      copies[turn] = own_all(blocks[turn]);
      read_padding(blocks[turn], result);
      result.lines.insert(result.lines.end(), copies[turn].begin(), copies[turn].end());
      result.limits_kept &= !copies[turn].empty() && copies[turn].size() <= options.block_lines_max;
      result.limits_kept &= reader.progress() >= progress && reader.progress() <= 1.0;
      progress = reader.progress();
      turn = 1 - turn;
      result.blocks_kept &= own_all(blocks[turn]) == copies[turn];
    }
    result.statistics = reader.statistics();
    result.diagnostics = reader.diagnostics();
  } catch (const std::runtime_error& error) {
    result.error = error.what();
  }
  return result;
}

inline CaptureOptions options_for(std::vector<std::string> files, std::string venue = "binance") {
  CaptureOptions options;
  options.files = std::move(files);
  options.venue = std::move(venue);
  return options;
}

}  // namespace fastrsi::test

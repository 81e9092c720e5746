// What tests of the capture writer share: times, settings, and its files read back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "feeds/capture_writer.hpp"
#include "tests/capture_files.hpp"

namespace fastrsi::test {

inline constexpr std::int64_t kBeginNs = 1'723'161'253'000'000'000;

inline ReceiveTime received_at(std::int64_t step) {
  return receive_time_from_ns(kBeginNs + step * 1'000'000);
}

inline CaptureSettings settings_in(const ScratchFolder& folder) {
  CaptureSettings settings;
  settings.dir = folder.path("captures");
  settings.keep_free_bytes = 0;
  return settings;
}

inline CaptureLink link_of(std::uint32_t number = 0) {
  return {"binance", "wss://stream.binance.com:9443/ws", number};
}

inline std::vector<std::string> files_in(const std::string& dir) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The venue comes from the files' own headers.
inline ReadResult read_back(const std::string& dir) {
  return read_capture(options_for(files_in(dir), ""));
}

inline std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline std::uint64_t frames_and_holes(const ReadResult& result) {
  std::uint64_t count = 0;
  for (const OwnedLine& line : result.lines) {
    count += line.kind == LineKind::Dropped ? line.dropped : 1;
  }
  return count;
}

}  // namespace fastrsi::test

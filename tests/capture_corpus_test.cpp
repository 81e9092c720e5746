// The real captures and histories: every file is read without damage, and as many frames, trades
// and bars are found as an independent count finds.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/capture.hpp"
#include "tests/capture_files.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using test::options_for;
using test::OwnedLine;
using test::read_capture;
using test::ReadResult;

std::filesystem::path corpus() {
  if (const char* folder = std::getenv("FASTRSI_CORPUS")) return folder;
  return std::filesystem::path(FASTRSI_SOURCE_DIR) / "../shared/data";
}

// Says so when there is nothing to test with.
std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> files;
  if (!std::filesystem::is_directory(corpus() / folder)) {
    std::cout << "skipped: no corpus\n";
    return files;
  }
  for (const auto& entry : std::filesystem::directory_iterator(corpus() / folder)) {
    files.push_back(entry.path().string());
  }
  return files;
}

// The file's lines by other tools than ours.
std::vector<std::string> corpus_lines(const std::string& file) {
  std::string command = "cat '";
  if (file.ends_with(".gz")) command = "gzip -dc '";
  if (file.ends_with(".zst")) command = "zstd -dcq '";
  std::string text;
  FILE* const pipe = ::popen((command + file + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::array<char, 65536> buffer{};
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), count);
  }
  REQUIRE(::pclose(pipe) == 0);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at && text[at] != '\r') lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

bool is_received(const std::string& file, const std::string& line) {
  if (file.find(".cf2.") != std::string::npos) return line.starts_with(R"({"t":"recv")");
  if (file.find(".cf.raw") != std::string::npos) return line[0] >= '0' && line[0] <= '9';
  return true;
}

// A price as the C library reads it, `column` from 0.
double price_in(const std::string& row, std::size_t column) {
  std::size_t at = 0;
  for (; column > 0; --column) at = row.find(',', at) + 1;
  return std::strtod(row.c_str() + at, nullptr);
}

}  // namespace

TEST_CASE("capture corpus: every capture gives the frames that were received",
          "[capture][corpus]") {
  for (const std::string& file : files_in("captures")) {
    CAPTURE(file);
    const std::vector<std::string> lines = corpus_lines(file);
    std::size_t received = 0;
    for (const std::string& line : lines) received += is_received(file, line) ? 1U : 0U;
    const ReadResult result = read_capture(options_for({file}));
    CHECK(result.error.empty());
    CHECK(result.diagnostics.empty());
    CHECK(result.lines.size() == received);
    CHECK(result.statistics.lines == lines.size());
    CHECK(result.blocks_kept);
    std::int64_t time = to_unix_ns(kNoReceiveTime);
    std::size_t backwards = 0;
    for (const OwnedLine& line : result.lines) {
      backwards += line.received_ns < time ? 1U : 0U;
      time = line.received_ns;
      REQUIRE(line.kind == LineKind::Frame);
      REQUIRE_FALSE(line.bytes.empty());
    }
    CHECK(backwards == 0);
  }
}

TEST_CASE("capture corpus: frames of timed captures are the lines' bytes", "[capture][corpus]") {
  for (const std::string& file : files_in("captures")) {
    if (file.find("_raw_") == std::string::npos) continue;
    CAPTURE(file);
    const std::vector<std::string> lines = corpus_lines(file);
    const ReadResult result = read_capture(options_for({file}));
    REQUIRE(result.lines.size() == lines.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const OwnedLine& line = result.lines[i];
      different += std::to_string(line.received_ns) + " " + line.bytes == lines[i] ? 0U : 1U;
    }
    CHECK(different == 0);
  }
}

TEST_CASE("capture corpus: every history is read, or refused for its columns",
          "[capture][corpus]") {
  for (const std::string& file : files_in("history")) {
    CAPTURE(file);
    const ReadResult result = read_capture(options_for({file}));
    if (file.find("quotes_fxcm") != std::string::npos ||
        file.find("quotes_oanda") != std::string::npos ||
        file.find("us_equity_trades") != std::string::npos) {
      CHECK_THAT(result.error, ContainsSubstring("(rename or convert its columns)"));
      continue;
    }
    const std::vector<std::string> lines = corpus_lines(file);
    const bool has_header = lines.at(0).find("open") != std::string::npos ||
                            lines.at(0).find("price") != std::string::npos;
    CHECK(result.error.empty());
    CHECK(result.diagnostics.empty());
    CHECK(result.statistics.lines == lines.size());
    CHECK(result.lines.size() == lines.size() - (has_header ? 1U : 0U));
  }
}

TEST_CASE("capture corpus: prices of histories are those the C library reads",
          "[capture][corpus]") {
  for (const std::string& file : files_in("history")) {
    const std::vector<std::string> lines = corpus_lines(file);
    std::size_t open = 0;
    if (lines.at(0).find("date,open,high,low,close,") != std::string::npos) open = 1;
    if (lines.at(0).starts_with("timestamp,open,high,low,close")) open = 1;
    if (lines.at(0).starts_with("symbol,time_utc,open,high,low,close")) open = 2;
    if (open == 0) continue;
    CAPTURE(file);
    const ReadResult result = read_capture(options_for({file}));
    REQUIRE(result.lines.size() + 1 == lines.size());
    std::size_t different = 0;
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const CsvBar& bar = result.lines[i - 1].bar;
      const std::array<double, 4> prices{bar.open.value, bar.high.value, bar.low.value,
                                         bar.close.value};
      for (std::size_t k = 0; k < prices.size(); ++k) {
        different += prices[k] == price_in(lines[i], open + k) ? 0U : 1U;
      }
    }
    CHECK(different == 0);
  }
}

}  // namespace fastrsi

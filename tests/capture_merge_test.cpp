// Properties of the reader: what it gives does not depend on the size of its blocks, and several
// files come as a stable sort of all their lines would have them.
#include <algorithm>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include "feeds/capture.hpp"
#include "tests/capture_files.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using test::options_for;
using test::OwnedLine;
using test::read_capture;
using test::ReadResult;
using test::ScratchFolder;

constexpr std::int64_t kMergeStart = 1723161253;

// Lines of every kind a timed file may hold, damaged ones among them.
std::string any_line() {
  const std::string time = std::to_string(kMergeStart + *rc::gen::inRange(-20, 20));
  const auto length = static_cast<std::size_t>(*rc::gen::inRange(1, 60));
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return "";
    case 1:
      return "junk";
    case 2:
      return time + "000000000 {\"fastrsi\":{\"event\":\"disconnected\"}}\r";
    case 3:
      return time + ".5 {\"fastrsi\":{\"binary\":\"AAECAwQ=\"}}";
    case 4:
      return time + " {\"long\":\"" + std::string(length * 20, 'x') + "\"}";
    case 5:
      return "2024-08-08T23:54:13." + std::to_string(length) + "Z [" + std::string(length, '1') +
             "]";
    default:
      return time + "123 {\"n\":" + std::string(length, '7') + "}";
  }
}

std::string any_file() {
  const auto count = *rc::gen::inRange(0, 40);
  std::string text = *rc::gen::element(std::to_string(kMergeStart) + " {}\n",
                                       std::string("2024-08-08T23:54:13Z {}\n"));
  for (int i = 0; i < count; ++i) text += any_line() + "\n";
  if (*rc::gen::arbitrary<bool>()) text.pop_back();
  return text;
}

// The merge as one would write it without thinking of memory.
std::vector<OwnedLine> merge_slowly(const std::vector<std::vector<OwnedLine>>& files) {
  struct Keyed {
    std::int64_t time;
    OwnedLine line;
  };
  std::vector<Keyed> all;
  for (std::size_t source = 0; source < files.size(); ++source) {
    std::int64_t time = std::numeric_limits<std::int64_t>::min();
    for (OwnedLine line : files[source]) {
      std::int64_t own_time = line.received_ns;
      if (line.kind == LineKind::Trade) own_time = to_unix_ns(line.tick.time);
      if (line.kind == LineKind::Bar) own_time = to_unix_ns(line.bar.open_time);
      time = std::max(time, own_time);
      line.source = static_cast<std::uint32_t>(source);
      all.push_back({time, line});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Keyed& a, const Keyed& b) { return a.time < b.time; });
  std::vector<OwnedLine> lines;
  lines.reserve(all.size());
  for (const Keyed& entry : all) lines.push_back(entry.line);
  return lines;
}

std::string any_csv() {
  const bool bars = *rc::gen::arbitrary<bool>();
  std::string text = bars ? "symbol,time,open,high,low,close\n" : "time,price,size\n";
  const auto count = *rc::gen::inRange(0, 30);
  for (int i = 0; i < count; ++i) {
    const std::string time = std::to_string(kMergeStart + *rc::gen::inRange(-20, 20));
    const std::string price = std::to_string(1 + *rc::gen::inRange(0, 1000)) + ".25";
    text += bars ? test::joined({"S", time, ",", time, ",1,", price, ",0.5,2\n"})
                 : test::joined({time, ",", price, ",3\n"});
  }
  return text;
}

}  // namespace

TEST_CASE("capture merge: any size of blocks gives the same lines", "[capture][property]") {
  const ScratchFolder folder;
  const bool held = rc::check([&folder] {
    const std::string text = any_file();
    CaptureOptions options = options_for({folder.write("a", text)});
    if (*rc::gen::arbitrary<bool>()) options.files.push_back(folder.write("b", any_csv()));
    const ReadResult expected = read_capture(options);
    RC_ASSERT(expected.error.empty());
    options.block_bytes = static_cast<std::size_t>(*rc::gen::inRange(1, 300));
    options.block_lines_max = static_cast<std::size_t>(*rc::gen::inRange(2, 9));
    for (const auto& pack : {test::gzipped, test::zstd_packed}) {
      if (*rc::gen::arbitrary<bool>()) options.files[0] = folder.write("c", pack(text));
      const ReadResult result = read_capture(options);
      RC_ASSERT(result.lines == expected.lines);
      RC_ASSERT(result.blocks_kept);
      RC_ASSERT(result.limits_kept);
      RC_ASSERT(result.statistics.lines == expected.statistics.lines);
      RC_ASSERT(result.statistics.bytes == expected.statistics.bytes);
      RC_ASSERT(result.statistics.damaged_lines == expected.statistics.damaged_lines);
    }
  });
  CHECK(held);
}

TEST_CASE("capture merge: several files come as a stable sort would have them",
          "[capture][property]") {
  const ScratchFolder folder;
  const bool held = rc::check([&folder] {
    CaptureOptions options;
    options.venue = "binance";
    options.block_bytes = static_cast<std::size_t>(*rc::gen::inRange(1, 2000));
    std::vector<std::vector<OwnedLine>> files;
    const auto count = *rc::gen::inRange(2, 6);
    for (int i = 0; i < count; ++i) {
      std::string text;
      switch (*rc::gen::inRange(0, 4)) {
        case 0:
          text = any_csv();
          break;
        case 1:
          text = "{\"bare\":" + std::to_string(i) + "}\n[\"frames\"]\n";
          break;
        default:
          text = any_file();
      }
      options.files.push_back(folder.write("f" + std::to_string(i) + ".csv", text));
      const ReadResult one = read_capture(options_for({options.files.back()}));
      RC_ASSERT(one.error.empty());
      files.push_back(one.lines);
    }
    const ReadResult merged = read_capture(options);
    RC_ASSERT(merged.lines == merge_slowly(files));
    RC_ASSERT(merged.blocks_kept);
    RC_ASSERT(merged.limits_kept);
    RC_ASSERT(merged.venues.size() == files.size());
  });
  CHECK(held);
}

TEST_CASE("capture merge: a session cut in two files is one again, in any order of naming",
          "[capture]") {
  const ScratchFolder folder;
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text +=
        std::to_string((kMergeStart + i) * 1'000'000'000) + " {\"n\":" + std::to_string(i) + "}\n";
  }
  const std::size_t seam = text.find('\n', text.size() / 3) + 1;
  const std::string first = folder.write("a", text.substr(0, seam));
  const std::string second = folder.write("b", test::gzipped(text.substr(seam)));
  const auto frames_of = [](const std::vector<std::string>& files) {
    std::vector<std::string> frames;
    for (const OwnedLine& line : read_capture(options_for(files)).lines)
      frames.push_back(line.bytes);
    return frames;
  };
  const std::vector<std::string> whole = frames_of({folder.write("c", text)});
  CHECK(whole.size() == 2000);
  CHECK(frames_of({first, second}) == whole);
  CHECK(frames_of({second, first}) == whole);
}

}  // namespace fastrsi

// What may be wrong with a file: cut and damaged packing, lines without end, bytes of no meaning,
// no file.
#include <sys/resource.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "feeds/capture.hpp"
#include "tests/capture_files.hpp"
#include "tests/catch.hpp"

namespace fastrsi {
namespace {

using test::gzipped;
using test::options_for;
using test::OwnedLine;
using test::read_capture;
using test::ReadResult;
using test::ScratchFolder;
using test::zstd_packed;

std::string timed_lines(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += std::to_string(1723161253000000000 + static_cast<std::int64_t>(i * 1'000'003)) +
            " {\"n\":" + std::to_string(i * 7919 % 10007) + "}\n";
  }
  return text;
}

// The lines are the first ones of `whole`, and the last may be cut.
bool is_prefix(const std::vector<OwnedLine>& lines, const std::vector<OwnedLine>& whole) {
  if (lines.size() > whole.size()) return false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool may_be_cut = i + 1 == lines.size();
    if (lines[i] == whole[i]) continue;
    if (!may_be_cut || lines[i].received_ns != whole[i].received_ns) return false;
    if (!whole[i].bytes.starts_with(lines[i].bytes)) return false;
  }
  return true;
}

// `first` and `second` are packed on their own: cut between them the file is whole, anywhere else
// it is not.
void check_every_truncation(const std::string& first, const std::string& second,
                            const std::string& text) {
  const std::string packed = first + second;
  const ScratchFolder folder;
  const ReadResult whole = read_capture(options_for({folder.write("whole", text)}));
  std::size_t most = 0;
  for (std::size_t size = 0; size < packed.size(); ++size) {
    CAPTURE(size);
    const ReadResult cut = read_capture(options_for({folder.write("cut", packed.substr(0, size))}));
    REQUIRE(cut.error.empty() == !cut.lines.empty());
    REQUIRE(is_prefix(cut.lines, whole.lines));
    const std::uint64_t tails = size == first.size() ? 0 : 1;
    if (cut.error.empty()) REQUIRE(cut.statistics.damaged_tails == tails);
    most = std::max(most, cut.lines.size());
  }
  // The first part whole, and of the second what its packing gives before its own end.
  const ReadResult start = read_capture(options_for({folder.write("first", first)}));
  CHECK(most >= start.lines.size());
  const ReadResult same = read_capture(options_for({folder.write("all", packed)}));
  CHECK(same.lines == whole.lines);
  CHECK(same.statistics.damaged_tails == 0);
  CHECK(same.diagnostics.empty());
}

std::string without_path(const std::string& text) {
  return text.substr(text.rfind('/') + 1);
}

}  // namespace

TEST_CASE("capture damage: every truncation of a gz keeps what came before", "[capture]") {
  const std::string text = timed_lines(60);
  check_every_truncation(gzipped(text.substr(0, 700)), gzipped(text.substr(700)), text);
}

TEST_CASE("capture damage: every truncation of a zst keeps what came before", "[capture]") {
  const std::string text = timed_lines(60);
  check_every_truncation(zstd_packed(text.substr(0, 700)), zstd_packed(text.substr(700)), text);
}

TEST_CASE("capture damage: bytes flipped inside packed data end it there", "[capture][slow]") {
  const ScratchFolder folder;
  const std::string text = timed_lines(200'000);
  const ReadResult whole = read_capture(options_for({folder.write("whole", text)}));
  for (const std::string& packed : {gzipped(text), zstd_packed(text)}) {
    std::string damaged = packed;
    for (std::size_t i = 0; i < 64; ++i) damaged[damaged.size() / 2 + i] ^= 0x5A;
    const ReadResult result = read_capture(options_for({folder.write("damaged", damaged)}));
    CHECK(result.statistics.damaged_tails == 1);
    CHECK(result.lines.size() > whole.lines.size() / 4);
    CHECK(result.lines.size() < whole.lines.size());
    // What is decoded of a damaged block before it shows may differ; nothing before that block
    // does.
    const auto sure = static_cast<std::ptrdiff_t>(whole.lines.size() / 4);
    CHECK(std::equal(whole.lines.begin(), whole.lines.begin() + sure, result.lines.begin()));
  }
}

TEST_CASE("capture damage: what follows a whole gz is told, zeros are padding", "[capture]") {
  const ScratchFolder folder;
  const std::string packed = gzipped(timed_lines(3));
  const ReadResult padded =
      read_capture(options_for({folder.write("padded", packed + std::string(512, '\0'))}));
  CHECK(padded.lines.size() == 3);
  CHECK(padded.diagnostics.empty());
  const ReadResult followed =
      read_capture(options_for({folder.write("followed", packed + "junk")}));
  CHECK(followed.lines.size() == 3);
  REQUIRE(followed.diagnostics.size() == 1);
  CHECK(without_path(followed.diagnostics[0]) ==
        "followed:3: the gzip data is damaged; what came before is kept (get the file anew)");
}

TEST_CASE("capture damage: the name does not matter, the first bytes do", "[capture]") {
  const ScratchFolder folder;
  const std::string text = timed_lines(3);
  CHECK(read_capture(options_for({folder.write("a.zst", gzipped(text))})).lines.size() == 3);
  CHECK(read_capture(options_for({folder.write("a.gz", zstd_packed(text))})).lines.size() == 3);
  CHECK(read_capture(options_for({folder.write("b.gz", text)})).lines.size() == 3);
}

TEST_CASE("capture damage: lines above 16 MiB are skipped in bounded memory", "[capture][slow]") {
  const ScratchFolder folder;
  const std::string line = timed_lines(1);
  const std::string limit(kLineBytesMax - 20, 'x');
  const std::string time = "1723161253000000000 ";
  const std::string huge(64U * 1024 * 1024, 'x');
  const std::string text =
      line + time + limit + "\r\n" + time + limit + "y\n" + line + huge + "\n" + line;
  const ReadResult result = read_capture(options_for({folder.write("huge", text)}));
  REQUIRE(result.lines.size() == 4);
  CHECK(result.lines[1].bytes == limit);
  CHECK(result.statistics.oversized_lines == 2);
  CHECK(result.statistics.damaged_lines == 0);
  CHECK(result.statistics.lines == 6);
  REQUIRE(result.diagnostics.size() == 2);
  CHECK(without_path(result.diagnostics[0]) == "huge:3: skipped: longer than 16 MiB");
  CHECK(without_path(result.diagnostics[1]) == "huge:5: skipped: longer than 16 MiB");
  const ReadResult unended = read_capture(options_for({folder.write("unended", line + huge)}));
  CHECK(unended.lines.size() == 1);
  CHECK(unended.statistics.oversized_lines == 1);
}

TEST_CASE("capture damage: the first 20 damaged lines are told, the rest counted", "[capture]") {
  const ScratchFolder folder;
  std::string text = timed_lines(1);
  for (int i = 0; i < 30; ++i) text += "junk\n";
  const ReadResult result = read_capture(options_for({folder.write("junk", text)}));
  CHECK(result.statistics.damaged_lines == 30);
  REQUIRE(result.diagnostics.size() == 21);
  CHECK(without_path(result.diagnostics[0]) == "junk:2: no receive time");
  CHECK(without_path(result.diagnostics[20]) == "junk: and 10 more damaged lines");
}

TEST_CASE("capture damage: damaged first lines do not hide the format", "[capture]") {
  const ScratchFolder folder;
  const ReadResult result =
      read_capture(options_for({folder.write("late", "161253 {\"cut\n???\n" + timed_lines(4))}));
  CHECK(result.lines.size() == 4);
  CHECK(result.statistics.damaged_lines == 2);
}

TEST_CASE("capture damage: a bad start is one clear line", "[capture]") {
  const ScratchFolder folder;
  const auto error_of = [](const std::string& path) {
    return without_path(read_capture(options_for({path})).error);
  };
  CHECK_THAT(error_of(folder.path("missing")),
             ContainsSubstring("missing: No such file or directory (name a capture file"));
  CHECK_THAT(read_capture(options_for({folder.path("")})).error,
             ContainsSubstring("is a directory"));
  CHECK(error_of(folder.write("empty", "")) == "empty: is empty (give a capture that has lines)");
  CHECK(error_of(folder.write("blank", "\n\r\n\n")) ==
        "blank: is empty (give a capture that has lines)");
  CHECK(error_of(folder.write("e.gz", gzipped(""))) ==
        "e.gz: is empty (give a capture that has lines)");
  CHECK_THAT(error_of(folder.write("cut.gz", "\x1f\x8b")), ContainsSubstring("ends early at once"));
  CHECK_THAT(error_of(folder.write("prose", "Dear reader,\nthis is no capture.\n")),
             ContainsSubstring("prose: is of no known format ("));
  CHECK_THAT(error_of(folder.write("new", "1723161253000000000 {\"fastrsi\":{\"capture\":2}}\n")),
             ContainsSubstring("is a capture of version 2"));
  CHECK_THAT(read_capture(options_for({})).error, ContainsSubstring("no capture is named"));
}

TEST_CASE("capture damage: random bytes are refused", "[capture]") {
  const ScratchFolder folder;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string bytes(1 + random() % 100'000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const ReadResult result = read_capture(options_for({folder.write("random", bytes)}));
    CHECK_THAT(result.error, ContainsSubstring("is of no known format"));
  }
}

TEST_CASE("capture damage: random bytes behind a good line change nothing of it", "[capture]") {
  const ScratchFolder folder;
  for (unsigned seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::string bytes(50'000, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (const std::string start : {"1723161253000000000 {}\n", "1617647603.5: {}\n", "{}\n",
                                    "time,price,qty\n1617647603,1,1\n"}) {
      const ReadResult result = read_capture(options_for({folder.write("random", start + bytes)}));
      REQUIRE(result.error.empty());
      CHECK_FALSE(result.lines.empty());
    }
  }
}

TEST_CASE("capture damage: memory stays bounded however long the input", "[capture][slow]") {
  // 300 MB of lines in one gzip member repeated: the packed text is written, never the text.
  const ScratchFolder folder;
  const std::string text = timed_lines(300'000);
  const std::string packed = gzipped(text);
  std::string file;
  const std::size_t copies = 300'000'000 / text.size() + 1;
  for (std::size_t i = 0; i < copies; ++i) file += packed;
  CaptureReader reader(options_for({folder.write("long.gz", file)}));
  const auto peak_kb = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const long before = peak_kb();
  CaptureBlock block;
  std::size_t lines = 0;
  while (reader.next(block)) lines += block.lines.size();
  CHECK(lines == 300'000 * copies);
  CHECK(reader.statistics().bytes == text.size() * copies);
  CHECK(peak_kb() - before < 8 * 1024);
}

}  // namespace fastrsi

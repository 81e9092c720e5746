// The capture reader on any file: never a crash, never a block changed after it was given, and the
// same lines for any size of blocks. Two files are read when the input has the separator, so that
// merging is met too.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/assert.hpp"
#include "feeds/capture.hpp"
#include "tests/capture_files.hpp"

namespace {

constexpr std::string_view kSeparator = "\n=====\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fastrsi;
  static const test::ScratchFolder kFolder;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t seam = input.find(kSeparator);
  CaptureOptions options =
      test::options_for({kFolder.write("first.csv", std::string(input.substr(0, seam)))});
  if (seam != std::string_view::npos) {
    const std::string_view rest = input.substr(seam + kSeparator.size());
    options.files.push_back(kFolder.write("second", std::string(rest)));
  }
  const test::ReadResult large = test::read_capture(options);
  options.block_bytes = 1 + size % 97;
  options.block_lines_max = kBlockLinesMin + size % 5;
  const test::ReadResult small = test::read_capture(options);
  FASTRSI_ASSERT(large.blocks_kept);
  FASTRSI_ASSERT(small.blocks_kept);
  FASTRSI_ASSERT(small.limits_kept);
  FASTRSI_ASSERT(small.error == large.error);
  FASTRSI_ASSERT(small.lines == large.lines);
  FASTRSI_ASSERT(small.statistics.damaged_lines == large.statistics.damaged_lines);
  FASTRSI_ASSERT(small.diagnostics.size() == large.diagnostics.size());
  return 0;
}

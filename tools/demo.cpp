#include "tools/demo.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <utility>

extern "C" const char kFastrsiDemoBegin[];
extern "C" const char kFastrsiDemoEnd[];

// The capture's bytes, as they stand in tools/demo.
asm(R"(
    .section .rodata
    .global kFastrsiDemoBegin
    .global kFastrsiDemoEnd
kFastrsiDemoBegin:
    .incbin ")" FASTRSI_DEMO_CAPTURE R"("
kFastrsiDemoEnd:
    .byte 0
    .text
)");

namespace fastrsi {

Config demo_config() {
  Config config;
  RuleSettings& rule = config.rules.front();
  rule.timeframes = {Timeframe::S15, Timeframe::S30};
  rule.warmup_bars = 15;
  rule.evaluate = Evaluate::Close;
  return config;
}

DemoCapture::~DemoCapture() {
  if (!path_.empty()) unlink(path_.c_str());
}
DemoCapture::DemoCapture(DemoCapture&& other) noexcept : path_(std::exchange(other.path_, {})) {}
DemoCapture& DemoCapture::operator=(DemoCapture&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

DemoCapture DemoCapture::unpack() {
  DemoCapture demo;
  // mkstemp wants six of these, and replaces them.
  const std::string name = "fastrsi-demo-" + std::string(6, 'X');
  std::string path = (std::filesystem::temp_directory_path() / name).string();
  const int file = mkstemp(path.data());
  if (file < 0)
    throw std::runtime_error(path +
                             ": cannot be made (set TMPDIR to a folder that can be written)");
  demo.path_ = path;
  const std::string_view bytes(kFastrsiDemoBegin,
                               static_cast<std::size_t>(kFastrsiDemoEnd - kFastrsiDemoBegin));
  const bool written =
      write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  close(file);
  if (!written) throw std::runtime_error(path + ": cannot be written (is the disk full?)");
  return demo;
}

}  // namespace fastrsi

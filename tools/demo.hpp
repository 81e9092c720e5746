// The bundled capture of `replay --demo`: ten minutes of real Binance trades inside the program, so
// that it shows something useful wherever it is copied.
#pragma once

#include <string>

#include "tools/config.hpp"

namespace fastrsi {

// Its rules: short timeframes, since ten minutes hold few long bars.
Config demo_config();

// The capture as a file while this object lives.
class DemoCapture {
 public:
  DemoCapture() = default;
  ~DemoCapture();
  DemoCapture(DemoCapture&& other) noexcept;
  DemoCapture& operator=(DemoCapture&& other) noexcept;

  // Throws std::runtime_error when no temporary file can be written.
  static DemoCapture unpack();
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

}  // namespace fastrsi

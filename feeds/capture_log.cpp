#include "feeds/capture_log.hpp"

namespace fastrsi {

void DamageLog::damaged_line(std::uint64_t line, std::string_view what) {
  ++statistics_.damaged_lines;
  tell(line, what);
}

void DamageLog::oversized_line(std::uint64_t line) {
  ++statistics_.oversized_lines;
  tell(line, "skipped: longer than 16 MiB");
}

// Told even after many damaged lines: it says how much of the file there was.
void DamageLog::damaged_tail(std::uint64_t line, std::string_view what) {
  ++statistics_.damaged_tails;
  diagnostics_.push_back(file_ + ":" + std::to_string(line) + ": " + std::string(what) +
                         "; what came before is kept (get the file anew)");
  is_over_ = true;
}

void DamageLog::finish() {
  if (untold_ > 0) {
    diagnostics_.push_back(file_ + ": and " + std::to_string(untold_) + " more damaged lines");
  }
  untold_ = 0;
}

void DamageLog::tell(std::uint64_t line, std::string_view what) {
  if (is_over_) return;
  if (told_ == kDiagnosticsPerFileMax) {
    ++untold_;
    return;
  }
  ++told_;
  diagnostics_.push_back(file_ + ":" + std::to_string(line) + ": " + std::string(what));
}

}  // namespace fastrsi

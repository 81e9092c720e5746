// Symbols that are muted for a while: nothing of them goes to a sink. Programs on the socket still
// hear of them, and the journal keeps them.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

struct Silence {
  std::string glob;  // over venue:symbol
  std::int64_t until_ns = 0;
};

// Threads: any.
class Silences {
 public:
  // Until then; a time that has passed ends it.
  void set(const std::string& glob, std::int64_t until_ns, std::int64_t now_ns);
  std::vector<Silence> list(std::int64_t now_ns) const;
  bool is_muted(std::string_view full_name, std::int64_t now_ns) const;

  // As one text that reads back, for the journal's notes: "UNTIL GLOB" a line.
  std::string to_note() const;
  void from_note(std::string_view note);

 private:
  mutable std::mutex mutex_;
  std::vector<Silence> silences_;
};

}  // namespace fastrsi

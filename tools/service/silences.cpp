#include "tools/service/silences.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

namespace fastrsi {

void Silences::set(const std::string& glob, std::int64_t until_ns, std::int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  std::erase_if(silences_, [&](const Silence& silence) {
    return silence.glob == glob || silence.until_ns <= now_ns;
  });
  if (until_ns > now_ns) silences_.push_back({glob, until_ns});
}

std::vector<Silence> Silences::list(std::int64_t now_ns) const {
  const std::lock_guard lock(mutex_);
  std::vector<Silence> lasting;
  std::copy_if(silences_.begin(), silences_.end(), std::back_inserter(lasting),
               [&](const Silence& silence) { return silence.until_ns > now_ns; });
  return lasting;
}

bool Silences::is_muted(std::string_view full_name, std::int64_t now_ns) const {
  const std::lock_guard lock(mutex_);
  if (silences_.empty()) return false;
  const std::string name(full_name);
  return std::any_of(silences_.begin(), silences_.end(), [&](const Silence& silence) {
    return silence.until_ns > now_ns && fnmatch(silence.glob.c_str(), name.c_str(), 0) == 0;
  });
}

std::string Silences::to_note() const {
  const std::lock_guard lock(mutex_);
  std::string note;
  for (const Silence& silence : silences_) {
    note += std::to_string(silence.until_ns) + " " + silence.glob + "\n";
  }
  return note;
}

void Silences::from_note(std::string_view note) {
  const std::lock_guard lock(mutex_);
  silences_.clear();
  while (!note.empty()) {
    const std::string_view line = note.substr(0, note.find('\n'));
    note.remove_prefix(std::min(note.size(), line.size() + 1));
    std::int64_t until_ns = 0;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), until_ns);
    if (fault != std::errc{} || end == line.data() + line.size() || *end != ' ') continue;
    silences_.push_back({std::string(end + 1, line.data() + line.size()), until_ns});
  }
}

}  // namespace fastrsi

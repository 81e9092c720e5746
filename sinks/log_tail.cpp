#include "sinks/log_tail.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace fastrsi {
namespace {

// Owner: a function. Closed at its end.
class LogFile {
 public:
  LogFile(const std::string& path, int flags) : number_(open(path.c_str(), flags | O_CLOEXEC)) {}
  ~LogFile() {
    if (number_ >= 0) close(number_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  int number() const noexcept { return number_; }

 private:
  int number_;
};

// The file's size, or -1 when it is no regular file.
off_t regular_size(int descriptor) noexcept {
  struct stat file {};
  if (descriptor < 0 || fstat(descriptor, &file) != 0 || !S_ISREG(file.st_mode)) return -1;
  return file.st_size;
}

// The file's last bytes, and where they begin.
std::pair<std::string, off_t> tail_of(int descriptor, off_t size) {
  const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(kLogTailBytes));
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count = pread(descriptor, text.data() + filled, text.size() - filled,
                                begin + static_cast<off_t>(filled));
    if (count <= 0) break;
    filled += static_cast<std::size_t>(count);
  }
  text.resize(filled);
  return {std::move(text), begin};
}

void add_newest_lines(const std::string& path, std::set<std::string>& lines) {
  const LogFile file(path, O_RDONLY);
  const off_t size = regular_size(file.number());
  if (size <= 0) return;
  const auto [text, start] = tail_of(file.number(), size);
  std::size_t begin = start > 0 ? text.find('\n') + 1 : 0;
  for (std::size_t end = text.find('\n', begin); end != std::string::npos;
       end = text.find('\n', begin)) {
    lines.insert(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace

void cut_torn_line(const std::string& path) noexcept {
  const LogFile file(path, O_RDWR);
  const off_t size = regular_size(file.number());
  if (size <= 0) return;
  const auto [text, begin] = tail_of(file.number(), size);
  const std::size_t end = text.rfind('\n');
  // A line longer than all we write is none of ours.
  if (end == std::string::npos && begin > 0) return;
  const off_t whole = end == std::string::npos ? 0 : begin + static_cast<off_t>(end) + 1;
  // Opening the file says what is wrong with it, if this does not succeed.
  if (whole < size && ftruncate(file.number(), whole) != 0) return;
}

std::set<std::string> newest_lines(const std::string& path) {
  std::set<std::string> lines;
  add_newest_lines(path + ".1", lines);
  add_newest_lines(path, lines);
  return lines;
}

}  // namespace fastrsi

#include "sinks/journal_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <stdexcept>
#include <system_error>

#include "sinks/journal.hpp"

namespace fastrsi {
namespace {

// What SQLite may keep beside a database, under its name and one of these ends.
constexpr std::initializer_list<const char*> kBeside{"-wal", "-journal"};

bool there(const std::string& path) noexcept {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

std::uint64_t size_of(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

// The process id that the lock's holder has written; empty when it has not got to that.
std::string holder(int lock) {
  char text[32] = {};
  const ssize_t length = ::pread(lock, text, sizeof text - 1, 0);
  std::string digits;
  for (ssize_t i = 0; i < length && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits;
}

std::string absolute(const std::string& dir) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(dir, error).lexically_normal();
  std::string text = error ? dir : path.string();
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

}  // namespace

JournalFolder::JournalFolder(const std::string& dir) : dir_(absolute(dir)) {
  make();
  lock();
  try {
    finish_exchange();
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

JournalFolder::~JournalFolder() {
  ::close(lock_);
}

void JournalFolder::fail(const std::string& doing, int error) const {
  throw std::runtime_error("cannot use state folder " + dir_ + ": " + doing + ": " +
                           std::generic_category().message(error) +
                           " (make it a folder this user may write to, or set state.dir to another "
                           "one)");
}

void JournalFolder::make() const {
  // Each missing folder on the way, for its owner alone: signals and settings are nobody else's.
  for (std::size_t end = dir_.find('/', 1); true; end = dir_.find('/', end + 1)) {
    const std::string part = dir_.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      // A folder above may be closed to us and yet lead to one that is there.
      if (!there(part) || end == std::string::npos) fail("cannot make " + part, errno);
    }
    if (end == std::string::npos) return;
  }
}

void JournalFolder::lock() {
  const std::string path = dir_ + "/lock";
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail("cannot open " + path, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string pid = holder(lock_);
    ::close(lock_);
    if (error != EWOULDBLOCK) fail("cannot lock " + path, error);
    throw std::runtime_error("state folder " + dir_ + " is in use by " +
                             (pid.empty() ? "another process" : "process " + pid) +
                             " (stop it, or give this one its own state.dir)");
  }
  // The text is for people: a full disk must not keep the journal from starting.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(lock_, pid.data(), pid.size(), 0);
}

// The exchange goes: journal.db aside, its -wal aside, the next one in place. Cut short, it leaves
// no journal.db. A -wal left alone would then be read as the new database's own, and spoil it.
void JournalFolder::finish_exchange() const {
  if (there(database())) return remove_next();
  for (const char* const end : kBeside) {
    if (there(database() + end)) rename(database() + end, free_aside() + end);
  }
  if (there(next())) put_next_in_place();
}

std::string JournalFolder::free_aside() const {
  for (int i = 1; true; ++i) {
    std::string name = database() + ".aside-" + std::to_string(i);
    bool taken = there(name);
    for (const char* const end : kBeside) taken = taken || there(name + end);
    if (!taken) return name;
  }
}

void JournalFolder::rename(const std::string& from, const std::string& to) const {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("cannot rename " + from + " to " + to, errno);
}

void JournalFolder::sync() const {
  const int folder = ::open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool done = folder >= 0 && ::fsync(folder) == 0;
  const int error = errno;
  if (folder >= 0) ::close(folder);
  if (!done) fail("cannot make renames durable", error);
}

void JournalFolder::make_private(const std::string& path) const {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) fail("cannot open " + path, errno);
  ::close(file);
  sync();
}

void JournalFolder::set_aside(const std::string& aside) const {
  if (there(database())) rename(database(), aside);
  for (const char* const end : kBeside) {
    if (there(database() + end)) rename(database() + end, aside + end);
  }
  sync();
}

void JournalFolder::put_next_in_place() const {
  rename(next(), database());
  sync();
}

void JournalFolder::remove_next() const noexcept {
  ::unlink(next().c_str());
  remove_beside_next();
}

void JournalFolder::remove_beside_next() const noexcept {
  for (const char* const end : kBeside) ::unlink((next() + end).c_str());
}

std::uint64_t JournalFolder::bytes() const noexcept {
  return size_of(database()) + wal_bytes();
}

std::uint64_t JournalFolder::wal_bytes() const noexcept {
  return size_of(database() + "-wal");
}

bool JournalFolder::make_ballast(std::uint64_t bytes) const noexcept {
  const std::string path = dir_ + "/ballast";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool made = ::posix_fallocate(file, 0, static_cast<off_t>(bytes)) == 0 &&
                    ::ftruncate(file, static_cast<off_t>(bytes)) == 0;
  ::close(file);
  if (!made) ::unlink(path.c_str());
  return made;
}

bool JournalFolder::ballast_there() const noexcept {
  return there(dir_ + "/ballast");
}

bool JournalFolder::give_up_ballast() const noexcept {
  return ::unlink((dir_ + "/ballast").c_str()) == 0;
}

std::uint64_t JournalFolder::free_bytes() const noexcept {
  struct statvfs status {};
  if (::statvfs(dir_.c_str(), &status) != 0) return 0;
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

std::string state_folder(const std::string& configured) {
  if (!configured.empty()) return configured;
  const auto variable = [](const char* name) -> std::string {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  const std::string systemd = variable("STATE_DIRECTORY");
  std::string first = systemd.substr(0, systemd.find(':'));
  if (!first.empty()) return first;
  const std::string state_home = variable("XDG_STATE_HOME");
  if (!state_home.empty()) return state_home + "/fastrsi";
  const std::string home = variable("HOME");
  if (!home.empty()) return home + "/.local/state/fastrsi";
  throw std::runtime_error(
      "no state folder: neither STATE_DIRECTORY nor XDG_STATE_HOME nor HOME is set (set "
      "state.dir)");
}

}  // namespace fastrsi

// A disk that fails on demand, as SQLite sees it: a layer over the real one (sqlite3_vfs), the
// default while it lives. It counts calls, fails those it is told to, and watches that a database
// of which one fsync failed is never written or synced again.
#pragma once

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace fastrsi::test {

class FaultyVfs {
 public:
  enum Call : std::uint8_t { Write, Sync, Truncate };
  static constexpr int kCalls = 3;

  FaultyVfs() : real_(sqlite3_vfs_find(nullptr)), layer_(*real_) {
    layer_.zName = "fastrsi-faulty";
    layer_.pAppData = this;
    layer_.pNext = nullptr;
    layer_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    layer_.xOpen = open;
    sqlite3_vfs_register(&layer_, 1);
  }
  ~FaultyVfs() {
    sqlite3_vfs_unregister(&layer_);
    sqlite3_vfs_register(real_, 1);
  }
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  // Fails the n-th call from now on, counted from 1, with `code`; with `sticky` all after it too.
  void fail(Call call, std::uint64_t n, int code, bool sticky) {
    plans_.push_back({call, counts_[call] + n, code, sticky});
  }
  // Asked at each call; what it returns, unless it is SQLITE_OK, is the call's failure.
  void decide_by(std::function<int(Call)> decide) { decide_ = std::move(decide); }
  // Called after each call that went well.
  void watch(std::function<void()> watcher) { watcher_ = std::move(watcher); }
  void heal() {
    plans_.clear();
    decide_ = nullptr;
  }
  std::uint64_t count(Call call) const { return counts_[call]; }
  std::uint64_t failures() const { return failures_; }
  // Writes and syncs of databases that had been given up.
  std::uint64_t violations() const { return violations_; }

 private:
  // A file is what it is under whatever name; a number alone is used again after a deletion.
  using Identity = std::pair<std::uint64_t, std::int64_t>;

  struct File {
    sqlite3_file base;
    FaultyVfs* vfs;
    std::string* path;
    Identity* identity;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  struct Plan {
    Call call;
    std::uint64_t n;
    int code;
    bool sticky;
  };

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static Identity identify(const std::string& path) {
    struct statx status {};
    if (::statx(AT_FDCWD, path.c_str(), 0, STATX_INO | STATX_BTIME, &status) != 0) return {};
    return {status.stx_ino, status.stx_btime.tv_sec * 1'000'000'000LL + status.stx_btime.tv_nsec};
  }

  // The database to which a file belongs.
  static std::string stem(const std::string& path) {
    for (const std::string end : {"-wal", "-journal"}) {
      if (path.ends_with(end)) return path.substr(0, path.size() - end.size());
    }
    return path;
  }

  int failure_of(Call call, File& file) {
    ++counts_[call];
    if (given_up_.contains(*file.identity)) ++violations_;
    int code = SQLITE_OK;
    for (const Plan& plan : plans_) {
      const bool hit = plan.sticky ? counts_[plan.call] >= plan.n : counts_[plan.call] == plan.n;
      if (plan.call == call && hit) code = plan.code;
    }
    if (code == SQLITE_OK && decide_) code = decide_(call);
    if (code == SQLITE_OK) return code;
    ++failures_;
    // A scratch database is thrown away as a whole; SQLite itself rolls it back before.
    if (call == Sync && stem(*file.path).find(".next") == std::string::npos) give_up(file);
    return code;
  }

  void give_up(File& file) {
    for (const char* const end : {"", "-wal"}) given_up_.insert(identify(stem(*file.path) + end));
    given_up_.erase(Identity{});
  }

  int after(int code) {
    if (code == SQLITE_OK && watcher_) watcher_();
    return code;
  }

  static int open(sqlite3_vfs* layer, const char* name, sqlite3_file* out, int flags, int* given) {
    auto* const vfs = static_cast<FaultyVfs*>(layer->pAppData);
    File& file = of(out);
    file.base.pMethods = nullptr;
    const int code = vfs->real_->xOpen(vfs->real_, name, file.real(), flags, given);
    if (code != SQLITE_OK) return code;
    file.vfs = vfs;
    file.path = new std::string(name == nullptr ? "" : name);
    file.identity = new Identity(identify(*file.path));
    file.base.pMethods = methods();
    return SQLITE_OK;
  }

  static int close(sqlite3_file* base) {
    File& file = of(base);
    delete file.path;
    delete file.identity;
    return file.real()->pMethods->xClose(file.real());
  }
  static int read(sqlite3_file* base, void* bytes, int size, sqlite3_int64 at) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xRead(real, bytes, size, at);
  }
  // A failing write leaves half of it behind.
  static int write(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 at) {
    File& file = of(base);
    const int code = file.vfs->failure_of(Write, file);
    const int part = code == SQLITE_OK ? size : size / 2;
    const int written = file.real()->pMethods->xWrite(file.real(), bytes, part, at);
    return code != SQLITE_OK ? code : file.vfs->after(written);
  }
  static int truncate(sqlite3_file* base, sqlite3_int64 size) {
    File& file = of(base);
    const int code = file.vfs->failure_of(Truncate, file);
    if (code != SQLITE_OK) return code;
    return file.vfs->after(file.real()->pMethods->xTruncate(file.real(), size));
  }
  // The real one is left out: it would only cost time.
  static int sync(sqlite3_file* base, int /*flags*/) {
    File& file = of(base);
    const int code = file.vfs->failure_of(Sync, file);
    return code != SQLITE_OK ? code : file.vfs->after(SQLITE_OK);
  }
  static int file_size(sqlite3_file* base, sqlite3_int64* size) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xFileSize(real, size);
  }
  static int lock(sqlite3_file* base, int level) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xLock(real, level);
  }
  static int unlock(sqlite3_file* base, int level) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xUnlock(real, level);
  }
  static int check_lock(sqlite3_file* base, int* held) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xCheckReservedLock(real, held);
  }
  static int control(sqlite3_file* base, int what, void* argument) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xFileControl(real, what, argument);
  }
  static int sector(sqlite3_file* base) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xSectorSize(real);
  }
  static int traits(sqlite3_file* base) {
    sqlite3_file* const real = of(base).real();
    return real->pMethods->xDeviceCharacteristics(real);
  }

  // Version 1: no shared memory. With exclusive locking a WAL needs none, and with any other this
  // disk refuses it.
  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods kTable = [] {
      sqlite3_io_methods made{};
      made.iVersion = 1;
      made.xClose = close;
      made.xRead = read;
      made.xWrite = write;
      made.xTruncate = truncate;
      made.xSync = sync;
      made.xFileSize = file_size;
      made.xLock = lock;
      made.xUnlock = unlock;
      made.xCheckReservedLock = check_lock;
      made.xFileControl = control;
      made.xSectorSize = sector;
      made.xDeviceCharacteristics = traits;
      return made;
    }();
    return &kTable;
  }

  sqlite3_vfs* const real_;
  sqlite3_vfs layer_;
  std::uint64_t counts_[kCalls] = {};
  std::uint64_t failures_ = 0;
  std::uint64_t violations_ = 0;
  std::vector<Plan> plans_;
  std::set<Identity> given_up_;
  std::function<int(Call)> decide_;
  std::function<void()> watcher_;
};

}  // namespace fastrsi::test

#include "sinks/local_socket_listener.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace fastrsi {
namespace {

constexpr int kBacklog = 128;
constexpr int kTemporaryNames = 16;
constexpr std::size_t kGroupsMax = 1024;

std::string socket_reason(int error) {
  return std::generic_category().message(error);
}

[[noreturn]] void fail(const std::string& what, const std::string& mend) {
  throw std::runtime_error("local socket: " + what + " (" + mend + ")");
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  if (path.empty() || path.back() == '/' || path.find('\0') != std::string::npos) {
    fail("'" + path + "' is no path of a file", "set socket.path");
  }
  if (path.size() >= sizeof address.sun_path) {
    fail(fmt::format("{} is {} bytes long, a socket's path has at most {}", path, path.size(),
                     sizeof address.sun_path - 1),
         "set a shorter socket.path");
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

Descriptor new_socket() {
  Descriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!made) fail("cannot make a socket: " + socket_reason(errno), "see ulimit -n");
  return made;
}

FileId id_of(const std::string& path) noexcept {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return {};
  return {true, S_ISSOCK(found.st_mode), found.st_dev, found.st_ino};
}

// What connect() says about the socket file: 0 or EAGAIN when somebody listens.
int knock(const std::string& path) {
  const Descriptor probe = new_socket();
  const sockaddr_un address = address_of(path);
  const int result =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  return result == 0 ? 0 : errno;
}

}  // namespace

void check_socket_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    fail("cannot make the folder " + folder + ": " + socket_reason(errno),
         "make it, or set socket.path");
  }
  struct stat itself {};
  struct stat target {};
  if (::lstat(folder.c_str(), &itself) != 0 || ::stat(folder.c_str(), &target) != 0) {
    fail("cannot look at the folder " + folder + ": " + socket_reason(errno), "set socket.path");
  }
  if (!S_ISDIR(target.st_mode)) fail(folder + " is no folder", "set socket.path");
  for (const uid_t owner : {itself.st_uid, target.st_uid}) {
    if (owner == 0 || owner == ::geteuid()) continue;
    fail(fmt::format("the folder {} belongs to user {}, who could put another socket there", folder,
                     owner),
         "set socket.path to a folder of your own");
  }
  // In a sticky folder such as /tmp only a file's owner can move it.
  if ((target.st_mode & S_ISVTX) != 0) return;
  const bool group_writes = (target.st_mode & S_IWGRP) != 0 && target.st_gid != ::getegid();
  if (group_writes || (target.st_mode & S_IWOTH) != 0) {
    fail("others may write into the folder " + folder,
         "chmod go-w " + folder + ", or set socket.path");
  }
}

SocketListener::SocketListener(const LocalSocketSettings& settings)
    : path_(settings.path),
      folder_(folder_of(settings.path)),
      users_(settings.users),
      mode_(settings.mode & 0777U) {
  address_of(path_);
  if (!settings.group.empty()) {
    const group* const found = ::getgrnam(settings.group.c_str());
    if (found == nullptr) fail("there is no group " + settings.group, "set socket.group");
    group_ = found->gr_gid;
    mode_ |= 0060U;  // a group that may not connect would be no group
  }
  check_socket_folder(folder_);
  listening_ = bind_beside();
  try {
    give_to_group();
    if (::chmod(temporary_.c_str(), mode_) != 0 || ::listen(listening_.get(), kBacklog) != 0) {
      fail("cannot listen on " + path_ + ": " + socket_reason(errno), "set socket.path");
    }
    move_into_place();
  } catch (...) {
    unlink_if_ours(temporary_);
    throw;
  }
}

SocketListener::~SocketListener() {
  unlink_if_ours(path_);
}

void SocketListener::unlink_if_ours(const std::string& path) const noexcept {
  const FileId there = id_of(path);
  if (there.is_socket && there == ours_) ::unlink(path.c_str());
}

Descriptor SocketListener::bind_beside() {
  Descriptor made = new_socket();
  for (int i = 0; i < kTemporaryNames; ++i) {
    temporary_ = fmt::format("{}/.{}.{}", folder_, ::getpid(), i);
    const sockaddr_un address = address_of(temporary_);
    if (::bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      ours_ = id_of(temporary_);
      return made;
    }
    if (errno != EADDRINUSE) break;
  }
  fail("cannot make a socket in " + folder_ + ": " + socket_reason(errno), "set socket.path");
}

void SocketListener::give_to_group() {
  if (!group_ || ::lchown(temporary_.c_str(), static_cast<uid_t>(-1), *group_) == 0) return;
  fail("cannot give the socket to its group: " + socket_reason(errno),
       "socket.group must be a group you are in");
}

void SocketListener::move_into_place() {
  if (rename_to(path_, RENAME_NOREPLACE)) return;
  if (errno == EEXIST) return replace_stale();
  // Some file systems know no such flags: then the look before has to do.
  const bool flagless = errno == EINVAL || errno == ENOSYS;
  if (flagless && id_of(path_).is_there) return replace_stale();
  if (flagless && rename_to(path_, 0)) return;
  fail("cannot put the socket at " + path_ + ": " + socket_reason(errno), "set socket.path");
}

void SocketListener::replace_stale() {
  const FileId stale = id_of(path_);
  if (stale.is_there && !stale.is_socket) {
    fail(path_ + " is there and is no socket; it stays as it is", "set socket.path");
  }
  const int answer = knock(path_);
  if (answer == 0 || answer == EAGAIN) {
    fail("another process answers on " + path_, "stop it, or set socket.path");
  }
  if (answer != ECONNREFUSED) {
    fail("cannot tell whether somebody answers on " + path_ + ": " + socket_reason(answer),
         "remove it if it is no longer used, or set socket.path");
  }
  // The two files change places, so that what was at the path can be looked at once more: when
  // another process has come in between, its socket goes back to where it was.
  if (rename_to(path_, RENAME_EXCHANGE)) {
    if (id_of(temporary_) == stale) {
      ::unlink(temporary_.c_str());
      return;
    }
    rename_to(path_, RENAME_EXCHANGE);
  } else if (errno != EINVAL && errno != ENOSYS) {
    fail("cannot replace " + path_ + ": " + socket_reason(errno), "remove it, or set socket.path");
  } else if (id_of(path_) == stale && rename_to(path_, 0)) {
    return;
  }
  fail("another process has just taken " + path_, "stop it, or set socket.path");
}

bool SocketListener::rename_to(const std::string& path, unsigned int flags) const noexcept {
  return ::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path.c_str(), flags) == 0;
}

Descriptor SocketListener::accept(SocketPeer& peer, int& error) noexcept {
  error = 0;
  Descriptor accepted(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!accepted) {
    error = errno;
    return accepted;
  }
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(accepted.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    error = errno;
    return {};
  }
  peer.user = credentials.uid;
  peer.process = static_cast<std::uint32_t>(credentials.pid);
  // The groups that the kernel itself held against the file's mode; no name service is asked.
  peer.groups.resize(kGroupsMax);
  size = static_cast<socklen_t>(peer.groups.size() * sizeof(gid_t));
  const bool listed =
      ::getsockopt(accepted.get(), SOL_SOCKET, SO_PEERGROUPS, peer.groups.data(), &size) == 0;
  peer.groups.resize(listed ? size / sizeof(gid_t) : 0);
  peer.groups.push_back(credentials.gid);
  return accepted;
}

bool SocketListener::may_enter(const SocketPeer& peer) const noexcept {
  if (peer.user == ::geteuid() || peer.user == 0) return true;
  if (std::find(users_.begin(), users_.end(), peer.user) != users_.end()) return true;
  return group_ && std::find(peer.groups.begin(), peer.groups.end(), *group_) != peer.groups.end();
}

}  // namespace fastrsi

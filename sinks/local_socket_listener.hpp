// The socket's place in the file system, and who may come in by it.
//
// A socket is bound under a temporary name in its folder, given its group and mode, made to listen,
// and only then moved to its path: nobody meets it half made, whatever the umask. What stands at
// the path is moved away only when it is the very socket file at which nobody answered.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sinks/local_socket.hpp"
#include "sinks/local_socket_descriptor.hpp"

namespace fastrsi {

// Who is at the other end, as the kernel saw it at connect().
struct SocketPeer {
  std::uint32_t user = 0;
  std::uint32_t process = 0;
  std::vector<gid_t> groups;  // primary and supplementary
};

// A file as it stands in its folder, links not followed.
struct FileId {
  bool is_there = false;
  bool is_socket = false;
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

// Owner: the server. Thread: after construction, the socket's.
class SocketListener {
 public:
  // Throws std::runtime_error with the mend.
  explicit SocketListener(const LocalSocketSettings& settings);
  ~SocketListener();  // unlinks the path if it is still ours
  SocketListener(const SocketListener&) = delete;
  SocketListener& operator=(const SocketListener&) = delete;

  int descriptor() const noexcept { return listening_.get(); }
  // A connection that waits, with its peer. No descriptor: none waits, or `error` says why not.
  Descriptor accept(SocketPeer& peer, int& error) noexcept;
  // Our own user, root, those of the settings, and the members of the socket's group.
  bool may_enter(const SocketPeer& peer) const noexcept;

 private:
  Descriptor bind_beside();
  void give_to_group();
  void move_into_place();
  void replace_stale();
  bool rename_to(const std::string& path, unsigned int flags) const noexcept;
  void unlink_if_ours(const std::string& path) const noexcept;

  // Constant after construction.
  const std::string path_;
  const std::string folder_;
  const std::vector<std::uint32_t> users_;
  std::optional<gid_t> group_;
  mode_t mode_ = 0600;
  std::string temporary_;  // while the socket is not yet in its place
  FileId ours_;
  Descriptor listening_;
};

// Makes the last part of the socket's folder if it is missing, and makes sure that nobody but us
// and root can put another socket into it. Throws std::runtime_error with the mend.
void check_socket_folder(const std::string& folder);

}  // namespace fastrsi

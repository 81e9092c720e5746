#include "feeds/net/byte_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace fastrsi::net {
namespace {

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(int descriptor) : descriptor_(descriptor) {}

  IoStatus handshake() noexcept override { return IoStatus::Ok; }

  IoResult read(std::span<char> room) noexcept override {
    const ssize_t count = recv(descriptor_, room.data(), room.size(), 0);
    if (count > 0) return {IoStatus::Ok, static_cast<std::size_t>(count)};
    if (count == 0) return {room.empty() ? IoStatus::Ok : IoStatus::End, 0};
    return {failed_as(IoStatus::WantRead), 0};
  }

  IoResult write(std::string_view bytes) noexcept override {
    std::size_t written = 0;
    while (written < bytes.size()) {
      const ssize_t count =
          send(descriptor_, bytes.data() + written, bytes.size() - written, MSG_NOSIGNAL);
      if (count < 0) return {failed_as(IoStatus::WantWrite), written};
      written += static_cast<std::size_t>(count);
    }
    return {IoStatus::Ok, written};
  }

  bool has_unread() const noexcept override { return false; }
  void shut_down() noexcept override { shutdown(descriptor_, SHUT_WR); }
  const Ended& failure() const noexcept override { return failure_; }

 private:
  IoStatus failed_as(IoStatus would_block) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return would_block;
    failure_.reason = EndReason::Lost;
    failure_.sentence = "the connection is lost: " + std::generic_category().message(errno);
    return IoStatus::Failed;
  }

  const int descriptor_;
  Ended failure_;
};

}  // namespace

std::unique_ptr<ByteStream> make_plain_stream(int descriptor) {
  return std::make_unique<PlainStream>(descriptor);
}

}  // namespace fastrsi::net

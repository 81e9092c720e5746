// The seam between a socket and what reads it: bytes in and out, plain or through TLS. It does not
// own the descriptor and waits for nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "feeds/net/ended.hpp"

namespace fastrsi::net {

enum class IoStatus : std::uint8_t {
  Ok,
  WantRead,   // nothing to be had now: go on when there is something to read
  WantWrite,  // go on when there is room to write, whatever it was that was called
  End,        // the other side has ended in order
  Failed,     // failure() says why
};

struct IoResult {
  IoStatus status = IoStatus::Ok;
  std::size_t bytes = 0;  // moved before that status came
};

// Owner: one connection, which closes the descriptor after it. Thread: the connection's.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  // What must be said before bytes flow. Ok: read and write may be called from now on. End never
  // comes; a connection that is cut here is Failed.
  virtual IoStatus handshake() noexcept = 0;
  // Reads into `room` until it is full or there is no more. Less than its size with Ok: there may
  // be more, but the descriptor says so. The bytes count also beside End and Failed.
  virtual IoResult read(std::span<char> room) noexcept = 0;
  virtual IoResult write(std::string_view bytes) noexcept = 0;
  // Bytes that are taken from the descriptor already, so that it does not wake anybody for them.
  virtual bool has_unread() const noexcept = 0;
  // Says that nothing more will be written, if that can be said at once.
  virtual void shut_down() noexcept = 0;
  virtual const Ended& failure() const noexcept = 0;
};

// `descriptor` is non-blocking and connected.
std::unique_ptr<ByteStream> make_plain_stream(int descriptor);

}  // namespace fastrsi::net

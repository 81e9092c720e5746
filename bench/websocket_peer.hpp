// The other side of the WebSocket figure: it sends the same messages to whoever connects, as fast
// as they are read; and what each receiver counts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "bench/yardstick.hpp"
#include "tests/net_certificates.hpp"

namespace fastrsi::bench {

// CPU time of the calling thread.
std::int64_t thread_cpu_ns() noexcept;

// Parses what a receiver hands on. Time runs from the first message to the last.
class Tally {
 public:
  explicit Tally(std::uint64_t wanted) : wanted_(wanted) {}

  // The frame is followed by padding.
  void take(std::string_view frame) noexcept {
    if (sum_.frames == 0) begin_ns_ = thread_cpu_ns();
    FiveFields fields;
    if (parser_.parse(frame, fields)) sum_.add(fields);
    if (is_done()) end_ns_ = thread_cpu_ns();
  }
  bool is_done() const noexcept { return sum_.frames >= wanted_; }
  const ParseSum& sum() const noexcept { return sum_; }
  double ns_a_message() const noexcept {
    return static_cast<double>(end_ns_ - begin_ns_) / static_cast<double>(wanted_);
  }

 private:
  const std::uint64_t wanted_;
  Yardstick parser_{IdKey::Aggregate};
  ParseSum sum_;
  std::int64_t begin_ns_ = 0;
  std::int64_t end_ns_ = 0;
};

// Serves one connection after the other. Over TLS each frame is a record of its own, as exchanges
// send them, made before the first is sent. Owner: the figure.
class MessageSender {
 public:
  // Sends `frames`, which are `sizes` long, one behind the other. `tls`: shows this certificate.
  MessageSender(std::string frames, std::vector<std::size_t> sizes,
                const net::TlsServerSettings* tls);
  ~MessageSender();
  MessageSender(const MessageSender&) = delete;
  MessageSender& operator=(const MessageSender&) = delete;

  std::uint16_t port() const noexcept { return port_; }

 private:
  struct Context;

  void work();
  void serve_plain(int client) const;
  void serve_tls(int client) const;

  const std::string frames_;
  const std::vector<std::size_t> sizes_;
  std::unique_ptr<Context> context_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

struct Place {
  std::uint16_t port = 0;
  std::string ca_file;  // empty: plain
};

// Receivers: each connects, takes the messages until the tally is done, and goes.
// recv or SSL_read, our reader, the parse; nothing else.
void receive_bare(const Place& place, Tally& tally);
// Our WebSocket in its event loop.
void receive_ours(const Place& place, Tally& tally);
// The ws role of libwebsockets.
void receive_by_role(const Place& place, Tally& tally);

}  // namespace fastrsi::bench

// Names into addresses, off the loop's thread: the system's look-up blocks, for many seconds when a
// name server is silent.
//
// Each look-up has a thread, up to a limit, so that a slow one delays nobody else; threads go when
// there is nothing to look up. One that is stuck in the system cannot be stopped, so they are not
// waited for: they hold on to what they need.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "feeds/net/ended.hpp"
#include "feeds/net/event_loop.hpp"

namespace fastrsi::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  // 127.0.0.1 or ::1, without the port.
  std::string text() const;
  Address with_port(std::uint16_t port) const noexcept;
};

// An address as text; length 0 when it is none.
Address parse_address(const std::string& text) noexcept;

struct LookUpResult {
  std::vector<Address> addresses;  // in the order to try them
  Ended failure;                   // when there are none
};

// Blocks. Called in threads of the resolver, several at a time.
using LookUp = std::function<LookUpResult(const std::string& name)>;

LookUpResult system_look_up(const std::string& name);

struct ResolverSettings {
  std::size_t threads_max = 16;
  std::size_t waiting_max = 256;
  LookUp look_up = system_look_up;
};

enum class QueryId : std::uint64_t { None = 0 };

// Owner: one shard, before its connections; the loop outlives it. Thread: the loop's.
class Resolver {
 public:
  using Done = std::function<void(LookUpResult)>;

  explicit Resolver(EventLoop& loop, ResolverSettings settings = {});
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Calls `done` once, in the loop and not before this returns, unless it is cancelled. An address
  // is its own answer.
  QueryId look_up(const std::string& name, Done done);
  // A query that is done, or None, is no error.
  void cancel(QueryId query) noexcept;

 private:
  struct Core;
  std::shared_ptr<Core> core_;
};

}  // namespace fastrsi::net

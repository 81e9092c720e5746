// How an HTTP connection becomes a WebSocket (RFC 6455, section 4), on both sides. It moves no
// bytes itself. No extension is offered or taken: compressed frames would have to be inflated
// before they are parsed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/net/ended.hpp"
#include "feeds/net/http_head.hpp"

namespace fastrsi::net {

struct HandshakeSettings {
  std::string host;    // the Host header: Url::authority()
  std::string target;  // path and query
  std::vector<HttpField> fields;
  std::string subprotocol;  // asked for, and then demanded, when not empty
};

// The client's side of one handshake. Owner: one connection.
class ClientHandshake {
 public:
  enum class State { Short, Done, Failed };

  // Throws std::invalid_argument when a field of the settings would break the request.
  explicit ClientHandshake(const HandshakeSettings& settings);

  const std::string& request() const noexcept { return request_; }
  // Looks at all that has come so far. Done: the first used() bytes were the answer, and frames may
  // follow them.
  State take(std::string_view bytes);
  // The connection is cut after these bytes: says what that means.
  void cut(std::string_view bytes);

  std::size_t used() const noexcept { return used_; }
  // Of the last Failed, or cut().
  const Ended& failure() const noexcept { return failure_; }

 private:
  State fail(EndReason reason, std::string sentence);
  State check_status(const HttpHead& head);
  State check_upgrade(const HttpHead& head);

  const std::string host_;
  const std::string subprotocol_;
  std::string key_;
  std::string request_;
  std::size_t used_ = 0;
  Ended failure_;
};

// What a server answers to this key.
std::string accept_of(std::string_view key);

// The server's side: whether a request asks for a WebSocket, and the answer to it.
struct ServerHandshake {
  // 101: `answer` opens the WebSocket. Else it refuses, with a body that says why.
  int status = 0;
  std::string answer;
};
ServerHandshake answer_handshake(const HttpHead& request, std::string_view subprotocol = {});

}  // namespace fastrsi::net

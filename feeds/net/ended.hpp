// Why a connection has ended or never came about: one reason a kind of failure, for counters and
// for what is done next, and one sentence for the log that names the thing, the place and the mend.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fastrsi::net {

enum class EndReason : std::uint8_t {
  // --- open connections
  Closed,         // the other side sent a close frame
  ClosedByUs,     // we did, first
  Lost,           // cut without a word
  ProtocolError,  // a frame that is none, or text that is no UTF-8
  MessageTooBig,
  // --- names and sockets
  NameUnknown,
  NameServerFailed,
  ResolverBusy,
  ConnectRefused,
  ConnectFailed,
  Timeout,
  // --- proxies
  ProxyRefused,  // also its credentials
  ProxyFailed,
  // --- TLS
  TlsExpired,
  TlsNotYetValid,
  TlsWrongHost,
  TlsSelfSigned,
  TlsUnknownIssuer,
  TlsWrongPin,
  TlsTooOld,
  TlsNotTls,  // plain HTTP on the port
  TlsClosed,
  TlsFailed,
  // --- WebSocket handshake
  Redirect,
  Refused,    // an HTTP status from 400
  PlainHttp,  // any other status than 101
  AnswerIsTls,
  AnswerCut,
  AnswerTooLong,
  AnswerWrong,  // not HTTP, or not what was asked for
};
inline constexpr std::size_t kEndReasons = static_cast<std::size_t>(EndReason::AnswerWrong) + 1;

// As it stands in logs and metrics: tls-wrong-host.
std::string_view name_of(EndReason reason) noexcept;

struct Ended {
  EndReason reason = EndReason::Lost;
  // Of the WebSocket: the other side's, or the one we sent; 1005 for a close frame without one and
  // 1006 when there was no close frame (RFC 6455, section 7.4.1).
  std::uint16_t close_code = 1006;
  std::string sentence;
  int http_status = 0;  // 0: there was none
  std::optional<std::chrono::seconds> retry_after;
  std::string location;  // of a redirect
};

}  // namespace fastrsi::net

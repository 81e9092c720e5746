#include "feeds/net/websocket_handshake.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "engine/base/assert.hpp"
#include "feeds/net/ascii.hpp"
#include "feeds/net/base64.hpp"

namespace fastrsi::net {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyLetters = 24;
constexpr int kRetryAfterMaxSeconds = 7 * 24 * 3600;

std::string random_key() {
  std::array<unsigned char, kKeyBytes> bytes{};
  FASTRSI_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Alerts and handshakes of TLS 1.x: what a TLS port says to one that does not speak it.
bool is_tls_record(std::string_view bytes) noexcept {
  return bytes.size() >= 3 && (bytes[0] == 0x15 || bytes[0] == 0x16) && bytes[1] == 0x03 &&
         static_cast<unsigned char>(bytes[2]) <= 0x04;
}

// Seconds only: a date would need our clock to agree with theirs.
std::optional<std::chrono::seconds> retry_after_of(const HttpHead& head) noexcept {
  const std::string* const text = head.find("Retry-After");
  if (text == nullptr) return std::nullopt;
  int seconds = 0;
  const char* const end = text->data() + text->size();
  if (std::from_chars(text->data(), end, seconds).ptr != end || seconds < 0) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, kRetryAfterMaxSeconds));
}

std::string status_text(const HttpHead& head) {
  return "HTTP " + std::to_string(head.status) +
         (head.reason.empty() ? "" : " " + in_quotes(head.reason));
}

ServerHandshake refusal(int status, const char* reason, const char* why, const char* field = "") {
  const std::string body = std::string(why) + "\n";
  return {status, "HTTP/1.1 " + std::to_string(status) + " " + reason +
                      "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n" + field + "\r\n" + body};
}

}  // namespace

std::string accept_of(std::string_view key) {
  const std::string text = std::string(key) + std::string(kMagic);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

ClientHandshake::ClientHandshake(const HandshakeSettings& settings)
    : host_(settings.host), subprotocol_(settings.subprotocol), key_(random_key()) {
  request_ = "GET " + settings.target + " HTTP/1.1\r\nHost: " + settings.host +
             "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
             "\r\nSec-WebSocket-Version: 13\r\n";
  if (!subprotocol_.empty()) request_ += "Sec-WebSocket-Protocol: " + subprotocol_ + "\r\n";
  for (const HttpField& field : settings.fields) {
    const bool right = !field.name.empty() && field.name.find_first_of(": \t") == std::string::npos;
    if (!right || !is_field_value(field.name) || !is_field_value(field.value)) {
      throw std::invalid_argument("the header " + in_quotes(field.name) +
                                  " cannot be sent (mend: letters without line ends)");
    }
    request_ += field.name + ": " + field.value + "\r\n";
  }
  request_ += "\r\n";
}

ClientHandshake::State ClientHandshake::fail(EndReason reason, std::string sentence) {
  failure_.reason = reason;
  failure_.sentence = std::move(sentence);
  return State::Failed;
}

ClientHandshake::State ClientHandshake::take(std::string_view bytes) {
  if (is_tls_record(bytes)) {
    return fail(EndReason::AnswerIsTls,
                host_ + " speaks TLS on this port (mend: wss:// instead of ws://)");
  }
  constexpr std::string_view kBegin = "HTTP/1.";
  if (!bytes.starts_with(kBegin.substr(0, bytes.size()))) {
    return fail(EndReason::AnswerWrong, host_ + " answers no HTTP, but " + in_quotes(bytes, 40));
  }
  HttpHead head;
  switch (parse_http_answer(bytes, head, used_)) {
    case HttpHeadState::Short:
      return State::Short;
    case HttpHeadState::TooLong:
      return fail(EndReason::AnswerTooLong,
                  host_ + " answers the handshake with more than 16 KiB of header");
    case HttpHeadState::Wrong:
      return fail(EndReason::AnswerWrong,
                  host_ + " answers the handshake with a broken header: " + in_quotes(bytes, 60));
    case HttpHeadState::Whole:
      break;
  }
  failure_.http_status = head.status;
  return head.status == 101 ? check_upgrade(head) : check_status(head);
}

ClientHandshake::State ClientHandshake::check_status(const HttpHead& head) {
  const std::string said = host_ + " answers the handshake with " + status_text(head);
  if (head.status >= 300 && head.status < 400) {
    const std::string* const location = head.find("Location");
    if (location != nullptr) failure_.location = *location;
    return fail(EndReason::Redirect,
                said + (location == nullptr ? std::string(", a redirect to nowhere")
                                            : ", a redirect to " + in_quotes(*location, 300) +
                                                  " (mend: set that URL, if you trust it)"));
  }
  if (head.status >= 400) {
    failure_.retry_after = retry_after_of(head);
    return fail(
        EndReason::Refused,
        said + (failure_.retry_after ? ", to be tried again after " +
                                           std::to_string(failure_.retry_after->count()) + " s"
                                     : std::string()));
  }
  return fail(EndReason::PlainHttp, said + ": no WebSocket at this URL");
}

ClientHandshake::State ClientHandshake::check_upgrade(const HttpHead& head) {
  const auto wrong = [this](const std::string& what) {
    return fail(EndReason::AnswerWrong, host_ + " answers the handshake with " + what);
  };
  if (!head.has_token("Upgrade", "websocket")) return wrong("101, but no 'Upgrade: websocket'");
  if (!head.has_token("Connection", "Upgrade")) return wrong("101, but no 'Connection: Upgrade'");
  const std::string* const accept = head.find("Sec-WebSocket-Accept");
  if (accept == nullptr) return wrong("101, but no Sec-WebSocket-Accept");
  if (*accept != accept_of(key_)) {
    return wrong("a Sec-WebSocket-Accept that is not of our key: a cache may stand between");
  }
  if (const std::string* const extensions = head.find("Sec-WebSocket-Extensions")) {
    return wrong("extensions nobody asked for: " + in_quotes(*extensions));
  }
  const std::string* const subprotocol = head.find("Sec-WebSocket-Protocol");
  const std::string_view chosen = subprotocol == nullptr ? std::string_view() : *subprotocol;
  if (chosen != subprotocol_) {
    return wrong(chosen.empty() ? "101, but without the subprotocol " + in_quotes(subprotocol_)
                                : "a subprotocol nobody asked for: " + in_quotes(chosen));
  }
  return State::Done;
}

void ClientHandshake::cut(std::string_view bytes) {
  fail(EndReason::AnswerCut,
       bytes.empty() ? host_ + " cuts the connection without an answer to the handshake"
                     : host_ + " cuts the connection within its answer to the handshake");
}

ServerHandshake answer_handshake(const HttpHead& request, std::string_view subprotocol) {
  if (request.method != "GET") return refusal(405, "Method Not Allowed", "GET only");
  if (!request.has_token("Upgrade", "websocket") || !request.has_token("Connection", "Upgrade")) {
    return refusal(426, "Upgrade Required", "a WebSocket only", "Upgrade: websocket\r\n");
  }
  const std::string* const version = request.find("Sec-WebSocket-Version");
  if (version == nullptr || *version != "13") {
    return refusal(426, "Upgrade Required", "WebSocket version 13 only",
                   "Sec-WebSocket-Version: 13\r\n");
  }
  const std::string* const key = request.find("Sec-WebSocket-Key");
  if (key == nullptr || key->size() != kKeyLetters || !key->ends_with("==")) {
    return refusal(400, "Bad Request", "no Sec-WebSocket-Key of 16 bytes");
  }
  if (request.find("Host") == nullptr) return refusal(400, "Bad Request", "no Host");
  std::string answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      accept_of(*key) + "\r\n";
  if (!subprotocol.empty() && request.has_token("Sec-WebSocket-Protocol", subprotocol)) {
    answer += "Sec-WebSocket-Protocol: " + std::string(subprotocol) + "\r\n";
  }
  return {101, answer + "\r\n"};
}

}  // namespace fastrsi::net

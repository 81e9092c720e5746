// Any bytes from the other side of a connection. The first byte says who it is and how the bytes
// are cut: as frames the same events must come as from the bytes in one piece; as a handshake or a
// proxy's answer nothing is read beyond them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/assert.hpp"
#include "feeds/net/proxy.hpp"
#include "feeds/net/websocket_handshake.hpp"
#include "feeds/net/websocket_reader.hpp"

namespace {

using namespace fastrsi::net;
using Kind = WebSocketEvent::Kind;

std::vector<std::string> events_of(Role role, std::string_view bytes, std::size_t chunk) {
  WebSocketReaderSettings settings;
  settings.role = role;
  settings.check_utf8 = true;
  settings.message_bytes_max = 100'000;
  WebSocketReader reader(settings);
  std::vector<std::string> events;
  bool over = false;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::span<char> room = reader.room();
    const std::size_t count = std::min({room.size(), chunk, bytes.size() - i});
    FASTRSI_ASSERT(count > 0 || over);
    if (count == 0) break;
    std::memcpy(room.data(), bytes.data() + i, count);
    reader.added(count);
    i += count;
    while (true) {
      const WebSocketEvent event = reader.next();
      if (event.kind == Kind::None) break;
      FASTRSI_ASSERT(!over);
      over = event.kind == Kind::Close || event.kind == Kind::Failure;
      FASTRSI_ASSERT(!over || event.code == kCloseNoCode || is_close_code(event.code));
      FASTRSI_ASSERT(event.bytes.size() <= settings.message_bytes_max);
      char behind[kReadPaddingBytes];
      if (event.kind == Kind::Message) {
        std::memcpy(behind, event.bytes.data() + event.bytes.size(), sizeof behind);
      }
      events.push_back(std::to_string(static_cast<int>(event.kind)) + (event.text ? "t" : "") +
                       std::to_string(event.code) + ":" + std::string(event.bytes));
    }
  }
  return events;
}

void handshake_of(std::string_view bytes) {
  ClientHandshake client({"h", "/", {}, {}});
  const auto state = client.take(bytes);
  FASTRSI_ASSERT(state != ClientHandshake::State::Failed || !client.failure().sentence.empty());
  FASTRSI_ASSERT(state != ClientHandshake::State::Done || client.used() <= bytes.size());
  HttpHead head;
  std::size_t used = 0;
  if (parse_http_request(bytes, head, used) != HttpHeadState::Whole) return;
  FASTRSI_ASSERT(used <= bytes.size());
  const ServerHandshake answer = answer_handshake(head);
  HttpHead read;
  FASTRSI_ASSERT(parse_http_answer(answer.answer, read, used) == HttpHeadState::Whole);
  FASTRSI_ASSERT(read.status == answer.status);
}

void proxy_of(std::string_view bytes, const char* url, std::size_t chunk) {
  ProxyTalk talk(std::get<Url>(parse_proxy(url)), "feed.example", 443);
  for (std::size_t i = 0; i < bytes.size(); i += chunk) {
    const auto state = talk.take(bytes.substr(i, chunk));
    if (state == ProxyTalk::State::Failed) FASTRSI_ASSERT(!talk.failure().sentence.empty());
    if (state != ProxyTalk::State::Short) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t chunk = std::size_t{data[0]} / 8 + 1;
  switch (data[0] % 8) {
    case 0:
    case 1:
    case 2: {
      const Role role = data[0] % 8 == 1 ? Role::Server : Role::Client;
      FASTRSI_ASSERT(events_of(role, bytes, bytes.size() + 1) == events_of(role, bytes, chunk));
      return 0;
    }
    case 3:
      proxy_of(bytes, "http://h", chunk);
      return 0;
    case 4:
      proxy_of(bytes, "socks5://me:pw@h", chunk);
      return 0;
    case 5:
      static_cast<void>(parse_url(bytes, true));
      return 0;
    default:
      handshake_of(bytes);
      return 0;
  }
}

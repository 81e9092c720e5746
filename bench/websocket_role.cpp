// The ws role of libwebsockets as a client, as its examples use it: with a buffer that holds any of
// these messages, which are copied to where there is padding behind them.
#include <libwebsockets.h>

#include <cstring>
#include <vector>

#include "bench/figure.hpp"
#include "bench/websocket_peer.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kBufferBytes = 64U * 1024;

struct Session {
  Tally* tally = nullptr;
  bool failed = false;
  std::vector<char> message = std::vector<char>(kBufferBytes + simdjson::SIMDJSON_PADDING);
  std::size_t used = 0;
};

int on_event(lws* wsi, lws_callback_reasons reason, void*, void* in, std::size_t length) {
  auto* const session = static_cast<Session*>(lws_context_user(lws_get_context(wsi)));
  if (reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR || reason == LWS_CALLBACK_CLIENT_CLOSED) {
    session->failed = true;
    return 0;
  }
  if (reason != LWS_CALLBACK_CLIENT_RECEIVE) return 0;
  if (session->used + length > kBufferBytes) return -1;
  std::memcpy(session->message.data() + session->used, in, length);
  session->used += length;
  if (lws_is_final_fragment(wsi) == 0) return 0;
  session->tally->take({session->message.data(), session->used});
  session->used = 0;
  return session->tally->is_done() ? -1 : 0;
}

const lws_protocols kProtocols[] = {{"", on_event, 0, kBufferBytes, 0, nullptr, 0},
                                    {nullptr, nullptr, 0, 0, 0, nullptr, 0}};

}  // namespace

void receive_by_role(const Place& place, Tally& tally) {
  Session session;
  session.tally = &tally;
  lws_set_log_level(LLL_ERR, nullptr);
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = kProtocols;
  info.user = &session;
  if (!place.ca_file.empty()) {
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.client_ssl_ca_filepath = place.ca_file.c_str();
  }
  lws_context* const context = lws_create_context(&info);
  require(context != nullptr, "libwebsockets does not start");
  lws_client_connect_info to{};
  to.context = context;
  to.address = "127.0.0.1";
  to.port = place.port;
  to.path = "/";
  to.host = "localhost";
  to.origin = "localhost";
  to.ssl_connection = place.ca_file.empty() ? 0 : LCCSCF_USE_SSL;
  require(lws_client_connect_via_info(&to) != nullptr, "libwebsockets does not connect");
  while (!tally.is_done() && !session.failed && lws_service(context, 0) >= 0) {
  }
  lws_context_destroy(context);
}

}  // namespace fastrsi::bench

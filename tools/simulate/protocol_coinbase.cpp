// Coinbase: Exchange (channel matches) and Advanced Trade (channel market_trades); docs of 2025.
// Both answer a subscribe with the connection's whole list, and one unknown product refuses all of
// the message.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/simulate/protocol.hpp"

namespace fastrsi::simulate {
namespace {

using Json = nlohmann::json;

class CoinbaseProtocol final : public Protocol {
 public:
  explicit CoinbaseProtocol(bool is_advanced)
      : is_advanced_(is_advanced), channel_(is_advanced ? "market_trades" : "matches") {}

  std::optional<Form> form_of(std::string_view) const override { return Form::Raw; }

  void take(std::string_view message, Session& session) const override {
    const Json asked = Json::parse(message, nullptr, false);
    if (!asked.is_object()) return fail("Malformed JSON", "", session);
    const Json type = asked.value("type", Json());
    if (type != "subscribe" && type != "unsubscribe") {
      return fail("Type has to be either subscribe or unsubscribe", "", session);
    }
    const Json list = asked.value("product_ids", Json::array());
    if (!list.is_array()) return fail("product_ids must be a list", "", session);
    for (const Json& channel : channels_of(asked)) {
      if (channel != channel_) continue;
      for (const Json& product : list) {
        if (!product.is_string()) return fail("Failed to subscribe", "bad product", session);
        const std::string stream = channel_ + ":" + product.get<std::string>();
        if (type == "unsubscribe") {
          session.unsubscribe(stream);
        } else if (session.subscribe(stream) == Subscribed::Unknown) {
          return fail("Failed to subscribe", product.get<std::string>() + " is not a valid product",
                      session);
        }
      }
    }
    session.send(subscriptions(session));
  }

  std::string stream_of(const TapeFrame& frame) const override {
    if (frame.events->symbols.empty()) return {};
    return channel_ + ":" + std::string(frame.events->symbols.front());
  }

 private:
  static Json channels_of(const Json& asked) {
    Json names = Json::array();
    if (asked.contains("channel")) names.push_back(asked["channel"]);
    const Json channels = asked.value("channels", Json::array());
    for (const Json& one : channels)
      names.push_back(one.is_object() ? one.value("name", Json()) : one);
    return names;
  }

  static void fail(const std::string& what, const std::string& why, Session& session) {
    Json error{{"type", "error"}, {"message", what}};
    if (!why.empty()) error["reason"] = why;
    session.send(error.dump());
  }

  std::string subscriptions(const Session& session) const {
    Json products = Json::array();
    for (const std::string& stream : session.streams()) {
      products.push_back(stream.substr(channel_.size() + 1));
    }
    if (is_advanced_) {
      return Json{{"channel", "subscriptions"},
                  {"client_id", ""},
                  {"timestamp", "0001-01-01T00:00:00Z"},
                  {"sequence_num", 0},
                  {"events", Json::array({{{"subscriptions", {{channel_, products}}}}})}}
          .dump();
    }
    return Json{{"type", "subscriptions"},
                {"channels", Json::array({{{"name", channel_}, {"product_ids", products}}})}}
        .dump();
  }

  const bool is_advanced_;
  const std::string channel_;
};

}  // namespace

std::unique_ptr<Protocol> make_coinbase_protocol(bool is_advanced) {
  return std::make_unique<CoinbaseProtocol>(is_advanced);
}

}  // namespace fastrsi::simulate

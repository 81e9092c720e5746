// Venues that answer for each stream alone: Kraken v2, Bybit v5, OKX v5, Bitstamp v2 (their docs of
// 2025). Of their channels the trades are served.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

#include "tools/simulate/protocol.hpp"

namespace fastrsi::simulate {
namespace {

using Json = nlohmann::json;

std::string first_symbol(const TapeFrame& frame) {
  return frame.events->symbols.empty() ? std::string() : std::string(frame.events->symbols.front());
}

std::string text_value(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// All but the messages.
class OtherProtocol : public Protocol {
 public:
  explicit OtherProtocol(std::string prefix) : prefix_(std::move(prefix)) {}

  std::optional<Form> form_of(std::string_view) const override { return Form::Raw; }
  std::string stream_of(const TapeFrame& frame) const override {
    const std::string symbol = first_symbol(frame);
    return symbol.empty() ? symbol : prefix_ + symbol;
  }

 protected:
  const std::string prefix_;  // of a stream's name, before its symbol
};

class KrakenProtocol final : public OtherProtocol {
 public:
  KrakenProtocol() : OtherProtocol("trade:") {}

  void take(std::string_view message, Session& session) const override {
    const Json asked = Json::parse(message, nullptr, false);
    const std::string method = asked.is_object() ? text_value(asked, "method") : std::string();
    Json answer{{"method", method}};
    if (asked.is_object() && asked.contains("req_id")) answer["req_id"] = asked["req_id"];
    if (method == "ping") {
      answer["method"] = "pong";
      return session.send(answer.dump());
    }
    const Json params = asked.is_object() ? asked.value("params", Json()) : Json();
    if ((method != "subscribe" && method != "unsubscribe") || !params.is_object() ||
        text_value(params, "channel") != "trade" || !params.value("symbol", Json()).is_array()) {
      answer.update({{"error", "Malformed request"}, {"success", false}});
      return session.send(answer.dump());
    }
    for (const Json& symbol : params["symbol"]) {
      Json one = answer;
      const std::string name = symbol.is_string() ? symbol.get<std::string>() : symbol.dump();
      if (method == "unsubscribe") {
        session.unsubscribe(prefix_ + name);
      } else {
        const Subscribed outcome = session.subscribe(prefix_ + name);
        if (outcome == Subscribed::Dead) continue;
        if (outcome == Subscribed::Unknown) {
          one.update({{"error", "Currency pair not supported " + name},
                      {"success", false},
                      {"symbol", name}});
          session.send(one.dump());
          continue;
        }
      }
      one.update({{"result", {{"channel", "trade"}, {"symbol", name}}}, {"success", true}});
      session.send(one.dump());
    }
  }
};

class BybitProtocol final : public OtherProtocol {
 public:
  BybitProtocol() : OtherProtocol("publicTrade.") {}

  // One answer for all arguments; an unknown one refuses them all.
  void take(std::string_view message, Session& session) const override {
    const Json asked = Json::parse(message, nullptr, false);
    if (!asked.is_object()) return;
    const std::string op = text_value(asked, "op");
    Json answer{{"success", true}, {"ret_msg", ""}, {"conn_id", "simulated"}, {"op", op}};
    if (asked.contains("req_id")) answer["req_id"] = asked["req_id"];
    if (op == "ping") answer["ret_msg"] = "pong";
    const Json list = asked.value("args", Json::array());
    if (op == "subscribe" || op == "unsubscribe") {
      for (const Json& topic : list.is_array() ? list : Json::array()) {
        const std::string name = topic.is_string() ? topic.get<std::string>() : topic.dump();
        if (op == "unsubscribe") {
          session.unsubscribe(name);
        } else if (session.subscribe(name) == Subscribed::Unknown) {
          answer["success"] = false;
          answer["ret_msg"] = "error:handler not found,topic:" + name;
          break;
        }
      }
    } else if (op != "ping") {
      answer["success"] = false;
      answer["ret_msg"] = "error:unknown op";
    }
    session.send(answer.dump());
  }
};

class OkxProtocol final : public OtherProtocol {
 public:
  OkxProtocol() : OtherProtocol("trades:") {}

  void take(std::string_view message, Session& session) const override {
    if (message == "ping") return session.send("pong");
    const Json asked = Json::parse(message, nullptr, false);
    const std::string op = asked.is_object() ? text_value(asked, "op") : std::string();
    const Json list = asked.is_object() ? asked.value("args", Json()) : Json();
    if ((op != "subscribe" && op != "unsubscribe") || !list.is_array()) {
      return session.send(
          R"({"event":"error","code":"60012","msg":"Illegal request","connId":"simulated"})");
    }
    for (const Json& arg : list) {
      const std::string name = arg.is_object()
                                   ? text_value(arg, "channel") + ":" + text_value(arg, "instId")
                                   : arg.dump();
      Json answer{{"event", op}, {"arg", arg}, {"connId", "simulated"}};
      if (op == "unsubscribe") {
        session.unsubscribe(name);
      } else {
        const Subscribed outcome = session.subscribe(name);
        if (outcome == Subscribed::Dead) continue;
        if (outcome == Subscribed::Unknown) {
          answer = {{"event", "error"},
                    {"code", "60018"},
                    {"msg", "Wrong URL or " + arg.dump() + " doesn't exist."},
                    {"connId", "simulated"}};
        }
      }
      session.send(answer.dump());
    }
  }

  std::string shutdown_notice(std::int64_t) const override {
    return R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a )"
           R"(service upgrade. Please reconnect.","connId":"simulated"})";
  }
};

class BitstampProtocol final : public OtherProtocol {
 public:
  BitstampProtocol() : OtherProtocol("live_trades_") {}

  void take(std::string_view message, Session& session) const override {
    const Json asked = Json::parse(message, nullptr, false);
    const std::string event = asked.is_object() ? text_value(asked, "event") : std::string();
    if (event == "bts:heartbeat") {
      return session.send(R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})");
    }
    const Json data = asked.is_object() ? asked.value("data", Json()) : Json();
    const std::string channel = data.is_object() ? text_value(data, "channel") : std::string();
    const bool is_unsubscribe = event == "bts:unsubscribe";
    if (is_unsubscribe) {
      session.unsubscribe(channel);
    } else {
      const Subscribed outcome =
          event == "bts:subscribe" ? session.subscribe(channel) : Subscribed::Unknown;
      if (outcome == Subscribed::Dead) return;
      if (outcome == Subscribed::Unknown) {
        return session.send(
            Json{{"event", "bts:error"},
                 {"channel", ""},
                 {"data", {{"code", nullptr}, {"message", "Incorrect JSON format."}}}}
                .dump());
      }
    }
    session.send(Json{
        {"event", is_unsubscribe ? "bts:unsubscription_succeeded" : "bts:subscription_succeeded"},
        {"channel", channel},
        {"data", Json::object()}}
                     .dump());
  }

  std::string shutdown_notice(std::int64_t) const override {
    return R"({"event":"bts:request_reconnect","channel":"","data":""})";
  }
};

}  // namespace

std::unique_ptr<Protocol> make_kraken_protocol() {
  return std::make_unique<KrakenProtocol>();
}
std::unique_ptr<Protocol> make_bybit_protocol() {
  return std::make_unique<BybitProtocol>();
}
std::unique_ptr<Protocol> make_okx_protocol() {
  return std::make_unique<OkxProtocol>();
}
std::unique_ptr<Protocol> make_bitstamp_protocol() {
  return std::make_unique<BitstampProtocol>();
}

}  // namespace fastrsi::simulate

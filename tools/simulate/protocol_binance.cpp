// Binance, spot and futures (Spot API Docs, WebSocket Streams, 2025): SUBSCRIBE, UNSUBSCRIBE and
// LIST_SUBSCRIPTIONS with an id on /ws and /stream, or streams in the URL. As at the real one, an
// answer is the same for a stream that does not exist, which then stays silent; only what is no
// name of a stream at all is an error. More than 5 messages a second (futures: 10) close the
// connection.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "tools/simulate/protocol.hpp"

namespace fastrsi::simulate {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kCombinedBegin = R"({"stream":")";
constexpr std::string_view kDataBegin = R"(","data":)";
constexpr std::size_t kStreamsPerConnectionMax = 1024;

bool is_stream_name(const std::string& text) noexcept {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const std::size_t at = text.find('@');
  return at != std::string::npos && at > 0 && at + 1 < text.size() &&
         std::none_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), is_upper);
}

// Cuts {"stream":"NAME","data":DATA}; false for any other frame.
bool split(std::string_view frame, std::string_view& stream, std::string_view& data) noexcept {
  if (!frame.starts_with(kCombinedBegin) || !frame.ends_with('}')) return false;
  const std::size_t name_end = frame.find('"', kCombinedBegin.size());
  if (name_end == std::string_view::npos) return false;
  if (!frame.substr(name_end).starts_with(kDataBegin)) return false;
  stream = frame.substr(kCombinedBegin.size(), name_end - kCombinedBegin.size());
  data = frame.substr(name_end + kDataBegin.size());
  data.remove_suffix(1);
  return true;
}

std::string error_text(const Json& id, int code, const std::string& what) {
  return Json{{"error", {{"code", code}, {"msg", what}}}, {"id", id}}.dump();
}

class BinanceProtocol final : public Protocol {
 public:
  explicit BinanceProtocol(bool is_futures) : is_futures_(is_futures) {}

  std::optional<Form> form_of(std::string_view target) const override {
    const std::string_view path = target.substr(0, target.find('?'));
    // The futures' addresses have a part for the kind of stream in front since 2026.
    for (const std::string_view prefix : {"", "/market", "/public", "/private"}) {
      if (!path.starts_with(prefix)) continue;
      const std::string_view rest = path.substr(prefix.size());
      if (rest == "/stream" || rest == "/stream/") return Form::Combined;
      if (rest == "/ws" || rest.starts_with("/ws/")) return Form::Raw;
    }
    return std::nullopt;
  }

  void open(std::string_view target, Session& session) const override {
    constexpr std::string_view kStreams = "streams=";
    std::string_view list;
    if (const std::size_t at = target.find(kStreams); at != std::string_view::npos) {
      list = target.substr(at + kStreams.size());
      list = list.substr(0, list.find('&'));
    } else if (const std::size_t path = target.find("/ws/"); path != std::string_view::npos) {
      list = target.substr(path + 4);
    }
    while (!list.empty()) {
      const std::size_t end = std::min(list.find('/'), list.size());
      const std::string name(list.substr(0, end));
      if (is_stream_name(name)) session.subscribe(name);
      list.remove_prefix(std::min(end + 1, list.size()));
    }
  }

  void take(std::string_view message, Session& session) const override {
    const Json asked = Json::parse(message, nullptr, false);
    if (!asked.is_object()) {
      return session.send(error_text(nullptr, 3, "Invalid JSON: expected an object"));
    }
    const Json id = asked.value("id", Json());
    const Json method = asked.value("method", Json());
    if (!id.is_number_unsigned() && !id.is_string()) {
      return session.send(error_text(nullptr, 2,
                                     "Invalid request: request ID must be an unsigned "
                                     "integer or a string"));
    }
    if (method == "LIST_SUBSCRIPTIONS") {
      return session.send(Json{{"result", session.streams()}, {"id", id}}.dump());
    }
    if (method != "SUBSCRIBE" && method != "UNSUBSCRIBE") {
      return session.send(error_text(id, 2,
                                     "Invalid request: unknown variant, expected one of "
                                     "`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`"));
    }
    const Json params = asked.value("params", Json());
    const auto is_good = [](const Json& one) {
      return one.is_string() && is_stream_name(one.get<std::string>());
    };
    if (!params.is_array() || !std::all_of(params.begin(), params.end(), is_good)) {
      return session.send(error_text(id, 2, "Invalid request: params must be names of streams"));
    }
    for (const Json& stream : params) {
      if (method == "UNSUBSCRIBE") {
        session.unsubscribe(stream.get<std::string>());
      } else {
        session.subscribe(stream.get<std::string>());
      }
    }
    if (session.streams().size() > kStreamsPerConnectionMax) {
      return session.refuse("Too many streams for one connection");
    }
    session.send(Json{{"result", nullptr}, {"id", id}}.dump());
  }

  std::string stream_of(const TapeFrame& frame) const override {
    std::string_view stream;
    std::string_view data;
    if (split(frame.bytes, stream, data)) return std::string(stream);
    if (frame.events->symbols.empty()) return {};
    std::string name(frame.events->symbols.front());
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    const bool is_sum = frame.bytes.substr(0, 64).find(R"("aggTrade")") != std::string_view::npos;
    return name + (is_sum ? "@aggTrade" : "@trade");
  }

  std::string_view dress(std::string_view frame, const std::string& stream, Form form,
                         std::string& scratch) const override {
    std::string_view name;
    std::string_view data;
    const bool is_combined = split(frame, name, data);
    if (is_combined == (form == Form::Combined)) return frame;
    if (is_combined) return data;
    scratch.clear();
    scratch.append(kCombinedBegin).append(stream).append(kDataBegin).append(frame).append("}");
    return scratch;
  }

  std::string shutdown_notice(std::int64_t exchange_time_ns) const override {
    return fmt::format(R"({{"e":"serverShutdown","E":{}}})", exchange_time_ns / 1'000'000);
  }

  int messages_a_second() const noexcept override { return is_futures_ ? 10 : 5; }

 private:
  const bool is_futures_;
};

}  // namespace

std::unique_ptr<Protocol> make_binance_protocol(bool is_futures) {
  return std::make_unique<BinanceProtocol>(is_futures);
}

}  // namespace fastrsi::simulate

// Drives one transport from outside: reads lines of JSON from standard input and prints each
// answer as one.
//   {"transport": "smtp" | "push" | "pickup" | "exec" | "desktop", "settings": {...}}    the first
//   {"mid": "...", "octets": "...", "targets": ["..."]}  or  {"probe": true}          each further
// A setting that is refused is {"refused": "why"}.
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "sinks/transport/secret.hpp"
#include "sinks/transport/transports.hpp"

namespace {

using Json = nlohmann::json;
using namespace fastrsi;
using namespace fastrsi::transport;

template <class Enum>
Enum one_of(const Json& json, const char* key, Enum fallback,
            std::initializer_list<std::pair<const char*, Enum>> words) {
  const std::string given = json.value(key, "");
  for (const auto& [word, meant] : words) {
    if (given == word) return meant;
  }
  if (!given.empty()) throw std::runtime_error(std::string{key} + ": " + given);
  return fallback;
}

SecretSource secret_of(const Json& json) {
  SecretSource source;
  if (json.is_string()) source.text = json;
  if (!json.is_object()) return source;
  source.file = json.value("file", "");
  source.env = json.value("env", "");
  source.credential = json.value("credential", "");
  source.command = json.value("command", std::vector<std::string>{});
  return source;
}

SecretSource secret_at(const Json& json, const char* key) {
  return json.contains(key) ? secret_of(json[key]) : SecretSource{};
}

TlsSettings tls_of(const Json& json) {
  return {json.value("ca_file", ""), json.value("pin", ""), json.value("tls_verify", true)};
}

std::chrono::milliseconds ms_at(const Json& json, const char* key, std::chrono::milliseconds none) {
  return std::chrono::milliseconds{json.value(key, none.count())};
}

std::unique_ptr<Transport> make_smtp(const Json& json) {
  SmtpSettings settings;
  settings.name = "test";
  settings.host = json.value("host", "127.0.0.1");
  settings.port = json.value("port", std::uint16_t{0});
  settings.tls = one_of(json, "tls", SmtpTls::Auto,
                        {{"auto", SmtpTls::Auto},
                         {"starttls", SmtpTls::StartTls},
                         {"tls", SmtpTls::Implicit},
                         {"none", SmtpTls::None}});
  settings.auth = one_of(json, "auth", SmtpAuth::Auto,
                         {{"auto", SmtpAuth::Auto},
                          {"none", SmtpAuth::None},
                          {"plain", SmtpAuth::Plain},
                          {"login", SmtpAuth::Login},
                          {"cram-md5", SmtpAuth::CramMd5},
                          {"xoauth2", SmtpAuth::XOAuth2}});
  settings.user = json.value("user", "");
  settings.password = secret_at(json, "password");
  settings.verification = tls_of(json);
  settings.allow_insecure_auth = json.value("allow_insecure_auth", false);
  settings.from = json.value("from", "rsi@example.test");
  settings.ehlo_name = json.value("ehlo_name", "client.example.test");
  settings.proxy = json.value("proxy", "");
  settings.connect_within = ms_at(json, "connect_ms", settings.connect_within);
  settings.reply_within = std::chrono::seconds{json.value("reply_s", 60)};
  settings.dot_within = std::chrono::seconds{json.value("dot_s", 120)};
  return make_smtp_transport(settings);
}

std::unique_ptr<Transport> make_push(const Json& json) {
  PushSettings settings;
  settings.name = "test";
  settings.service = one_of(json, "service", Service::Webhook,
                            {{"telegram", Service::Telegram},
                             {"ntfy", Service::Ntfy},
                             {"webhook", Service::Webhook},
                             {"discord", Service::Discord},
                             {"slack", Service::Slack},
                             {"mattermost", Service::Mattermost},
                             {"pushover", Service::Pushover},
                             {"gotify", Service::Gotify},
                             {"relay", Service::Relay}});
  settings.api_base = json.value("api_base", "");
  settings.url = secret_at(json, "url");
  settings.token = secret_at(json, "token");
  settings.user = json.value("user", "");
  settings.password = secret_at(json, "password");
  settings.signing_key = secret_at(json, "signing_key");
  const Json headers = json.value("headers", Json::object());
  for (const auto& [name, value] : headers.items()) settings.headers[name] = secret_of(value);
  settings.temporary = json.value("temporary", std::vector<int>{});
  settings.is_raw_mail = json.value("raw", false);
  settings.from = json.value("from", "");
  settings.http.verification = tls_of(json);
  settings.http.proxy = json.value("proxy", "");
  settings.http.allow_private = json.value("allow_private", true);
  settings.http.connect_within = ms_at(json, "connect_ms", settings.http.connect_within);
  settings.http.answer_within = ms_at(json, "answer_ms", settings.http.answer_within);
  return make_push_transport(settings);
}

std::unique_ptr<Transport> make(const Json& line) {
  const std::string kind = line.at("transport");
  const Json json = line.value("settings", Json::object());
  if (kind == "smtp") return make_smtp(json);
  if (kind == "push") return make_push(json);
  if (kind == "pickup") {
    return make_pickup_transport({"test", json.value("directory", ""),
                                  json.value("from", "rsi@example.test"),
                                  json.value("iis", false)});
  }
  if (kind == "exec") {
    return make_exec_transport({"test", json.value("command", std::vector<std::string>{}),
                                ms_at(json, "timeout_ms", std::chrono::seconds{10})});
  }
  if (kind == "desktop") {
    return make_desktop_transport(
        {"test", json.value("sound", ""), ms_at(json, "timeout_ms", std::chrono::seconds{5})});
  }
  throw std::runtime_error("no transport \"" + kind + "\"");
}

Json as_json(const SendAnswer& answer) {
  Json json{{"row", answer.row},
            {"config_suspect", answer.config_suspect},
            {"retry_after_ms", nullptr},
            {"targets", Json::array()},
            {"transcript", answer.transcript}};
  if (answer.retry_after) json["retry_after_ms"] = answer.retry_after->count();
  for (const TargetAnswer& target : answer.targets) {
    json["targets"].push_back({{"target", target.target},
                               {"outcome", to_text(target.outcome)},
                               {"code", target.code},
                               {"text", target.text}});
  }
  return json;
}

SendAnswer answer_to(Transport& transport, const Json& json) {
  if (json.value("probe", false)) return transport.probe();
  const std::string mid = json.at("mid");
  const std::string octets = json.at("octets");
  const std::vector<std::string> targets = json.at("targets");
  Shipment shipment;
  shipment.mid = mid;
  shipment.octets = octets;
  shipment.targets.assign(targets.begin(), targets.end());
  return transport.send(shipment);
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  std::string line;
  if (!std::getline(std::cin, line)) return 2;
  std::unique_ptr<Transport> transport;
  try {
    transport = make(Json::parse(line));
  } catch (const std::exception& error) {
    std::cout << Json{{"refused", error.what()}}.dump() << std::endl;
    return 0;
  }
  std::cout << Json{{"ready", transport->targets_most()}}.dump() << std::endl;
  while (std::getline(std::cin, line)) {
    std::cout << as_json(answer_to(*transport, Json::parse(line)))
                     .dump(-1, ' ', true, Json::error_handler_t::replace)
              << std::endl;
  }
  return 0;
}

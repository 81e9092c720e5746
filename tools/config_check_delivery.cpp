// The checks of sinks that bring messages to people: keys of another type, what is missing, and
// secrets in a file that others can read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>

#include "sinks/transport/curl_handle.hpp"
#include "tools/config_checks.hpp"
#include "tools/config_values.hpp"
#include "tools/delivery_parts.hpp"

namespace fastrsi {
namespace {

// The types a key is for, as words.
std::string types_of(const KeyRow& key, const SinkConfig& like) {
  Config config;
  config.sinks = {like};
  std::string words;
  for (const std::string_view type : known_sinks()) {
    config.sinks[0].type = type;
    if (!key.applies(config, 0)) continue;
    words += words.empty() ? "" : ", ";
    words += type;
  }
  return words;
}

// Whoever knows such an address can write there.
bool is_address_secret(const transport::PushSettings& push) {
  return push.service == transport::Service::Discord || push.service == transport::Service::Slack ||
         push.service == transport::Service::Mattermost;
}

bool has_plain_secret(const SinkConfig& sink) {
  const DeliveryConfig& delivery = sink.delivery;
  bool found = false;
  const auto look = [&](const transport::SecretSource& source) {
    found = found || !source.text.empty();
  };
  for (const MailServer& server : delivery.smtp) {
    look(server.smtp.password);
    found = found || has_password(server.smtp.proxy);
  }
  for (const transport::PushSettings* push : {&delivery.push, &delivery.http}) {
    found = found || has_password(push->http.proxy);
    if (is_address_secret(*push)) look(push->url);
    look(push->token);
    look(push->password);
    look(push->signing_key);
    for (const auto& [name, source] : push->headers) look(source);
  }
  return found;
}

}  // namespace

bool has_password(const std::string& proxy) {
  return !transport::proxy_secret(proxy).empty();
}

bool others_can_read(const std::string& file) {
  std::error_code error;
  const auto mode = std::filesystem::status(file, error).permissions();
  constexpr auto kOthers = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  return !error && (mode & kOthers) != std::filesystem::perms::none;
}

void check_delivery_sink(const Config& config, std::size_t index, const Origins& origins,
                         Report& report) {
  const SinkConfig& sink = config.sinks[index];
  const std::size_t errors = report.error_count();
  for (const KeyRow& key : config_keys()) {
    if (key.section != Section::Sink || key.applies(config, index)) continue;
    if (!origins.is_set(Origins::name_of(Section::Sink, index, key.name))) continue;
    report.error(origins.place(Section::Sink, index, {key.name}),
                 fmt::format("sink.{} is no key of a {} sink", key.name, sink.type),
                 "it is one of: " + types_of(key, sink));
  }
  if (!is_delivery(sink.type)) return;
  if (!origins.is_set(Origins::name_of(Section::Sink, index, "name"))) {
    report.error(origins.place(Section::Sink, index, {}), "sink.name is missing",
                 "its messages, limits and cursor go by it");
  }
  if (has_plain_secret(sink) && others_can_read(report.file())) {
    report.error(
        origins.place(
            Section::Sink, index,
            {"smtp", "token", "password", "signing_key", "header", "url", "http", "proxy"}),
        fmt::format("sink \"{}\": a secret stands in a file that others can read", sink.name),
        "chmod 600 " + report.file() + ", or name a file: { file = \"...\" }");
  }
  // What was refused already would only be refused once more.
  if (report.error_count() != errors || !sink.delivery.enabled) return;
  try {
    delivery_settings(sink);
    make_composer(sink);
    // A default in a refused value's place would cause errors that nobody wrote.
    const std::vector<KeyRow>& keys = config_keys();
    const bool all_good = std::all_of(keys.begin(), keys.end(), [&](const KeyRow& key) {
      return key.section != Section::Sink ||
             origins.is_good(Origins::name_of(Section::Sink, index, key.name));
    });
    if (all_good) check_transports(sink);
  } catch (const std::exception& error) {
    report.error(origins.place(Section::Sink, index, {}), error.what());
  }
}

}  // namespace fastrsi

#include "tools/delivery_parts.hpp"

#include <array>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "sinks/text/composers.hpp"
#include "sinks/transport/presets.hpp"
#include "sinks/transport/transports.hpp"

namespace fastrsi {
namespace {

using transport::MailPreset;
using PushService = transport::Service;
using transport::SmtpSettings;

// Rates by service (DELIVERY.md, section 9).
struct ServiceLimits {
  std::string_view service;
  std::array<std::string_view, 2> rates;
  std::string_view quota;
};
constexpr std::array<ServiceLimits, 12> kLimits = {{
    {"telegram", {"1/1s+3", "20/1m"}, ""},
    {"ntfy", {"12/1m+30", ""}, ""},
    {"discord", {"5/2s", "30/1m"}, ""},
    {"slack", {"1/1s", ""}, ""},
    {"mattermost", {"1/1s", ""}, ""},
    {"pushover", {"6/1m", ""}, ""},
    {"gotify", {"5/1s", ""}, ""},
    {"webhook", {"5/1s", ""}, ""},
    {"email", {"10/1m", ""}, ""},
    {"pickup", {"5/1s", ""}, ""},
    {"desktop", {"1/3s+3", ""}, ""},
    {"exec", {"5/1s", ""}, ""},
}};
constexpr std::string_view kNtfyHost = "ntfy.sh";
constexpr std::string_view kNtfyQuota = "250/24h";
// Of a provider's day: what others of the same account may have sent.
constexpr std::int64_t kShareOfDay = 96;
constexpr std::int64_t kWhole = 100;

constexpr std::array<std::string_view, 8> kServices = {
    "telegram", "ntfy", "webhook", "discord", "slack", "mattermost", "pushover", "gotify"};

std::string_view service_of(const SinkConfig& sink) {
  if (sink.type != "push") return sink.type;
  return kServices[static_cast<std::size_t>(sink.delivery.push.service)];
}

[[noreturn]] void refuse(const SinkConfig& sink, const std::string& what) {
  throw std::runtime_error("sink \"" + sink.name + "\": " + what);
}

// The servers that are used, as the presets leave them.
std::vector<SmtpSettings> servers_of(const SinkConfig& sink) {
  const MailPreset* const preset = transport::find_preset(sink.delivery.preset);
  std::vector<SmtpSettings> servers;
  for (const MailServer& server : sink.delivery.smtp) {
    if (!server.enabled) continue;
    SmtpSettings smtp = server.smtp;
    if (preset != nullptr && smtp.host.empty()) apply(*preset, smtp);
    if (smtp.name.empty()) smtp.name = servers.empty() ? "primary" : "secondary";
    if (servers.size() > 1 && server.smtp.name.empty()) {
      smtp.name = "server " + std::to_string(servers.size() + 1);
    }
    smtp.from = sink.delivery.from;
    servers.push_back(std::move(smtp));
  }
  return servers;
}

void set_limits(const SinkConfig& sink, const std::vector<SmtpSettings>& servers,
                DeliverySettings& settings) {
  for (const ServiceLimits& limits : kLimits) {
    if (limits.service != service_of(sink)) continue;
    if (!settings.rates.empty()) break;
    for (const std::string_view rate : limits.rates) {
      if (!rate.empty()) settings.rates.push_back(*parse_rate(rate));
    }
  }
  if (settings.quota.most != 0) return;
  if (service_of(sink) == "ntfy" &&
      sink.delivery.push.api_base.find(kNtfyHost) != std::string::npos) {
    settings.quota = *parse_quota(kNtfyQuota);
  }
  if (servers.empty()) return;
  const MailPreset* const preset = transport::find_preset_of_host(servers.front().host);
  if (preset == nullptr || preset->recipients_a_day == 0) return;
  settings.quota.most = static_cast<std::int64_t>(preset->recipients_a_day) * kShareOfDay / kWhole;
}

void add_mail_targets(const SinkConfig& sink, DeliverySettings& settings) {
  settings.targets = sink.delivery.to;
  if (!sink.delivery.copy_to.empty()) settings.targets.push_back(sink.delivery.copy_to);
  if (settings.targets.empty())
    refuse(sink, "names no recipient (mend: to = [\"me@example.org\"])");
  if (sink.delivery.from.empty())
    refuse(sink, "names no sender (mend: from = \"rsi@example.org\")");
}

void add_mail_endpoints(const SinkConfig& sink, const std::vector<SmtpSettings>& servers,
                        DeliverySettings& settings) {
  if (sink.delivery.by_http) {
    settings.endpoints = {"relay"};
    return;
  }
  for (const SmtpSettings& server : servers) settings.endpoints.push_back(server.name);
  if (settings.endpoints.empty()) {
    refuse(sink,
           "has no server that is enabled (mend: smtp = [{ host = \"mail.example.org\", user = "
           "\"me\", password = { file = \"/etc/fastrsi/smtp\" } }])");
  }
  // What a server that hangs up or greylists wants.
  settings.backoff.cap = std::chrono::minutes{30};
  settings.backoff.first_least = std::chrono::minutes{1};
}

MailSettings mail_settings(const SinkConfig& sink) {
  MailSettings mail;
  mail.text = sink.delivery.text;
  const bool is_json = sink.delivery.by_http && !sink.delivery.http.is_raw_mail;
  mail.form = sink.type == "email" && is_json ? MailForm::Relay : MailForm::Mime;
  mail.from = sink.delivery.from;
  mail.from_name = sink.delivery.from_name;
  mail.reply_to = sink.delivery.reply_to;
  mail.to = sink.delivery.to;
  if (!sink.delivery.copy_to.empty()) mail.copy_to = {sink.delivery.copy_to};
  return mail;
}

std::unique_ptr<Transport> make(SmtpSettings settings) {
  return transport::make_smtp_transport(std::move(settings));
}
std::unique_ptr<Transport> make(transport::PushSettings settings) {
  return transport::make_push_transport(std::move(settings));
}
std::unique_ptr<Transport> make(transport::PickupSettings settings) {
  return transport::make_pickup_transport(std::move(settings));
}
std::unique_ptr<Transport> make(transport::DesktopSettings settings) {
  return transport::make_desktop_transport(std::move(settings));
}
std::unique_ptr<Transport> make(transport::ExecSettings settings) {
  return transport::make_exec_transport(std::move(settings));
}

// take(settings) for each endpoint, with the type that its transport is made from.
template <typename Take>
void for_each_endpoint(const SinkConfig& sink, Take&& take) {
  const DeliveryConfig& delivery = sink.delivery;
  const auto named = [&](auto settings) {
    settings.name = sink.name;
    return settings;
  };
  if (sink.type == "email" && !delivery.by_http) {
    for (SmtpSettings& server : servers_of(sink)) take(std::move(server));
  } else if (sink.type == "email") {
    transport::PushSettings relay = named(delivery.http);
    relay.service = PushService::Relay;
    relay.from = delivery.from;
    take(std::move(relay));
  } else if (sink.type == "push") {
    take(named(delivery.push));
  } else if (sink.type == "pickup") {
    transport::PickupSettings pickup = named(delivery.pickup);
    pickup.from = delivery.from;
    take(std::move(pickup));
  } else if (sink.type == "desktop") {
    take(named(delivery.desktop));
  } else {
    take(named(delivery.exec));
  }
}

}  // namespace

DeliverySettings delivery_settings(const SinkConfig& sink) {
  DeliverySettings settings = sink.delivery.rules;
  settings.sink = sink.name;
  settings.kinds = sink.kinds;
  settings.stages = sink.stages;
  std::vector<SmtpSettings> servers;
  if (sink.type == "email") {
    servers = servers_of(sink);
    add_mail_targets(sink, settings);
    add_mail_endpoints(sink, servers, settings);
  } else if (sink.type == "pickup") {
    add_mail_targets(sink, settings);
    settings.endpoints = {"directory"};
  } else {
    settings.targets = sink.delivery.chat;
    const PushService service = sink.delivery.push.service;
    const bool needs_chat =
        sink.type == "push" && (service == PushService::Telegram || service == PushService::Ntfy ||
                                service == PushService::Pushover);
    if (needs_chat && settings.targets.empty()) {
      refuse(sink, "names nobody to send to (mend: chat = [\"...\"])");
    }
    if (settings.targets.empty()) settings.targets = {std::string(service_of(sink))};
    settings.endpoints = {std::string(service_of(sink))};
  }
  set_limits(sink, servers, settings);
  check(settings);
  return settings;
}

std::unique_ptr<const Composer> make_composer(const SinkConfig& sink) {
  const TextSettings& text = sink.delivery.text;
  if (sink.type == "email" || sink.type == "pickup") return make_mail_composer(mail_settings(sink));
  if (sink.type == "desktop") return make_desktop_composer(text);
  if (sink.type == "exec") return make_webhook_composer({.text = text});
  switch (sink.delivery.push.service) {
    case PushService::Telegram:
      return make_telegram_composer(text);
    case PushService::Ntfy:
      return make_ntfy_composer(text);
    case PushService::Discord:
      return make_discord_composer(text);
    case PushService::Slack:
      return make_slack_composer(text);
    case PushService::Mattermost:
      return make_mattermost_composer(text);
    case PushService::Pushover:
      return make_pushover_composer(text);
    case PushService::Gotify:
      return make_gotify_composer(text);
    case PushService::Webhook:
    case PushService::Relay:
      break;
  }
  return make_webhook_composer({.text = text});
}

std::vector<std::unique_ptr<Transport>> make_transports(const SinkConfig& sink) {
  std::vector<std::unique_ptr<Transport>> made;
  for_each_endpoint(sink, [&made](auto settings) { made.push_back(make(std::move(settings))); });
  return made;
}

void check_transports(const SinkConfig& sink) {
  for_each_endpoint(sink, [](const auto& settings) {
    // A session of a desktop is the machine's.
    if constexpr (!std::is_same_v<std::decay_t<decltype(settings)>, transport::DesktopSettings>) {
      transport::check_settings(settings);
    }
  });
}

std::string host_of(const SinkConfig& sink, std::size_t endpoint) {
  if (sink.type != "email" || sink.delivery.by_http) return {};
  const std::vector<SmtpSettings> servers = servers_of(sink);
  return endpoint < servers.size() ? servers[endpoint].host : std::string{};
}

std::string_view language_of(const SinkConfig& sink) noexcept {
  return to_text(sink.delivery.text.language);
}

}  // namespace fastrsi

// What the configuration says of a sink that brings signals to people: [[sink]] of the types email,
// pickup, push, desktop and exec (DELIVERY.md, section 12). Values only; keys in the comments.
#pragma once

#include <string>
#include <vector>

#include "sinks/delivery/settings.hpp"
#include "sinks/sinks.hpp"
#include "sinks/text/text_settings.hpp"
#include "sinks/transport/settings.hpp"

namespace fastrsi {

// One of `smtp`, in the order in which they are tried.
struct MailServer {
  bool enabled = true;
  transport::SmtpSettings smtp;
};

struct DeliveryConfig {
  DeliveryConfig() { rules.rates.clear(); }  // the service's own

  bool enabled = true;     // enabled
  DeliverySettings rules;  // all of its keys but kinds, stages, targets and endpoints
  TextSettings text;
  // email, pickup
  std::string from;
  std::string from_name;
  std::string reply_to;
  std::vector<std::string> to;
  std::string copy_to;
  bool by_http = false;  // protocol: smtp | http
  std::string preset;    // gmail, yahoo, office365
  std::vector<MailServer> smtp;
  transport::PushSettings http;
  // push: its service, secrets and addresses; `chat` names chats, topics or users
  transport::PushSettings push;
  std::vector<std::string> chat;
  transport::PickupSettings pickup;
  transport::DesktopSettings desktop;
  transport::ExecSettings exec;
};

// [[sink]], of whatever type.
struct SinkConfig : SinkSettings {
  DeliveryConfig delivery;
};

// Brings messages to people, and so is driven by sinks/delivery.
inline bool is_delivery(std::string_view type) noexcept {
  return type == "email" || type == "pickup" || type == "push" || type == "desktop" ||
         type == "exec";
}

}  // namespace fastrsi

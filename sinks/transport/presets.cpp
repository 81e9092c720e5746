#include "sinks/transport/presets.hpp"

#include <array>

namespace fastrsi::transport {
namespace {

// Gmail: 500 recipients in 24 hours, 480 keeps a distance; Yahoo says 500 too; Office 365 takes 30
// messages a minute and, soon, no password.
constexpr std::array<MailPreset, 3> kPresets{{
    {"gmail", "smtp.gmail.com", 0, SmtpTls::Auto, SmtpAuth::Auto, 480, 0, true},
    {"yahoo", "smtp.mail.yahoo.com", 0, SmtpTls::Auto, SmtpAuth::Auto, 480, 0, true},
    {"office365", "smtp.office365.com", 587, SmtpTls::StartTls, SmtpAuth::XOAuth2, 0, 30, false},
}};

}  // namespace

const MailPreset* find_preset(std::string_view name) {
  for (const MailPreset& preset : kPresets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

const MailPreset* find_preset_of_host(std::string_view host) {
  for (const MailPreset& preset : kPresets) {
    if (preset.host == host) return &preset;
  }
  return nullptr;
}

void apply(const MailPreset& preset, SmtpSettings& settings) {
  if (settings.host.empty()) settings.host = preset.host;
  if (settings.port == 0 && settings.host == preset.host) settings.port = preset.port;
  if (settings.tls == SmtpTls::Auto) settings.tls = preset.tls;
  if (settings.auth == SmtpAuth::Auto) settings.auth = preset.auth;
}

}  // namespace fastrsi::transport

// The great mail providers: where they are, how they log in, and how much they take
// (DELIVERY.md, section 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

struct MailPreset {
  std::string_view name;  // preset = "gmail"
  std::string_view host;
  std::uint16_t port = 0;  // 0: in turn
  SmtpTls tls = SmtpTls::Auto;
  SmtpAuth auth = SmtpAuth::Auto;
  std::size_t recipients_a_day = 0;     // in any 24 hours; 0: nothing is known
  std::size_t recipients_a_minute = 0;  // 0: nothing is known
  bool needs_app_password = false;      // of its own, with two-step verification; not the account's
};

// Null: there is none of that name.
const MailPreset* find_preset(std::string_view name);
// By the server's name; null: none of them.
const MailPreset* find_preset_of_host(std::string_view host);

// Fills in what the settings leave open.
void apply(const MailPreset& preset, SmtpSettings& settings);

}  // namespace fastrsi::transport

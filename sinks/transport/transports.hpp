// The menu of transports: what carries a frozen message to people. Each make_... throws
// std::runtime_error in plain words for a setting that cannot work, naming it and the mend.
#pragma once

#include <memory>

#include "sinks/delivery/transport.hpp"
#include "sinks/transport/settings.hpp"

namespace fastrsi::transport {

// What can be said without a look at the machine: secrets are not read, programs and folders not
// looked for. Throws as the make_... do.
void check_settings(const SmtpSettings& settings);
void check_settings(const PushSettings& settings);
void check_settings(const PickupSettings& settings);
void check_settings(const ExecSettings& settings);

std::unique_ptr<Transport> make_smtp_transport(SmtpSettings settings);
// The octets are a JSON object without secrets and target, or for the relay a mail.
std::unique_ptr<Transport> make_push_transport(PushSettings settings);
std::unique_ptr<Transport> make_pickup_transport(PickupSettings settings);
std::unique_ptr<Transport> make_exec_transport(ExecSettings settings);
std::unique_ptr<Transport> make_desktop_transport(DesktopSettings settings);

}  // namespace fastrsi::transport

// From what the configuration says of a sink to what delivers its signals: rules with the service's
// own limits, the composer of its messages, a transport for each endpoint.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/delivery/message.hpp"
#include "sinks/delivery/transport.hpp"
#include "tools/delivery_config.hpp"

namespace fastrsi {

// Whom it sends to and through what, kinds and stages, and the service's rates where it has none of
// its own. Throws std::runtime_error naming the key that is missing or cannot be.
DeliverySettings delivery_settings(const SinkConfig& sink);

// Throws std::invalid_argument naming the setting.
std::unique_ptr<const Composer> make_composer(const SinkConfig& sink);

// In the order of DeliverySettings::endpoints. Reads secrets. Throws std::runtime_error.
std::vector<std::unique_ptr<Transport>> make_transports(const SinkConfig& sink);

// What is wrong with its endpoints, as far as the configuration alone tells. Throws likewise.
void check_transports(const SinkConfig& sink);

// The server of an endpoint, for a diagnosis; empty where there is none.
std::string host_of(const SinkConfig& sink, std::size_t endpoint);

// What stands under `language`: "fa".
std::string_view language_of(const SinkConfig& sink) noexcept;

}  // namespace fastrsi

// How a proxy's address is read and shown, and what is shown in a secret's place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/config_codec.hpp"

namespace fastrsi {

// Differs between two secrets and tells nothing of either: salted anew in each process.
std::uint32_t mark_of(const std::string& secret);

// The address of a proxy; its password is not shown again.
struct ProxyCodec {
  std::string allowed() const { return "\"\", http://HOST:PORT or socks5://HOST:PORT"; }
  std::optional<std::string> read(const TomlNode& node, const ValueReader& reader) const;
  std::string write(const std::string& value) const;
};

}  // namespace fastrsi

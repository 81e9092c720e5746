#include "sinks/transport/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace fastrsi::transport {
namespace {

struct Block {
  std::uint32_t first;
  unsigned bits;
};

// IANA's registry of special-purpose addresses, as far as it is not globally reachable.
constexpr std::array<Block, 15> kNotPublic{{
    {0x00000000, 8},   // "this network"
    {0x0A000000, 8},   // 10/8, private
    {0x64400000, 10},  // 100.64/10, shared
    {0x7F000000, 8},   // loopback
    {0xA9FE0000, 16},  // 169.254/16, link-local; clouds keep secrets there
    {0xAC100000, 12},  // 172.16/12, private
    {0xC0000000, 24},  // 192.0.0/24, protocols
    {0xC0000200, 24},  // documentation
    {0xC0586300, 24},  // 192.88.99/24, old 6to4 relays
    {0xC0A80000, 16},  // 192.168/16, private
    {0xC6120000, 15},  // 198.18/15, benchmarks
    {0xC6336400, 24},  // documentation
    {0xCB007100, 24},  // documentation
    {0xE0000000, 4},   // multicast
    {0xF0000000, 4},   // reserved, broadcast
}};

bool is_public_v4(std::uint32_t address) {
  for (const Block& block : kNotPublic) {
    if ((address ^ block.first) >> (32 - block.bits) == 0) return false;
  }
  return true;
}

std::uint32_t v4_at(const in6_addr& address, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, address.s6_addr + at, sizeof(value));
  return ntohl(value);
}

bool has_prefix(const in6_addr& address, std::initializer_list<std::uint8_t> prefix) {
  std::size_t at = 0;
  for (const std::uint8_t byte : prefix) {
    if (address.s6_addr[at++] != byte) return false;
  }
  return true;
}

bool is_public_v6(const in6_addr& address) {
  if (IN6_IS_ADDR_V4MAPPED(&address)) return is_public_v4(v4_at(address, 12));
  // 64:ff9b::/96 (NAT64) and 2002::/16 (6to4) carry an IPv4 address.
  if (has_prefix(address, {0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) {
    return is_public_v4(v4_at(address, 12));
  }
  if (has_prefix(address, {0x20, 0x02})) return is_public_v4(v4_at(address, 2));
  // Global unicast is 2000::/3; in it 2001::/23 (protocols, Teredo) and documentation are not.
  if ((address.s6_addr[0] & 0xE0U) != 0x20U) return false;
  if (has_prefix(address, {0x20, 0x01}) && address.s6_addr[2] < 2) return false;
  return !has_prefix(address, {0x20, 0x01, 0x0d, 0xb8});
}

sockaddr_in as_v4(const sockaddr& address) {
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof(v4));
  return v4;
}

sockaddr_in6 as_v6(const sockaddr& address) {
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof(v6));
  return v6;
}

}  // namespace

bool is_public_address(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) return is_public_v4(ntohl(as_v4(address).sin_addr.s_addr));
  if (address.sa_family == AF_INET6) return is_public_v6(as_v6(address).sin6_addr);
  return false;
}

bool is_loopback_address(const sockaddr& address) noexcept {
  if (address.sa_family == AF_INET) {
    return ntohl(as_v4(address).sin_addr.s_addr) >> 24 == 127;
  }
  if (address.sa_family != AF_INET6) return false;
  const in6_addr v6 = as_v6(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) return v4_at(v6, 12) >> 24 == 127;
  return IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string to_text(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    const in_addr v4 = as_v4(address).sin_addr;
    ::inet_ntop(AF_INET, &v4, text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    const in6_addr v6 = as_v6(address).sin6_addr;
    ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
  }
  return text.data();
}

}  // namespace fastrsi::transport

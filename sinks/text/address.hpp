// What may stand in a mail's header, checked when a composer is made: a line end in an address or
// a name would begin a header, or an SMTP command, of somebody else's (DELIVERY.md, F17 and
// section 10).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fastrsi {

inline constexpr std::size_t kAddressBytesMax = 254;
inline constexpr std::size_t kLocalPartBytesMax = 64;
inline constexpr std::size_t kDisplayNameCharactersMax = 70;

// All throw std::invalid_argument: "from: \"a b@c\" has a space: write ...".

//   address = local "@" domain, as RFC 5321 has it without quoted strings and address literals
void check_address(std::string_view field, std::string_view address);
//   domain  = label *( "." label ), ASCII; other names in their xn-- form
void check_domain(std::string_view field, std::string_view domain);
// At most 70 characters; no controls, no direction marks, all of it UTF-8.
void check_display_name(std::string_view field, std::string_view name);

// The part after the at sign.
std::string_view domain_of(std::string_view address) noexcept;

}  // namespace fastrsi

// Times as venues and captures write them, to unix nanoseconds; exact, without locale, clock or
// exceptions.
//
//   iso     = date [ ("T" | " ") clock [zone] ]
//   date    = YYYY "-" MM "-" DD
//   clock   = hh ":" mm [ ":" ss [ "." 1*9digit ] ]
//   zone    = "Z" | [" "] ("+" | "-") hh [":"] mm [ " UTC" [ " m=" anything ] ]
//   seconds = 1*digit [ "." 1*9digit ]
//
// A text without zone is UTC. The tail after " UTC" is what Go prints ("2026-08-09
// 21:05:48.854840045 +0000 UTC m=+5.5"); Coinbase's heartbeats carry it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace fastrsi {

// Nothing when the text is not of the form, not a real date, or beyond what 64 bits of nanoseconds
// hold (1677 to 2262).
std::optional<std::int64_t> parse_iso_ns(std::string_view text) noexcept;

// "1617666461.465618"
std::optional<std::int64_t> parse_seconds_ns(std::string_view text) noexcept;

}  // namespace fastrsi

// What a text of the configuration may be: names, symbols, globs, addresses, paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/config_codec.hpp"

namespace fastrsi {

// INTERFACE.md, section 2. Which of them a build can parse is feeds.hpp's business.
const std::vector<std::string_view>& known_venues();
// The one whose feeds are described by [feed.generic].
inline constexpr std::string_view kGenericVenue = "generic";
// Sinks the page names, and those this build has.
const std::vector<std::string_view>& known_sinks();
const std::vector<std::string_view>& built_sinks();

TextFault check_any(std::string_view text);   // no control characters
TextFault check_name(std::string_view text);  // [A-Za-z0-9_.-]{1,64}: it becomes part of ids
TextFault check_symbol(
    std::string_view text);                   // valid UTF-8, no control characters, 1 to 128 bytes
TextFault check_glob(std::string_view text);  // the same, over venue:symbol
TextFault check_url(std::string_view text);   // "" ws:// wss:// file:A,B
TextFault check_path(std::string_view text);  // "" or a path of feeds/generic_path.hpp
TextFault check_zone(std::string_view text);  // known to the calendar
TextFault check_socket(std::string_view text);    // fits a socket's address
TextFault check_log_path(std::string_view text);  // what the log sink can write to

}  // namespace fastrsi

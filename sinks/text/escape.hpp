// What a message's syntax asks of the text inside it. The sink escapes, never the author of a
// template: a symbol's name is nobody's markup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fastrsi {

enum class Escape : std::uint8_t {
  None,
  Html,      // & < > " ' as references
  Telegram,  // & < > as references, nothing else: its HTML knows no more
  Json,      // the inside of a JSON string; a byte that is no UTF-8 becomes U+FFFD
  Slack,     // & < > as references
  Markdown,  // backslashes; @channel, @all and @here call nobody
};

std::string escaped(Escape escape, std::string_view text);

// "\"...\"": a whole JSON string.
std::string json_string(std::string_view text);

}  // namespace fastrsi

// Writes the lines of our own captures (capture_line.hpp has the grammar): what LineReader makes of
// them is byte for byte what was given.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/units.hpp"

namespace fastrsi {

// Appends one line, its end included. A frame goes as base64 when it is binary, and also when its
// bytes would not read back as one line of text: with a line feed inside, a carriage return at its
// end, nothing in it, or the beginning of our own objects. A time that is no sane one becomes the
// nearest that is, because a reader takes others for damage.
void append_frame_line(std::string& out, ReceiveTime received, std::string_view frame,
                       bool is_text);
void append_object_line(std::string& out, ReceiveTime received, std::string_view object);

// The objects of lines that are no frames.
std::string capture_header(std::string_view venue, std::string_view url, std::uint32_t link);
std::string disconnected_event(std::string_view reason);
std::string dropped_event(std::uint64_t frames);
inline constexpr std::string_view kConnectedEvent = R"({"fastrsi":{"event":"connected"}})";
inline constexpr std::string_view kTimeEvent = R"({"fastrsi":{"event":"time"}})";

// The inside of a JSON string; a byte that is no UTF-8 becomes U+FFFD.
void append_json_inside(std::string& out, std::string_view text);

}  // namespace fastrsi

// Undoes the three ways captures write bytes as text. Each decodes in place, because every form is
// at least as long as what it stands for, and so a frame costs no memory of its own.
//
//   base64 = RFC 4648, section 4, with its padding
//   python = "b'" *(byte | escape) "'", or with double quotes; escape = \\ \' \" \n \r \t \xHH ...
//   json   = the inside of a string of RFC 8259; \u and four hex digits become UTF-8
#pragma once

#include <cstddef>
#include <optional>

namespace fastrsi {

// Each returns the decoded bytes' count, from `text` on; nothing when the text is not of the form
// (its bytes may be changed then).
std::optional<std::size_t> decode_base64(char* text, std::size_t size) noexcept;
std::optional<std::size_t> decode_python_bytes(char* text, std::size_t size) noexcept;
std::optional<std::size_t> decode_json_string(char* text, std::size_t size) noexcept;

}  // namespace fastrsi

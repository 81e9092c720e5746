// The two bodies of a mail: plain text, and HTML with a table a stage. Both say the same and name
// each symbol once.
#pragma once

#include <string>

#include "sinks/text/digest.hpp"
#include "sinks/text/wording.hpp"

namespace fastrsi {

std::string mail_text(const Digest& digest, const Envelope& envelope, const Wording& wording);
std::string mail_html(const Digest& digest, const Envelope& envelope, const Wording& wording);
// A template's plain text as HTML, line by line.
std::string mail_html_of(std::string_view text, const Wording& wording);

}  // namespace fastrsi

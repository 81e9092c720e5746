// Holds a text to its channel's limit when a single event is beyond it, as a long template can be.
#pragma once

#include <string>
#include <string_view>

#include "sinks/text/escape.hpp"
#include "sinks/text/units.hpp"

namespace fastrsi {

// The longest beginning of a plain `text` that is within `limit` once it is escaped, with an
// ellipsis and every isolate closed; cut between code points. For a limit of at least 16.
std::string cut_and_escaped(std::string_view text, SizeLimit limit, Escape escape);

}  // namespace fastrsi

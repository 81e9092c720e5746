// Words that several commands share.
#pragma once

#include <CLI/CLI.hpp>

#include "tools/commands.hpp"

namespace fastrsi {

// A whole number from `least` to `most`; CLI11's own words for this differ from version to version.
CLI::Validator between(int least, int most);

// CAPTURE..., --config, --venue, --stream, --shards
void add_capture_words(CLI::App& command, ReplayCommand& words);

}  // namespace fastrsi

// The menu's hand: from settings to the sink they name.
#include "sinks/sinks.hpp"

#include <stdexcept>

namespace fastrsi {

std::unique_ptr<Sink> make_sink(const SinkSettings& settings) {
  if (settings.type != "log") {
    throw std::runtime_error("sink " + settings.name + ": no such type: " + settings.type +
                             " (this program has: log)");
  }
  if (settings.format == "text") return make_log_sink(settings);
  if (settings.format == "json") return make_ndjson_sink(settings);
  throw std::runtime_error("sink " + settings.name + ": no such format: " + settings.format +
                           " (text or json)");
}

}  // namespace fastrsi

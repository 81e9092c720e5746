// Any bytes as a template and as a symbol: it is refused with an error that has a place, or its
// text keeps the channel's limit, has its isolates closed, and is JSON.
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/assert.hpp"
#include "sinks/text/composers.hpp"
#include "sinks/text/template.hpp"
#include "tests/text_events.hpp"

namespace {

using namespace fastrsi;

// Nothing when the template was refused.
std::unique_ptr<Composer> composer_of(const TextSettings& settings) {
  try {
    return make_ntfy_composer(settings);
  } catch (const std::invalid_argument& error) {
    const std::string_view why = error.what();
    FASTRSI_ASSERT(why.starts_with("template:"));
    FASTRSI_ASSERT(why.find('\n') == std::string_view::npos);
    FASTRSI_ASSERT(why.size() < 1'000);
    return nullptr;
  }
}

}  // namespace

// The first line is a symbol's name, all after it the template.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), input.size());
  const std::string symbol(input.substr(0, line));
  TextSettings settings;
  settings.language = size % 2 == 0 ? Language::Persian : Language::English;
  settings.digits = size % 3 == 0 ? Digits::Native : Digits::Latin;
  settings.text_template = input.substr(std::min(line + 1, input.size()));
  const auto composer = composer_of(settings);
  if (!composer) return 0;
  const auto events = make_delivery_events({symbol, "BTCUSDT", symbol + "2"});
  const std::size_t n = composer->fit(events, make_envelope());
  FASTRSI_ASSERT(n >= 1 && n <= events.size());
  const auto octets = composer->compose(std::span(events).first(n), make_envelope(1, 2, 3));
  const auto text = nlohmann::json::parse(octets)["message"].get<std::string>();
  FASTRSI_ASSERT(text.size() <= 4095);
  FASTRSI_ASSERT(isolates_are_balanced(text));
  return 0;
}

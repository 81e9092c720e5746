// Any feed by configuration: its texts with the symbols put in.
//
// "{symbol}" in a subscribe text makes one message a symbol, "{symbols}" one of many, with the
// symbols as JSON strings between commas; "{id}" is the request's number. A text with neither
// symbol is sent once after connecting. What comes back is not understood: a symbol lives when its
// first trade comes.
#include <chrono>

#include "feeds/venue_texts.hpp"
#include "feeds/venues.hpp"

namespace fastrsi {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kSymbol = "{symbol}";
constexpr std::string_view kSymbols = "{symbols}";
constexpr std::string_view kId = "{id}";

bool has(std::string_view text, std::string_view word) noexcept {
  return text.find(word) != std::string_view::npos;
}

// Each text once through: what is put in is not looked at again.
std::string filled(std::string_view text, std::span<const std::string> symbols, std::uint64_t id) {
  const std::string quoted = venue::quoted(symbols.empty() ? std::string_view{} : symbols.front());
  std::string result;
  while (!text.empty()) {
    if (text.starts_with(kSymbols)) {
      result += venue::joined(symbols, venue::quoted);
      text.remove_prefix(kSymbols.size());
    } else if (text.starts_with(kSymbol)) {
      result += quoted.substr(1, quoted.size() - 2);
      text.remove_prefix(kSymbol.size());
    } else if (text.starts_with(kId)) {
      result += std::to_string(id);
      text.remove_prefix(kId.size());
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

VenueFacts generic_facts(const GenericSettings& settings) {
  VenueFacts facts;
  facts.name = "generic";
  for (const std::string& text : settings.subscribe) {
    if (!has(text, kSymbol) && !has(text, kSymbols)) facts.greetings.push_back(text);
  }
  facts.limits.streams_per_connection = 1000;
  facts.limits.symbols_per_message = 100;
  facts.limits.messages = {10, 1s};
  facts.ping = {settings.ping, settings.ping_every};
  facts.acknowledges = false;
  facts.ack_proves_symbol = false;
  facts.symbol_hint = "as its frames write them";
  return facts;
}

class GenericVenue final : public Venue {
 public:
  explicit GenericVenue(const GenericSettings& settings)
      : Venue(generic_facts(settings)),
        subscribe_(settings.subscribe),
        unsubscribe_(settings.unsubscribe) {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages(subscribe_, symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages(unsubscribe_, symbols, first_id);
  }

  Answer read_answer(std::string_view) override { return {}; }

 private:
  std::vector<ControlMessage> messages(const std::vector<std::string>& texts,
                                       std::span<const std::string> symbols,
                                       std::uint64_t first_id) const {
    std::vector<ControlMessage> all;
    for (const std::string& text : texts) {
      if (!has(text, kSymbol) && !has(text, kSymbols)) continue;
      VenueLimits limits = facts().limits;
      if (!has(text, kSymbols)) limits.symbols_per_message = 1;
      auto some = venue::batched(symbols, limits, first_id + all.size(),
                                 [&](std::span<const std::string> part, std::uint64_t id) {
                                   return filled(text, part, id);
                                 });
      for (ControlMessage& message : some) all.push_back(std::move(message));
    }
    return all;
  }

  // Constant after construction.
  const std::vector<std::string> subscribe_;
  const std::vector<std::string> unsubscribe_;
};

}  // namespace

std::unique_ptr<Venue> make_generic_venue(const GenericSettings& settings) {
  return std::make_unique<GenericVenue>(settings);
}

}  // namespace fastrsi

#include "sinks/text/digest.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"
#include "sinks/text/sanitise.hpp"

namespace fastrsi {
namespace {

using Identity = std::tuple<Stage, std::string_view, std::string_view>;

DigestSection& section_of(Digest& digest, Stage stage) {
  const auto known =
      std::find_if(digest.sections.begin(), digest.sections.end(),
                   [stage](const DigestSection& each) { return each.stage == stage; });
  if (known != digest.sections.end()) return *known;
  digest.sections.push_back({stage, {}});
  return digest.sections.back();
}

// Names that look alike and are not of one venue say whose they are.
void name_entries(Digest& digest) {
  std::map<std::string, std::string_view> venue_of;
  std::map<std::string, bool> shared;
  for (DigestSection& section : digest.sections) {
    for (DigestEntry& entry : section.entries) {
      entry.name = sanitised_name(entry.event->symbol);
      const auto [place, fresh] = venue_of.try_emplace(entry.name, entry.event->venue);
      if (!fresh && place->second != entry.event->venue) shared[entry.name] = true;
    }
  }
  if (shared.empty()) return;
  for (DigestSection& section : digest.sections) {
    for (DigestEntry& entry : section.entries) {
      if (!shared.contains(entry.name)) continue;
      entry.name = sanitised_name(entry.event->venue + ":" + entry.event->symbol);
    }
  }
}

}  // namespace

Digest make_digest(std::span<const DeliveryEvent> events) {
  FASTRSI_ASSERT(!events.empty());
  Digest digest;
  digest.kind = events.front().kind;
  digest.timeframe = events.front().timeframe;
  digest.time = events.front().time;
  std::map<Identity, std::size_t> place_of;
  for (const DeliveryEvent& event : events) {
    FASTRSI_ASSERT(event.kind == digest.kind);
    FASTRSI_ASSERT(event.timeframe == digest.timeframe);
    digest.priority = std::max(digest.priority, event.priority);
    digest.time = std::max(digest.time, event.time);
    DigestSection& section = section_of(digest, event.stage);
    const Identity identity{event.stage, event.venue, event.symbol};
    const auto [place, fresh] = place_of.try_emplace(identity, section.entries.size());
    if (fresh) section.entries.push_back({});
    section.entries[place->second].event = &event;
  }
  for (const DigestSection& section : digest.sections) digest.symbols += section.entries.size();
  name_entries(digest);
  return digest;
}

}  // namespace fastrsi

#include "feeds/live/link_pair.hpp"

namespace fastrsi::live {

LinkPair::LinkPair(const net::Network& network, Venue& venue, ConnectPace& connects,
                   const LinkSettings& settings, bool twin, LinkListener& listener)
    : number_(settings.number), listener_(listener) {
  LinkListener& self = *this;
  for (std::uint32_t which = 0; which < (twin ? 2U : 1U); ++which) {
    LinkSettings one = settings;
    one.number = which;
    one.seed = settings.seed + which;
    links_[which] = std::make_unique<Link>(network, venue, connects, std::move(one), self);
  }
}

void LinkPair::want(const std::vector<std::string>& symbols) {
  for_each([&](Link& link) { link.want(symbols); });
}

void LinkPair::start() {
  for_each([](Link& link) { link.start(); });
}

void LinkPair::take_answer(std::string_view frame) {
  links_[speaking_]->take_answer(frame);
}

void LinkPair::heard(const std::string& symbol) {
  for_each([&](Link& link) { link.heard(symbol); });
}

void LinkPair::renew(const std::string& symbol) {
  for_each([&](Link& link) { link.renew(symbol); });
}

void LinkPair::refuse(const std::string& symbol, const std::string& reason) {
  for_each([&](Link& link) { link.refuse(symbol, reason); });
}

void LinkPair::change_over(const std::string& why) {
  for_each([&](Link& link) { link.change_over(why); });
}

Quarantine LinkPair::quarantine() const {
  Quarantine all = links_[0]->quarantine();
  if (links_[1] != nullptr) {
    all.insert(links_[1]->quarantine().begin(), links_[1]->quarantine().end());
  }
  return all;
}

std::vector<LinkStatus> LinkPair::status() const {
  std::vector<LinkStatus> all;
  for (const auto& link : links_) {
    if (link == nullptr) continue;
    all.push_back(link->status());
    all.back().number = number_;
  }
  return all;
}

void LinkPair::on_frame(std::uint32_t which, std::string_view bytes,
                        std::int64_t received_ns) noexcept {
  speaking_ = which;
  listener_.on_frame(number_, bytes, received_ns);
}

void LinkPair::on_up(std::uint32_t which) noexcept {
  const Link* const twin = other(which);
  if (twin == nullptr || !twin->is_up()) return listener_.on_up(number_);
  listener_.on_notice(number_, "its twin is connected too");
}

void LinkPair::on_down(std::uint32_t which, const std::string& why) noexcept {
  const Link* const twin = other(which);
  if (twin != nullptr && twin->is_whole()) {
    return listener_.on_notice(number_, "one of two goes on: " + why);
  }
  listener_.on_down(number_, why);
  // It is there, but has not asked for everything yet.
  if (twin != nullptr && twin->is_up()) listener_.on_up(number_);
}

void LinkPair::on_notice(std::uint32_t which, const std::string& line) noexcept {
  // Both are told the same of a symbol.
  if (which == 0 || !links_[0]->is_up()) listener_.on_notice(number_, line);
}

}  // namespace fastrsi::live

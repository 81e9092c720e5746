// One connection of a feed as the shard sees it: a link, or two that bring the same trades, of
// which the first to bring a trade wins (its id shows the second as a repeat). Trades may be
// missing only when neither of the two was there.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/live/link.hpp"

namespace fastrsi::live {

// Owner: a shard. Thread: the loop's. `listener` hears of the pair as of one link.
class LinkPair final : private LinkListener {
 public:
  // As Link's; `twin`: two sockets, else one.
  LinkPair(const net::Network& network, Venue& venue, ConnectPace& connects,
           const LinkSettings& settings, bool twin, LinkListener& listener);
  LinkPair(const LinkPair&) = delete;
  LinkPair& operator=(const LinkPair&) = delete;

  void want(const std::vector<std::string>& symbols);
  void start();
  // Inside on_frame: the answer is for the link whose frame it is.
  void take_answer(std::string_view frame);
  void heard(const std::string& symbol);
  void renew(const std::string& symbol);
  void refuse(const std::string& symbol, const std::string& reason);
  void change_over(const std::string& why);

  const std::vector<std::string>& symbols() const noexcept { return links_[0]->symbols(); }
  // What either has been refused.
  Quarantine quarantine() const;
  std::vector<LinkStatus> status() const;

 private:
  void on_frame(std::uint32_t which, std::string_view bytes,
                std::int64_t received_ns) noexcept override;
  void on_up(std::uint32_t which) noexcept override;
  void on_down(std::uint32_t which, const std::string& why) noexcept override;
  void on_notice(std::uint32_t which, const std::string& line) noexcept override;

  template <typename Tell>
  void for_each(Tell&& tell) {
    for (const auto& link : links_) {
      if (link != nullptr) tell(*link);
    }
  }
  const Link* other(std::uint32_t which) const noexcept { return links_[1 - which].get(); }

  const std::uint32_t number_;
  LinkListener& listener_;
  std::uint32_t speaking_ = 0;  // whose frame is being read
  std::array<std::unique_ptr<Link>, 2> links_;
};

}  // namespace fastrsi::live

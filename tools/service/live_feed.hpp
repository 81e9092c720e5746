// One feed of a live shard: its links, and what its symbols are expected to do. Part of
// live_runner.cpp.
#pragma once

#include <map>

#include "tools/service/live_history.hpp"
#include "tools/service/live_runner.hpp"

namespace fastrsi {

// Owner: a live runner. Thread: the shard's.
class LiveRunner::Feed final : public live::LinkListener {
 public:
  Feed(LiveRunner& runner, std::size_t index);

  // Links for the symbols of this shard.
  void want(const ShardFeed& list);
  // Once a second: our clock for connections that say nothing, and symbols that say nothing.
  void look_round(std::int64_t now_ns);
  LiveFeedStatus status() const;

  void on_frame(std::uint32_t link, std::string_view bytes,
                std::int64_t received_ns) noexcept override;
  void on_up(std::uint32_t link) noexcept override;
  void on_down(std::uint32_t link, const std::string& why) noexcept override;
  void on_notice(std::uint32_t link, const std::string& line) noexcept override;

 private:
  // A link or a pair of them, and when its last frame came.
  struct Connected {
    std::unique_ptr<live::LinkPair> link;
    std::unique_ptr<CaptureTap> tap;
    std::int64_t heard_ns = 0;
    std::uint64_t ups = 0;  // times it came up
    bool is_up = false;
  };
  // A symbol, and how often it trades.
  struct Watched {
    std::uint32_t link = 0;
    std::optional<SymbolId> id;   // once the engine knows it
    int place = 0;                // in the list: the first are the most important
    std::int64_t heard_ns = 0;    // its newest trade, by our clock; 0: none yet
    std::int64_t pause_ns = 0;    // between trades, on average, as seen once a second
    std::int64_t renewed_ns = 0;  // asked for anew
    int times_renewed = 0;        // since it was heard
    bool is_stale = false;
    bool is_ready = false;  // warm, or without hope of it
  };

  void take_event(std::uint32_t link, LineKind kind, std::int64_t received_ns,
                  const std::string& why = {}) noexcept;
  void look_at(const std::string& name, Watched& watched, std::int64_t newest_ns,
               std::int64_t now_ns);
  // Refused by the venue.
  bool is_hopeless(const std::string& name, const Watched& watched) const;
  LiveHistory::Now now_of(const std::string& name) const;
  void take_history(const live::HistoryResult& result);
  void say(std::uint32_t link, const std::string& line) const;

  LiveRunner& runner_;
  const std::size_t index_;
  const LiveFeed& settings_;
  std::unique_ptr<Venue> venue_;
  net::TlsClient tls_;
  std::unique_ptr<LiveHistory> history_;
  std::map<std::uint32_t, Connected> links_;
  std::map<std::string, Watched, std::less<>> symbols_;
};

}  // namespace fastrsi

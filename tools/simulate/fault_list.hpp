// What goes wrong at a simulated exchange, and when: read from a file, one line each.
//
//   line     = [ when 1*space turn *( "|" turn ) ] [ "#" comment ]
//   when     = "at" duration | "every" duration [ "from" duration ] [ "until" duration ]
//   turn     = one of these, in turn where a line has several:
//     refuse DURATION              no new connections
//     close-in-handshake DURATION  a request is read, and no answer comes but the end
//     silent DURATION              new connections are accepted and never hear anything
//     mute DURATION                open ones hear no frames; nothing of them comes later
//     half DURATION                of the streams subscribed to, every second one is dead
//     swallow N                    N frames with trades are lost
//     duplicate N                  N frames are sent twice
//     reorder N                    N frames are sent last one first
//     stale N                      N subscriptions begin with the stream's last trade once more
//     junk N                       N messages of no meaning to each connection
//     drop                         every connection is cut, without a close frame
//     drop-one                     the oldest connection is cut
//     close [CODE]                 every connection is closed in order (1000), as after 24 h
//     shutdown DURATION            a notice, and the close after so long
//     slow DURATION DELAY          REST answers and handshakes come so much later
//     certificate CERT KEY         shown to new TLS connections
//     limit DURATION [SECONDS]     REST answers 429 with that Retry-After (default 5)
//     broken DURATION [STATUS]     REST answers 5xx (default 503)
//
// Times count from the first frame, in exchange time, as do all durations but DELAY and SECONDS,
// which a client measures with its own clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/units.hpp"

namespace fastrsi::simulate {

inline constexpr std::size_t kFaultLinesMax = 100'000;

enum class FaultKind : std::uint8_t {
  Refuse,
  CloseInHandshake,
  Silent,
  Mute,
  Half,
  Swallow,
  Duplicate,
  Reorder,
  Stale,
  Junk,
  Drop,
  DropOne,
  Close,
  Shutdown,
  Slow,
  Certificate,
  Limit,
  Broken,
};
inline constexpr std::size_t kFaultKindCount = 18;
// Its word in the file.
std::string_view to_text(FaultKind kind) noexcept;

struct Fault {
  FaultKind kind = FaultKind::Drop;
  Nanoseconds duration{0};
  Nanoseconds delay{0};
  std::uint64_t count = 0;  // N, CODE, SECONDS or STATUS
  std::string certificate_file;
  std::string key_file;
};

struct FaultLine {
  Nanoseconds first{0};
  Nanoseconds every{0};  // 0: once
  Nanoseconds until = Nanoseconds::max();
  std::vector<Fault> turns;
};

// Throws std::invalid_argument ("FILE:LINE: what (mend)") at the first error.
std::vector<FaultLine> read_fault_file(const std::string& path);
std::vector<FaultLine> parse_faults(const std::string& name, std::string_view text);

// Owner: the simulator. Hands out faults in the order of their times.
class FaultSchedule {
 public:
  explicit FaultSchedule(std::vector<FaultLine> lines);

  // The next fault that is due by then, and its time; nullptr when there is none.
  const Fault* next(Nanoseconds now, Nanoseconds& when);

 private:
  struct Pending {
    FaultLine line;
    Nanoseconds next{0};
    std::size_t turn = 0;
    bool is_over = false;
  };
  std::vector<Pending> pending_;
};

}  // namespace fastrsi::simulate

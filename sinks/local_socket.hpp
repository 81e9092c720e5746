// The local socket: a Unix stream socket, one JSON object a line in both directions, from which
// other programs read the records and command the service (INTERFACE.md, section 4).
//
// One thread serves all clients with one poll loop and never waits for one of them: what a client
// does not take waits in its own buffer, and a client whose buffer is full is told and cut; it
// resumes by `since`. All records waiting for a client go out in one write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/market/record.hpp"

namespace fastrsi {

inline constexpr std::size_t kSocketWaitingBytesMax = 1U << 20;
inline constexpr std::size_t kSocketLineBytesMax = 64U * 1024;

// Who may read, and until when.
struct LocalConsumer {
  std::string name;
  std::string token_sha256;  // 64 lower-case hex digits; empty: nobody can log in as this one
  std::optional<std::int64_t> expires_ns;  // unix nanoseconds; from then on the token is refused
};

struct LocalSocketSettings {
  std::string path;
  std::uint32_t mode = 0600;
  std::string group;                     // owner group of the socket file; empty: unchanged
  std::vector<std::uint32_t> users;      // allowed user ids besides our own; root always may
  std::vector<LocalConsumer> consumers;  // none: the users above, without a token
  std::size_t clients_max = 64;
  Nanoseconds heartbeat = std::chrono::seconds{5};
  std::string server = "fastrsi";  // "fastrsi 0.1.0"
  // A client that has over half a buffer waiting and takes not a byte for this long is slow.
  Nanoseconds slow_after = std::chrono::seconds{5};
  // Our wall clock, unix nanoseconds: heartbeats show it, expiry dates are held against it. None:
  // the system's.
  std::function<std::int64_t()> now_ns;
  // The host's commands, named to a client that sent another; the host itself decides.
  std::string commands = "status, scan, why, silence, watch, dead, reload";
};

// A record as the socket sends it. Immutable once made.
struct SocketRecord {
  std::uint64_t seq = 0;
  bool is_list = false;  // then only `kind` and `timeframe` filter
  Kind kind = Kind::Buy;
  Stage stage = Stage::Provisional;
  Timeframe timeframe = Timeframe::M1;
  std::string symbol;  // "binance:BTCUSDT"; empty for lists
  std::string line;    // JSON, ended by a line end
};
using SocketRecordPtr = std::shared_ptr<const SocketRecord>;

// What the socket asks of the program. Called in the socket's thread; must not wait.
class LocalSocketHost {
 public:
  virtual ~LocalSocketHost() = default;

  struct Span {
    std::uint64_t oldest = 0;  // 0: none
    std::uint64_t newest = 0;
  };
  virtual Span span() = 0;
  // Records with seq > `after`, in order, at most `most`, appended to `out`. False: they are being
  // fetched; LocalSocket::wake() is called when they are there, and the same question is asked
  // again. True and nothing appended: there are none so far.
  virtual bool read(std::uint64_t after, std::size_t most, std::vector<SocketRecordPtr>& out) = 0;
  // A command that the socket does not answer itself. `line` is the client's JSON object as text,
  // `cmd` its command, `client` its number. Exactly one call of LocalSocket::answer(client, ...)
  // must follow, from any thread, now or later. False: there is no such command.
  virtual bool command(std::uint64_t client, const std::string& cmd, const std::string& line) = 0;
};

struct LocalSocketStatus {
  struct Client {
    std::uint64_t number = 0;
    std::string name;  // the consumer's; empty without log-in
    std::uint32_t user = 0;
    std::uint32_t process = 0;
    bool subscribed = false;
    std::uint64_t next_after = 0;  // the last seq put into its buffer
    std::uint64_t waiting_bytes = 0;
    std::uint64_t sent_records = 0;
  };
  std::vector<Client> clients;
  std::uint64_t connects = 0;
  std::uint64_t refused = 0;  // too many clients, or a user who may not
  std::uint64_t slow = 0;     // cut for a full buffer
  std::uint64_t errors = 0;   // error lines sent
  std::uint64_t records = 0;  // record lines put into buffers
};

// Owner: the service. run() belongs to one thread; stop(), wake(), answer(), status() and reload()
// may be called from any.
class LocalSocket {
 public:
  // Binds and listens. Throws std::runtime_error with the mend: the folder is not there or others
  // may write into it, the path is no socket of ours, another process answers on it. A stale socket
  // file (nobody answers) is removed; anything that is no socket never is.
  LocalSocket(LocalSocketSettings settings, LocalSocketHost& host);
  ~LocalSocket();  // unlinks the socket file if it is still ours
  LocalSocket(const LocalSocket&) = delete;
  LocalSocket& operator=(const LocalSocket&) = delete;

  // Serves until stop(): then clients get {"type":"bye","reason":"stop"} after what waits for them,
  // for at most a second.
  void run() noexcept;
  void stop() noexcept;
  // New records are there, or fetched ones.
  void wake() noexcept;
  // The reply to a command: `body` is JSON object members such as `"ok":true,"symbols":3` or
  // `"ok":false,"error":"no such symbol"`; the socket adds type and cmd. A client that is gone is
  // passed over.
  void answer(std::uint64_t client, const std::string& cmd, const std::string& body) noexcept;
  // New consumers, without cutting those whose token stays good.
  void set_consumers(std::vector<LocalConsumer> consumers) noexcept;
  LocalSocketStatus status() const;
  // Waits until it is true of the status, which changes at the end of a turn; false when it was not
  // by `time`.
  bool wait_until(const std::function<bool(const LocalSocketStatus&)>& true_of,
                  std::chrono::steady_clock::time_point time) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The socket's default place: `configured`, else $XDG_RUNTIME_DIR/fastrsi.sock, else
// /run/user/UID/fastrsi.sock when that folder is there, else /tmp/fastrsi-UID/fastrsi.sock.
std::string socket_path(const std::string& configured);

}  // namespace fastrsi

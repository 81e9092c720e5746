// The words of the local socket (INTERFACE.md, section 4): bytes to lines, a line to a command, and
// the lines that answer. Pure functions of their arguments, so that a fuzzer can have them alone.
//
//   server:  hello | reply | error | heartbeat | bye | record    one JSON object a line each
//   client:  {"cmd": word, ...}                                   one a line
//
// The one door to nlohmann's JSON in sinks/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sinks/local_socket_filter.hpp"

namespace fastrsi {

// Commands are flat: a list within an object. Deeper lines are refused before a parser sees them.
inline constexpr std::size_t kSocketJsonDepthMax = 16;

// Cuts bytes into lines, as they are asked for. Holds at most one line's limit and what was added
// last: a line beyond the limit is given up at once and skipped to its end.
// Owner: one client. Thread: the socket's.
class LineSplitter {
 public:
  struct Line {
    std::string text;  // without its line end; empty when too long
    bool too_long = false;
  };

  void add(std::string_view bytes);
  // No more bytes will come: what waits without a line end is the last line.
  void end();
  bool has_line();
  std::optional<Line> next();

 private:
  std::string bytes_;
  std::size_t begin_ = 0;    // of the next line
  std::size_t scanned_ = 0;  // no line end between begin_ and here
  bool skipping_ = false;    // within a line that was given up; bytes_ is empty then
};

struct ClientCommand {
  enum class What { Error, Auth, Subscribe, Ping, Other };
  What what = What::Error;
  std::string cmd;    // empty: the line does not name one
  std::string error;  // for Error
  // For Auth.
  std::string name;
  std::string token;
  // For Subscribe.
  std::optional<std::uint64_t> since;
  RecordFilter filter;
};

ClientCommand parse_command(const std::string& line);

// Lines with their line end.
std::string hello_line(std::string_view server, const LocalSocketHost::Span& span);
std::string error_line(std::string_view error);
// `members` are JSON object members, or empty.
std::string reply_line(std::string_view cmd, std::string_view members);
std::string ok_line(std::string_view cmd, std::string_view more_members = {});
std::string refusal_line(std::string_view cmd, std::string_view error);
std::string heartbeat_line(std::int64_t now_ns, std::uint64_t seq);
std::string bye_line(std::string_view reason);

}  // namespace fastrsi

// The commands that talk to a running service over its socket. Each returns the exit code and
// prints its errors as clear lines on stderr, as those of commands.hpp do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/commands.hpp"

namespace fastrsi {

// Which service, and who asks. The token is never a word of the command line, where others see it.
struct ServiceWords {
  std::string config;      // file that names the socket; empty: the default place
  std::string socket;      // path; stands above the file's
  std::string name;        // consumer to log in as; empty: no log-in
  std::string token_file;  // empty: $FASTRSI_TOKEN
};

struct TailCommand {
  ServiceWords service;
  std::optional<std::uint64_t> since;  // none: new records, or with no_follow all of them
  std::vector<std::string> kinds, symbols, timeframes, stages;
  std::uint64_t count = 0;  // 0: no end
  bool json = false;
  bool no_follow = false;
};
int run_tail(const TailCommand& command);

struct StatusCommand {
  ServiceWords service;
  bool json = false;
};
int run_status(const StatusCommand& command);

struct ScanCommand {
  ServiceWords service;
  bool json = false;
};
int run_scan(const ScanCommand& command);

struct ServiceLevelsCommand {
  ServiceWords service;
  std::string symbol = "*";  // glob over venue:symbol
  std::string timeframe;     // empty: all
  bool json = false;
};
int run_service_levels(const ServiceLevelsCommand& command);

struct WhyCommand {
  ServiceWords service;
  ReplayCommand replay;  // its captures, when there are any, are asked instead of the service
  std::string id;
  bool json = false;
};
int run_why(const WhyCommand& command);

struct SilenceCommand {
  ServiceWords service;
  std::string glob;      // empty: list what is silenced
  std::string duration;  // "30m"; "0s" ends it
};
int run_silence(const SilenceCommand& command);

struct WatchCommand {
  ServiceWords service;
  std::vector<std::string> add;
  std::vector<std::string> remove;
};
int run_watch(const WatchCommand& command);

struct DeadCommand {
  ServiceWords service;
  std::string what = "list";  // list, requeue or drop
  std::string sink;           // empty, for a list: all
  std::string message;        // how its id begins, or "all"
  std::string target;         // empty: all of the message's
  bool json = false;
};
int run_dead(const DeadCommand& command);

struct ReloadCommand {
  ServiceWords service;
};
int run_reload(const ReloadCommand& command);

}  // namespace fastrsi

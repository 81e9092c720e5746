// One function a command. Each returns the exit code and prints its errors as clear lines on
// stderr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fastrsi {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitWrongUse = 2;
inline constexpr int kExitWorkLeft = 3;  // stopped with work left in the journal

struct ReplayCommand {
  std::string config;  // file; empty: every default
  std::vector<std::string> captures;
  std::string venue;
  std::string stream;
  std::string speed = "max";
  std::string out = "-";
  std::string format = "json";  // json | text
  std::string stats = "text";   // text | json | none
  int shards = -1;              // -1: as the configuration says
  bool demo = false;
  bool flip_bands = true;  // not for users: the same records, slower, without them
};
int run_replay(const ReplayCommand& command);

struct LevelsCommand {
  ReplayCommand replay;
  std::string symbol = "*";  // glob over venue:symbol
  std::string timeframe;     // empty: all
  bool json = false;
};
int run_levels(const LevelsCommand& command);

struct RsiCommand {
  std::string file;
  std::string column = "close";
  std::string profile = "mt5";
  int period = 14;
};
int run_rsi(const RsiCommand& command);

struct RunCommand {
  std::string config;
  bool stay = false;          // goes on after the last frame
  std::string capture;        // folder for captures; empty: as the configuration says
  bool only_capture = false;  // without the engine
};
int run_service(const RunCommand& command);

struct SimulateCommand {
  std::vector<std::string> captures;
  std::string listen;
  std::vector<std::string> tls;  // none, or certificate and key
  std::string venue;
  std::string speed = "1";
  std::size_t wait_streams = 1;
  std::string history;
  bool stay = false;
  std::string faults;
  std::string fault_log;
  std::string generate;
  std::uint64_t seed = 1;
  std::string rate = "100";
  std::string begin;
  std::string length;
  std::string record;
};
int run_simulate(const SimulateCommand& command);

struct TestCommand {
  std::string config;
  std::string sink;
  std::string endpoint;     // empty: the first that takes it
  bool no_message = false;  // connects and logs in, and sends nothing
};
int run_test(const TestCommand& command);

int run_config_check(const std::string& file);
int run_config_default(const std::string& file);
int run_config_dump(const std::string& file);

// "fastrsi 0.1.0 (g++ 12.2.0, simdjson haswell, ...)"
std::string version_text();
// "0.1.0"
std::string program_version();

// Gives standard descriptors that are closed to /dev/null, so that no file of ours takes their
// numbers.
void hold_standard_descriptors();

// To standard output. Both throw std::runtime_error when it cannot be written.
void print_text(std::string_view text);
void finish_text();

// To standard error, as it is; a standard error that cannot be written changes nothing.
void print_note(std::string_view text);
// One line on standard error: "fastrsi: MESSAGE".
void print_error(const std::string& message);

}  // namespace fastrsi

// fastrsi simulate: an exchange on loopback.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/base/decimal.hpp"
#include "engine/base/iso_time.hpp"
#include "sinks/printable.hpp"
#include "tools/commands.hpp"
#include "tools/duration.hpp"
#include "tools/simulate/simulator.hpp"

namespace fastrsi {
namespace {

constexpr std::uint64_t kSymbolsMax = 10'000;
constexpr double kRateMax = 1e6;
constexpr double kSimulateSpeedMost = 1e6;

double number_from(const std::string& option, const std::string& text, double most) {
  const std::optional<double> number = parse_decimal(text);
  if (!number || !(*number > 0.0) || *number > most) {
    throw std::invalid_argument(fmt::format("{} {}: wants a number above 0, at most {:.0f}", option,
                                            printable(text), most));
  }
  return *number;
}

Nanoseconds duration_from(const std::string& option, const std::string& text) {
  const DurationResult result = parse_duration(text);
  if (result.value) return *result.value;
  throw std::invalid_argument(
      fmt::format("{} {}: {} (write it like 30s or 8h)", option, printable(text), result.why));
}

// "500", or "BTCUSDT,ETHUSDT".
std::vector<std::string> symbols_from(const std::string& text) {
  std::vector<std::string> symbols;
  if (const auto count = parse_unsigned(text)) {
    if (*count == 0 || *count > kSymbolsMax) {
      throw std::invalid_argument(
          fmt::format("--generate {}: wants from 1 to {} symbols", *count, kSymbolsMax));
    }
    for (std::uint64_t i = 0; i < *count; ++i) symbols.push_back(fmt::format("SIM{:04}USDT", i));
    return symbols;
  }
  std::set<std::string> seen;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string name = text.substr(at, end - at);
    const bool is_good = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (!is_good || !seen.insert(name).second) {
      throw std::invalid_argument("--generate " + printable(text) +
                                  ": wants a number of symbols, or different names like "
                                  "BTCUSDT,ETHUSDT");
    }
    symbols.push_back(name);
    at = end + 1;
  }
  return symbols;
}

simulate::TapeOptions tape_options(const SimulateCommand& command) {
  simulate::TapeOptions options;
  options.captures = command.captures;
  options.venue = command.venue;
  if (command.generate.empty()) return options;
  options.symbols = symbols_from(command.generate);
  options.seed = command.seed;
  options.rate = number_from("--rate", command.rate, kRateMax);
  if (!command.length.empty()) options.length = duration_from("--length", command.length);
  if (!command.begin.empty()) {
    const auto begin_ns = parse_iso_ns(command.begin);
    options.begin = exchange_time_from_ns(begin_ns.value_or(0));
    if (!begin_ns || !is_sane(options.begin)) {
      throw std::invalid_argument("--begin " + printable(command.begin) +
                                  ": is no time (write it like 2024-01-01T00:00:00Z)");
    }
  }
  return options;
}

std::unique_ptr<simulate::Tape> make_tape(const simulate::TapeOptions& options) {
  return options.symbols.empty() ? simulate::make_capture_tape(options)
                                 : simulate::make_generated_tape(options);
}

// An exchange knows its streams; a capture has to be read through for them.
simulate::Listing make_listing(const simulate::TapeOptions& options) {
  if (!options.symbols.empty()) {
    simulate::Listing listing;
    listing.symbols = options.symbols;
    for (std::string name : options.symbols) {
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      listing.streams.push_back(name + "@trade");
    }
    return listing;
  }
  const std::unique_ptr<simulate::Tape> tape = simulate::make_capture_tape(options);
  const std::unique_ptr<simulate::Protocol> protocol = simulate::make_protocol(tape->venue());
  std::set<std::string> streams;
  std::set<std::string, std::less<>> symbols;
  simulate::TapeFrame frame;
  while (tape->next(frame)) {
    streams.insert(protocol->stream_of(frame));
    for (const std::string_view symbol : frame.events->symbols) {
      if (!symbols.contains(symbol)) symbols.emplace(symbol);
    }
  }
  streams.erase("");
  if (streams.empty()) {
    throw std::runtime_error(options.captures.front() +
                             ": holds no stream that can be served (give a capture with trades)");
  }
  return {{streams.begin(), streams.end()}, {symbols.begin(), symbols.end()}};
}

simulate::SimulatorOptions simulator_options(const SimulateCommand& command) {
  simulate::SimulatorOptions options;
  options.listen = simulate::parse_listen(command.listen);
  const bool has_certificate = !command.tls.empty();
  if (options.listen.is_tls && !has_certificate) {
    throw std::invalid_argument("--listen " + printable(command.listen) + ": wants --tls CERT KEY");
  }
  if (has_certificate) {
    if (options.listen.has_scheme && !options.listen.is_tls) {
      throw std::invalid_argument("--listen " + printable(command.listen) +
                                  ": is not TLS (write wss://, or leave --tls out)");
    }
    options.certificate_file = command.tls.at(0);
    options.key_file = command.tls.at(1);
  }
  options.speed = command.speed == "max"
                      ? kSpeedMax
                      : number_from("--speed", command.speed, kSimulateSpeedMost);
  options.wait_streams = command.wait_streams;
  if (!command.history.empty()) options.history = duration_from("--history", command.history);
  options.stays = command.stay;
  if (!command.faults.empty()) options.faults = simulate::read_fault_file(command.faults);
  options.fault_log = command.fault_log;
  return options;
}

// For whoever writes the configuration of a service beside it.
std::string first_names(const simulate::Listing& listing) {
  constexpr std::size_t kNamesMost = 3;
  const std::size_t shown = std::min(kNamesMost, listing.symbols.size());
  const auto end = listing.symbols.begin() + static_cast<std::ptrdiff_t>(shown);
  std::string names = printable(fmt::format("{}", fmt::join(listing.symbols.begin(), end, ", ")));
  return shown < listing.symbols.size() ? names + ", ..." : names;
}

}  // namespace

int run_simulate(const SimulateCommand& command) {
  const simulate::TapeOptions tape_settings = tape_options(command);
  simulate::SimulatorOptions options = simulator_options(command);
  const simulate::Listing listing = make_listing(tape_settings);
  std::unique_ptr<simulate::Tape> tape = make_tape(tape_settings);
  const std::string venue = tape->venue();
  if (!command.record.empty())
    tape = simulate::make_recording_tape(std::move(tape), command.record);
  const bool is_tls = !options.certificate_file.empty();
  simulate::Simulator simulator(std::move(options), std::move(tape), listing);
  const std::vector<std::string> troubles = simulator.run([&](const std::string& authority) {
    print_text(fmt::format("{} with {} symbols in {} streams: {}://{} and {}://{} ({})\n", venue,
                           listing.symbols.size(), listing.streams.size(), is_tls ? "wss" : "ws",
                           authority, is_tls ? "https" : "http", authority, first_names(listing)));
    finish_text();
  });
  const simulate::SimulatorStatistics& done = simulator.statistics();
  print_note(
      fmt::format("played {} frames ({} of no stream that is served), sent {}, kept back {}; {} "
                  "connections, {} "
                  "requests, {} faults\n",
                  done.frames, done.unserved, done.sent, done.lost, done.connections, done.requests,
                  done.faults));
  for (const std::string& trouble : troubles) print_error(trouble);
  return troubles.empty() ? kExitDone : kExitFailed;
}

}  // namespace fastrsi

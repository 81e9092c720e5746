// fastrsi test: one message through one sink now, past groups and quiet hours, and what happened in
// words. It is a process of its own: the service and its journal know nothing of it.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sinks/delivery/message_id.hpp"
#include "sinks/printable.hpp"
#include "sinks/sha256.hpp"
#include "sinks/transport/diagnosis.hpp"
#include "sinks/transport/secret.hpp"
#include "tools/command_session.hpp"
#include "tools/commands.hpp"
#include "tools/delivery_parts.hpp"
#include "tools/did_you_mean.hpp"
#include "tools/service/clocks.hpp"

namespace fastrsi {
namespace {

constexpr double kTestPrice = 61837.63;
constexpr double kTestRsi = 71.25;

DeliveryEvent test_event(std::int64_t now_ns) {
  DeliveryEvent event;
  event.key = "test";
  event.rule = "test";
  event.venue = "test";
  event.symbol = "TEST";
  event.kind = Kind::Overbought;
  event.timeframe = Timeframe::M1;
  event.time = exchange_time_from_ns(now_ns);
  constexpr std::int64_t kMinute = 60'000'000'000;
  event.bar_open = exchange_time_from_ns(now_ns / kMinute * kMinute);
  event.signal_id = "test/test:TEST/1m/overbought/" + to_iso_seconds(event.bar_open) + "/1";
  event.price = Price{kTestPrice};
  event.rsi = {kTestRsi, kTestRsi, kTestRsi};
  event.created = now_ns / kNsPerWallMs;
  return event;
}

// A message of its own each time, so that nobody takes it for one that has been.
Envelope test_envelope(const std::string& sink, std::int64_t now_ns) {
  Envelope envelope;
  envelope.mid = sha256_hex(fmt::format("test {} {}", sink, now_ns)).substr(0, 26);
  envelope.frozen = now_ns / kNsPerWallMs;
  return envelope;
}

bool is_done(const SendAnswer& answer, bool sent) {
  const auto done = [](const TargetAnswer& target) { return target.outcome == Outcome::Done; };
  if (!sent)
    return answer.targets.empty() ? answer.row.starts_with("ok")
                                  : std::all_of(answer.targets.begin(), answer.targets.end(), done);
  return !answer.targets.empty() && std::all_of(answer.targets.begin(), answer.targets.end(), done);
}

void tell(const SinkConfig& sink, const DeliverySettings& settings, std::size_t endpoint,
          const SendAnswer& answer, bool sent) {
  print_text(fmt::format("{}, {}:\n", sink.name, settings.endpoints[endpoint]));
  for (const std::string& line : answer.transcript) print_text("    " + printable(line) + "\n");
  for (const TargetAnswer& target : answer.targets) {
    const std::string who = target.target < settings.targets.size() && sent
                                ? printable(settings.targets[target.target]) + ": "
                                : std::string{};
    print_text(fmt::format("  {}{}{}{}\n", who, to_text(target.outcome),
                           target.code == 0 ? "" : fmt::format(" {}", target.code),
                           target.text.empty() ? "" : " " + printable(target.text)));
  }
  print_text("  " + transport::diagnosis(answer, host_of(sink, endpoint), language_of(sink)) +
             "\n");
}

int test_delivery(const SinkConfig& sink, const TestCommand& command) {
  const DeliverySettings settings = delivery_settings(sink);
  const std::unique_ptr<const Composer> composer = make_composer(sink);
  const auto transports = make_transports(sink);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
    if (command.endpoint.empty() || command.endpoint == settings.endpoints[i]) chosen.push_back(i);
  }
  if (chosen.empty()) {
    print_error(fmt::format("sink \"{}\" has no endpoint {} (it has: {})", sink.name,
                            printable(command.endpoint), fmt::join(settings.endpoints, ", ")));
    return kExitWrongUse;
  }
  const std::int64_t now = wall_ns();
  const std::vector<DeliveryEvent> events{test_event(now)};
  const Envelope envelope = test_envelope(sink.name, now);
  const std::string octets = composer->compose(events, envelope);
  bool all_done = true;
  for (const std::size_t endpoint : chosen) {
    Shipment shipment{envelope.mid, octets, {}};
    for (const std::string& target : settings.targets) shipment.targets.push_back(target);
    const bool sends = !command.no_message;
    SendAnswer answer =
        sends ? transports[endpoint]->send(shipment) : transports[endpoint]->probe();
    tell(sink, settings, endpoint, answer, sends);
    all_done = all_done && is_done(answer, sends);
    // One message is enough: the others are asked whether they would have taken it.
    if (all_done && sends && command.endpoint.empty()) break;
  }
  return all_done ? kExitDone : kExitFailed;
}

int test_log(const SinkConfig& sink) {
  const std::unique_ptr<Sink> log = make_sink(sink);
  log->flush();
  if (!log->last_error().empty()) {
    print_error(fmt::format("sink \"{}\": {}", sink.name, log->last_error()));
    return kExitFailed;
  }
  print_text(fmt::format("{}: {} can be written\n", sink.name,
                         sink.path == "-" ? "standard output" : printable(sink.path)));
  return kExitDone;
}

}  // namespace

int run_test(const TestCommand& command) {
  Config config;
  if (!load_config(command.config, config)) return kExitWrongUse;
  std::vector<std::string_view> names;
  for (const SinkConfig& sink : config.sinks) names.push_back(sink.name);
  const auto sink = std::find_if(config.sinks.begin(), config.sinks.end(),
                                 [&](const auto& one) { return one.name == command.sink; });
  if (sink == config.sinks.end()) {
    const std::string meant = did_you_mean(command.sink, names);
    print_error(
        fmt::format("there is no sink {} ({})", printable(command.sink),
                    meant.empty() ? fmt::format("it has: {}", fmt::join(names, ", ")) : meant));
    return kExitWrongUse;
  }
  transport::forbid_core_files();
  try {
    return is_delivery(sink->type) ? test_delivery(*sink, command) : test_log(*sink);
  } catch (const std::exception& error) {
    print_error(error.what());
    return kExitFailed;
  }
}

}  // namespace fastrsi

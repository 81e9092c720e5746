// A program of the user's for each message: by its words, without a shell, the message as JSON on
// its standard input. What it returns: 0 done, 75 (EX_TEMPFAIL) and anything else later again, 64
// and 65 (EX_USAGE, EX_DATAERR) never.
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <stop_token>
#include <system_error>
#include <utility>

#include "sinks/printable.hpp"
#include "sinks/transport/answers.hpp"
#include "sinks/transport/child.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/transports.hpp"

namespace fastrsi::transport {
namespace {

constexpr int kUsage = 64;      // sysexits.h
constexpr int kDataError = 65;  // sysexits.h
constexpr std::size_t kTextBytesMax = 500;
constexpr std::size_t kOutputBytesMax = 4096;

std::string exec_label(const ExecSettings& settings) {
  return "exec \"" + settings.name + "\": ";
}

class ExecTransport final : public Transport {
 public:
  explicit ExecTransport(ExecSettings settings) : settings_(std::move(settings)) {
    check_settings(settings_);
    if (!can_start()) {
      throw std::runtime_error(exec_label(settings_) + settings_.command.front() + ": " +
                               std::generic_category().message(errno) +
                               " (mend: a program that fastrsi may run)");
    }
  }

  SendAnswer send(const Shipment& shipment) noexcept override {
    try {
      return answer_of(run_child({.command = settings_.command,
                                  .input = shipment.octets,
                                  .within = settings_.timeout,
                                  .output_bytes_max = kOutputBytesMax,
                                  .stop = stop_.get_token()}),
                       shipment.targets.size());
    } catch (const std::exception& error) {
      return answer_for_all(shipment.targets.size(), Outcome::InDoubt, 0, error.what(),
                            row::kClient);
    }
  }

  // Nothing is run: who knows what it would do.
  SendAnswer probe() noexcept override {
    try {
      if (can_start()) return answer_for_all(0, Outcome::Done, 0, {}, row::kOkConnected);
      return missing(errno, 0);
    } catch (const std::exception& error) {
      return answer_for_all(0, Outcome::EndpointFailure, 0, error.what(), row::kClient);
    }
  }

  std::size_t targets_most() const noexcept override { return 1; }
  void cancel() noexcept override { stop_.request_stop(); }

 private:
  // A bare name is looked up in PATH when it runs.
  bool can_start() const {
    const std::string& program = settings_.command.front();
    return program.find('/') == std::string::npos || ::access(program.c_str(), X_OK) == 0;
  }

  SendAnswer missing(int error, std::size_t targets) const {
    SendAnswer answer = answer_for_all(
        targets, Outcome::EndpointFailure, error,
        printable(settings_.command.front()) + ": " + std::generic_category().message(error),
        row::kExecMissing);
    answer.config_suspect = true;
    return answer;
  }

  SendAnswer answer_of(const ChildResult& result, std::size_t targets) const {
    const std::string said =
        printable(std::string_view{result.output}.substr(0, kTextBytesMax / 5));
    switch (result.end) {
      case ChildEnd::NotStarted:
        return missing(result.code, targets);
      case ChildEnd::TimedOut:
        // It may have done its work and then hung.
        return answer_for_all(
            targets, Outcome::InDoubt, 0,
            "not ended within " + std::to_string(settings_.timeout.count()) + " ms: killed",
            row::kExecTimeout);
      case ChildEnd::Stopped:
        return answer_for_all(targets, Outcome::InDoubt, 0, "killed: the service stops",
                              row::kExecTimeout);
      case ChildEnd::Killed:
        return answer_for_all(targets, Outcome::InDoubt, result.code,
                              "killed by signal " + std::to_string(result.code), row::kExecKilled);
      case ChildEnd::Exited:
        break;
    }
    if (result.code == 0) return answer_for_all(targets, Outcome::Done, 0, said, row::kOk);
    const std::string text =
        "exit code " + std::to_string(result.code) + (said.empty() ? "" : ": " + said);
    const bool is_refused = result.code == kUsage || result.code == kDataError;
    return answer_for_all(targets, is_refused ? Outcome::Permanent : Outcome::Temporary,
                          result.code, text, is_refused ? row::kExecRefused : row::kExecFailed);
  }

  // Constant after construction.
  const ExecSettings settings_;
  // Any thread.
  std::stop_source stop_;
};

}  // namespace

void check_settings(const ExecSettings& settings) {
  if (settings.command.empty() || settings.command.front().empty()) {
    throw std::runtime_error(exec_label(settings) +
                             "the command is missing (mend: command = [\"/path\"])");
  }
  for (const std::string& word : settings.command) {
    if (word.find('\0') != std::string::npos) {
      throw std::runtime_error(exec_label(settings) + "a word of the command has a zero byte");
    }
  }
}

std::unique_ptr<Transport> make_exec_transport(ExecSettings settings) {
  return std::make_unique<ExecTransport>(std::move(settings));
}

}  // namespace fastrsi::transport

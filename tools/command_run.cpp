// fastrsi run: the service.
#include <signal.h>

#include "tools/command_session.hpp"
#include "tools/service/service.hpp"

namespace fastrsi {

int run_service(const RunCommand& command) {
  // First of all, and before any thread is there: the main thread alone waits for them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Config config;
  if (!load_config(command.config, config)) return kExitWrongUse;
  if (!command.capture.empty()) config.capture.dir = command.capture;
  if (command.only_capture) {
    config.rules.clear();
    config.sinks.clear();
    config.socket.enabled = false;
    config.state.dir = config.capture.dir + "/.state";
  }
  Service service(config, {command.config, command.stay});
  return service.run();
}

}  // namespace fastrsi

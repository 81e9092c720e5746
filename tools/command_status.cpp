// fastrsi status: how the running service is.
#include "tools/service_call.hpp"
#include "tools/status_page.hpp"

namespace fastrsi {

int run_status(const StatusCommand& command) {
  return ask_service(command.service, {{"cmd", "status"}}, [&](const Json& reply) {
    const Json& status = member(reply, "status");
    print_text(command.json ? json_line(status) : status_page(status, wall_clock_ns()));
    return kExitDone;
  });
}

}  // namespace fastrsi

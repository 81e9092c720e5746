// Preloaded into the service: names that end in ".slow" are asked of a name server that never
// answers, are given up after five seconds, and are not known then. For measure.py.
#include <dlfcn.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string_view>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (node != nullptr && std::string_view(node).ends_with(".slow")) {
    const int answers = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const timeval patience{5, 0};
    setsockopt(answers, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    char byte = 0;
    static_cast<void>(recv(answers, &byte, 1, 0));
    close(answers);
    return EAI_AGAIN;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return kReal(node, service, hints, found);
}

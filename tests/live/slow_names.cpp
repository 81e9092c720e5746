// Preloaded into the service: names that end in ".slow" take five seconds to be looked up, and are
// not known then. For measure.py.
#include <dlfcn.h>
#include <netdb.h>

#include <chrono>
#include <string_view>
#include <thread>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  if (node != nullptr && std::string_view(node).ends_with(".slow")) {
    std::this_thread::sleep_for(std::chrono::seconds{5});  // the fault itself
    return EAI_NONAME;
  }
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto kReal = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return kReal(node, service, hints, found);
}

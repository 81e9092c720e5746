#include "feeds/net/resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace fastrsi::net {
namespace {

constexpr std::size_t kAddressesMax = 16;

LookUpResult failed(EndReason reason, std::string sentence) {
  LookUpResult result;
  result.failure.reason = reason;
  result.failure.sentence = std::move(sentence);
  return result;
}

}  // namespace

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = &reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
  if (storage.ss_family == AF_INET6) {
    bytes = &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  }
  const char* const written = inet_ntop(storage.ss_family, bytes, text.data(), text.size());
  return written == nullptr ? "?" : written;
}

Address Address::with_port(std::uint16_t port) const noexcept {
  Address result = *this;
  // The port of both families lies at the same place.
  static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
  reinterpret_cast<sockaddr_in&>(result.storage).sin_port = htons(port);
  return result;
}

Address parse_address(const std::string& text) noexcept {
  Address result;
  auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
  if (inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    result.length = sizeof v4;
  } else if (inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    result.length = sizeof v6;
  }
  return result;
}

LookUpResult system_look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error == EAI_NONAME || error == EAI_NODATA) {
    return failed(EndReason::NameUnknown, "the name '" + name + "' has no address (mend: the URL)");
  }
  if (error != 0) {
    return failed(EndReason::NameServerFailed, "the name '" + name +
                                                   "' cannot be looked up: " + gai_strerror(error) +
                                                   " (mend: the name server in /etc/resolv.conf)");
  }
  LookUpResult result;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    if (result.addresses.size() == kAddressesMax) break;
    Address& address = result.addresses.emplace_back();
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.length = entry->ai_addrlen;
  }
  freeaddrinfo(found);
  if (!result.addresses.empty()) return result;
  return failed(EndReason::NameUnknown, "the name '" + name + "' has no address (mend: the URL)");
}

// Threads share it, because they may outlive the resolver.
struct Resolver::Core {
  struct Job {
    QueryId query;
    std::string name;
  };

  // Constant after construction.
  ResolverSettings settings;
  // The loop's thread.
  std::map<QueryId, Done> waiting;
  std::uint64_t made = 0;
  // Guarded.
  std::mutex mutex;
  EventLoop* loop = nullptr;  // none when the resolver is gone
  std::deque<Job> jobs;
  std::size_t threads = 0;

  // Called under the mutex: so the loop is there.
  static void post(const std::shared_ptr<Core>& core, QueryId query, LookUpResult result) {
    core->loop->post([weak = std::weak_ptr(core), query, result = std::move(result)]() mutable {
      const std::shared_ptr<Core> there = weak.lock();
      if (!there) return;
      const auto found = there->waiting.find(query);
      if (found == there->waiting.end()) return;
      const Done done = std::move(found->second);
      there->waiting.erase(found);
      done(std::move(result));
    });
  }

  static void work(const std::shared_ptr<Core>& core) {
    std::unique_lock lock(core->mutex);
    while (core->loop != nullptr && !core->jobs.empty()) {
      const Job job = std::move(core->jobs.front());
      core->jobs.pop_front();
      lock.unlock();
      LookUpResult result = core->settings.look_up(job.name);
      lock.lock();
      if (core->loop != nullptr) post(core, job.query, std::move(result));
    }
    --core->threads;
  }
};

Resolver::Resolver(EventLoop& loop, ResolverSettings settings) : core_(std::make_shared<Core>()) {
  core_->settings = std::move(settings);
  core_->loop = &loop;
}

Resolver::~Resolver() {
  core_->waiting.clear();
  const std::lock_guard lock(core_->mutex);
  core_->loop = nullptr;
  core_->jobs.clear();
}

QueryId Resolver::look_up(const std::string& name, Done done) {
  Core& core = *core_;
  const QueryId query{++core.made};
  core.waiting.emplace(query, std::move(done));
  const std::lock_guard lock(core.mutex);
  const Address literal = parse_address(name);
  if (literal.length != 0) {
    Core::post(core_, query, {{literal}, {}});
    return query;
  }
  if (core.jobs.size() >= core.settings.waiting_max) {
    Core::post(core_, query,
               failed(EndReason::ResolverBusy, "the name '" + name + "' is not looked up: " +
                                                   std::to_string(core.jobs.size()) +
                                                   " others wait (mend: the name server)"));
    return query;
  }
  core.jobs.push_back({query, name});
  if (core.threads >= core.settings.threads_max) return query;
  try {
    std::thread(Core::work, core_).detach();
    ++core.threads;
  } catch (const std::system_error&) {
    // Those that run already will come to it.
    if (core.threads > 0) return query;
    core.jobs.pop_back();
    Core::post(core_, query,
               failed(EndReason::ResolverBusy, "the name '" + name +
                                                   "' is not looked up: the system gives no "
                                                   "thread"));
  }
  return query;
}

void Resolver::cancel(QueryId query) noexcept {
  core_->waiting.erase(query);
}

}  // namespace fastrsi::net

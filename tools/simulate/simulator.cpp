#include "tools/simulate/simulator.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

namespace fastrsi::simulate {
namespace {

// How often silence, faults of a quiet market and ends of faults are looked at.
constexpr std::chrono::milliseconds kLookEvery{20};

}  // namespace

// SIGINT and SIGTERM end the loop, so that what is being recorded ends whole.
class Simulator::Signals final : public net::SocketHandler {
 public:
  explicit Signals(net::EventLoop& loop) : loop_(loop) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
    const int descriptor = ::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0) {
      throw std::runtime_error("signals: " + std::generic_category().message(errno));
    }
    socket_ = std::make_unique<net::Socket>(loop, descriptor, *this);
  }

 private:
  void on_readable() noexcept override {
    signalfd_siginfo info{};
    if (::read(socket_->descriptor(), &info, sizeof info) > 0) loop_.stop();
  }
  void on_writable() noexcept override {}
  void on_hang_up() noexcept override {}

  net::EventLoop& loop_;
  std::unique_ptr<net::Socket> socket_;
};

Simulator::Simulator(SimulatorOptions options, std::unique_ptr<Tape> tape, const Listing& listing)
    : options_(std::move(options)),
      tape_(std::move(tape)),
      protocol_(make_protocol(tape_->venue())),
      schedule_(options_.faults),
      log_(options_.fault_log),
      rest_(tape_->venue(), history_),
      listener_(loop_, options_.listen, [this](int descriptor) { accept(descriptor); }) {
  for (const std::string& stream : listing.streams) streams_.try_emplace(stream);
  for (const std::string& symbol : listing.symbols) history_.add_symbol(symbol);
  if (!options_.certificate_file.empty()) {
    tls_ = std::make_unique<net::TlsServer>(
        net::TlsServerSettings{options_.certificate_file, options_.key_file});
  }
  until_.fill(Nanoseconds{-1});
  listener_.open();
  signals_ = std::make_unique<Signals>(loop_);
}

Simulator::~Simulator() = default;

std::vector<std::string> Simulator::run(
    const std::function<void(const std::string& authority)>& listening) {
  play_history();
  listening(listener_.authority());
  keep_looking();
  begin_if_ready();
  loop_.run();
  log_.flush();
  return tape_->end();
}

void Simulator::keep_looking() {
  loop_.call_after(kLookEvery, [this] {
    look_after(Clock::now());
    keep_looking();
  });
}

void Simulator::look_after(Clock::time_point now) {
  for_each_client([&](Client& client) {
    if (!client.keep_alive(now)) client.connection().hang_up("no answer to a ping or close");
  });
  if (has_begun_ && !is_over_) run_faults(Nanoseconds(exchange_time_ns() - begin_ns_));
  end_windows();
  flush_all();
  log_.flush();
  if (is_over_ && !options_.stays && clients_.empty()) loop_.stop();
}

// --- connections

void Simulator::accept(int descriptor) {
  ++connections_;
  ++statistics_.connections;
  say("connect", {{"connection", connections_}});
  try {
    clients_.push_back(std::make_unique<Client>(loop_, descriptor, tls_.get(), connections_,
                                                is_on(FaultKind::Silent), *this, *this));
  } catch (const std::runtime_error& error) {
    say("end", {{"connection", connections_}, {"why", error.what()}});
    return;
  }
  clients_.back()->connection().start();
}

void Simulator::on_ended(Connection& connection, std::string_view why) {
  const auto found = std::find_if(clients_.begin(), clients_.end(), [&](const auto& client) {
    return &client->connection() == &connection;
  });
  if (found == clients_.end()) return;
  say("end", {{"connection", connection.number()}, {"why", why}});
  for (const std::string& stream : (*found)->streams()) remove_subscription(**found, stream);
  gone_.push_back(std::move(*found));
  clients_.erase(found);
  loop_.call_after(Nanoseconds{0}, [this] { gone_.clear(); });
}

void Simulator::on_request(Connection& connection, const net::HttpHead& request) {
  if (is_on(FaultKind::CloseInHandshake)) return connection.hang_up("close-in-handshake");
  if (is_on(FaultKind::Slow)) {
    return answer_later(connection.number(), slow_delay_, [this, request](Client& client) {
      if (request.has_token("Upgrade", "websocket")) return open_websocket(client, request);
      answer_rest(client.connection(), request);
    });
  }
  if (!request.has_token("Upgrade", "websocket")) return answer_rest(connection, request);
  for (const auto& client : clients_) {
    if (&client->connection() == &connection) return open_websocket(*client, request);
  }
}

void Simulator::answer_later(std::uint64_t number, Nanoseconds delay,
                             std::function<void(Client&)> what) {
  loop_.call_after(delay, [this, number, what = std::move(what)] {
    for_each_client([&](Client& client) {
      if (client.connection().number() == number && client.connection().is_open()) what(client);
    });
    flush_all();
  });
}

void Simulator::answer_rest(Connection& connection, const net::HttpHead& request) {
  ++statistics_.requests;
  RestAnswer answer;
  if (request.method != "GET") {
    answer = {405, "{}", {{"Allow", "GET"}}};
  } else if (is_on(FaultKind::Limit)) {
    answer = {429,
              R"({"code":-1003,"msg":"Too many requests."})",
              {{"Retry-After", std::to_string(limit_seconds_)}}};
  } else if (is_on(FaultKind::Broken)) {
    answer = {static_cast<int>(broken_status_), "", {}};
  } else {
    answer = rest_.get(request.target, exchange_time_ns() / 1'000'000, Clock::now());
  }
  say("rest", {{"status", answer.status}, {"target", request.target}});
  const bool keeps = request.method == "GET" && !request.has_token("Connection", "close");
  connection.answer(http_text(answer, keeps), keeps);
}

void Simulator::open_websocket(Client& client, const net::HttpHead& request) {
  Connection& connection = client.connection();
  const std::optional<Form> form = protocol_->form_of(request.target);
  if (!form) return connection.answer(http_text({404, "{}", {}}, false), false);
  if (!connection.accept_websocket(request)) return;
  client.form = *form;
  say("open", {{"connection", connection.number()}, {"target", request.target}});
  protocol_->open(request.target, client);
  connection.flush();
  begin_if_ready();
}

void Simulator::on_message(Connection& connection, std::string_view text) {
  const auto found = std::find_if(clients_.begin(), clients_.end(), [&](const auto& client) {
    return &client->connection() == &connection;
  });
  if (found == clients_.end()) return;
  Client& client = **found;
  if (client.counts_too_many(protocol_->messages_a_second(), Clock::now())) {
    say("limit", {{"connection", connection.number()}});
    return client.refuse("Too many requests");
  }
  protocol_->take(text, client);
  for (const auto& [event, streams] :
       {std::pair("subscribe", &client.added), std::pair("unsubscribe", &client.removed)}) {
    if (streams->empty() && (client.dead.empty() || streams != &client.added)) continue;
    say(event, {{"connection", connection.number()},
                {"streams", *streams},
                {"dead", client.dead},
                {"unknown", client.unknown}});
  }
  client.added.clear();
  client.removed.clear();
  client.dead.clear();
  client.unknown.clear();
  std::string scratch;
  for (const std::string& stream : client.stale) {
    client.send(protocol_->dress(streams_[stream].last, stream, client.form, scratch));
    say("twice", {{"fault", "stale"}, {"stream", stream}});
  }
  client.stale.clear();
  begin_if_ready();
}

// --- subscriptions

Subscribed Simulator::add_subscription(Client& client, const std::string& stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return Subscribed::Unknown;
  ++subscriptions_;
  if (is_on(FaultKind::Half) && half_turn_++ % 2 == 1) return Subscribed::Dead;
  found->second.clients.push_back(&client);
  if (stale_left_ > 0 && !found->second.last.empty()) {
    --stale_left_;
    client.stale.push_back(stream);
  }
  return Subscribed::Alive;
}

void Simulator::remove_subscription(Client& client, const std::string& stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  --subscriptions_;
  std::erase(found->second.clients, &client);
}

}  // namespace fastrsi::simulate

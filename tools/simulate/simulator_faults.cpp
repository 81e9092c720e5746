// What a fault does to connections, frames and answers.
#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/simulate/simulator.hpp"

namespace fastrsi::simulate {
namespace {

constexpr double kNsPerSecond = 1e9;

// Texts that exchanges, or what stands in front of them, have sent instead of messages.
constexpr std::array<std::string_view, 9> kJunk = {
    R"({"e":"trade","E":17)",
    "",
    "<html><head><title>502 Bad Gateway</title></head></html>",
    "[]",
    "null",
    R"({"e":"trade","E":1,"s":"","t":null,"p":"NaN","q":"-1","T":"never"})",
    "{}{}",
    "\xF0\x9F\x92\xA9",
    R"({"stream":"x@trade","data":{"e":"trade"}})",
};

std::size_t index_of(FaultKind kind) noexcept {
  return static_cast<std::size_t>(kind);
}

}  // namespace

void Simulator::say(const char* event, const nlohmann::json& fields) {
  log_.add(exchange_time_ns(), event, fields.is_null() ? nlohmann::json::object() : fields);
}

void Simulator::for_each_client(const std::function<void(Client&)>& what) {
  std::vector<Client*> now;
  now.reserve(clients_.size());
  for (const auto& client : clients_) now.push_back(client.get());
  // Those that end meanwhile are kept until later, and do nothing any more.
  for (Client* const client : now) what(*client);
}

bool Simulator::is_on(FaultKind kind) const noexcept {
  return has_begun_ && Nanoseconds(exchange_time_ns() - begin_ns_) < until_[index_of(kind)];
}

void Simulator::run_faults(Nanoseconds now) {
  Nanoseconds when{0};
  while (const Fault* const fault = schedule_.next(now, when)) apply(*fault, when);
  end_windows();
}

void Simulator::end_windows() {
  if (!is_over_ && !listener_.is_open() && !is_on(FaultKind::Refuse)) {
    try {
      listener_.open();
    } catch (const std::runtime_error& error) {
      say("trouble", {{"why", error.what()}});  // the next look tries again
    }
  }
  if (closes_later_ && !is_on(FaultKind::Shutdown)) {
    closes_later_ = false;
    for_each_client([](Client& client) { client.close(1001, "shutdown"); });
  }
}

void Simulator::begin_window(const Fault& fault, Nanoseconds when) {
  Nanoseconds& until = until_[index_of(fault.kind)];
  until = std::max(until, when + fault.duration);
}

void Simulator::apply(const Fault& fault, Nanoseconds when) {
  ++statistics_.faults;
  say("fault", {{"fault", to_text(fault.kind)},
                {"at_s", static_cast<double>(when.count()) / kNsPerSecond},
                {"duration_s", static_cast<double>(fault.duration.count()) / kNsPerSecond},
                {"count", fault.count}});
  begin_window(fault, when);
  switch (fault.kind) {
    case FaultKind::Refuse:
      return listener_.close();
    case FaultKind::CloseInHandshake:
    case FaultKind::Silent:
    case FaultKind::Mute:
    case FaultKind::Half:
      return;
    case FaultKind::Swallow:
      swallow_left_ += fault.count;
      return;
    case FaultKind::Duplicate:
      duplicate_left_ += fault.count;
      return;
    case FaultKind::Reorder:
      if (reorder_count_ == 0) reorder_count_ = static_cast<std::size_t>(fault.count);
      return;
    case FaultKind::Stale:
      stale_left_ += fault.count;
      return;
    case FaultKind::Junk:
      return send_junk(fault.count);
    case FaultKind::Drop:
      flush_all();
      return for_each_client([](Client& client) { client.connection().cut("drop"); });
    case FaultKind::DropOne:
      return cut_oldest();
    case FaultKind::Close:
      return for_each_client(
          [&](Client& client) { client.close(static_cast<std::uint16_t>(fault.count), ""); });
    case FaultKind::Shutdown: {
      const std::string notice = protocol_->shutdown_notice(exchange_time_ns());
      for_each_client([&](Client& client) {
        if (!notice.empty()) client.send(notice);
      });
      closes_later_ = true;
      return;
    }
    case FaultKind::Slow:
      slow_delay_ = fault.delay;
      return;
    case FaultKind::Certificate:
      try {
        if (tls_ != nullptr) tls_->reload({fault.certificate_file, fault.key_file});
      } catch (const std::runtime_error& error) {
        say("trouble", {{"why", error.what()}});
      }
      return;
    case FaultKind::Limit:
      limit_seconds_ = fault.count;
      return;
    case FaultKind::Broken:
      broken_status_ = fault.count;
      return;
  }
}

void Simulator::cut_oldest() {
  flush_all();
  const auto oldest = std::find_if(clients_.begin(), clients_.end(),
                                   [](const auto& client) { return client->is_subscriber(); });
  if (oldest != clients_.end()) (*oldest)->connection().cut("drop-one");
}

void Simulator::send_junk(std::uint64_t count) {
  for_each_client([&](Client& client) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const bool is_binary = i % (kJunk.size() + 1) == kJunk.size();
      client.connection().send(
          is_binary ? net::Opcode::Binary : net::Opcode::Text,
          is_binary ? std::string_view("\x00\xFF\x1F\x8B", 4) : kJunk[i % (kJunk.size() + 1)]);
    }
  });
}

// Whether the frame is lost to those who would get it.
bool Simulator::keep_back(const TapeFrame& frame, const std::string& stream) {
  const bool has_trades = frame.events->kind == FrameKind::Trades;
  const bool is_mute = is_on(FaultKind::Mute);
  const bool is_swallowed = !is_mute && has_trades && swallow_left_ > 0;
  if (!is_mute && !is_swallowed) return false;
  if (is_swallowed) --swallow_left_;
  ++statistics_.lost;
  if (has_trades && log_.is_wanted()) {
    nlohmann::json fields = trades_text(*frame.events, stream);
    fields["fault"] = to_text(is_mute ? FaultKind::Mute : FaultKind::Swallow);
    say("lost", fields);
  }
  return true;
}

}  // namespace fastrsi::simulate

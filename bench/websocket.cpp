// Question: what does a message cost on a live WebSocket, in CPU time of the thread that receives
// it, parse included (G9)? Against bare recv or SSL_read with the same reader and parse, and
// against the ws role of libwebsockets. All take the same frames from the same sender on loopback,
// and must have the same sum of all fields.
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/figure.hpp"
#include "bench/input.hpp"
#include "bench/partner.hpp"
#include "bench/websocket_peer.hpp"
#include "feeds/net/websocket_frame.hpp"

namespace fastrsi::bench {
namespace {

constexpr std::size_t kMessages = 20'000;
constexpr std::size_t kSides = 3;
using Receive = void (*)(const Place&, Tally&);
constexpr std::array<Receive, kSides> kReceivers{receive_ours, receive_bare, receive_by_role};

struct Messages {
  std::string frames;
  std::vector<std::size_t> sizes;
  ParseSum sum;
};

Messages make_messages() {
  MarketSettings settings;
  settings.batch_frames = kMessages;
  const auto market = make_market(settings);
  const auto lines = market->next(kMessages);
  Messages messages;
  net::FrameWriter writer(net::Role::Server);
  for (const CaptureLine& line : lines) {
    const std::size_t before = messages.frames.size();
    writer.append(messages.frames, net::Opcode::Text, line.bytes);
    messages.sizes.push_back(messages.frames.size() - before);
  }
  messages.sum = Yardstick(IdKey::Aggregate).parse_all(lines);
  return messages;
}

class LiveWebSocket final : public Figure {
 public:
  LiveWebSocket()
      : messages_(make_messages()),
        certificate_(authority_.issue("sender")),
        plain_(messages_.frames, messages_.sizes, nullptr),
        tls_(messages_.frames, messages_.sizes, &certificate_) {}

  std::vector<Question> questions() const override {
    return {{"G9", "WebSocket / bare recv, CPU a message", Better::Lower, 1.25},
            {"G9", "ws role of libwebsockets / WebSocket", Better::Higher, 5.0},
            {"G9", "over TLS: WebSocket / bare SSL_read", Better::Lower, 1.25},
            {"G9", "over TLS: ws role / WebSocket", Better::Higher, 2.0}};
  }

  void prove() override {
    require(messages_.sum.frames == kMessages, "a message is not parsed");
    times_at({plain_.port(), {}});
    times_at({tls_.port(), authority_.ca_file()});
  }

  void round(std::vector<Reading>& readings) override {
    for (const Place& place :
         {Place{plain_.port(), {}}, Place{tls_.port(), authority_.ca_file()}}) {
      const auto [ours, bare, role] = times_at(place);
      readings.push_back({ours / bare, ours, bare});
      readings.push_back({role / ours, ours, role});
    }
  }

 private:
  // Each side's time a message. They must have had the same messages.
  std::array<double, kSides> times_at(const Place& place) {
    std::array<double, kSides> times{};
    turns_.each([&](std::size_t side) {
      Tally tally(kMessages);
      kReceivers[side](place, tally);
      require(tally.sum() == messages_.sum, "a receiver has had other messages");
      times[side] = tally.ns_a_message();
    });
    return times;
  }

  const Messages messages_;
  const net::test::Authority authority_;
  const net::TlsServerSettings certificate_;
  const MessageSender plain_;
  const MessageSender tls_;
  Turns turns_{kSides};
};

std::unique_ptr<Figure> make_g9(std::string& why_not) {
  if (!has_two_cores(why_not)) return nullptr;
  return std::make_unique<LiveWebSocket>();
}

}  // namespace

std::vector<FigureEntry> websocket_figures() {
  return {{"G9", make_g9}};
}

}  // namespace fastrsi::bench

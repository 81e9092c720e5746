// What a venue says and understands over its WebSocket, seen from its side: the counterpart of
// feeds/, written apart from it so that one's error is not the other's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/simulate/tape.hpp"

namespace fastrsi::simulate {

// Binance sends a stream's frames bare, or with the stream's name around them.
enum class Form : std::uint8_t { Raw, Combined };

// What became of a subscription: it is served; the fault `half` has made it dead, and venues that
// answer for each stream do not answer; nobody has heard of the stream.
enum class Subscribed : std::uint8_t { Alive, Dead, Unknown };

// A client's connection, as protocols see it.
class Session {
 public:
  virtual Subscribed subscribe(const std::string& stream) = 0;
  virtual void unsubscribe(const std::string& stream) = 0;
  virtual std::vector<std::string> streams() const = 0;
  virtual void send(std::string_view text) = 0;
  // Closes the connection with 1008 and this reason.
  virtual void refuse(std::string_view reason) = 0;
  virtual std::int64_t exchange_time_ns() const = 0;

 protected:
  ~Session() = default;
};

// Owner: the simulator. Thread: its own.
class Protocol {
 public:
  virtual ~Protocol() = default;

  // Nothing for a target that is no WebSocket of this venue.
  virtual std::optional<Form> form_of(std::string_view target) const = 0;
  // Subscriptions may stand in the target.
  virtual void open(std::string_view target, Session& session) const;
  virtual void take(std::string_view message, Session& session) const = 0;

  // The stream a frame belongs to; empty when it is none that is served.
  virtual std::string stream_of(const TapeFrame& frame) const = 0;
  // The frame as that stream's connection gets it: the frame's own bytes where the form is theirs.
  // `scratch` holds them otherwise.
  virtual std::string_view dress(std::string_view frame, const std::string& stream, Form form,
                                 std::string& scratch) const;
  // Says that the connection will close; empty when the venue has no such word.
  virtual std::string shutdown_notice(std::int64_t exchange_time_ns) const;
  // Messages a client may send in a second; above, the venue closes the connection. 0: any.
  virtual int messages_a_second() const noexcept { return 0; }
};

// Throws std::invalid_argument for a venue that cannot be simulated.
std::unique_ptr<Protocol> make_protocol(const std::string& venue);

std::unique_ptr<Protocol> make_binance_protocol(bool is_futures);
std::unique_ptr<Protocol> make_coinbase_protocol(bool is_advanced);
std::unique_ptr<Protocol> make_kraken_protocol();
std::unique_ptr<Protocol> make_bybit_protocol();
std::unique_ptr<Protocol> make_okx_protocol();
std::unique_ptr<Protocol> make_bitstamp_protocol();

}  // namespace fastrsi::simulate

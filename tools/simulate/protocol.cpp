#include "tools/simulate/protocol.hpp"

#include <stdexcept>

namespace fastrsi::simulate {

void Protocol::open(std::string_view, Session&) const {}

std::string_view Protocol::dress(std::string_view frame, const std::string&, Form,
                                 std::string&) const {
  return frame;
}

std::string Protocol::shutdown_notice(std::int64_t) const {
  return {};
}

std::unique_ptr<Protocol> make_protocol(const std::string& venue) {
  if (venue == "binance") return make_binance_protocol(false);
  if (venue == "binance-usdm" || venue == "binance-coinm") return make_binance_protocol(true);
  if (venue == "coinbase") return make_coinbase_protocol(false);
  if (venue == "coinbase-advanced") return make_coinbase_protocol(true);
  if (venue == "kraken") return make_kraken_protocol();
  if (venue == "bybit-spot" || venue == "bybit-linear") return make_bybit_protocol();
  if (venue == "okx") return make_okx_protocol();
  if (venue == "bitstamp") return make_bitstamp_protocol();
  throw std::invalid_argument(venue +
                              ": this venue cannot be simulated (binance, binance-usdm, "
                              "binance-coinm, coinbase, coinbase-advanced, kraken, bybit-spot, "
                              "bybit-linear, okx, bitstamp can)");
}

}  // namespace fastrsi::simulate

// Frames of other venues, and the odd ones of data/edge: whatever parser they are given to, none
// becomes a trade, and each that is refused has a reason. What our own venues' frames become is
// in classification_test.cpp.
#include <algorithm>
#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/corpus.hpp"
#include "tests/frames.hpp"

using namespace fastrsi;
using testing::FrameTester;

namespace {

// Shapes that come close to one of ours.
struct Foreign {
  std::string owner;  // the family of the venue that sends it, where we have a parser for it
  std::string frame;
};
const std::vector<Foreign> kForeign = {
    {"",
     R"({"m":"trades","symbol":"NEO/USDT","data":[{"p":"94.595","q":"1.04","ts":1618677625691,"bm":true,"seqnum":36028838561668184}]})"},
    {"", R"([146481,"te",[658733916,1617643611128,0.7574881,230890],394])"},
    {"",
     R"({"type":"trade","symbol":"SANDUSD","event_id":32076835383,"timestamp":1617645257289,"price":"0.68382","quantity":"1441.0","side":"sell"})"},
    {"",
     R"({"table":"trade","action":"insert","data":[{"timestamp":"2021-07-22T22:36:10.014Z","symbol":"UNIUSDT","side":"Buy","size":52,"price":17.297}]})"},
    {"bitstamp",
     R"({"data":{"id":216000477,"timestamp":"1641343699","amount":0.0792,"price":3805.44},"channel":"live_trades_ethusd","event":"trade"})"},
    {"okx",
     R"({"arg":{"channel":"trades","instId":"PROPS-ETH"},"data":[{"instId":"PROPS-ETH","tradeId":"47220","px":"0.00000166","sz":"637.0","side":"sell","ts":"1645999995692"}]})"},
    {"",
     R"({"channel":"trades","data":[{"symbol":"BTC_USDT","amount":"248.3","quantity":"0.01149","createTime":1661123520381,"price":"21614.59","id":"60184114","ts":1661123520386}]})"},
    {"",
     R"({"channel":"trades","data":[{"coin":"BTC","px":"105056.0","side":"B","sz":"0.00219","tid":121451470284048,"time":1737918794873}]})"},
    {"kraken",
     R"({"feed":"trade","product_id":"PI_LTCUSD","uid":"e2429e31","side":"buy","type":"fill","seq":5956,"time":1626994929946,"qty":320.0,"price":119.44})"},
    {"",
     R"({"jsonrpc":"2.0","method":"snapshotTrades","params":{"data":[{"id":1317950670,"price":"0.00002","quantity":"2.95","side":"buy","timestamp":"2021-07-13T11:07:53.658Z"}]}})"},
    {"",
     R"({"ch":"market.trioeth.trade.detail","ts":1618678027942,"tick":{"id":1,"ts":1618678027940,"data":[{"id":100182534526255757567432481,"ts":1618678027940,"amount":20995.88,"price":9.2E-7,"direction":"buy"}]}})"},
    {"",
     R"({"code":0,"method":"subscribe","result":{"instrument_name":"GRT_CRO","subscription":"trade.GRT_CRO","channel":"trade","data":[{"dataTime":1637709515999,"d":2008994977608713094,"s":"SELL","p":1.024,"q":4,"t":1637709515998,"i":"GRT_CRO"}]}})"},
    {"",
     R"({"ty":"trade","cd":"KRW-IQ","tms":1617646621082,"tp":41.2,"tv":12111.6,"sid":1617646620000000,"st":"REALTIME"})"},
    {"",
     R"({"sequence":146074875,"symbol":"sSUSHIUSDT","trades":[[1625342244127840967,"Buy",769100000,168200000]],"type":"incremental"})"},
    {"",
     R"({"data":{"symbol":"DAPPT-BTC","sequence":"16127","side":"buy","size":"81.8","price":"0.0000001117","time":"1619378327739050725","type":"match","tradeId":"6085c097"},"subject":"trade.l3match","topic":"/market/match:DAPPT-BTC","type":"message"})"},
    {"bybit",
     R"({"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1672304486868,"data":[{"T":1672304486865,"s":"BTCUSDT","S":"Buy","v":"0.001","p":"16578.50","i":"20f43950"}]})"}};

bool is_of(const std::string& family, const std::string& venue) {
  return !family.empty() && venue.starts_with(family);
}

// Messages that their own house's parser reads. OKX was OKEx until 2022; OKCoin is its.
bool is_own(const std::string& file, const std::string& venue) {
  const std::string family = venue.substr(0, venue.find('-'));
  const bool is_okx = family == "okx" && (file.find("okex") != std::string::npos ||
                                          file.find("okcoin") != std::string::npos);
  return is_okx || file.find(family) != std::string::npos;
}

bool is_live_data(const FrameEvents& events) {
  constexpr std::array kLive = {FrameKind::Trades, FrameKind::Kline, FrameKind::TradeSnapshot,
                                FrameKind::OtherTrades};
  return !events.ticks.empty() || std::find(kLive.begin(), kLive.end(), events.kind) != kLive.end();
}

void check_foreign(const std::string& venue, const std::string& frame) {
  FrameTester tester{make_parser(venue, TradeStream::FirstSeen)};
  const auto& events = tester.parse(frame);
  if (!is_live_data(events) && testing::is_consistent(events)) return;
  INFO(venue << ": " << frame.substr(0, 400));
  REQUIRE_FALSE(is_live_data(events));
  REQUIRE(testing::is_consistent(events));
}

std::vector<std::string> file_lines(const std::filesystem::path& path) {
  std::ifstream file{path};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// "sci_notation.frames.txt" -> where each of its lines was found, from "sci_notation.src.tsv".
std::vector<std::string> sources_of(const std::filesystem::path& frames) {
  std::string name = frames.filename().string();
  name.replace(name.find(".frames.txt"), std::string::npos, ".src.tsv");
  return file_lines(frames.parent_path() / name);
}

}  // namespace

TEST_CASE("parsers: trades of other venues are unknown messages", "[parsers]") {
  for (const std::string& venue : parser_venues()) {
    for (const auto& [owner, frame] : kForeign) {
      if (is_of(owner, venue)) continue;
      INFO(venue << ": " << frame);
      FrameTester tester{make_parser(venue, TradeStream::FirstSeen)};
      const auto& events = tester.parse(frame);
      CHECK(events.kind == FrameKind::Rejected);
      CHECK(events.reject == Reject::UnknownMessage);
      CHECK(testing::is_nothing(events));
    }
  }
}

TEST_CASE("parsers: the odd frames of other venues are never trades", "[corpus][parsers]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  std::size_t frames = 0;
  for (const auto& entry : std::filesystem::directory_iterator{*corpus / "edge"}) {
    const std::string name = entry.path().filename().string();
    if (name.find(".frames.txt") == std::string::npos) continue;
    const auto sources = sources_of(entry.path());
    const auto lines = file_lines(entry.path());
    REQUIRE(sources.size() == lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
      for (const std::string& venue : parser_venues()) {
        if (!is_own(sources[i], venue)) check_foreign(venue, lines[i]);
      }
      ++frames;
    }
  }
  CHECK(frames > 0);
}

TEST_CASE("parsers: the messages of all other venues are never trades", "[corpus][parsers]") {
  const auto corpus = testing::corpus_folder();
  if (!corpus) return;
  std::size_t frames = 0;
  for (const auto& entry : std::filesystem::directory_iterator{*corpus / "messages" / "tardis"}) {
    const std::string name = entry.path().filename().string();
    for (const std::string& frame : file_lines(entry.path())) {
      for (const std::string& venue : parser_venues()) {
        if (is_own(name, venue)) continue;
        check_foreign(venue, frame);
        ++frames;
      }
    }
  }
  CHECK(frames > 0);
}

// Troubles of the input through a real program, with the time as an argument.
#include "tools/service/alerts.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi::test {
namespace {

const Trouble kStale{"binance", "BTCUSDT", "stale", "stale for 61 s"};
const Trouble kRefused{"binance", "NOSUCH", "refused", "refused: no such symbol"};

// A program that keeps what it gets, and fails as long as a file named "ill" is there.
struct AlertBench {
  AlertBench() {
    settings.command = {"/bin/sh", "-c", "cat >>\"$0/got\"; test ! -e \"$0/ill\"", folder.path("")};
    settings.every = std::chrono::minutes{1};
    alerts.emplace(settings, [this](const std::string& line) { said.push_back(line); });
  }
  // Looks until as many messages as asked for have been taken, a minute between two looks.
  std::vector<nlohmann::json> look_until(const std::vector<Trouble>& now, std::size_t messages) {
    std::vector<nlohmann::json> got = read();
    while (got.size() < messages) {
      time += std::chrono::minutes{1};
      alerts->look_at(now, time);
      got = read();
    }
    return got;
  }
  std::vector<nlohmann::json> read() const {
    std::ifstream file(folder.path("got"));
    std::vector<nlohmann::json> messages;
    for (std::string line; std::getline(file, line) && !file.eof();) {
      messages.push_back(nlohmann::json::parse(line));
    }
    return messages;
  }

  const ScratchFolder folder;
  AlertSettings settings;
  std::vector<std::string> said;
  std::optional<Alerts> alerts;
  Alerts::Clock::time_point time{std::chrono::hours{1}};
};

}  // namespace

TEST_CASE("alerts: what begins and what is over is told once", "[alerts]") {
  AlertBench bench;
  const auto first = bench.look_until({kStale, kRefused}, 1);
  CHECK(first[0]["type"] == "alert");
  CHECK(first[0]["troubles"] == 2);
  CHECK(first[0]["over"].empty());
  CHECK(first[0]["text"] ==
        "binance: BTCUSDT: stale for 61 s\nbinance: NOSUCH: refused: no such symbol");
  // A trouble that goes on is no news, however its words change.
  const auto second = bench.look_until({{"binance", "BTCUSDT", "stale", "stale for 130 s"}}, 2);
  CHECK(second[1]["begun"].empty());
  REQUIRE(second[1]["over"].size() == 1);
  CHECK(second[1]["over"][0]["of"] == "NOSUCH");
  CHECK(second[1]["text"] == "binance: NOSUCH: no longer refused");
  const auto third = bench.look_until({}, 3);
  CHECK(third[2]["text"] == "binance: BTCUSDT: no longer stale");
  CHECK(bench.said.empty());
}

TEST_CASE("alerts: a program that fails gets it again, as it is then", "[alerts]") {
  AlertBench bench;
  std::ofstream{bench.folder.path("ill")}.flush();
  bench.look_until({kStale}, 1);
  // One more of before may be on its way.
  const auto got = bench.look_until({kStale, kRefused}, bench.read().size() + 2);
  CHECK(got.back()["begun"].size() == 2);
  REQUIRE_FALSE(bench.said.empty());
  CHECK_THAT(bench.said[0], ContainsSubstring("alert.command /bin/sh: it returned 1"));
}

TEST_CASE("alerts: at most one message in its time, and none without a program", "[alerts]") {
  AlertBench bench;
  bench.alerts->look_at({kStale}, bench.time);
  CHECK_FALSE(bench.alerts->is_due(bench.time + std::chrono::seconds{59}));
  CHECK(bench.alerts->is_due(bench.time + std::chrono::seconds{60}));
  Alerts nobody(AlertSettings{}, [](const std::string&) {});
  CHECK_FALSE(nobody.is_due(bench.time));
}

}  // namespace fastrsi::test

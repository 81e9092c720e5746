// What a socket asks its venue for, and what it makes of the answers; a venue of the test's own
// answers as it is told to.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <vector>

#include "feeds/live/subscriptions.hpp"
#include "tests/catch.hpp"

namespace fastrsi::live {
namespace {

using namespace std::chrono_literals;

const Clock::time_point kSubscriptionsBegin = Clock::time_point{} + 1h;

VenueFacts test_facts(bool acknowledges) {
  VenueFacts facts;
  facts.name = "test";
  facts.limits.symbols_per_message = 3;
  facts.limits.messages = {2, 1s};
  facts.acknowledges = acknowledges;
  return facts;
}

// "+A,B" subscribes, "-A" unsubscribes.
class TestVenue final : public Venue {
 public:
  explicit TestVenue(bool acknowledges = true) : Venue(test_facts(acknowledges)) {}

  std::vector<ControlMessage> subscribe(std::span<const std::string> symbols,
                                        std::uint64_t first_id) const override {
    return messages("+", symbols, first_id);
  }
  std::vector<ControlMessage> unsubscribe(std::span<const std::string> symbols,
                                          std::uint64_t first_id) const override {
    return messages("-", symbols, first_id);
  }
  Answer read_answer(std::string_view) override { return {}; }

 private:
  static std::vector<ControlMessage> messages(const char* sign, std::span<const std::string> all,
                                              std::uint64_t id) {
    std::vector<ControlMessage> list;
    for (std::size_t i = 0; i < all.size(); i += 3) {
      const auto part = all.subspan(i, std::min<std::size_t>(3, all.size() - i));
      list.push_back({fmt::format("{}{}", sign, fmt::join(part, ",")), id++,
                      std::vector<std::string>(part.begin(), part.end())});
    }
    return list;
  }
};

// Everything that may be sent by `until`, with the time of each.
std::vector<std::string> sent(Subscriptions& subscriptions, Clock::time_point& now,
                              Clock::time_point until) {
  std::vector<std::string> texts;
  for (; now <= until; now += 10ms) {
    while (auto text = subscriptions.next_message(now)) texts.push_back(*text);
  }
  return texts;
}

Answer answer(AnswerKind kind, std::uint64_t id, const std::string& reason = {}) {
  Answer answer;
  answer.kind = kind;
  answer.id = id;
  answer.reason = reason;
  return answer;
}

using Texts = std::vector<std::string>;

TEST_CASE("live: subscriptions go in batches at the venue's pace, and an ack settles them",
          "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "B", "C", "D", "E", "F", "G"});
  Clock::time_point now = kSubscriptionsBegin;
  CHECK(sent(all, now, kSubscriptionsBegin + 500ms) == Texts{"+A,B,C", "+D,E,F"});
  CHECK(sent(all, now, kSubscriptionsBegin + 2s) == Texts{"+G"});
  CHECK_FALSE(all.is_settled());
  for (std::uint64_t id = 1; id <= 3; ++id) all.take_answer(answer(AnswerKind::Accepted, id));
  CHECK(all.is_settled());
  CHECK(all.count(SymbolState::Accepted) == 7);
  all.heard("D");
  CHECK(all.state("D") == SymbolState::Live);
}

TEST_CASE("live: what is not answered is asked for again, and then the connection is given up",
          "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "B"});
  Clock::time_point now = kSubscriptionsBegin;
  int asked = 0;
  while (all.check(now)) {
    asked += static_cast<int>(sent(all, now, now + 1s).size());
    all.heard("B");
    REQUIRE(now < kSubscriptionsBegin + 1min);
  }
  CHECK(asked == 3);
  CHECK(all.state("A") == SymbolState::Requested);
}

TEST_CASE("live: data settles a symbol that no ack came for", "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A"});
  Clock::time_point now = kSubscriptionsBegin;
  sent(all, now, kSubscriptionsBegin);
  all.heard("A");
  CHECK(all.check(kSubscriptionsBegin + 1h));
  CHECK(all.is_settled());
}

TEST_CASE("live: a venue that does not answer is not waited for", "[live]") {
  TestVenue venue(false);
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "B"});
  Clock::time_point now = kSubscriptionsBegin;
  sent(all, now, kSubscriptionsBegin);
  CHECK(all.is_settled());
  CHECK(all.check(kSubscriptionsBegin + 1h));
}

TEST_CASE("live: one bad symbol of a batch is found, quarantined, and holds nobody up", "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "BAD", "C"});
  Clock::time_point now = kSubscriptionsBegin;
  CHECK(sent(all, now, kSubscriptionsBegin) == Texts{"+A,BAD,C"});
  all.take_answer(answer(AnswerKind::Refused, 1, "no such symbol"));
  CHECK(sent(all, now, kSubscriptionsBegin + 5s) == Texts{"+A", "+BAD", "+C"});
  all.take_answer(answer(AnswerKind::Accepted, 2));
  all.take_answer(answer(AnswerKind::Refused, 3, "no such symbol"));
  all.take_answer(answer(AnswerKind::Accepted, 4));
  CHECK(all.is_settled());
  CHECK(all.state("BAD") == SymbolState::Refused);
  CHECK(quarantine == Quarantine{{"BAD", "no such symbol"}});
  // Nor is it asked for on the next socket.
  Subscriptions next(venue, quarantine);
  next.want({"A", "BAD", "C"});
  CHECK(sent(next, now, now) == Texts{"+A,C"});
}

TEST_CASE("live: an answer that names symbols needs no id", "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "B", "C"});
  Clock::time_point now = kSubscriptionsBegin;
  sent(all, now, kSubscriptionsBegin);
  Answer some = answer(AnswerKind::Accepted, 0);
  some.accepted = {"A"};
  some.refused = {{"B", "halted"}};
  all.take_answer(some);
  CHECK(all.state("A") == SymbolState::Accepted);
  CHECK(all.state("B") == SymbolState::Refused);
  CHECK(all.state("C") == SymbolState::Requested);
  CHECK(quarantine.at("B") == "halted");
}

TEST_CASE("live: a changed list asks for what is new and gives up what is gone", "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A", "B"});
  Clock::time_point now = kSubscriptionsBegin;
  sent(all, now, kSubscriptionsBegin + 1s);
  all.take_answer(answer(AnswerKind::Accepted, 1));
  all.want({"B", "C"});
  CHECK(sent(all, now, now + 3s) == Texts{"-A", "+C"});
  CHECK_FALSE(all.state("A").has_value());
  // The answer to the unsubscribe accepts nobody.
  all.take_answer(answer(AnswerKind::Accepted, 2));
  CHECK(all.state("C") == SymbolState::Requested);
}

TEST_CASE("live: a symbol that is renewed is given up and asked for", "[live]") {
  TestVenue venue;
  Quarantine quarantine;
  Subscriptions all(venue, quarantine);
  all.want({"A"});
  Clock::time_point now = kSubscriptionsBegin;
  sent(all, now, kSubscriptionsBegin + 1s);
  all.heard("A");
  all.renew("A");
  CHECK(sent(all, now, now + 3s) == Texts{"-A", "+A"});
  all.renew("NOBODY");
  CHECK(sent(all, now, now + 3s).empty());
}

}  // namespace
}  // namespace fastrsi::live

// A state that goes out and comes back: the session goes on as if nothing had happened, whatever
// the rules, wherever it is cut; other rules take over what they share; damage is refused.
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/symbol_state.hpp"
#include "tests/catch.hpp"
#include "tests/session.hpp"

namespace fastrsi {
namespace {

using testing::Session;
using testing::small_rule;
using Parts = std::map<std::string, std::string>;

// What happens to a session, as data: it can happen to two of them.
struct Step {
  enum class What : std::uint8_t { Trade, Clock, Disconnected } what = What::Trade;
  std::int64_t ms = 0;
  double price = 0.0;
  std::uint64_t id = 0;
};

void apply(const Step& step, Session& session) {
  switch (step.what) {
    case Step::What::Trade:
      return session.trade(step.ms, step.price, step.id);
    case Step::What::Clock:
      return session.clock(step.ms);
    case Step::What::Disconnected:
      return session.disconnected();
  }
}

// A walk with everything that happens to feeds: gaps, repeats, late trades, silence, breaks.
std::vector<Step> random_walk(std::uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  const auto up_to = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  std::vector<Step> steps;
  double price = 100.0;
  std::int64_t ms = 5'000;
  std::uint64_t id = 1;
  for (int i = 0; i < count; ++i) {
    const int what = up_to(99);
    ms += what == 0 ? 400'000 : up_to(9'000);
    price += (up_to(8) - 4) * 0.05;
    if (what == 1) {
      steps.push_back({Step::What::Disconnected});
    } else if (what < 8) {
      steps.push_back({Step::What::Clock, ms});
    } else {
      if (what == 8) id += 3;
      const bool again = what == 9 && id > 2;
      const std::int64_t time = what == 10 ? ms - 70'000 : ms;
      steps.push_back({Step::What::Trade, time, price, again ? id - 1 : id});
      if (!again) ++id;
    }
  }
  return steps;
}

Parts saved(const Session& session) {
  Parts parts;
  const_cast<Session&>(session).engine().save(
      true, [&](const std::string& name, std::string bytes) { parts[name] = std::move(bytes); });
  return parts;
}

std::vector<std::string> restore(Session& session, const Parts& parts) {
  return session.engine().restore([&](const std::string& name) {
    const auto found = parts.find(name);
    return found == parts.end() ? nullptr : &found->second;
  });
}

// All that a record says, so that two of them can be compared.
std::vector<std::string> session_lines(const Session& session) {
  std::vector<std::string> lines;
  for (const Record& record : const_cast<Session&>(session).recorder().records) {
    if (record.type == Record::Type::Signal) {
      lines.push_back(to_json(record.signal) + std::to_string(record.evidence.trade_count) + " " +
                      std::to_string(record.evidence.before.by_default));
    } else if (record.type == Record::Type::Listed) {
      lines.push_back("list " + record.signal.symbol->full_name + " " +
                      std::string(to_text(record.signal.kind)) + " " +
                      to_iso_ns(record.signal.time));
    } else {
      lines.push_back("end of list");
    }
  }
  return lines;
}

std::vector<std::vector<RuleSettings>> many_rules() {
  std::vector<std::vector<RuleSettings>> all;
  RuleSettings rule = small_rule();
  rule.timeframes = {Timeframe::S15, Timeframe::M1, Timeframe::M5};
  all.push_back({rule});
  rule.evaluate = Evaluate::Close;
  rule.cross_lookback = 2;
  all.push_back({rule});
  rule.evaluate = Evaluate::Forming;
  rule.empty_bars = EmptyBars::Carry;
  rule.trend_rule = TrendRule::Both;
  all.push_back({rule});
  rule = small_rule();
  rule.once_per = OncePer::None;
  rule.hysteresis = 2.0;
  rule.repeat_every = std::chrono::seconds{20};
  rule.cooldown = std::chrono::seconds{5};
  rule.apply_to = ApplyTo::Typical;
  RuleSettings scan = small_rule();
  scan.name = "scan";
  scan.auto_mode = AutoMode::Scan;
  scan.auto_every = std::chrono::minutes{2};
  scan.timeframes = {Timeframe::S30};
  all.push_back({rule, scan});
  return all;
}

void check_cut(const std::vector<RuleSettings>& rules, const EngineSettings& settings,
               IdRule id_rule, const std::vector<Step>& steps, std::size_t cut) {
  INFO("cut at " << cut);
  Session whole(rules, settings, {}, id_rule);
  for (std::size_t i = 0; i < cut; ++i) apply(steps[i], whole);
  Session second(rules, settings, {}, id_rule);
  const Parts parts = saved(whole);
  CHECK(restore(second, parts).empty());
  CHECK(saved(second) == parts);
  whole.recorder().records.clear();
  for (std::size_t i = cut; i < steps.size(); ++i) {
    apply(steps[i], whole);
    apply(steps[i], second);
  }
  CHECK(session_lines(whole) == session_lines(second));
  CHECK(saved(whole) == saved(second));
}

TEST_CASE("state: a session goes on bit for bit from wherever it is cut", "[state]") {
  const std::vector<Step> steps = random_walk(7, 700);
  std::mt19937_64 random(3);
  EngineSettings plain;
  plain.flip_bands = false;
  for (const auto& rules : many_rules()) {
    for (int i = 0; i < 12; ++i) {
      const std::size_t cut = std::uniform_int_distribution<std::size_t>(0, 699)(random);
      check_cut(rules, {}, IdRule::Rising, steps, cut);
      if (i < 4) check_cut(rules, plain, IdRule::Rising, steps, cut);
      if (i < 4) check_cut(rules, {}, IdRule::Window, steps, cut);
    }
  }
}

TEST_CASE("state: a session without flip bands goes on with them, and says the same", "[state]") {
  const std::vector<Step> steps = random_walk(8, 600);
  EngineSettings plain;
  plain.flip_bands = false;
  for (const auto& rules : many_rules()) {
    Session without(rules, plain);
    for (std::size_t i = 0; i < 300; ++i) apply(steps[i], without);
    Session with(rules);
    CHECK(restore(with, saved(without)).empty());
    without.recorder().records.clear();
    for (std::size_t i = 300; i < steps.size(); ++i) {
      apply(steps[i], without);
      apply(steps[i], with);
    }
    CHECK(session_lines(without) == session_lines(with));
  }
}

TEST_CASE("state: a rule that comes, goes or changes leaves the others as they are", "[state]") {
  const std::vector<Step> steps = random_walk(9, 800);
  RuleSettings kept = small_rule();
  kept.name = "kept";
  kept.timeframes = {Timeframe::M1, Timeframe::M5};
  RuleSettings before = small_rule();
  before.name = "other";
  before.timeframes = {Timeframe::S15, Timeframe::M1};
  before.period_default = 5;
  RuleSettings after = before;
  after.period_default = 7;
  RuleSettings third = small_rule();
  third.name = "third";
  third.timeframes = {Timeframe::S5};
  const auto of_kept = [](Session& session) {
    std::vector<std::string> lines;
    for (const Record& record : session.recorder().records) {
      if (record.type != Record::Type::Signal || record.signal.rule->name != "kept") continue;
      Signal signal = record.signal;
      // The mark "late" belongs to the symbol: whichever rule speaks first takes it (D7).
      signal.quality = Quality::Complete;
      lines.push_back(to_json(signal));
    }
    return lines;
  };
  const std::vector<std::vector<RuleSettings>> changes = {
      {kept}, {kept, after}, {kept, before, third}, {third, kept}};
  for (const std::vector<RuleSettings>& changed : changes) {
    Session whole({kept, before});
    for (std::size_t i = 0; i < 400; ++i) apply(steps[i], whole);
    Session second(changed);
    CHECK(restore(second, saved(whole)).empty());
    whole.recorder().records.clear();
    for (std::size_t i = 400; i < steps.size(); ++i) {
      apply(steps[i], whole);
      apply(steps[i], second);
    }
    CHECK_FALSE(of_kept(whole).empty());
    const std::vector<std::string> expected = of_kept(whole);
    const std::vector<std::string> found = of_kept(second);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i]);
  }
}

TEST_CASE("state: a changed rule is listed again, an unchanged one is not", "[state]") {
  RuleSettings rule = small_rule();
  Session first({rule});
  first.closes(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  Session same({rule});
  restore(same, saved(first));
  rule.level_overbought = 60.0;
  Session changed({rule});
  restore(changed, saved(first));
  const auto lists = [](Session& session) {
    session.trade(11 * 60'000 + 30'000, 21, 12);
    session.closes(12, {22, 23});
    std::size_t count = 0;
    for (const Record& record : session.recorder().records) {
      count += record.type == Record::Type::Listed ? 1U : 0U;
    }
    return count;
  };
  CHECK(lists(same) == 0);
  CHECK(lists(changed) > 0);
}

TEST_CASE("state: after a break what had been true is not said, what has become true is offline",
          "[state]") {
  Session first({small_rule()});
  // Rises for long: overbought and rising are active.
  first.closes(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  Session second({small_rule()});
  restore(second, saved(first));
  second.engine().returned();
  // Hours later and far lower: oversold, falling and the crosses have come about unseen.
  second.trade(10'000'000, 12.0, 500);
  std::size_t signals = 0;
  for (const Record& record : second.recorder().records) {
    if (record.type != Record::Type::Signal || record.signal.stage != Stage::Provisional) continue;
    ++signals;
    CHECK(record.signal.offline);
    CHECK(record.signal.kind != Kind::Overbought);
    CHECK_THAT(to_json(record.signal), ContainsSubstring(R"("offline":true)"));
  }
  CHECK(signals > 0);
  second.recorder().records.clear();
  // From the second look on it is live.
  second.trade(10'001'000, 30.0, 501);
  second.trade(10'002'000, 8.0, 502);
  for (const Record& record : second.recorder().records) CHECK_FALSE(record.signal.offline);
}

TEST_CASE("state: what was true before a break and still is says nothing", "[state]") {
  Session first({small_rule()});
  first.closes(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  first.said();
  Session second({small_rule()});
  restore(second, saved(first));
  second.engine().returned();
  second.trade(10'000'000, 40.0, 500);
  for (const std::string& line : second.said()) {
    CHECK(line.find("overbought") == std::string::npos);
    CHECK(line.find("rising") == std::string::npos);
  }
}

TEST_CASE("state: every damage is refused, and the symbol begins anew", "[state]") {
  Session first({small_rule()});
  first.closes(0, {10, 11, 12, 13, 14, 15, 14, 13});
  const Parts parts = saved(first);
  const std::string& good = parts.at("symbol/v:S");
  std::mt19937_64 random(5);
  std::size_t refused = 0;
  for (std::size_t length = 0; length < good.size(); ++length) {
    Parts cut = parts;
    cut["symbol/v:S"] = good.substr(0, length);
    Session session({small_rule()});
    CHECK(restore(session, cut) == std::vector<std::string>{"symbol/v:S"});
    session.closes(8, {12, 13, 14});
  }
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    const std::size_t at = std::uniform_int_distribution<std::size_t>(0, good.size() - 1)(random);
    bytes[at] = static_cast<char>(random());
    Session session({small_rule()});
    refused += session.engine()
                       .restore([&](const std::string& name) -> const std::string* {
                         return name == "symbol/v:S" ? &bytes : &parts.at(name);
                       })
                       .empty()
                   ? 0U
                   : 1U;
  }
  CHECK(refused > 0);
}

TEST_CASE("state: a list on demand names what is true now, once", "[state]") {
  Session session({small_rule()});
  session.closes(0, {10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  session.recorder().records.clear();
  for (int round = 0; round < 2; ++round) {
    session.engine().list_now(0, session.recorder());
    std::vector<Kind> kinds;
    for (const Record& record : session.recorder().records) {
      if (record.type == Record::Type::Listed) kinds.push_back(record.signal.kind);
    }
    CHECK(kinds == std::vector<Kind>{Kind::Overbought});
    session.recorder().records.clear();
  }
}

}  // namespace
}  // namespace fastrsi

// The sinks through their contract: records in, bytes of a file out, and the count of what was
// lost.
#include "sinks/sinks.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "sinks/file_output.hpp"
#include "sinks/log_tail.hpp"
#include "tests/catch.hpp"
#include "tests/records.hpp"
#include "tests/scratch_folder.hpp"

namespace fastrsi {
namespace {

const RuleLabel kSinkTars{"tars", 14, 2, 12};
const RuleLabel kOther{"other", 14, 2, 12};
const Symbol kSinkBitcoin{"binance", "BTCUSDT", "binance:BTCUSDT"};
const Symbol kEther{"binance", "ETHUSDT", "binance:ETHUSDT"};
const Symbol kEvil{"generic", "X\nFAKE\x1b[2J", "generic:X\nFAKE\x1b[2J"};

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

SinkSettings settings_for(const std::string& path) {
  SinkSettings settings;
  settings.path = path;
  return settings;
}

Signal signal_of(const Symbol& symbol, Kind kind, Stage stage = Stage::Provisional) {
  Signal signal = make_signal(kSinkTars, symbol);
  signal.kind = kind;
  signal.stage = stage;
  return signal;
}

// What the sink writes for some calls, flushed at the end.
template <typename Make, typename Calls>
std::string written(Make make, SinkSettings settings, Calls calls) {
  const test::ScratchFolder folder;
  settings.path = folder.path("out");
  const std::unique_ptr<Sink> sink = make(settings);
  calls(*sink);
  sink->flush();
  CHECK(sink->failed_records() == 0);
  return file_text(settings.path);
}

TEST_CASE("ndjson: writes each record as its line, in the order given", "[sink]") {
  const Signal buy = signal_of(kEther, Kind::Buy);
  const Signal sell = signal_of(kEvil, Kind::Sell, Stage::Confirmed);
  const Snapshot list{ListReason::Scan, &kSinkTars, Kind::Buy, Timeframe::M1, kBarOpen, {&kEther}};
  const std::string text = written(make_ndjson_sink, {}, [&](Sink& sink) {
    sink.signal(sell);
    sink.snapshot(list);
    sink.signal(buy);
  });
  CHECK(text == to_json(sell) + "\n" + to_json(list) + "\n" + to_json(buy) + "\n");
}

TEST_CASE("ndjson: holds a batch back until its end", "[sink]") {
  const test::ScratchFolder folder;
  const auto sink = make_ndjson_sink(settings_for(folder.path("out")));
  sink->signal(signal_of(kSinkBitcoin, Kind::Buy));
  CHECK(file_text(folder.path("out")).empty());
  sink->flush();
  CHECK_FALSE(file_text(folder.path("out")).empty());
}

TEST_CASE("ndjson: a batch larger than the buffer loses nothing", "[sink]") {
  const Signal signal = signal_of(kSinkBitcoin, Kind::Buy);
  const std::string line = to_json(signal) + "\n";
  const std::size_t count = 3 * kOutputBufferBytes / line.size();
  const std::string text = written(make_ndjson_sink, {}, [&](Sink& sink) {
    for (std::size_t i = 0; i < count; ++i) sink.signal(signal);
  });
  REQUIRE(text.size() == count * line.size());
  CHECK(text.substr(text.size() - line.size()) == line);
}

TEST_CASE("sinks: let through the kinds and stages asked for, lists by kind only", "[sink]") {
  SinkSettings settings;
  settings.kinds = set_of(Kind::Buy);
  settings.stages = {Stage::Confirmed, Stage::Retracted};
  const Snapshot buys{ListReason::Scan, &kSinkTars, Kind::Buy, Timeframe::M1, kBarOpen, {&kEther}};
  const Snapshot sells{ListReason::Scan, &kSinkTars, Kind::Sell,
                       Timeframe::M1,    kBarOpen,   {&kEther}};
  const auto calls = [&](Sink& sink) {
    sink.signal(signal_of(kSinkBitcoin, Kind::Buy));
    sink.signal(signal_of(kSinkBitcoin, Kind::Buy, Stage::Confirmed));
    sink.signal(signal_of(kSinkBitcoin, Kind::Buy, Stage::Retracted));
    sink.signal(signal_of(kSinkBitcoin, Kind::Sell, Stage::Confirmed));
    sink.snapshot(buys);
    sink.snapshot(sells);
  };
  const Signal confirmed = signal_of(kSinkBitcoin, Kind::Buy, Stage::Confirmed);
  const Signal retracted = signal_of(kSinkBitcoin, Kind::Buy, Stage::Retracted);
  CHECK(written(make_ndjson_sink, settings, calls) ==
        to_json(confirmed) + "\n" + to_json(retracted) + "\n" + to_json(buys) + "\n");
  CHECK(written(make_log_sink, settings, calls) ==
        "2024-08-08T23:54:12Z 1m confirmed  Buy signal - BTCUSDT\n"
        "2024-08-08T23:54:12Z 1m retracted  Buy signal - BTCUSDT\n"
        "2024-08-08T23:54:00Z 1m scan  Buy signal - ETHUSDT\n");
}

TEST_CASE("log: gathers the signals of a batch to one line a kind, each symbol once", "[sink]") {
  const std::string text = written(make_log_sink, {}, [](Sink& sink) {
    sink.signal(signal_of(kSinkBitcoin, Kind::Buy));
    sink.signal(signal_of(kSinkBitcoin, Kind::Overbought));
    Signal later = signal_of(kEther, Kind::Buy);
    later.time += std::chrono::seconds{9};
    sink.signal(later);
    sink.signal(signal_of(kSinkBitcoin, Kind::Buy));
    sink.flush();
    sink.signal(signal_of(kEther, Kind::Buy));
  });
  CHECK(text ==
        "2024-08-08T23:54:12Z 1m provisional  Buy signal - BTCUSDT - ETHUSDT\n"
        "2024-08-08T23:54:12Z 1m provisional  Overbought - BTCUSDT\n"
        "2024-08-08T23:54:12Z 1m provisional  Buy signal - ETHUSDT\n");
}

TEST_CASE("log: rules, timeframes and stages have lines of their own", "[sink]") {
  const std::string text = written(make_log_sink, {}, [](Sink& sink) {
    sink.signal(signal_of(kSinkBitcoin, Kind::Sell));
    sink.signal(signal_of(kSinkBitcoin, Kind::Sell, Stage::Confirmed));
    Signal hourly = signal_of(kEther, Kind::Sell);
    hourly.timeframe = Timeframe::H1;
    sink.signal(hourly);
    Signal foreign = signal_of(kEther, Kind::Sell);
    foreign.rule = &kOther;
    sink.signal(foreign);
  });
  CHECK(text ==
        "2024-08-08T23:54:12Z 1m provisional  Sell signal - BTCUSDT\n"
        "2024-08-08T23:54:12Z 1m confirmed  Sell signal - BTCUSDT\n"
        "2024-08-08T23:54:12Z 1h provisional  Sell signal - ETHUSDT\n"
        "2024-08-08T23:54:12Z 1m provisional  Sell signal - ETHUSDT\n");
}

TEST_CASE("log: a list keeps its place among signals and names why it comes", "[sink]") {
  const Snapshot list{ListReason::FirstLoad, &kSinkTars, Kind::Falling,
                      Timeframe::D1,         kBarOpen,   {&kSinkBitcoin, &kEther}};
  const std::string text = written(make_log_sink, {}, [&](Sink& sink) {
    sink.signal(signal_of(kSinkBitcoin, Kind::Rising));
    sink.snapshot(list);
    sink.signal(signal_of(kEther, Kind::Rising));
  });
  CHECK(text ==
        "2024-08-08T23:54:12Z 1m provisional  RSI rising trend - BTCUSDT\n"
        "2024-08-08T23:54:00Z 1d first_load  RSI falling trend - BTCUSDT - ETHUSDT\n"
        "2024-08-08T23:54:12Z 1m provisional  RSI rising trend - ETHUSDT\n");
}

TEST_CASE("log: a symbol's name can neither end a line nor speak to the terminal", "[sink]") {
  const std::string text =
      written(make_log_sink, {}, [](Sink& sink) { sink.signal(signal_of(kEvil, Kind::Oversold)); });
  CHECK(text == "2024-08-08T23:54:12Z 1m provisional  Oversold - X\\x0aFAKE\\x1b[2J\n");
}

TEST_CASE("sinks: a log goes on where it was, an export begins anew", "[sink]") {
  const test::ScratchFolder folder;
  SinkSettings settings = settings_for(folder.path("out"));
  const Signal signal = signal_of(kSinkBitcoin, Kind::Buy);
  const std::string line = to_json(signal) + "\n";
  for (const bool append : {true, true, false}) {
    settings.append = append;
    make_ndjson_sink(settings)->signal(signal);
  }
  CHECK(file_text(settings.path) == line);
  settings.append = true;
  make_ndjson_sink(settings)->signal(signal);
  CHECK(file_text(settings.path) == line + line);
}

// A batch a line, each of ten bytes with its end.
void write_batches(FileOutput& output, int first, int last) {
  for (int i = first; i <= last; ++i) {
    output.add_line("line " + std::to_string(1000 + i), 1);
    output.flush();
  }
}

TEST_CASE("sinks: a full file is kept beside the new one, and the oldest goes", "[sink]") {
  const test::ScratchFolder folder;
  const std::string path = folder.path("log");
  {
    FileOutput output(path, true, {.bytes_max = 25, .kept = 2});
    write_batches(output, 0, 6);
  }
  CHECK(file_text(path) == "line 1006\n");
  CHECK(file_text(path + ".1") == "line 1004\nline 1005\n");
  CHECK(file_text(path + ".2") == "line 1002\nline 1003\n");
  CHECK_FALSE(std::filesystem::exists(path + ".3"));
  // A restart goes on with the file's size.
  FileOutput again(path, true, {.bytes_max = 25, .kept = 2});
  write_batches(again, 7, 8);
  CHECK(file_text(path) == "line 1008\n");
  CHECK(file_text(path + ".1") == "line 1006\nline 1007\n");
  CHECK(newest_lines(path) == std::set<std::string>{"line 1006", "line 1007", "line 1008"});
}

TEST_CASE("sinks: a file that cannot be moved grows, and nothing is lost", "[sink]") {
  const test::ScratchFolder folder;
  const std::string path = folder.path("log");
  REQUIRE(std::filesystem::create_directories(path + ".1/in the way"));
  FileOutput output(path, true, {.bytes_max = 25, .kept = 1});
  write_batches(output, 0, 3);
  CHECK(file_text(path) == "line 1000\nline 1001\nline 1002\nline 1003\n");
  CHECK(output.failed_records() == 0);
  CHECK_THAT(output.last_error(), ContainsSubstring("cannot move " + path));
}

TEST_CASE("sinks: a log that somebody has moved goes on where its name is", "[sink]") {
  const test::ScratchFolder folder;
  const std::string path = folder.path("log");
  FileOutput output(path, true);
  write_batches(output, 0, 0);
  std::filesystem::rename(path, path + ".old");
  write_batches(output, 1, 1);
  std::filesystem::remove(path);
  write_batches(output, 2, 2);
  CHECK(file_text(path + ".old") == "line 1000\n");
  CHECK(file_text(path) == "line 1002\n");
}

TEST_CASE("sinks: a full disk is counted with its reason", "[sink]") {
  for (const auto& make : {make_ndjson_sink, make_log_sink}) {
    const auto sink = make(settings_for("/dev/full"));
    sink->signal(signal_of(kSinkBitcoin, Kind::Buy));
    sink->signal(signal_of(kEther, Kind::Buy));
    sink->signal(signal_of(kEther, Kind::Sell));
    CHECK(sink->failed_records() == 0);
    sink->flush();
    CHECK(sink->failed_records() == 3);
    CHECK_THAT(sink->last_error(), ContainsSubstring("/dev/full: No space left on device"));
    sink->flush();
    CHECK(sink->failed_records() == 3);
  }
}

TEST_CASE("sinks: a closed pipe is counted with its reason", "[sink]") {
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  const test::ScratchFolder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(reader >= 0);
  const auto sink = make_ndjson_sink(settings_for(pipe));
  sink->signal(signal_of(kSinkBitcoin, Kind::Buy));
  sink->flush();
  CHECK(sink->failed_records() == 0);
  ::close(reader);
  sink->signal(signal_of(kSinkBitcoin, Kind::Buy));
  sink->flush();
  CHECK(sink->failed_records() == 1);
  CHECK_THAT(sink->last_error(), ContainsSubstring("Broken pipe"));
  std::signal(SIGPIPE, before);
}

TEST_CASE("sinks: a line cut by a failure spoils no later line", "[sink]") {
  const test::ScratchFolder folder;
  const Signal signal = signal_of(kSinkBitcoin, Kind::Buy);
  const std::string line = to_json(signal) + "\n";
  const auto sink = make_ndjson_sink(settings_for(folder.path("out")));
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit unlimited{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &unlimited) == 0);
  rlimit small = unlimited;
  small.rlim_cur = line.size() + 10;
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  sink->signal(signal);
  sink->signal(signal);
  sink->signal(signal);
  sink->flush();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &unlimited) == 0);
  std::signal(SIGXFSZ, before);
  CHECK(sink->failed_records() == 2);
  sink->signal(signal);
  sink->flush();
  CHECK(sink->failed_records() == 2);
  CHECK(file_text(folder.path("out")) == line + line.substr(0, 10) + "\n" + line);
}

TEST_CASE("sinks: - is standard output", "[sink]") {
  const test::ScratchFolder folder;
  std::cout.flush();
  std::fflush(stdout);
  const int kept = ::dup(STDOUT_FILENO);
  const int file = ::open(folder.path("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(kept >= 0);
  REQUIRE(file >= 0);
  ::dup2(file, STDOUT_FILENO);
  make_log_sink({})->signal(signal_of(kSinkBitcoin, Kind::PhaseUp));
  ::dup2(kept, STDOUT_FILENO);
  ::close(kept);
  ::close(file);
  CHECK(file_text(folder.path("out")) ==
        "2024-08-08T23:54:12Z 1m provisional  Positive phase change (cross above middle line) - "
        "BTCUSDT\n");
}

TEST_CASE("sinks: a path that cannot be written is said at once, with the mend", "[sink]") {
  const test::ScratchFolder folder;
  for (const std::string& path : {folder.path(""), folder.path("none/out")}) {
    CHECK_THROWS_WITH(
        make_ndjson_sink(settings_for(path)),
        ContainsSubstring("cannot write " + path) && ContainsSubstring("(name a file"));
  }
}

TEST_CASE("sinks: the menu knows its words", "[sink]") {
  const test::ScratchFolder folder;
  SinkSettings settings = settings_for(folder.path("out"));
  make_sink(settings)->signal(signal_of(kSinkBitcoin, Kind::Buy));
  settings.format = "json";
  make_sink(settings)->signal(signal_of(kSinkBitcoin, Kind::Buy));
  CHECK(file_text(settings.path) == "2024-08-08T23:54:12Z 1m provisional  Buy signal - BTCUSDT\n" +
                                        to_json(signal_of(kSinkBitcoin, Kind::Buy)) + "\n");
  settings.format = "xml";
  CHECK_THROWS_WITH(make_sink(settings), ContainsSubstring("no such format: xml"));
  settings.type = "fax";
  CHECK_THROWS_WITH(make_sink(settings), ContainsSubstring("no such type: fax"));
}

}  // namespace
}  // namespace fastrsi

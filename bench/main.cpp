// fastrsi_bench: every figure, one table. A missed goal is a row that says so; only a wrong answer
// makes the exit code 1. Options are those of Google Benchmark (--help).
#include <string_view>

#include "bench/table.hpp"

int main(int argc, char** argv) {
  using namespace fastrsi::bench;
  bool other_format = false;
  for (int i = 1; i < argc; ++i) {
    other_format = other_format || std::string_view(argv[i]).starts_with("--benchmark_format");
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;

  Runner runner;
  for (const auto& figures :
       {throughput_figures(), shard_figures(), latency_figures(), intrabar_figures(),
        random_update_figures(), websocket_figures(), local_socket_figures(), subscriber_figures(),
        dead_sink_figures(), memory_figures()}) {
    for (const FigureEntry& entry : figures) {
      benchmark::RegisterBenchmark(
          entry.name, [&runner, entry](benchmark::State& state) { runner.run(state, entry); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
  TableReporter table(runner);
  if (other_format)
    benchmark::RunSpecifiedBenchmarks();
  else
    benchmark::RunSpecifiedBenchmarks(&table);
  return runner.any_wrong() ? 1 : 0;
}

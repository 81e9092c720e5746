#include "tools/command_line_simulate.hpp"

namespace fastrsi {

void add_simulate(CLI::App& app, SimulateCommand& words, std::function<int()>& chosen) {
  CLI::App* command = app.add_subcommand(
      "simulate", "an exchange on loopback: plays captures, or makes trades up, with faults");
  command->add_option("CAPTURE", words.captures, "captures of one venue, merged by receive time");
  command
      ->add_option("--listen", words.listen,
                   "where: ws://127.0.0.1:9001, 127.0.0.1:0 (port 0: any free one)")
      ->required();
  command->add_option("--tls", words.tls, "certificate and key, PEM files: serves wss and https")
      ->expected(2)
      ->allow_extra_args(false);
  command->add_option("--venue", words.venue, "of captures whose header does not say");
  command->add_option("--speed", words.speed, "max, or times exchange speed: 1, 10 (default: 1)");
  command->add_option(
      "--wait", words.wait_streams,
      "streams subscribed to before the first frame, and with --speed max before each; "
      "0: at once (default: 1)");
  command->add_option("--history", words.history,
                      "so much of the capture was before: REST tells it (such as 2h)");
  command->add_flag("--stay", words.stay, "goes on answering after the last frame");
  command->add_option("--faults", words.faults, "file of what goes wrong, and when");
  command->add_option("--fault-log", words.fault_log,
                      "file for what it did: JSON, one event a line");
  command->add_option("--generate", words.generate,
                      "instead of captures: Binance trades of so many symbols, or of these "
                      "(500, or BTCUSDT,ETHUSDT)");
  command->add_option("--seed", words.seed, "of the made-up trades (default: 1)");
  command->add_option("--rate", words.rate, "made-up trades a second, of all (default: 100)");
  command->add_option("--begin", words.begin,
                      "time of the first made-up trade (default: 2024-01-01T00:00:00Z)");
  command->add_option("--length", words.length, "of the made-up trades (default: without end)");
  command->add_option("--record", words.record, "new file for what was played, a packed capture");
  command->footer(
      "Faults, one line each: at TIME FAULT, or every TIME [from TIME] [until TIME] FAULT [| "
      "FAULT]...\n"
      "Times are exchange time from the first frame, # begins a comment.\n"
      "  refuse T  close-in-handshake T  silent T  mute T  half T   for so long\n"
      "  swallow N  duplicate N  reorder N  stale N  junk N         so many frames\n"
      "  drop  close [CODE]  shutdown T                             all connections\n"
      "  drop-one                                                   the oldest one\n"
      "  slow T DELAY  limit T [SECONDS]  broken T [STATUS]         answers\n"
      "  certificate CERT KEY                                       of new connections\n"
      "Examples:\n"
      "  fastrsi simulate --listen ws://127.0.0.1:9001 --speed 10 monday.capture.zst\n"
      "  fastrsi simulate --listen 127.0.0.1:0 --generate 500 --rate 2000 --faults faults.txt\n"
      "Exit code: 0 done or stopped, 1 it failed or a capture was damaged, 2 wrong use.");
  command->callback([&words, &chosen] {
    if (words.captures.empty() == words.generate.empty()) {
      throw CLI::ValidationError(words.captures.empty()
                                     ? "nothing to play: name one or more captures, or --generate"
                                     : "--generate makes trades up: leave it out, or the captures");
    }
    chosen = [&words] { return run_simulate(words); };
  });
}

}  // namespace fastrsi

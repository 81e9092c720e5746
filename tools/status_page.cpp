// Trouble comes first and is marked; then a section a part of the service, its numbers in columns.
#include "tools/status_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/iso_time.hpp"
#include "engine/market/record.hpp"
#include "sinks/printable.hpp"
#include "tools/service_call.hpp"

namespace fastrsi {
namespace {

// A feed whose venue's clock stands for this long is quiet for a reason worth a look.
constexpr std::int64_t kQuietNs = 60'000'000'000;

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  constexpr std::string_view kThinSpace = "\u202F";
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, kThinSpace);
  return text;
}

std::string count(const Json& object, const char* name) {
  return grouped(count_member(object, name));
}

std::string text(const Json& object, const char* name) {
  return printable(text_member(object, name));
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{} KB", bytes / 1'000);
  return fmt::format("{} MB", grouped(bytes / 1'000'000));
}

std::optional<std::int64_t> age_of(const Json& time, std::int64_t now_ns) {
  if (!time.is_string()) return std::nullopt;
  const std::optional<std::int64_t> ns = parse_iso_ns(time.get<std::string>());
  return ns ? std::optional(std::max<std::int64_t>(0, now_ns - *ns)) : std::nullopt;
}

// Of a capture the venue's clock is long ago, and nothing is wrong with that.
bool is_live(const Json& feed) {
  return !text_member(feed, "url").starts_with("file:");
}

class Page {
 public:
  Page(const Json& status, std::int64_t now_ns) : status_(status), now_ns_(now_ns) {}

  std::string text() {
    trouble();
    head();
    feeds();
    engine();
    journal();
    sinks();
    socket();
    choices();
    return std::move(out_);
  }

 private:
  void line(std::string_view label, const std::string& words) {
    out_ += fmt::format("{:<11}{}\n", label, words);
  }
  // A table: every column as wide as its widest cell, the first row's cells are its head.
  void table(std::string_view label, const std::vector<std::vector<std::string>>& rows) {
    if (rows.size() < 2) return;
    out_ += "\n";
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
      std::string words;
      for (std::size_t i = 0; i < rows[r].size(); ++i) {
        words += rows[r][i] + std::string(widths[i] - width(rows[r][i]) + 2, ' ');
      }
      words.erase(words.find_last_not_of(' ') + 1);
      line(r == 0 ? label : "", words);
    }
  }
  // Characters, near enough: bytes that begin one.
  static std::size_t width(const std::string& words) {
    return static_cast<std::size_t>(
        std::count_if(words.begin(), words.end(), [](char c) { return (c & '\xC0') != '\x80'; }));
  }
  std::string ago(const Json& time, std::string_view never) const {
    const std::optional<std::int64_t> age = age_of(time, now_ns_);
    return age ? span_words(*age) + " ago" : std::string(never);
  }

  void warn(const std::string& words) { out_ += "!! " + words + "\n"; }

  void trouble() {
    const Json& journal = member(status_, "journal");
    const std::string why = fastrsi::text(journal, "trouble");
    if (flag_member(journal, "degraded")) {
      warn(fmt::format("journal: cannot be written; waiting in memory: {}{}{}",
                       count(journal, "waiting"), why.empty() ? "" : "; ", why));
    } else if (!why.empty()) {
      warn("journal: " + why);
    }
    if (count_member(journal, "given_up") > 0) {
      warn(fmt::format("journal: records lost: {}", count(journal, "given_up")));
    }
    if (member(journal, "ballast").is_boolean() && !flag_member(journal, "ballast")) {
      warn("journal: the disk was full, its reserve is used up");
    }
    for (const Json& feed : member(status_, "feeds")) feed_trouble(feed);
    for (const Json& sink : member(status_, "sinks")) sink_trouble(sink);
    if (!out_.empty()) out_ += "\n";
  }
  void feed_trouble(const Json& feed) {
    if (!is_live(feed) || flag_member(feed, "at_end")) return;
    if (feed.contains("connections")) return connection_trouble(feed);
    const std::optional<std::int64_t> age = age_of(member(feed, "venue_time"), now_ns_);
    if (!age) warn(fmt::format("feed {}: nothing has come so far", fastrsi::text(feed, "venue")));
    if (age && *age >= kQuietNs) {
      warn(fmt::format("feed {}: quiet for {}", fastrsi::text(feed, "venue"), span_words(*age)));
    }
  }
  void connection_trouble(const Json& feed) {
    const std::string venue = fastrsi::text(feed, "venue");
    for (const Json& link : member(feed, "connections")) {
      const std::string name = fmt::format("feed {}, connection {}", venue, count(link, "number"));
      const std::string error = fastrsi::text(link, "last_error");
      if (!flag_member(link, "up")) {
        warn(fmt::format("{}: not connected{}{}", name, error.empty() ? " yet" : ": ", error));
      } else if (number_member(link, "silent_s") * 1e9 >= static_cast<double>(kQuietNs)) {
        const double silent_ns = number_member(link, "silent_s") * 1e9;
        warn(fmt::format("{}: quiet for {}", name,
                         span_words(static_cast<std::int64_t>(silent_ns))));
      }
    }
    for (const auto& [symbol, what] : member(feed, "troubles").items()) {
      if (what.is_string()) {
        warn(
            fmt::format("{}:{}: {}", venue, printable(symbol), printable(what.get<std::string>())));
      }
    }
  }
  void sink_trouble(const Json& sink) {
    const std::uint64_t failed = count_member(sink, "failed");
    const std::string error = fastrsi::text(sink, "last_error");
    if (failed == 0 && error.empty()) return;
    const std::string count =
        failed == 0 ? ""
                    : fmt::format("{} record{} failed", grouped(failed), failed == 1 ? "" : "s");
    const bool both = failed > 0 && !error.empty();
    warn(fmt::format("sink {}: {}{}{}", fastrsi::text(sink, "name"), count, both ? ", last: " : "",
                     error));
  }

  void head() {
    const std::int64_t up_ns =
        static_cast<std::int64_t>(number_member(status_, "uptime_s") * 1e3) * 1'000'000;
    line("service", fmt::format("{}, {} for {}, process {}", fastrsi::text(status_, "server"),
                                fastrsi::text(status_, "state"), span_words(up_ns),
                                count_member(status_, "pid")));
    const std::string config = fastrsi::text(status_, "config");
    line("config", config.empty() ? "none: every default" : config);
  }

  void feeds() {
    std::vector<std::vector<std::string>> rows{
        {"venue", "symbols", "frames", "trades", "rejected", "last message", "from"}};
    for (const Json& feed : member(status_, "feeds")) {
      std::string last = ago(member(feed, "venue_time"), "none so far");
      if (!is_live(feed)) last = fmt::format("{:.0f} %", number_member(feed, "progress") * 100.0);
      if (flag_member(feed, "at_end")) last = "at its end";
      if (feed.contains("connections")) last = connected_words(feed);
      const std::string url = fastrsi::text(feed, "url");
      rows.push_back({fastrsi::text(feed, "venue"), count(feed, "symbols"), count(feed, "frames"),
                      count(feed, "trades"), count(feed, "rejected"), last,
                      url.empty() ? "the venue" : url});
    }
    table("feeds", rows);
  }

  // "2 of 3 connections, 480 of 500 symbols trade"
  static std::string connected_words(const Json& feed) {
    std::size_t up = 0;
    std::uint64_t live = 0;
    std::uint64_t symbols = 0;
    const Json& links = member(feed, "connections");
    for (const Json& link : links) {
      up += flag_member(link, "up") ? 1U : 0U;
      live += count_member(link, "live");
      symbols += count_member(link, "symbols");
    }
    return fmt::format("{} of {} connections, {} of {} symbols trade", up, links.size(), live,
                       symbols);
  }
  void engine() {
    const Json& engine = member(status_, "engine");
    out_ += "\n";
    line("engine",
         fmt::format("{} symbols on {} shard{}, {} messages, {} ticks, {} bars closed",
                     count(engine, "symbols"), count(engine, "shards"),
                     count_member(engine, "shards") == 1 ? "" : "s", count(engine, "messages"),
                     count(engine, "ticks"), count(engine, "bars_closed")));
    line("", fmt::format("gaps {}, duplicates {}, late {}", count(engine, "gaps"),
                         count(engine, "duplicates"), count(engine, "late")));
    const Json& latency = member(status_, "latency_us");
    if (latency.is_object()) {
      line("", fmt::format("tick to signal p50 {:.1f} us, p99 {:.1f} us, p99.9 {:.1f} us, "
                           "max {:.1f} us",
                           number_member(latency, "p50"), number_member(latency, "p99"),
                           number_member(latency, "p999"), number_member(latency, "max")));
    }
    std::vector<std::vector<std::string>> rows{{"", "provisional", "confirmed", "retracted"}};
    for (const auto& [kind, stages] : member(engine, "signals").items()) {
      rows.push_back({printable(kind), count(stages, "provisional"), count(stages, "confirmed"),
                      count(stages, "retracted")});
    }
    table("signals", rows);
  }

  void journal() {
    const Json& journal = member(status_, "journal");
    out_ += "\n";
    line("journal", fmt::format("{} records, {} to {}, on disk up to {}", count(journal, "entries"),
                                count(journal, "oldest"), count(journal, "newest"),
                                count(journal, "durable")));
    line("", fmt::format("{} in {}, {} commits ({} failed)",
                         bytes_text(count_member(journal, "bytes")), fastrsi::text(journal, "dir"),
                         count(journal, "commits"), count(journal, "failed_commits")));
    const Json& checkpoint = member(status_, "checkpoint");
    const Json& age = member(checkpoint, "age_s");
    line("checkpoint",
         !age.is_number()
             ? "none so far"
             : fmt::format(
                   "{} ago, {} parts, {}, up to line {}",
                   span_words(static_cast<std::int64_t>(age.get<double>() * 1e3) * 1'000'000),
                   count(checkpoint, "parts"), bytes_text(count_member(checkpoint, "bytes")),
                   count(checkpoint, "lines")));
  }

  void sinks() {
    std::vector<std::vector<std::string>> rows{
        {"name", "type", "format", "done", "behind", "failed", "to"}};
    for (const Json& sink : member(status_, "sinks")) {
      rows.push_back({fastrsi::text(sink, "name"), fastrsi::text(sink, "type"),
                      fastrsi::text(sink, "format"), count(sink, "cursor"), count(sink, "behind"),
                      count(sink, "failed"), fastrsi::text(sink, "path")});
    }
    table("sinks", rows);
    deliveries();
  }

  // Sinks that bring messages to people: what waits, what went, and what is wrong.
  void deliveries() {
    std::vector<std::vector<std::string>> rows{
        {"name", "waiting", "sent", "in doubt", "expired", "dead", "last sent", "state"}};
    for (const Json& sink : member(status_, "sinks")) {
      if (!sink.contains("delivery")) continue;
      const Json& delivery = member(sink, "delivery");
      const Json& counts = member(delivery, "counts");
      rows.push_back({fastrsi::text(sink, "name"), count(delivery, "live"),
                      count(counts, "deliveries_done"), count(counts, "in_doubt"),
                      count(counts, "expired"), count(counts, "dead"),
                      text_or(delivery, "last_success", "not yet"), delivery_state(delivery)});
    }
    if (rows.size() > 1) table("delivery", rows);
  }

  static std::string text_or(const Json& object, const char* name, std::string_view otherwise) {
    const Json& value = member(object, name);
    return value.is_string() ? fastrsi::text(object, name) : std::string(otherwise);
  }

  std::string delivery_state(const Json& delivery) {
    std::string state;
    for (const Json& endpoint : member(delivery, "endpoints")) {
      if (fastrsi::text(endpoint, "breaker") == "closed") continue;
      state += fmt::format("{}{} left alone", state.empty() ? "" : ", ",
                           fastrsi::text(endpoint, "name"));
    }
    if (member(delivery, "paused_until").is_string()) {
      state += (state.empty() ? "" : ", ") + std::string("paused until ") +
               fastrsi::text(delivery, "paused_until");
    }
    if (member(delivery, "quota_left").is_number()) {
      state +=
          fmt::format("{}quota left {}", state.empty() ? "" : ", ", count(delivery, "quota_left"));
    }
    return state.empty() ? "well" : state;
  }

  void socket() {
    const Json& socket = member(status_, "socket");
    out_ += "\n";
    line("socket",
         fmt::format("{}: connections {} (refused {}, too slow {}), errors {}, records {}",
                     fastrsi::text(socket, "path"), count(socket, "connects"),
                     count(socket, "refused"), count(socket, "slow"), count(socket, "errors"),
                     count(socket, "records")));
    std::vector<std::vector<std::string>> rows{
        {"number", "name", "process", "sent", "up to", "waiting"}};
    for (const Json& client : member(socket, "clients")) {
      const std::string name = fastrsi::text(client, "name");
      const bool subscribed = flag_member(client, "subscribed");
      rows.push_back({count(client, "number"), name.empty() ? "-" : name,
                      std::to_string(count_member(client, "process")),
                      subscribed ? count(client, "sent") : "commands only",
                      subscribed ? count(client, "after") : "-",
                      bytes_text(count_member(client, "waiting_bytes"))});
    }
    table("clients", rows);
  }

  void choices() {
    std::vector<std::vector<std::string>> rows{{"symbols", "until"}};
    for (const Json& silence : member(status_, "silences")) {
      rows.push_back({fastrsi::text(silence, "glob"), fastrsi::text(silence, "until")});
    }
    table("silenced", rows);
    const Json& watch = member(status_, "watch");
    if (!member(watch, "added").empty() || !member(watch, "removed").empty()) out_ += "\n";
    names("watched", member(watch, "added"));
    names("unwatched", member(watch, "removed"));
  }
  void names(std::string_view label, const Json& symbols) {
    std::string words;
    for (const Json& symbol : symbols) {
      if (symbol.is_string())
        words += (words.empty() ? "" : ", ") + printable(symbol.get<std::string>());
    }
    if (!words.empty()) line(label, words);
  }

  const Json& status_;
  const std::int64_t now_ns_;
  std::string out_;
};

}  // namespace

std::string status_page(const Json& status, std::int64_t now_ns) {
  return Page(status, now_ns).text();
}

}  // namespace fastrsi

// What a client's line does: log in, subscribe, or go to the host. Every line gets one answer.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sinks/local_socket_server.hpp"
#include "sinks/sha256.hpp"

namespace fastrsi {
namespace {

constexpr int kWrongLoginsMax = 10;
constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;

// "2027-01-01", and with the time when it is not midnight (UTC).
std::string date_text(std::int64_t unix_ns) {
  const std::string text = to_iso_seconds(exchange_time_from_ns(unix_ns));
  return unix_ns % kDayNs == 0 ? text.substr(0, text.find('T')) : text;
}

const LocalConsumer* find(const std::vector<LocalConsumer>& consumers, const std::string& name) {
  const auto found =
      std::find_if(consumers.begin(), consumers.end(),
                   [&name](const LocalConsumer& consumer) { return consumer.name == name; });
  return found == consumers.end() ? nullptr : &*found;
}

// How many records behind `since` are gone by retention.
std::uint64_t missed_after(std::uint64_t since, const LocalSocketHost::Span& span) noexcept {
  const std::uint64_t gone_until = span.oldest == 0 ? span.newest : span.oldest - 1;
  return since < gone_until ? gone_until - since : 0;
}

}  // namespace

void LocalSocketServer::answer_lines(SocketClient& client) {
  while (client.listens()) {
    const auto line = client.lines.next();
    if (!line) return;
    answer_line(client, *line);
  }
}

void LocalSocketServer::answer_line(SocketClient& client, const LineSplitter::Line& line) {
  if (line.too_long) {
    return say_error(client, fmt::format("a line is at most {} bytes long", kSocketLineBytesMax));
  }
  ClientCommand command = parse_command(line.text);
  using What = ClientCommand::What;
  const bool may = settings_.consumers.empty() || client.consumer || command.cmd == "auth";
  if (command.what == What::Error) {
    if (command.cmd.empty()) return say_error(client, command.error);
    return refuse(client, command.cmd, command.error);
  }
  if (!may) {
    return refuse(client, command.cmd,
                  R"(log in first: {"cmd":"auth","name":"...","token":"..."})");
  }
  switch (command.what) {
    case What::Auth:
      return log_in(client, command);
    case What::Subscribe:
      return subscribe(client, command);
    case What::Ping:
      return client.say(ok_line(command.cmd), now_);
    case What::Other:
    case What::Error:
      return ask_host(client, command.cmd, line.text);
  }
}

void LocalSocketServer::log_in(SocketClient& client, const ClientCommand& command) {
  // Whoever may connect may read then; a client need not know whether a token is wanted.
  if (settings_.consumers.empty()) return client.say(ok_line("auth"), now_);
  const LocalConsumer* const consumer = find(settings_.consumers, command.name);
  // A name that is not there takes as long as a token that is wrong.
  const std::string nobody(kSha256HexBytes, '0');
  const std::string& wanted = consumer == nullptr ? nobody : consumer->token_sha256;
  const bool same = same_in_constant_time(sha256_hex(command.token), wanted);
  if (consumer == nullptr || wanted.empty() || !same) {
    refuse(client, "auth", "wrong name or token");
    if (++client.wrong_logins >= kWrongLoginsMax) bye(client, "auth");
    return;
  }
  if (consumer->expires_ns && *consumer->expires_ns <= settings_.now_ns()) {
    return refuse(client, "auth",
                  fmt::format("consumer {}: its time ended on {}", consumer->name,
                              date_text(*consumer->expires_ns)));
  }
  client.consumer = *consumer;
  client.say(ok_line("auth"), now_);
}

void LocalSocketServer::subscribe(SocketClient& client, ClientCommand& command) {
  const LocalSocketHost::Span span = host_.span();
  const std::uint64_t since = command.since.value_or(span.newest);
  if (since > span.newest) {
    return refuse(client, command.cmd,
                  fmt::format("since {} is beyond the newest seq {}: it belongs to another journal",
                              since, span.newest));
  }
  std::string members = fmt::format(R"(,"since":{})", since);
  const std::uint64_t missed = missed_after(since, span);
  if (missed > 0) members += fmt::format(R"(,"missed":{})", missed);
  client.subscription.emplace(Subscription{std::move(command.filter), since + missed, false});
  client.say(ok_line(command.cmd, members), now_);
}

void LocalSocketServer::ask_host(SocketClient& client, const std::string& cmd,
                                 const std::string& line) {
  client.awaits_answer = true;
  if (host_.command(client.number, cmd, line)) return;
  client.awaits_answer = false;
  say_error(client, fmt::format("unknown command {} (there are auth, subscribe, ping, {})", cmd,
                                settings_.commands));
}

void LocalSocketServer::change_consumers(std::vector<LocalConsumer> consumers) {
  settings_.consumers = std::move(consumers);
  for (const auto& client : clients_) {
    if (!client->consumer) {
      // Nobody reads on without a token where one is wanted now.
      if (client->subscription && !settings_.consumers.empty()) bye(*client, "auth");
      continue;
    }
    const LocalConsumer* const now = find(settings_.consumers, client->consumer->name);
    if (now != nullptr && now->token_sha256 == client->consumer->token_sha256) {
      client->consumer = *now;
    } else {
      bye(*client, "consumer removed");
    }
  }
}

void LocalSocketServer::say_error(SocketClient& client, const std::string& error) {
  ++counts_.errors;
  client.say(error_line(error), now_);
}

void LocalSocketServer::refuse(SocketClient& client, std::string_view cmd,
                               const std::string& error) {
  ++counts_.errors;
  client.say(refusal_line(cmd, error), now_);
}

}  // namespace fastrsi

// Finds the service, asks it, and turns what goes wrong into one clear line.
#include "tools/service_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "sinks/local_socket.hpp"
#include "sinks/printable.hpp"
#include "tools/command_session.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kTokenBytesMax = 4096;

std::string token_from(const ServiceWords& words) {
  if (words.token_file.empty()) {
    const char* const given = std::getenv("FASTRSI_TOKEN");
    if (given != nullptr && *given != '\0') return given;
    throw std::invalid_argument("--name " + printable(words.name) +
                                ": wants a token (--token-file FILE, or $FASTRSI_TOKEN)");
  }
  std::ifstream file(words.token_file);
  std::string token(kTokenBytesMax, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<std::size_t>(file.gcount()));
  token = token.substr(0, token.find_first_of("\r\n"));
  if (token.empty()) {
    throw std::invalid_argument(
        "--token-file " + printable(words.token_file) +
        ": holds no token, or cannot be read (its first line is the token)");
  }
  return token;
}

fastrsi_client::Options options_from(const ServiceWords& words, const Config& config) {
  fastrsi_client::Options options;
  options.path = socket_path(words.socket.empty() ? config.socket.path : words.socket);
  options.name = words.name;
  if (!words.name.empty()) options.token = token_from(words);
  if (words.name.empty() && !words.token_file.empty()) {
    throw std::invalid_argument("--token-file: wants the consumer's name as well (--name NAME)");
  }
  return options;
}

// One line; a configuration that is refused has a line an error.
void print_refusal(const std::string& error) {
  std::istringstream lines(error);
  for (std::string line; std::getline(lines, line);) print_error(printable(line));
  if (error.empty()) print_error("the service refuses, and does not say why");
}

}  // namespace

int with_service(const ServiceWords& words,
                 const std::function<int(fastrsi_client::Options)>& body) {
  Config config;
  if (!load_config(words.config, config)) return kExitWrongUse;
  const fastrsi_client::Options options = options_from(words, config);
  try {
    return body(options);
  } catch (const fastrsi_client::NoService&) {
    print_error(fmt::format(
        "no service answers on {} (start one: fastrsi run --config F; or name its socket: "
        "--socket PATH)",
        printable(options.path)));
  } catch (const fastrsi_client::Error& error) {
    print_error(printable(error.what()));
  }
  return kExitFailed;
}

int ask_service(const ServiceWords& words, const Json& question,
                const std::function<int(const Json&)>& print) {
  return with_service(words, [&](fastrsi_client::Options options) {
    fastrsi_client::Client client(std::move(options));
    const std::string line =
        client.command(question.dump(-1, ' ', false, Json::error_handler_t::replace));
    const Json reply = Json::parse(line, nullptr, false);
    if (flag_member(reply, "ok")) return print(reply);
    print_refusal(text_member(reply, "error"));
    return kExitFailed;
  });
}

const Json& member(const Json& object, const char* name) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(name);
  return found == object.end() ? kNone : *found;
}

std::string text_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::uint64_t count_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

double number_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_number() ? value.get<double>() : 0.0;
}

bool flag_member(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string printable_page(std::string_view text) {
  std::string page;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\\\n"), text.size());
    page += printable(text.substr(0, end));
    if (end < text.size()) page += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (!page.empty() && page.back() != '\n') page += '\n';
  return page;
}

std::int64_t wall_clock_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string span_words(std::int64_t ns) {
  const std::int64_t seconds = ns / 1'000'000'000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 120 * 60) return fmt::format("{} min", seconds / 60);
  if (seconds < 48 * 3600) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} d", seconds / 86'400);
}

}  // namespace fastrsi

#include "sinks/local_socket_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/utf8.hpp"

namespace fastrsi {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kCommandBytesMax = 32;

// A JSON string, quotes and all. Bytes that are no UTF-8 become U+FFFD.
std::string quoted(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

// Brackets open at once at most, strings left out. Of a text that is no JSON, any number.
std::size_t depth_of(std::string_view text) noexcept {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char byte = text[i];
    if (byte == '"') {
      in_string = !in_string;
    } else if (in_string) {
      if (byte == '\\') ++i;
    } else if (byte == '[' || byte == '{') {
      deepest = std::max(deepest, ++depth);
    } else if ((byte == ']' || byte == '}') && depth > 0) {
      --depth;
    }
  }
  return deepest;
}

bool is_word(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kCommandBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

ClientCommand failed(std::string error, std::string cmd = {}) {
  ClientCommand command;
  command.cmd = std::move(cmd);
  command.error = std::move(error);
  return command;
}

// The first member of `object` that is not in `names`.
template <std::size_t Count>
std::optional<std::string> stranger(const Json& object,
                                    const std::array<std::string_view, Count>& names) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(names.begin(), names.end(), key) == names.end()) return key;
  }
  return std::nullopt;
}

// Nothing, and `error` empty, when it is absent.
const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

ClientCommand parse_auth(const Json& object) {
  ClientCommand command;
  command.cmd = "auth";
  const Json* const name = member(object, "name");
  const Json* const token = member(object, "token");
  if (name == nullptr || !name->is_string() || token == nullptr || !token->is_string()) {
    command.error = R"(auth needs "name" and "token", both strings)";
    return command;
  }
  command.what = ClientCommand::What::Auth;
  command.name = name->get<std::string>();
  command.token = token->get<std::string>();
  return command;
}

using AddWord = std::optional<std::string> (RecordFilter::*)(const std::string&);

std::optional<std::string> add_words(const Json& object, const char* name, RecordFilter& filter,
                                     AddWord add) {
  const Json* const words = member(object, name);
  if (words == nullptr) return std::nullopt;
  if (!words->is_array()) return fmt::format("{} must be a list of strings", name);
  if (words->empty()) return fmt::format("{} is empty (leave it out for all)", name);
  for (const Json& word : *words) {
    if (!word.is_string()) return fmt::format("{} must be a list of strings", name);
    if (auto error = (filter.*add)(word.get_ref<const std::string&>())) return error;
  }
  return std::nullopt;
}

std::optional<std::string> read_subscription(const Json& object, ClientCommand& command) {
  static constexpr std::array<std::string_view, 6> kMembers{"cmd",     "since",      "kinds",
                                                            "symbols", "timeframes", "stages"};
  if (const auto key = stranger(object, kMembers)) {
    return fmt::format(
        "subscribe has no member {} (it has since, kinds, symbols, timeframes, stages)", *key);
  }
  if (const Json* const since = member(object, "since")) {
    const bool whole = since->is_number_unsigned();
    if (!whole || since->get<std::uint64_t>() > (std::uint64_t{1} << 63U)) {
      return "since must be a whole number from 0 to 9223372036854775808";
    }
    command.since = since->get<std::uint64_t>();
  }
  RecordFilter& filter = command.filter;
  if (auto error = add_words(object, "kinds", filter, &RecordFilter::add_kind)) return error;
  if (auto error = add_words(object, "symbols", filter, &RecordFilter::add_symbol)) return error;
  if (auto error = add_words(object, "stages", filter, &RecordFilter::add_stage)) return error;
  return add_words(object, "timeframes", filter, &RecordFilter::add_timeframe);
}

ClientCommand parse_object(const Json& object) {
  const Json* const cmd = member(object, "cmd");
  if (cmd == nullptr) return failed(R"(no "cmd" in this line, such as {"cmd":"ping"})");
  if (!cmd->is_string()) return failed(R"("cmd" must be a string)");
  const auto& word = cmd->get_ref<const std::string&>();
  if (!is_word(word)) return failed(R"("cmd" must be a word of a to z, at most 32 letters)");
  if (word == "auth") return parse_auth(object);
  ClientCommand command;
  command.cmd = word;
  if (word == "subscribe") {
    const auto error = read_subscription(object, command);
    if (error) return failed(*error, word);
    command.what = ClientCommand::What::Subscribe;
  } else {
    command.what = word == "ping" ? ClientCommand::What::Ping : ClientCommand::What::Other;
  }
  return command;
}

}  // namespace

void LineSplitter::add(std::string_view bytes) {
  if (skipping_) {
    const std::size_t line_end = bytes.find('\n');
    if (line_end == std::string_view::npos) return;
    skipping_ = false;
    bytes.remove_prefix(line_end + 1);
  }
  bytes_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  bytes_.append(bytes);
}

void LineSplitter::end() {
  skipping_ = false;
  if (begin_ < bytes_.size() && bytes_.back() != '\n') bytes_.push_back('\n');
}

bool LineSplitter::has_line() {
  const std::size_t line_end = bytes_.find('\n', scanned_);
  scanned_ = line_end == std::string::npos ? bytes_.size() : line_end;
  return scanned_ < bytes_.size() || bytes_.size() - begin_ > kSocketLineBytesMax;
}

std::optional<LineSplitter::Line> LineSplitter::next() {
  if (!has_line()) return std::nullopt;
  Line line;
  line.too_long = scanned_ - begin_ > kSocketLineBytesMax;
  if (!line.too_long) line.text = bytes_.substr(begin_, scanned_ - begin_);
  skipping_ = scanned_ == bytes_.size();
  begin_ = skipping_ ? bytes_.size() : scanned_ + 1;
  scanned_ = begin_;
  if (begin_ == bytes_.size()) {
    bytes_.clear();
    begin_ = 0;
    scanned_ = 0;
  }
  return line;
}

ClientCommand parse_command(const std::string& line) {
  if (!is_utf8(line)) return failed("this line is not UTF-8");
  if (depth_of(line) > kSocketJsonDepthMax) {
    return failed(fmt::format("this line is nested deeper than {} levels", kSocketJsonDepthMax));
  }
  const Json object = Json::parse(line, nullptr, false);
  if (object.is_discarded()) return failed("this line is not JSON");
  if (!object.is_object()) return failed(R"(this line is not a JSON object {"cmd":...})");
  return parse_object(object);
}

std::string hello_line(std::string_view server, const LocalSocketHost::Span& span) {
  return fmt::format(R"({{"type":"hello","protocol":1,"server":{},"seq":{},"oldest":{}}})"
                     "\n",
                     quoted(server), span.newest, span.oldest);
}

std::string error_line(std::string_view error) {
  return fmt::format("{{\"type\":\"error\",\"error\":{}}}\n", quoted(error));
}

std::string reply_line(std::string_view cmd, std::string_view members) {
  std::string line = fmt::format(R"({{"type":"reply","cmd":{})", quoted(cmd));
  if (!members.empty()) line.append(",").append(members);
  // Between members a line end is only space; within strings JSON allows none.
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line.append("}\n");
}

std::string ok_line(std::string_view cmd, std::string_view more_members) {
  return reply_line(cmd, std::string(R"("ok":true)").append(more_members));
}

std::string refusal_line(std::string_view cmd, std::string_view error) {
  return reply_line(cmd, std::string(R"("ok":false,"error":)").append(quoted(error)));
}

std::string heartbeat_line(std::int64_t now_ns, std::uint64_t seq) {
  return fmt::format(R"({{"type":"heartbeat","time":"{}","seq":{}}})"
                     "\n",
                     to_iso_ns(exchange_time_from_ns(now_ns)), seq);
}

std::string bye_line(std::string_view reason) {
  return fmt::format("{{\"type\":\"bye\",\"reason\":{}}}\n", quoted(reason));
}

}  // namespace fastrsi

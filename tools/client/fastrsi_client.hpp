// A client of a running fastrsi in one header, for other programs; it needs the standard library
// and Linux. It hands out each record of the service exactly once: a lost or silent connection is
// made again (after 50 ms, then twice as long each time, up to 2 s), and the service is asked for
// what came after the last record. One thread uses a client.
//
//   #include <fastrsi_client.hpp>
//   int main() try {
//     fastrsi_client::Options options;
//     options.kinds = {"buy", "sell"};
//     options.since = stored_seq();  // left out: from now on
//     fastrsi_client::Client client(options);
//     while (const auto record = client.next()) {
//       std::cout << record->time << ' ' << record->symbol << ' ' << record->kind << '\n';
//       store_seq(record->seq);
//     }
//   } catch (const fastrsi_client::Error& error) {
//     std::cerr << error.what() << '\n';
//   }
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace fastrsi_client {

// What trying again does not mend. A connection that is lost never throws.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// Nobody answers at the first connection (Options::wait_for_service waits instead).
struct NoService : Error {
  using Error::Error;
};
// The service says no: a wrong or expired token, a filter it does not know.
struct Refused : Error {
  using Error::Error;
};

struct Options {
  std::string path;                    // empty: default_path()
  std::string name, token;             // the consumer to log in as; empty: no log-in
  std::optional<std::uint64_t> since;  // records after this seq; 0: all that are kept; none: new
  std::vector<std::string> kinds, symbols, timeframes, stages;  // empty: all; symbols are globs
  bool wait_for_service = false;              // the first connection may take for ever
  std::chrono::milliseconds silence{15'000};  // then the connection is dead: a heartbeat takes 5 s
  // Hears why there is no connection, and "connected" when there is one again.
  std::function<void(const std::string&)> note = [](const std::string&) {};
};

// A signal, or a list of symbols: `type` is "snapshot", and id, stage, symbol and price are none.
struct Record {
  std::uint64_t seq = 0;
  double price = 0.0;
  std::string type, id, stage, kind, symbol, timeframe, time;  // symbol is venue:symbol
  std::string line;                                            // the whole record, JSON
};

// $XDG_RUNTIME_DIR/fastrsi.sock, else the same in /run/user/UID, else in /tmp/fastrsi-UID.
inline std::string default_path() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') return std::string(runtime) + "/fastrsi.sock";
  const std::string user = std::to_string(::getuid());
  const std::string folder = "/run/user/" + user;
  if (::access(folder.c_str(), F_OK) == 0) return folder + "/fastrsi.sock";
  return "/tmp/fastrsi-" + user + "/fastrsi.sock";
}

// The top level of a JSON object: texts without their escapes, all other values as written.
using JsonObject = std::map<std::string, std::string, std::less<>>;

// Reads one JSON object (RFC 8259). Records are flat: what is nested is checked and stays text.
class JsonReader {
 public:
  static std::optional<JsonObject> read(std::string_view text) {
    JsonReader reader(text);
    JsonObject object;
    const bool good = reader.peek() == '{' && reader.members('}', object) &&
                      reader.peek() == '\0' && reader.at_ == text.size();
    return good ? std::optional(std::move(object)) : std::nullopt;
  }

 private:
  explicit JsonReader(std::string_view text) : text_(text) {}
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  char peek() {  // past spaces
    at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size());
    return here();
  }
  bool take(char c) { return peek() == c && ++at_ > 0; }
  bool word(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  bool digits() {
    const std::size_t from = at_;
    at_ = std::min(text_.find_first_not_of("0123456789", at_), text_.size());
    return at_ > from;
  }
  bool number() {
    word("-");
    if (!(word("0") || digits()) || (word(".") && !digits())) return false;
    return !(word("e") || word("E")) || ((word("+") || word("-") || true) && digits());
  }
  bool code_unit(std::uint32_t& unit) {
    const std::string_view hex = text_.substr(at_, 4);
    at_ += hex.size();
    return std::from_chars(hex.data(), hex.data() + hex.size(), unit, 16).ptr == hex.data() + 4;
  }
  bool escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    if (const std::size_t letter = kLetters.find(here()); letter != kLetters.npos) {
      out += "\"\\/\b\f\n\r\t"[letter];
      return ++at_ > 0;
    }
    std::uint32_t code = 0;
    if (!word("u") || !code_unit(code)) return false;
    if (std::uint32_t low = 0; code >= 0xD800 && code < 0xE000) {  // half of a character
      if (code >= 0xDC00 || !word("\\u") || !code_unit(low) || low - 0xDC00 > 0x3FF) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    constexpr std::array<unsigned, 4> kHeads{0, 0xC0, 0xE0, 0xF0};
    const unsigned tails = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    out += static_cast<char>(kHeads[tails] | (code >> (6 * tails)));
    for (unsigned i = tails; i-- > 0;) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
    return true;
  }
  bool string(std::string& out) {
    if (!take('"')) return false;
    while (static_cast<unsigned char>(here()) >= 0x20) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') out += c;
      if (c == '\\' && !escape(out)) return false;
    }
    return false;
  }
  // The inside of an object, or without names of an array.
  bool members(char end, JsonObject& out) {
    ++at_;
    if (take(end)) return true;
    do {
      std::string name, text;
      if (end == '}' && (!string(name) || !take(':'))) return false;
      if (!value(text)) return false;
      out.emplace(std::move(name), std::move(text));
    } while (take(','));
    return take(end);
  }
  bool value(std::string& out) {
    const char first = peek();
    if (first == '"') return string(out);
    const std::size_t from = at_;
    JsonObject ignored;
    if (++depth_ > 32) return false;
    const bool good = first == '{' || first == '['
                          ? members(first == '{' ? '}' : ']', ignored)
                          : word("true") || word("false") || word("null") || number();
    --depth_;
    out = text_.substr(from, at_ - from);
    return good;
  }

  std::string_view text_;
  std::size_t at_ = 0, depth_ = 0;
};

class Client {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  static constexpr Milliseconds kForEver = std::chrono::hours{24 * 365};

  // Connects and logs in. Throws NoService or Refused.
  explicit Client(Options options) : options_(std::move(options)), last_(options_.since) {
    if (options_.path.empty()) options_.path = default_path();
    if (!connect() && !options_.wait_for_service) throw NoService(options_.path + ": " + why_);
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The next record; nothing when none has come within `wait`. Throws Refused.
  std::optional<Record> next(Milliseconds wait = kForEver) {
    const Clock::time_point until = Clock::now() + wait;
    std::string line;
    while (queue_.empty()) {
      if (!wait_for_connection(until)) return std::nullopt;
      if (!subscribed_ && !subscribe()) continue;
      const Clock::time_point silent_at = heard_ + options_.silence;
      if (read_line(line, std::min(until, silent_at))) {
        take(line);
      } else if (socket_ >= 0) {
        if (Clock::now() < silent_at) return std::nullopt;
        lose("it is silent");
      }
    }
    Record record = std::move(queue_.front());
    queue_.pop_front();
    return record;
  }

  // Sends a command, a JSON object such as {"cmd":"status"}; returns the line that answers it. It
  // is sent again when the connection is lost before that. Throws Refused, and Error for no answer.
  std::string command(const std::string& object, Milliseconds wait = Milliseconds{30'000}) {
    const Clock::time_point until = Clock::now() + wait;
    while (wait_for_connection(until))
      if (exchange(object, until)) return reply_;
    throw Error(options_.path + ": gives no answer: " + why_);
  }

  std::uint64_t newest_seq() const { return newest_; }  // of the service, when connected to last
  // A JSON string, quotes included.
  static std::string quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20) out += {'\\', 'u', '0', '0', kHex[byte / 16], kHex[byte % 16]};
      if (c == '"' || c == '\\') out += '\\';
      if (byte >= 0x20) out += c;
    }
    return out + '"';
  }

 private:
  static constexpr Milliseconds kPauseLeast{50}, kPauseMost{2'000};
  static constexpr std::size_t kLineBytesMax = 16U << 20;
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
    subscribed_ = false;
    input_.clear();
    begin_ = searched_ = 0;
  }
  // There is no connection; it is tried again after a pause.
  bool lose(const std::string& why) {
    close();
    why_ = why;
    retry_at_ = Clock::now() + pause_;
    pause_ = std::min(2 * pause_, kPauseMost);
    options_.note(why);
    return false;
  }
  bool wait_for_connection(Clock::time_point until) {
    while (socket_ < 0) {
      std::this_thread::sleep_until(std::min(retry_at_, until));
      if (Clock::now() >= until) return false;
      if (connect()) options_.note("connected");
    }
    return true;
  }
  // One try; when it fails, the reason is in why_.
  bool connect() {
    sockaddr_un address{};
    if (options_.path.size() >= sizeof address.sun_path) throw Error(options_.path + ": too long");
    address.sun_family = AF_UNIX;
    std::copy(options_.path.begin(), options_.path.end(), address.sun_path);
    const auto* const at = reinterpret_cast<const sockaddr*>(&address);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const bool good = socket_ >= 0 && ::connect(socket_, at, sizeof address) == 0;
    if (!good) return lose(std::strerror(errno));
    heard_ = Clock::now();
    std::string line;
    if (!read_line(line, heard_ + options_.silence)) return socket_ >= 0 && lose("it is silent");
    const JsonObject hello = JsonReader::read(line).value_or(JsonObject{});
    if (text_of(hello, "protocol") != "1") return lose("it begins with " + line);
    newest_ = number_of<std::uint64_t>(hello, "seq");
    if (!last_) last_ = newest_;
    if (newest_ < *last_) last_ = 0;  // its records are numbered anew: all of them follow
    return options_.name.empty() || ask(R"({"cmd":"auth","name":)" + quoted(options_.name) +
                                        R"(,"token":)" + quoted(options_.token) + '}');
  }
  bool subscribe() {
    std::string object = R"({"cmd":"subscribe","since":)" + std::to_string(*last_);
    const auto add = [&object](const char* key, const std::vector<std::string>& words) {
      for (const std::string& word : words) {
        object += (&word == words.data() ? key : ",") + quoted(word);
      }
      object += words.empty() ? "" : "]";
    };
    add(",\"kinds\":[", options_.kinds);
    add(",\"symbols\":[", options_.symbols);
    add(",\"timeframes\":[", options_.timeframes);
    add(",\"stages\":[", options_.stages);
    return subscribed_ = ask(object + '}');
  }
  // Sends what the service must agree to. Throws Refused when it does not.
  bool ask(const std::string& object) {
    if (!exchange(object, Clock::now() + options_.silence)) return false;
    const JsonObject answer = JsonReader::read(reply_).value_or(JsonObject{});
    if (text_of(answer, "ok") == "true") return true;
    close();
    throw Refused(options_.path + ": " + text_of(answer, "error"));
  }
  // True when there is an answer, in reply_. One that comes later must not pass for the next one's.
  bool exchange(const std::string& object, Clock::time_point until) {
    const std::string text = object + '\n';
    const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(text.size())) return lose("it does not listen");
    reply_.clear();
    std::string line;
    while (reply_.empty() && socket_ >= 0 && read_line(line, until)) take(line);
    return !reply_.empty() || (socket_ >= 0 && lose("it does not answer"));
  }
  bool take(const std::string& line) {
    const std::optional<JsonObject> object = JsonReader::read(line);
    if (!object) return lose("a line is no JSON object");
    const auto text = [&object](const char* key) { return text_of(*object, key); };
    Record record;
    record.type = text("type");
    if (record.type == "bye") return lose("it says bye: " + text("reason"));
    if (record.type == "reply" || record.type == "error") return !(reply_ = line).empty();
    pause_ = kPauseLeast;
    record.seq = number_of<std::uint64_t>(*object, "seq");
    if (record.type != "signal" && record.type != "snapshot") return true;
    if (record.seq <= *last_) return true;
    record.price = number_of<double>(*object, "price");
    record.id = text("id");
    record.stage = text("stage");
    record.kind = text("kind");
    if (record.type == "signal") record.symbol = text("venue") + ':' + text("symbol");
    record.timeframe = text("timeframe");
    record.time = text("time");
    record.line = line;
    last_ = record.seq;
    queue_.push_back(std::move(record));
    return true;
  }
  static std::string text_of(const JsonObject& object, std::string_view key) {
    const auto member = object.find(key);
    return member == object.end() ? std::string() : member->second;
  }
  template <typename Number>
  static Number number_of(const JsonObject& object, std::string_view key) {
    const std::string text = text_of(object, key);
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }
  // The next line without its end. False: `until` has come, or the connection is lost.
  bool read_line(std::string& line, Clock::time_point until) {
    while (true) {
      const std::size_t end = input_.find('\n', std::max(begin_, searched_));
      if (end != input_.npos) {
        line.assign(input_, begin_, end - begin_);
        begin_ = end + 1;
        heard_ = Clock::now();
        return true;
      }
      input_.erase(0, std::exchange(begin_, 0));
      searched_ = input_.size();
      if (searched_ > kLineBytesMax) return lose("a line has no end");
      pollfd one{socket_, POLLIN, 0};
      const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
      const bool ready = ::poll(&one, 1, static_cast<int>(std::clamp<long>(left, 0, 60'000))) > 0;
      if (!ready && Clock::now() >= until) return false;
      std::array<char, 65536> part;
      const ssize_t count = ready ? ::recv(socket_, part.data(), part.size(), 0) : -2;
      if (count == 0) return lose("it hung up");
      if (count == -1 && errno != EINTR && errno != EAGAIN) return lose(std::strerror(errno));
      input_.append(part.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
  }

  Options options_;
  std::optional<std::uint64_t> last_;  // seq of the last record taken in
  std::uint64_t newest_ = 0;
  std::deque<Record> queue_;  // taken in, not handed out
  int socket_ = -1;
  bool subscribed_ = false;
  std::string input_, reply_;
  std::size_t begin_ = 0, searched_ = 0;  // the next line in input_, and how far there is no end
  std::string why_;                       // there is no connection
  Milliseconds pause_ = kPauseLeast;
  Clock::time_point retry_at_{}, heard_{};
};

}  // namespace fastrsi_client

// A notification on the screen, with a sound if one is wanted: org.freedesktop.Notifications over
// the user's D-Bus. The door to libsystemd's sd-bus. The octets are a JSON object:
//   {"title": "...", "body": "...", "urgency": 0 | 1 | 2}     body and urgency may be missing
// The sound goes as the hint "sound-file"; whether it is played is the desktop's to decide.
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "sinks/printable.hpp"
#include "sinks/transport/answers.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/transports.hpp"
#include "sinks/transport/wave_file.hpp"

namespace fastrsi::transport {
namespace {

constexpr const char* kService = "org.freedesktop.Notifications";
constexpr const char* kPath = "/org/freedesktop/Notifications";
constexpr std::int32_t kDesktopsOwnTime = -1;

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;
using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

struct BusError {
  BusError() = default;
  ~BusError() { sd_bus_error_free(&error); }
  BusError(const BusError&) = delete;
  BusError& operator=(const BusError&) = delete;
  sd_bus_error error = SD_BUS_ERROR_NULL;
};

struct Note {
  std::string title;
  std::string body;
  std::uint8_t urgency = 1;
};

std::string text_at(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

bool read_note(std::string_view octets, Note& note) {
  const nlohmann::json json = nlohmann::json::parse(octets, nullptr, false);
  if (!json.is_object()) return false;
  note.title = text_at(json, "title");
  note.body = text_at(json, "body");
  const auto urgency = json.find("urgency");
  if (urgency != json.end() && urgency->is_number_unsigned()) {
    note.urgency =
        static_cast<std::uint8_t>(std::min(urgency->get<std::uint64_t>(), std::uint64_t{2}));
  }
  // D-Bus knows no zero byte in a text, and closes the connection over it.
  const auto is_good = [](const std::string& text) { return text.find('\0') == text.npos; };
  return !note.title.empty() && is_good(note.title) && is_good(note.body);
}

// Desktops that show marks in the body take & and < for some.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

class DesktopTransport final : public Transport {
 public:
  explicit DesktopTransport(DesktopSettings settings) : settings_(std::move(settings)) {
    if (settings_.sound.empty()) return;
    const std::string what = "desktop \"" + settings_.name + "\": sound " + settings_.sound + ": ";
    if (const std::string fault = wave_fault(settings_.sound); !fault.empty()) {
      throw std::runtime_error(what + fault);
    }
    // The desktop has a working directory of its own.
    char* const whole = ::realpath(settings_.sound.c_str(), nullptr);
    if (whole == nullptr) throw std::runtime_error(what + "cannot be found");
    sound_ = whole;
    std::free(whole);
  }

  SendAnswer send(const Shipment& shipment) noexcept override {
    try {
      Note note;
      if (!read_note(shipment.octets, note)) {
        return answer_for_all(shipment.targets.size(), Outcome::Permanent, 0,
                              "the message is no JSON object with a title", row::kOctets);
      }
      return with_bus(shipment.targets.size(), [&] { return show(note, shipment.targets.size()); });
    } catch (const std::exception& error) {
      return answer_for_all(shipment.targets.size(), Outcome::InDoubt, 0, printable(error.what()),
                            row::kClient);
    }
  }

  SendAnswer probe() noexcept override {
    try {
      return with_bus(0, [] { return answer_for_all(0, Outcome::Done, 0, {}, row::kOk); });
    } catch (const std::exception& error) {
      return answer_for_all(0, Outcome::EndpointFailure, 0, printable(error.what()), row::kClient);
    }
  }

  std::size_t targets_most() const noexcept override { return 1; }

 private:
  // One time-out for all that is asked for a message: the end of the process waits for it.
  std::uint64_t left_us() const {
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
        deadline_ - std::chrono::steady_clock::now());
    return static_cast<std::uint64_t>(std::max(left.count(), std::int64_t{1}));
  }

  // A session ends and another begins: the bus is opened anew after any failure.
  template <class Then>
  SendAnswer with_bus(std::size_t targets, Then then) {
    if (bus_ == nullptr) {
      sd_bus* opened = nullptr;
      const int result = sd_bus_open_user(&opened);
      if (result < 0) {
        return answer_for_all(targets, Outcome::EndpointFailure, -result,
                              std::generic_category().message(-result), row::kDesktopNoBus);
      }
      bus_.reset(opened);
    }
    deadline_ = std::chrono::steady_clock::now() + settings_.timeout;
    sd_bus_set_method_call_timeout(bus_.get(), left_us());
    SendAnswer failed;
    if (!ask_capabilities(targets, failed)) {
      bus_.reset();
      return failed;
    }
    SendAnswer answer = then();
    if (answer.targets.front().outcome != Outcome::Done) bus_.reset();
    return answer;
  }

  bool ask_capabilities(std::size_t targets, SendAnswer& failed) {
    BusError error;
    sd_bus_message* got = nullptr;
    const int result = sd_bus_call_method(bus_.get(), kService, kPath, kService, "GetCapabilities",
                                          &error.error, &got, "");
    const Message reply(got, &sd_bus_message_unref);
    if (result < 0) {
      // Nothing was shown yet, whatever went wrong.
      failed = failure(result, error.error, targets, Outcome::EndpointFailure);
      return false;
    }
    has_marks_ = false;
    sd_bus_message_enter_container(reply.get(), SD_BUS_TYPE_ARRAY, "s");
    const char* word = nullptr;
    while (sd_bus_message_read(reply.get(), "s", &word) > 0) {
      has_marks_ = has_marks_ || std::string_view{word} == "body-markup";
    }
    return true;
  }

  // Notify(app, replaces, icon, summary, body, actions, hints, time).
  SendAnswer show(const Note& note, std::size_t targets) {
    sd_bus_message* made = nullptr;
    int result =
        sd_bus_message_new_method_call(bus_.get(), &made, kService, kPath, kService, "Notify");
    const Message call(made, &sd_bus_message_unref);
    const std::string body = has_marks_ ? escaped(note.body) : note.body;
    if (result >= 0) {
      result = sd_bus_message_append(call.get(), "susssas", "fastrsi", std::uint32_t{0}, "",
                                     note.title.c_str(), body.c_str(), 0);
    }
    if (result >= 0) result = sd_bus_message_open_container(call.get(), 'a', "{sv}");
    if (result >= 0) {
      result =
          sd_bus_message_append(call.get(), "{sv}", "urgency", "y", static_cast<int>(note.urgency));
    }
    if (result >= 0 && !sound_.empty()) {
      result = sd_bus_message_append(call.get(), "{sv}", "sound-file", "s", sound_.c_str());
    }
    if (result >= 0) result = sd_bus_message_close_container(call.get());
    if (result >= 0) result = sd_bus_message_append(call.get(), "i", kDesktopsOwnTime);
    BusError error;
    if (result < 0) return failure(result, error.error, targets, Outcome::Permanent);
    sd_bus_message* got = nullptr;
    result = sd_bus_call(bus_.get(), call.get(), left_us(), &error.error, &got);
    const Message reply(got, &sd_bus_message_unref);
    if (result < 0) return failure(result, error.error, targets, Outcome::InDoubt);
    return answer_for_all(targets, Outcome::Done, 0, {}, row::kOk);
  }

  // `silent` is what a lost answer means here.
  static SendAnswer failure(int result, const sd_bus_error& error, std::size_t targets,
                            Outcome silent) {
    const std::string name = error.name == nullptr ? "" : error.name;
    std::string text = printable(error.message == nullptr ? std::generic_category().message(-result)
                                                          : std::string{error.message});
    if (name == SD_BUS_ERROR_SERVICE_UNKNOWN || name == SD_BUS_ERROR_NAME_HAS_NO_OWNER ||
        name.starts_with("org.freedesktop.DBus.Error.Spawn.")) {
      return answer_for_all(targets, Outcome::EndpointFailure, -result, text,
                            row::kDesktopNoService);
    }
    if (result == -ETIMEDOUT || name == SD_BUS_ERROR_NO_REPLY || name == SD_BUS_ERROR_TIMEOUT) {
      return answer_for_all(targets, silent, -result, text, row::kDesktopTimeout);
    }
    const bool is_own = name.empty() || name.starts_with("System.Error.");  // not the desktop's
    if (is_own && silent != Outcome::Permanent) {
      return answer_for_all(targets, silent, -result, text, row::kDesktopNoBus);
    }
    return answer_for_all(targets, silent == Outcome::EndpointFailure ? silent : Outcome::Permanent,
                          -result, text, row::kDesktopRefused);
  }

  // Constant after construction.
  const DesktopSettings settings_;
  std::string sound_;  // its whole path
  // The transport's thread.
  Bus bus_{nullptr, &sd_bus_flush_close_unref};
  std::chrono::steady_clock::time_point deadline_;
  bool has_marks_ = false;
};

}  // namespace

std::unique_ptr<Transport> make_desktop_transport(DesktopSettings settings) {
  return std::make_unique<DesktopTransport>(std::move(settings));
}

}  // namespace fastrsi::transport

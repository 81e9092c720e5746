// Chats, push services, webhooks and the mail relay: one POST a message and target. What is asked
// a second time here was refused the first: a chat that has moved, a text whose marks Telegram
// cannot read, a token that has expired.
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <stop_token>
#include <utility>

#include "sinks/transport/answers.hpp"
#include "sinks/transport/push_request.hpp"
#include "sinks/transport/push_verdict.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/secret.hpp"
#include "sinks/transport/smtp_address.hpp"
#include "sinks/transport/transports.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::size_t kPushMidBytesMax = 64;
// A part of an address that is worth hiding by itself.
constexpr std::size_t kPathPartBytesMin = 8;
constexpr int kJsonDepthMax = 32;

[[noreturn]] void refuse(const PushSettings& settings, const std::string& why) {
  throw std::runtime_error("push \"" + settings.name + "\": " + why);
}

bool has_own_url(Service service) {
  return service == Service::Webhook || service == Service::Discord || service == Service::Slack ||
         service == Service::Mattermost || service == Service::Relay;
}

bool is_token_needed(Service service) {
  return service == Service::Telegram || service == Service::Pushover || service == Service::Gotify;
}

PushSettings checked(PushSettings settings) {
  if (settings.api_base.empty()) {
    switch (settings.service) {
      case Service::Telegram:
        settings.api_base = "https://api.telegram.org";
        break;
      case Service::Ntfy:
        settings.api_base = "https://ntfy.sh";
        break;
      case Service::Pushover:
        settings.api_base = "https://api.pushover.net";
        break;
      case Service::Gotify:
        refuse(settings, "gotify needs its address (mend: api_base)");
        break;
      default:
        break;
    }
  }
  if (has_own_url(settings.service) && settings.url.empty()) {
    refuse(settings, "the address is missing (mend: url)");
  }
  if (is_token_needed(settings.service) && settings.token.empty()) {
    refuse(settings, "the token is missing (mend: token)");
  }
  if (settings.is_raw_mail) {
    if (const std::string fault = address_fault(settings.from); !fault.empty()) {
      refuse(settings, "the sender's address " + fault);
    }
  }
  for (const auto& [name, source] : settings.headers) {
    for (const char c : name) {
      if (c <= ' ' || c == ':' || c == 0x7f)
        refuse(settings, "a header's name cannot be \"" + name + "\"");
    }
    if (name.empty() || source.empty()) refuse(settings, "a header has no name or no value");
  }
  for (const char c : settings.user + settings.http.proxy) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      refuse(settings, "user or proxy has a control character");
    }
  }
  return settings;
}

bool carries_secrets(const PushSettings& settings) {
  return !settings.token.empty() || !settings.password.empty() || !settings.headers.empty() ||
         (!settings.url.empty() && settings.service != Service::Webhook);
}

bool is_key(std::string_view mid) {
  if (mid.empty() || mid.size() > kPushMidBytesMax) return false;
  for (const char c : mid) {
    const bool is_good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!is_good) return false;
  }
  return true;
}

void clean_texts(nlohmann::json& json, const Redactor& redactor) {
  if (json.is_string()) json = redactor.clean(json.get_ref<const std::string&>());
  if (!json.is_structured()) return;
  for (nlohmann::json& part : json) clean_texts(part, redactor);
}

// Letters as they are, not as numbers: a secret is to be known again in it. What lies too deep is
// left out, for to write it takes stack.
std::string plain_json(const std::string& body, const Redactor& redactor) {
  using Event = nlohmann::json::parse_event_t;
  const auto is_kept = [](int depth, Event, const nlohmann::json&) {
    return depth < kJsonDepthMax;
  };
  nlohmann::json json = nlohmann::json::parse(body, is_kept, false);
  if (json.is_discarded()) return body;
  clean_texts(json, redactor);
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class PushTransport final : public Transport {
 public:
  explicit PushTransport(PushSettings settings)
      : settings_(checked(std::move(settings))), poster_(settings_.http, stop_.get_token()) {
    begin_curl();
    redactor_.add(proxy_secret(settings_.http.proxy));
    const std::string what = "push \"" + settings_.name + "\": ";
    url_ = Secret(settings_.url, what + "url", redactor_, stop_.get_token());
    token_ = Secret(settings_.token, what + "token", redactor_, stop_.get_token());
    password_ = Secret(settings_.password, what + "password", redactor_, stop_.get_token());
    signing_key_ =
        Secret(settings_.signing_key, what + "signing_key", redactor_, stop_.get_token());
    for (const auto& [name, source] : settings_.headers) {
      std::string label = what + "header ";
      label += name;
      headers_.emplace(name, Secret(source, std::move(label), redactor_, stop_.get_token()));
    }
    const bool has_secrets = carries_secrets(settings_);
    if (!has_own_url(settings_.service)) {
      check_url(what + "api_base", settings_.api_base, settings_.http, has_secrets);
    } else if (!url_.value(redactor_).empty()) {
      check_url(what + "url", std::string{url_.value(redactor_).reveal()}, settings_.http,
                has_secrets);
      hide_path(url_.value(redactor_).reveal());
    }
  }

  SendAnswer send(const Shipment& shipment) noexcept override {
    try {
      return send_to(shipment);
    } catch (const std::exception& error) {
      return answer_for_all(shipment.targets.size(), Outcome::InDoubt, 0,
                            redactor_.line(error.what()), row::kClient);
    }
  }

  SendAnswer probe() noexcept override {
    try {
      std::vector<std::string> transcript;
      SendAnswer missing;
      const std::optional<PushKeys> keys = read_keys(0, missing);
      if (!keys) return missing;
      const HttpRequest request = probe_request(settings_, *keys);
      const HttpReply reply = ask(request, transcript);
      PushVerdict verdict = judge_push(settings_.service, reply);
      if (request.method == HttpMethod::Connect && reply.fault.row.empty() && reply.words.empty()) {
        verdict.outcome = Outcome::Done;
        verdict.row = row::kOkConnected;
        verdict.text.clear();
      }
      SendAnswer answer = answer_of(verdict, 0);
      answer.transcript = std::move(transcript);
      return answer;
    } catch (const std::exception& error) {
      return answer_for_all(0, Outcome::EndpointFailure, 0, redactor_.line(error.what()),
                            row::kClient);
    }
  }

  void cancel() noexcept override { stop_.request_stop(); }
  std::size_t targets_most() const noexcept override {
    return settings_.service == Service::Relay ? 100 : 1;
  }

 private:
  SendAnswer send_to(const Shipment& shipment) {
    if (!is_key(shipment.mid)) {
      return answer_for_all(shipment.targets.size(), Outcome::Permanent, 0,
                            "the message's id is no word of letters and digits", row::kOctets);
    }
    for (const std::string_view target : shipment.targets) {
      const std::string fault =
          settings_.service == Service::Relay ? address_fault(target) : target_fault(target);
      if (fault.empty()) continue;
      return answer_for_all(shipment.targets.size(), Outcome::Permanent, 0, "the target " + fault,
                            row::kAddressRefused);
    }
    SendAnswer answer;
    for (std::size_t i = 0; i < shipment.targets.size(); i += targets_most()) {
      const std::size_t end = std::min(i + targets_most(), shipment.targets.size());
      PushLetter letter;
      letter.mid = shipment.mid;
      letter.octets = shipment.octets;
      letter.targets.assign(shipment.targets.begin() + static_cast<std::ptrdiff_t>(i),
                            shipment.targets.begin() + static_cast<std::ptrdiff_t>(end));
      SendAnswer part = post(letter);
      for (std::size_t n = i; n < end; ++n) {
        part.targets[n - i].target = n;
        answer.targets.push_back(std::move(part.targets[n - i]));
      }
      if (answer.row.empty() || part.row != row::kOk) answer.row = part.row;
      if (part.retry_after) answer.retry_after = part.retry_after;
      answer.config_suspect = answer.config_suspect || part.config_suspect;
      answer.transcript.insert(answer.transcript.end(), part.transcript.begin(),
                               part.transcript.end());
    }
    return answer;
  }

  static std::string target_fault(std::string_view target) {
    for (const char c : target) {
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "has a control character";
    }
    return {};
  }

  SendAnswer post(PushLetter letter) {
    std::vector<std::string> transcript;
    const std::string asked{letter.targets.front()};
    std::string moved_to;
    if (const auto known = moved_.find(asked); known != moved_.end()) moved_to = known->second;
    PushVerdict verdict;
    // The first try, and one more for each of the three mends.
    bool is_fresh = false;
    for (int mends = 0; mends < 4; ++mends) {
      if (!moved_to.empty()) letter.targets.front() = moved_to;
      SendAnswer missing;
      const std::optional<PushKeys> keys = read_keys(letter.targets.size(), missing);
      if (!keys) return missing;
      letter.now_s = static_cast<std::int64_t>(::time(nullptr));
      const std::optional<HttpRequest> request = push_request(settings_, *keys, letter);
      if (!request) {
        return answer_for_all(letter.targets.size(), Outcome::Permanent, 0,
                              "the message is no JSON object", row::kOctets);
      }
      verdict = judge_push(settings_.service, ask(*request, transcript), settings_.temporary);
      if (!verdict.moved_to.empty() && moved_to.empty()) {
        moved_to = verdict.moved_to;
        moved_[asked] = moved_to;
      } else if (verdict.as_plain && !letter.as_plain) {
        letter.as_plain = true;
      } else if (verdict.row == row::kHttpAuth && !is_fresh && refresh_keys()) {
        is_fresh = true;
      } else {
        break;
      }
    }
    if (!moved_to.empty()) transcript.push_back("* the chat " + asked + " is now " + moved_to);
    SendAnswer answer = answer_of(verdict, letter.targets.size());
    if (!moved_to.empty() && verdict.outcome == Outcome::Done) {
      answer.targets.front().text =
          redactor_.line("the chat has moved (mend: chat = \"" + moved_to + "\")");
    }
    for (std::string& line : transcript) answer.transcript.push_back(redactor_.line(line));
    return answer;
  }

  SendAnswer answer_of(const PushVerdict& verdict, std::size_t targets) const {
    SendAnswer answer = answer_for_all(targets, verdict.outcome, verdict.code,
                                       redactor_.line(verdict.text), verdict.row);
    answer.retry_after = verdict.retry_after;
    answer.config_suspect = verdict.config_suspect;
    return answer;
  }

  HttpReply ask(const HttpRequest& request, std::vector<std::string>& transcript) {
    const char* const method = request.method == HttpMethod::Post  ? "POST "
                               : request.method == HttpMethod::Get ? "GET "
                                                                   : "connect ";
    transcript.push_back(std::string{"> "} + method + redactor_.line(shown_url(request.url)) +
                         " (" + std::to_string(request.body.size()) + " bytes)");
    HttpReply reply = poster_.ask(request);
    if (reply.status != 0) {
      transcript.push_back("< " + std::to_string(reply.status) + " " +
                           redactor_.line(plain_json(reply.body, redactor_)));
    }
    if (!reply.words.empty()) transcript.push_back("* " + redactor_.line(reply.words));
    return reply;
  }

  // Nothing, and `missing` says why, when one of them cannot be had.
  std::optional<PushKeys> read_keys(std::size_t targets, SendAnswer& missing) {
    PushKeys keys;
    const auto read = [&](Secret& secret, std::string_view& key) {
      if (!secret.is_given()) return true;
      key = secret.value(redactor_).reveal();
      if (!key.empty()) return true;
      missing = answer_for_all(targets, Outcome::AuthFailure, 0, secret.error(), row::kSecret);
      missing.config_suspect = true;
      return false;
    };
    if (!read(url_, keys.url) || !read(token_, keys.token) || !read(password_, keys.password) ||
        !read(signing_key_, keys.signing_key)) {
      return std::nullopt;
    }
    for (auto& [name, secret] : headers_) {
      if (!read(secret, keys.headers[name])) return std::nullopt;
    }
    return keys;
  }

  bool refresh_keys() {
    bool is_other = token_.refresh(redactor_);
    is_other = password_.refresh(redactor_) || is_other;
    for (auto& [name, secret] : headers_) is_other = secret.refresh(redactor_) || is_other;
    return is_other;
  }

  // A webhook's path is its secret, and a server may say a part of it.
  void hide_path(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t path = url.find_first_of("/?", scheme == url.npos ? 0 : scheme + 3);
    if (path == std::string_view::npos) return;
    if (url.size() - path > 1) redactor_.add(url.substr(path));
    std::string_view rest = url.substr(path);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find_first_of("/?&=", 1), rest.size());
      if (end > kPathPartBytesMin) redactor_.add(rest.substr(1, end - 1));
      rest.remove_prefix(end);
    }
  }

  // Constant after construction.
  const PushSettings settings_;
  // Any thread.
  std::stop_source stop_;
  // The transport's thread.
  Redactor redactor_;
  Secret url_;
  Secret token_;
  Secret password_;
  Secret signing_key_;
  std::map<std::string, Secret> headers_;
  HttpPoster poster_;
  std::map<std::string, std::string> moved_;  // telegram: a chat's old id to its new one
};

}  // namespace

void check_settings(const PushSettings& settings) {
  const PushSettings whole = checked(settings);
  const std::string what = "push \"" + whole.name + "\": ";
  const bool has_secrets = carries_secrets(whole);
  if (!has_own_url(whole.service)) {
    check_url(what + "api_base", whole.api_base, whole.http, has_secrets);
  } else if (!whole.url.text.empty()) {
    check_url(what + "url", whole.url.text, whole.http, has_secrets);
  }
}

std::unique_ptr<Transport> make_push_transport(PushSettings settings) {
  return std::make_unique<PushTransport>(std::move(settings));
}

}  // namespace fastrsi::transport

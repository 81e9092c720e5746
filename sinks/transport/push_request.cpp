#include "sinks/transport/push_request.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace fastrsi::transport {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// application/x-www-form-urlencoded.
std::string form_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (is_plain) {
      text += c;
    } else {
      text += {'%', kDigits[byte / 16], kDigits[byte % 16]};
    }
  }
  return text;
}

void add_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form += form_text(name) + "=" + form_text(value);
}

std::string joined(std::string_view base, std::string_view path) {
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string{base} + std::string{path};
}

// A number is sent as one; "@channel" is text.
Json id_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return std::string{text};
}

HttpRequest json_request(std::string url, std::string body) {
  HttpRequest request;
  request.url = std::move(url);
  request.body = std::move(body);
  request.headers.emplace_back("Content-Type: application/json; charset=utf-8");
  return request;
}

// "-100123" or, for a topic of a group, "-100123/45".
HttpRequest telegram(const PushSettings& settings, const PushKeys& keys, const PushLetter& letter,
                     const Json& given) {
  Json json;
  const std::string_view target = letter.targets.front();
  const std::size_t slash = target.find('/');
  json["chat_id"] = id_of(target.substr(0, slash));
  if (slash != std::string_view::npos) json["message_thread_id"] = id_of(target.substr(slash + 1));
  json.update(given);
  if (letter.as_plain) {
    json.erase("parse_mode");
    if (json.contains("text") && json["text"].is_string()) {
      json["text"] = without_marks(json["text"].get<std::string>());
    }
  }
  return json_request(joined(settings.api_base, "/bot" + std::string{keys.token} + "/sendMessage"),
                      dump(json));
}

void authorize_ntfy(const PushSettings& settings, const PushKeys& keys, HttpRequest& request) {
  if (!keys.token.empty()) {
    request.headers.push_back("Authorization: Bearer " + std::string{keys.token});
  } else if (!settings.user.empty()) {
    request.headers.push_back("Authorization: Basic " +
                              base64(settings.user + ":" + std::string{keys.password}));
  }
}

HttpRequest ntfy(const PushSettings& settings, const PushKeys& keys, const PushLetter& letter,
                 Json json) {
  json["topic"] = std::string{letter.targets.front()};
  json["sequence_id"] = std::string{letter.mid};
  HttpRequest request = json_request(joined(settings.api_base, "/"), dump(json));
  authorize_ntfy(settings, keys, request);
  return request;
}

HttpRequest pushover(const PushSettings& settings, const PushKeys& keys, const PushLetter& letter,
                     const Json& json) {
  HttpRequest request;
  request.url = joined(settings.api_base, "/1/messages.json");
  request.headers.emplace_back("Content-Type: application/x-www-form-urlencoded");
  add_field(request.body, "token", keys.token);
  add_field(request.body, "user", letter.targets.front());
  for (const auto& [name, value] : json.items()) {
    add_field(request.body, name, value.is_string() ? value.get<std::string>() : dump(value));
  }
  return request;
}

void add_headers(const PushKeys& keys, HttpRequest& request) {
  for (const auto& [name, value] : keys.headers) {
    request.headers.push_back(name + ": " + std::string{value});
  }
}

HttpRequest webhook(const PushKeys& keys, const PushLetter& letter) {
  HttpRequest request = json_request(std::string{keys.url}, std::string{letter.octets});
  request.headers.push_back("Idempotency-Key: " + std::string{letter.mid});
  if (!keys.signing_key.empty()) {
    request.headers.push_back("X-Fastrsi-Signature: " +
                              signature(keys.signing_key, letter.now_s, letter.octets));
  }
  add_headers(keys, request);
  return request;
}

// The relay gets the envelope too: copies stand in no header of the mail.
HttpRequest relay(const PushSettings& settings, const PushKeys& keys, const PushLetter& letter,
                  Json json) {
  HttpRequest request;
  if (settings.is_raw_mail) {
    request.url = keys.url;
    request.body = letter.octets;
    request.headers.emplace_back("Content-Type: message/rfc822");
    request.headers.push_back("X-Envelope-From: " + settings.from);
    std::string to;
    for (const std::string_view target : letter.targets) {
      to += (to.empty() ? "" : ", ") + std::string{target};
    }
    request.headers.push_back("X-Envelope-To: " + to);
  } else {
    if (!json.contains("to")) {
      json["to"] = Json::array();
      for (const std::string_view target : letter.targets)
        json["to"].push_back(std::string{target});
    }
    request = json_request(std::string{keys.url}, dump(json));
  }
  request.headers.push_back("Idempotency-Key: " + std::string{letter.mid});
  add_headers(keys, request);
  return request;
}

std::string discord_url(std::string_view url) {
  if (url.find("wait=") != std::string_view::npos) return std::string{url};
  return std::string{url} + (url.find('?') == std::string_view::npos ? "?" : "&") + "wait=true";
}

}  // namespace

std::optional<HttpRequest> push_request(const PushSettings& settings, const PushKeys& keys,
                                        const PushLetter& letter) {
  Json json;
  if (!(settings.service == Service::Relay && settings.is_raw_mail)) {
    json = Json::parse(letter.octets, nullptr, false);
    if (!json.is_object()) return std::nullopt;
  }
  switch (settings.service) {
    case Service::Telegram:
      return telegram(settings, keys, letter, json);
    case Service::Ntfy:
      return ntfy(settings, keys, letter, std::move(json));
    case Service::Pushover:
      return pushover(settings, keys, letter, json);
    case Service::Relay:
      return relay(settings, keys, letter, std::move(json));
    case Service::Webhook:
      return webhook(keys, letter);
    case Service::Discord:
      return json_request(discord_url(keys.url), std::string{letter.octets});
    case Service::Slack:
    case Service::Mattermost:
      return json_request(std::string{keys.url}, std::string{letter.octets});
    case Service::Gotify:
      break;
  }
  HttpRequest request =
      json_request(joined(settings.api_base, "/message"), std::string{letter.octets});
  request.headers.push_back("X-Gotify-Key: " + std::string{keys.token});
  return request;
}

HttpRequest probe_request(const PushSettings& settings, const PushKeys& keys) {
  HttpRequest request;
  request.method = HttpMethod::Get;
  switch (settings.service) {
    case Service::Telegram:
      request.url = joined(settings.api_base, "/bot" + std::string{keys.token} + "/getMe");
      return request;
    case Service::Ntfy:
      request.url = joined(settings.api_base, "/v1/health");
      authorize_ntfy(settings, keys, request);
      return request;
    case Service::Gotify:
      request.url = joined(settings.api_base, "/health");
      return request;
    case Service::Discord:  // a webhook tells what it is
      request.url = keys.url;
      return request;
    default:
      break;
  }
  request.method = HttpMethod::Connect;
  request.url = settings.service == Service::Pushover ? settings.api_base : std::string{keys.url};
  return request;
}

std::string without_marks(std::string_view html) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kEntities{
      {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}}};
  std::string text;
  while (!html.empty()) {
    std::size_t taken = 1;
    std::string_view written = html.substr(0, 1);
    if (html[0] == '<') {
      taken = std::min(html.find('>'), html.size() - 1) + 1;
      written = {};
    } else if (html[0] == '&') {
      for (const auto& [entity, meant] : kEntities) {
        if (!html.starts_with(entity)) continue;
        taken = entity.size();
        written = meant;
      }
    }
    text += written;
    html.remove_prefix(taken);
  }
  return text;
}

std::string signature(std::string_view key, std::int64_t now_s, std::string_view body) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string time = std::to_string(now_s);
  const std::string signed_text = time + "." + std::string{body};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(),
       digest.data(), &size);
  std::string text = "t=" + time + ",v1=";
  for (unsigned int i = 0; i < size; ++i) {
    text += {kDigits[digest[i] / 16], kDigits[digest[i] % 16]};
  }
  return text;
}

}  // namespace fastrsi::transport

#include "sinks/transport/push_verdict.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "sinks/transport/rows.hpp"

namespace fastrsi::transport {
namespace {

using AnswerJson = nlohmann::json;
using std::chrono::milliseconds;

constexpr milliseconds kRetryMin{100};
constexpr milliseconds kRetryMax = std::chrono::hours{24};
constexpr milliseconds kNtfyRetry{5'000};    // it tells none on 429
constexpr milliseconds kServerRetry{5'000};  // pushover asks for as much
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kNtfyDayIsFull = 42'908;

std::string answer_text_at(const AnswerJson& json, const char* key) {
  if (!json.is_object()) return {};
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::int64_t number_at(const AnswerJson& json, const char* key) {
  if (!json.is_object()) return 0;
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// Seconds, whole or not.
milliseconds seconds_at(const AnswerJson& json, const char* key) {
  if (!json.is_object()) return {};
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number()) return {};
  const double seconds = found->get<double>();
  if (!(seconds > 0)) return {};
  return milliseconds{static_cast<std::int64_t>(std::min(seconds, 86'400.0) * 1000.0)};
}

// One that is asked for what it does not have must say why in some field.
std::string words_of(const AnswerJson& json, const std::string& body) {
  for (const char* const key : {"description", "errorDescription", "error", "message"}) {
    if (std::string text = answer_text_at(json, key); !text.empty()) return text;
  }
  if (json.is_object() && json.contains("errors") && json["errors"].is_array() &&
      !json["errors"].empty() && json["errors"][0].is_string()) {
    return json["errors"][0].get<std::string>();
  }
  return body;  // whole: half a secret could not be told from other text
}

std::optional<milliseconds> clamped(milliseconds time) {
  if (time.count() <= 0) return std::nullopt;
  return std::clamp(time, kRetryMin, kRetryMax);
}

milliseconds header_seconds(const HttpReply& reply, std::string_view name) {
  const auto found = reply.headers.find(name);
  return found == reply.headers.end() ? milliseconds{} : seconds_text(found->second);
}

// A header that names a point of time, unix seconds.
milliseconds until_header(const HttpReply& reply, std::string_view name) {
  const auto found = reply.headers.find(name);
  if (found == reply.headers.end()) return {};
  const std::string& text = found->second;
  std::int64_t point_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), point_s);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  if (point_s <= reply.received_s) return {};
  return std::chrono::seconds{std::min(point_s - reply.received_s, 31 * kDaySeconds)};
}

void set(PushVerdict& verdict, Outcome outcome, std::string_view word, bool suspect = false) {
  verdict.outcome = outcome;
  verdict.row = word;
  verdict.config_suspect = suspect;
}

// What most services mean by a code.
void judge_code(PushVerdict& verdict, const HttpReply& reply) {
  const int code = reply.status;
  if (code / 100 == 2) return set(verdict, Outcome::Done, row::kOk);
  if (code / 100 == 3) return set(verdict, Outcome::EndpointFailure, row::kHttpRedirect, true);
  if (code == 429) return set(verdict, Outcome::RateLimited, row::kRate);
  if (code == 401) return set(verdict, Outcome::AuthFailure, row::kHttpAuth, true);
  if (code == 403) return set(verdict, Outcome::AuthFailure, row::kHttpAuth, true);
  if (code == 404 || code == 410) {
    return set(verdict, Outcome::Permanent, row::kHttpNotFound, true);
  }
  if (code == 413) return set(verdict, Outcome::Permanent, row::kHttpTooLong);
  if (code == 408 || code == 425) return set(verdict, Outcome::Temporary, row::kHttpServer);
  if (code / 100 == 4 || code == 501) return set(verdict, Outcome::Permanent, row::kHttpRefused);
  set(verdict, Outcome::Temporary, row::kHttpServer);
}

void judge_telegram(PushVerdict& verdict, const HttpReply& reply, const AnswerJson& json) {
  const bool is_ok = json.is_object() && json.contains("ok") && json["ok"] == true;
  const AnswerJson parameters =
      json.is_object() && json.contains("parameters") ? json["parameters"] : AnswerJson::object();
  if (reply.status / 100 == 2 && !is_ok) {
    return set(verdict, Outcome::InDoubt, row::kHttpGarbled, true);
  }
  if (reply.status == 404) return set(verdict, Outcome::AuthFailure, row::kHttpAuth, true);
  if (reply.status == 403) return set(verdict, Outcome::Permanent, row::kChatBlocked);
  if (reply.status == 429) {
    verdict.retry_after =
        clamped(std::max(reply.retry_after, seconds_at(parameters, "retry_after")));
  }
  if (reply.status != 400) return;
  if (const std::int64_t id = number_at(parameters, "migrate_to_chat_id"); id != 0) {
    verdict.moved_to = std::to_string(id);
  }
  if (verdict.text.find("can't parse entities") != std::string::npos) verdict.as_plain = true;
  if (verdict.text.find("chat not found") != std::string::npos) {
    set(verdict, Outcome::Permanent, row::kChatUnknown, true);
  } else if (verdict.text.find("message is too long") != std::string::npos) {
    set(verdict, Outcome::Permanent, row::kHttpTooLong);
  }
}

void judge_ntfy(PushVerdict& verdict, const HttpReply& reply, const AnswerJson& json) {
  if (reply.status != 429) return;
  if (number_at(json, "code") == kNtfyDayIsFull) {
    set(verdict, Outcome::Quota, row::kQuota);
    const std::int64_t left = kDaySeconds - reply.received_s % kDaySeconds;
    verdict.retry_after = clamped(std::chrono::seconds{left});
  } else if (!verdict.retry_after) {
    verdict.retry_after = kNtfyRetry;
  }
}

void judge_pushover(PushVerdict& verdict, const HttpReply& reply, const AnswerJson& json) {
  if (reply.status == 429) {
    set(verdict, Outcome::Quota, row::kQuota);
    const auto until = clamped(until_header(reply, "x-limit-app-reset"));
    if (until) verdict.retry_after = until;
  } else if (reply.status / 100 == 4) {
    const bool is_secret =
        answer_text_at(json, "token") == "invalid" || answer_text_at(json, "user") == "invalid";
    set(verdict, Outcome::Permanent, is_secret ? row::kHttpAuth : row::kHttpRefused, is_secret);
  } else if (reply.status / 100 == 2 && number_at(json, "status") != 1) {
    set(verdict, Outcome::InDoubt, row::kHttpGarbled, true);
  } else if (reply.status / 100 == 5 && !verdict.retry_after) {
    verdict.retry_after = kServerRetry;
  }
}

void judge_discord(PushVerdict& verdict, const HttpReply& reply, const AnswerJson& json) {
  // Seconds in the header; in the body once milliseconds: it counts only without one.
  if (reply.status == 429) {
    milliseconds told = reply.retry_after;
    if (told.count() <= 0) told = seconds_at(json, "retry_after");
    verdict.retry_after = clamped(std::min<milliseconds>(told, std::chrono::hours{1}));
  } else if (const auto left = reply.headers.find("x-ratelimit-remaining");
             left != reply.headers.end() && left->second == "0") {
    verdict.retry_after = clamped(header_seconds(reply, "x-ratelimit-reset-after"));
  }
}

// Slack's and Mattermost's addresses are their secret, and a refusal is for good.
void judge_hook(PushVerdict& verdict, const HttpReply& reply) {
  if (reply.status == 401 || reply.status == 403) {
    set(verdict, Outcome::Permanent, row::kHttpAuth, true);
  }
  if (reply.status == 429 && !verdict.retry_after) {
    const milliseconds until = until_header(reply, "x-ratelimit-reset");
    verdict.retry_after =
        clamped(until.count() > 0 ? until : header_seconds(reply, "x-ratelimit-reset"));
  }
}

void judge_webhook(PushVerdict& verdict, const HttpReply& reply,
                   const std::vector<int>& temporary) {
  if (reply.status == 409) return set(verdict, Outcome::Done, row::kOk);
  if (std::find(temporary.begin(), temporary.end(), reply.status) != temporary.end()) {
    return set(verdict, Outcome::Temporary, row::kHttpServer);
  }
  if (reply.status == 401 || reply.status == 403) {
    set(verdict, Outcome::Permanent, row::kHttpAuth, true);
  }
}

PushVerdict without_answer(const HttpReply& reply) {
  PushVerdict verdict;
  verdict.text = reply.words;
  if (reply.may_have_arrived) {
    set(verdict, Outcome::InDoubt, row::kHttpNoAnswer);
  } else {
    set(verdict, Outcome::EndpointFailure, reply.fault.row, reply.fault.config_suspect);
  }
  return verdict;
}

}  // namespace

PushVerdict judge_push(Service service, const HttpReply& reply, const std::vector<int>& temporary) {
  if (reply.status == 0) return without_answer(reply);
  const AnswerJson json = AnswerJson::parse(reply.body, nullptr, false);
  PushVerdict verdict;
  verdict.code = reply.status;
  if (reply.status / 100 != 2) verdict.text = words_of(json, reply.body);
  verdict.retry_after = clamped(reply.retry_after);
  judge_code(verdict, reply);
  switch (service) {
    case Service::Telegram:
      judge_telegram(verdict, reply, json);
      break;
    case Service::Ntfy:
      judge_ntfy(verdict, reply, json);
      break;
    case Service::Pushover:
      judge_pushover(verdict, reply, json);
      break;
    case Service::Discord:
      judge_discord(verdict, reply, json);
      break;
    case Service::Slack:
    case Service::Mattermost:
      judge_hook(verdict, reply);
      break;
    case Service::Webhook:
      judge_webhook(verdict, reply, temporary);
      break;
    case Service::Relay:
      if (reply.status == 409) set(verdict, Outcome::Done, row::kOk);
      break;
    case Service::Gotify:
      break;
  }
  return verdict;
}

}  // namespace fastrsi::transport

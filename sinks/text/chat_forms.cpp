#include "sinks/text/chat_forms.hpp"

#include <fmt/format.h>

#include <array>

namespace fastrsi {
namespace {

constexpr int kPushoverRetrySeconds = 60;      // an emergency is repeated until somebody answers,
constexpr int kPushoverExpireSeconds = 3'600;  // but not for ever

// Low, normal, high and critical in the numbers of each service.
constexpr std::array<int, 4> kNtfyPriorities{2, 3, 4, 5};
constexpr std::array<int, 4> kPushoverPriorities{-1, 0, 1, 2};
constexpr std::array<int, 4> kGotifyPriorities{2, 5, 8, 10};

int number_of(const std::array<int, 4>& numbers, Priority priority) noexcept {
  return numbers[static_cast<std::size_t>(priority)];
}

// Short codes that ntfy shows as emoji.
std::string_view emoji_of(Kind kind) noexcept {
  constexpr std::array<std::string_view, kKindCount> kEmoji{"green_circle",
                                                            "red_circle",
                                                            "warning",
                                                            "warning",
                                                            "chart_with_upwards_trend",
                                                            "chart_with_downwards_trend",
                                                            "arrow_up",
                                                            "arrow_down"};
  return kEmoji[static_cast<std::size_t>(kind)];
}

std::string telegram(const ChatMessage& message) {
  return fmt::format(R"({{"text":{},"parse_mode":"HTML","disable_notification":{},)"
                     R"("link_preview_options":{{"is_disabled":true}}}})",
                     json_string(message.text), message.priority == Priority::Low);
}

std::string ntfy(const ChatMessage& message) {
  return fmt::format(R"({{"title":{},"message":{},"priority":{},"tags":["{}","{}","{}"]}})",
                     json_string(message.title), json_string(message.text),
                     number_of(kNtfyPriorities, message.priority), emoji_of(message.kind),
                     to_text(message.kind), to_text(message.timeframe));
}

std::string discord(const ChatMessage& message) {
  return fmt::format(R"({{"content":{},"allowed_mentions":{{"parse":[]}}}})",
                     json_string(message.text));
}

std::string only_text(const ChatMessage& message) {
  return fmt::format(R"({{"text":{}}})", json_string(message.text));
}

std::string pushover(const ChatMessage& message) {
  std::string out =
      fmt::format(R"({{"title":{},"message":{},"priority":{},"timestamp":{})",
                  json_string(message.title), json_string(message.text),
                  number_of(kPushoverPriorities, message.priority), message.frozen / 1'000);
  if (message.priority == Priority::Critical) {
    out += fmt::format(R"(,"retry":{},"expire":{})", kPushoverRetrySeconds, kPushoverExpireSeconds);
  }
  return out + "}";
}

std::string gotify(const ChatMessage& message) {
  return fmt::format(R"({{"title":{},"message":{},"priority":{},)"
                     R"("extras":{{"client::display":{{"contentType":"text/plain"}}}}}})",
                     json_string(message.title), json_string(message.text),
                     number_of(kGotifyPriorities, message.priority));
}

std::string desktop(const ChatMessage& message) {
  return fmt::format(R"({{"title":{},"body":{}}})", json_string(message.title),
                     json_string(message.text));
}

}  // namespace

const ChatForm kTelegram{{SizeUnit::Utf16, 4096}, Escape::Telegram, "<b>", "</b>", telegram};
const ChatForm kNtfy{{SizeUnit::Bytes, 4095}, Escape::None, "", "", ntfy};
const ChatForm kDiscord{{SizeUnit::Utf16, 2000}, Escape::Markdown, "**", "**", discord};
const ChatForm kSlack{{SizeUnit::Utf16, 35'000}, Escape::Slack, "*", "*", only_text};
const ChatForm kMattermost{{SizeUnit::Utf16, 4000}, Escape::Markdown, "**", "**", only_text};
const ChatForm kPushover{{SizeUnit::Utf16, 1024}, Escape::None, "", "", pushover};
const ChatForm kGotify{{SizeUnit::Bytes, 16 * 1024}, Escape::None, "", "", gotify};
const ChatForm kDesktop{{SizeUnit::Utf16, 1024}, Escape::Telegram, "", "", desktop};

}  // namespace fastrsi

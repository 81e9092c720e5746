// What differs between chats and notifications: a row each, and the JSON each is posted as.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sinks/delivery/message.hpp"
#include "sinks/text/escape.hpp"
#include "sinks/text/units.hpp"

namespace fastrsi {

// One message, escaped as the channel wants it.
struct ChatMessage {
  std::string title;  // plain
  std::string text;
  Kind kind;
  Timeframe timeframe;
  Priority priority;
  WallMs frozen;
};

struct ChatForm {
  SizeLimit limit;  // of the text, after escaping
  Escape escape;
  std::string_view bold_begin;  // around the text's heading
  std::string_view bold_end;
  std::string (*octets)(const ChatMessage& message);
};

extern const ChatForm kTelegram;
extern const ChatForm kNtfy;
extern const ChatForm kDiscord;
extern const ChatForm kSlack;
extern const ChatForm kMattermost;
extern const ChatForm kPushover;
extern const ChatForm kGotify;
extern const ChatForm kDesktop;

}  // namespace fastrsi

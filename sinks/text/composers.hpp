// The menu of what writes messages: settings, and one make_... for each form. What a composer
// gives is what the transport posts, but for the target and secrets, which the transport adds.
//
// All of them are immutable after construction and may be shared between threads. make_... throws
// std::invalid_argument naming the setting and the mend. After that compose() throws nothing but
// for want of memory. What fit() has let through stays within the channel's limit; more than that,
// or one event beyond it, is cut at the limit and ends with an ellipsis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/delivery/message.hpp"
#include "sinks/text/text_settings.hpp"
#include "sinks/text/units.hpp"

namespace fastrsi {

// Chats and notifications. `text.text_template` replaces the channel's text; titles stay.
//
//   telegram    {"text","parse_mode":"HTML","disable_notification","link_preview_options":
//                {"is_disabled":true}}; low priority is silent. 4096 UTF-16 units, tags counted.
//   ntfy        {"title","message","priority":2..5,"tags":[emoji, kind, timeframe]}. 4095 bytes.
//   discord     {"content","allowed_mentions":{"parse":[]}}. 2000 UTF-16 units.
//   slack       {"text"}. 35,000 UTF-16 units.
//   mattermost  {"text"}. 4000 UTF-16 units.
//   pushover    {"title","message","priority":-1..2,"timestamp"}, and "retry","expire" with
//               priority 2; the transport makes a form of it. 1024 UTF-16 units, titles 250.
//   gotify      {"title","message","priority":2..10,"extras":{"client::display":
//                {"contentType":"text/plain"}}}. 16 KiB (no limit of its own is known).
//   desktop     {"title","body"}; the body has & < > as references. 1024 UTF-16 units.
std::unique_ptr<Composer> make_telegram_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_ntfy_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_discord_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_slack_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_mattermost_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_pushover_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_gotify_composer(const TextSettings& settings);
std::unique_ptr<Composer> make_desktop_composer(const TextSettings& settings);

// The text of a telegram message without its tags and references: for the second attempt after
// "can't parse entities".
std::string telegram_plain_text(std::string_view text);

// "Alert: <signal> - sym - sym", byte for byte the expert advisor's: no marks, Latin digits, its
// prefix, whatever else the settings say. Several stages stand in lines of their own.
struct AlertLineSettings {
  TextSettings text;
  SizeLimit limit{SizeUnit::Bytes, 256 * 1024};
};
std::unique_ptr<Composer> make_alert_line_composer(const AlertLineSettings& settings);
// The same within what MetaTrader's own notifications allow: 255 UTF-16 units.
std::unique_ptr<Composer> make_metatrader_composer(const TextSettings& settings);

// The expert advisor's log: a block of lines, each beginning "time  EA (chart,timeframe)".
struct PrintSettings {
  TextSettings text;
  std::string program = "TARS FAST RSI";
  std::string chart = "fastrsi";  // the chart's symbol in each line
  std::size_t total_symbols = 0;  // of the whole service
};
std::unique_ptr<Composer> make_print_composer(const PrintSettings& settings);

// Every field of each event, as the records have them; see webhook.cpp for the form. With a
// template the body is the template, values escaped for JSON strings.
struct WebhookSettings {
  TextSettings text;
  std::size_t body_bytes_max = 256 * 1024;
  std::size_t events_max = 1'000;  // 1: a message an event, which {{ticker}} is meant for
};
std::unique_ptr<Composer> make_webhook_composer(const WebhookSettings& settings);

enum class MailForm : std::uint8_t { Mime, Relay };
struct MailSettings {
  TextSettings text;
  MailForm form = MailForm::Mime;    // protocol = "smtp", or http with content = "json"
  std::string from;                  // from
  std::string from_name;             // from_name: at most 70 characters
  std::string reply_to;              // reply_to
  std::vector<std::string> to;       // to; empty: "undisclosed-recipients:;"
  std::vector<std::string> cc;       //
  std::vector<std::string> copy_to;  // copy_to: in no header; a relay is told them as bcc
  std::string domain;                // of Message-IDs; empty: the sender's
  std::size_t subject_names = 0;     // symbols named in the subject, at most 5
  std::size_t symbols_max = 2'000;   // in one mail
};
std::unique_ptr<Composer> make_mail_composer(const MailSettings& settings);

}  // namespace fastrsi

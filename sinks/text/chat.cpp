// Chats and notifications: one composer, and a row of kChatForms for each service.
#include <optional>

#include "sinks/text/chat_forms.hpp"
#include "sinks/text/composers.hpp"
#include "sinks/text/fitting.hpp"
#include "sinks/text/limited.hpp"
#include "sinks/text/template.hpp"
#include "sinks/text/wording.hpp"

namespace fastrsi {
namespace {

// More than one message of any channel can hold.
constexpr std::size_t kChatEventsMax = 16 * 1024;

class ChatComposer final : public Composer {
 public:
  ChatComposer(const TextSettings& settings, const ChatForm& form)
      : wording_(settings), form_(form) {
    if (!settings.text_template.empty()) template_.emplace(settings.text_template);
  }

  std::size_t fit(std::span<const DeliveryEvent> events, const Envelope& envelope) const override {
    const Envelope wide = widest(envelope);
    return longest_fit(events, kChatEventsMax, [&](std::span<const DeliveryEvent> some) {
      return fits(form_.limit, marked_up(plain(make_digest(some), wide)));
    });
  }

  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    const Digest digest = make_digest(events);
    const WordedText words = plain(digest, envelope);
    std::string text = marked_up(words);
    if (!fits(form_.limit, text)) {
      text = cut_and_escaped(words.heading + words.rest, form_.limit, form_.escape);
    }
    return form_.octets({wording_.title(digest, envelope), text, digest.kind, digest.timeframe,
                         digest.priority, envelope.frozen});
  }

 private:
  WordedText plain(const Digest& digest, const Envelope& envelope) const {
    if (!template_) return wording_.text(digest, envelope);
    return {{}, with_isolates_closed(template_->render(digest, envelope, wording_, Escape::None))};
  }

  std::string marked_up(const WordedText& words) const {
    std::string out;
    if (!words.heading.empty()) {
      out.append(form_.bold_begin).append(escaped(form_.escape, words.heading));
      out.append(form_.bold_end);
    }
    return out.append(escaped(form_.escape, words.rest));
  }

  const Wording wording_;
  const ChatForm& form_;  // compiled in
  std::optional<TextTemplate> template_;
};

std::unique_ptr<Composer> make_chat(const TextSettings& settings, const ChatForm& form) {
  return std::make_unique<ChatComposer>(settings, form);
}

}  // namespace

std::unique_ptr<Composer> make_telegram_composer(const TextSettings& settings) {
  return make_chat(settings, kTelegram);
}
std::unique_ptr<Composer> make_ntfy_composer(const TextSettings& settings) {
  return make_chat(settings, kNtfy);
}
std::unique_ptr<Composer> make_discord_composer(const TextSettings& settings) {
  return make_chat(settings, kDiscord);
}
std::unique_ptr<Composer> make_slack_composer(const TextSettings& settings) {
  return make_chat(settings, kSlack);
}
std::unique_ptr<Composer> make_mattermost_composer(const TextSettings& settings) {
  return make_chat(settings, kMattermost);
}
std::unique_ptr<Composer> make_pushover_composer(const TextSettings& settings) {
  return make_chat(settings, kPushover);
}
std::unique_ptr<Composer> make_gotify_composer(const TextSettings& settings) {
  return make_chat(settings, kGotify);
}
std::unique_ptr<Composer> make_desktop_composer(const TextSettings& settings) {
  return make_chat(settings, kDesktop);
}

std::string telegram_plain_text(std::string_view text) {
  struct Mark {
    std::string_view markup;
    std::string_view plain;
  };
  constexpr Mark kMarks[]{{"<b>", ""}, {"</b>", ""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}};
  std::string out;
  while (!text.empty()) {
    std::size_t step = 0;
    for (const Mark& mark : kMarks) {
      if (!text.starts_with(mark.markup)) continue;
      out += mark.plain;
      step = mark.markup.size();
      break;
    }
    if (step == 0) {
      out += text.front();
      step = 1;
    }
    text.remove_prefix(step);
  }
  return out;
}

}  // namespace fastrsi

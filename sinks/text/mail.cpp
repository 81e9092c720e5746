// Mails (DELIVERY.md, sections 7.1 and 8.2). Everything that could differ between two attempts
// comes from the envelope: the date is when the message was frozen, Message-ID and boundary are its
// mid.
//
// As MIME the headers are, in this order: Date From [Reply-To] To [Cc] Subject Message-ID
// References Auto-Submitted X-Fastrsi-Signal MIME-Version Content-Type. Never Bcc: who gets a copy
// is on the envelope alone. For a relay it is one JSON object:
//
//   {"from","from_name","to":[],"cc":[],"bcc":[],"reply_to","subject","text","html","message_id"}
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "engine/base/assert.hpp"
#include "sinks/text/address.hpp"
#include "sinks/text/composers.hpp"
#include "sinks/text/escape.hpp"
#include "sinks/text/fitting.hpp"
#include "sinks/text/mail_body.hpp"
#include "sinks/text/mime.hpp"
#include "sinks/text/template.hpp"
#include "sinks/text/wording.hpp"
#include "sinks/text/zone.hpp"

namespace fastrsi {
namespace {

constexpr std::size_t kSubjectNamesMax = 5;
constexpr std::size_t kRecipientsMax = 500;
constexpr std::size_t kSymbolsMax = 10'000;
// Of one body before its encoding; servers take 10 MiB and more.
constexpr SizeLimit kBodyLimit{SizeUnit::Bytes, 2 * 1024 * 1024};
constexpr std::size_t kMidMax = 64;

bool is_mid(std::string_view mid) noexcept {
  return !mid.empty() && mid.size() <= kMidMax && std::all_of(mid.begin(), mid.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

void check_all(std::string_view field, const std::vector<std::string>& addresses) {
  if (addresses.size() > kRecipientsMax) {
    throw std::invalid_argument(
        fmt::format("{}: {} addresses, at most {}", field, addresses.size(), kRecipientsMax));
  }
  for (const std::string& address : addresses) check_address(field, address);
}

MailSettings checked(MailSettings settings) {
  check_address("from", settings.from);
  check_display_name("from_name", settings.from_name);
  if (!settings.reply_to.empty()) check_address("reply_to", settings.reply_to);
  check_all("to", settings.to);
  check_all("cc", settings.cc);
  check_all("copy_to", settings.copy_to);
  if (settings.domain.empty()) settings.domain = domain_of(settings.from);
  check_domain("domain", settings.domain);
  if (settings.subject_names > kSubjectNamesMax) {
    throw std::invalid_argument(fmt::format("subject_names: {} are too many, at most {}",
                                            settings.subject_names, kSubjectNamesMax));
  }
  if (settings.symbols_max == 0 || settings.symbols_max > kSymbolsMax) {
    throw std::invalid_argument(
        fmt::format("symbols_max: {} is not from 1 to {}", settings.symbols_max, kSymbolsMax));
  }
  return settings;
}

std::string json_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts)
    out.append(out.empty() ? "" : ",").append(json_string(text));
  return "[" + out + "]";
}

struct Bodies {
  std::string text;
  std::string html;
};

class MailComposer final : public Composer {
 public:
  explicit MailComposer(const MailSettings& settings)
      : settings_(checked(settings)), wording_(settings.text) {
    if (!settings.text.text_template.empty()) template_.emplace(settings.text.text_template);
  }

  std::size_t fit(std::span<const DeliveryEvent> events, const Envelope& envelope) const override {
    const Envelope wide = widest(envelope);
    return longest_fit(events, settings_.symbols_max, [&](std::span<const DeliveryEvent> some) {
      const Bodies bodies = bodies_of(make_digest(some), wide);
      return fits(kBodyLimit, bodies.text) && fits(kBodyLimit, bodies.html);
    });
  }

  std::string compose(std::span<const DeliveryEvent> events,
                      const Envelope& envelope) const override {
    FASTRSI_ASSERT(is_mid(envelope.mid));
    const Digest digest = make_digest(events);
    return settings_.form == MailForm::Mime ? mime(digest, envelope) : relay(digest, envelope);
  }

 private:
  Bodies bodies_of(const Digest& digest, const Envelope& envelope) const {
    if (!template_) {
      return {mail_text(digest, envelope, wording_), mail_html(digest, envelope, wording_)};
    }
    const std::string text =
        with_isolates_closed(template_->render(digest, envelope, wording_, Escape::None));
    return {text, mail_html_of(text, wording_)};
  }

  std::string subject(const Digest& digest, const Envelope& envelope) const {
    std::string out(wording_.line_start());
    out.append("[fastrsi] ").append(wording_.title(digest, envelope));
    if (digest.symbols > settings_.subject_names) return out;
    for (const DigestSection& section : digest.sections) out += wording_.joined(section);
    return out;
  }

  std::string message_id(const Envelope& envelope) const {
    return fmt::format("<{}@{}>", envelope.mid, settings_.domain);
  }

  // One thread a day, kind and timeframe.
  std::string thread_root(const Digest& digest, ExchangeTime frozen) const {
    return fmt::format("<{}.{}.{}@{}>", wording_.zone().day(frozen), to_text(digest.kind),
                       to_text(digest.timeframe), settings_.domain);
  }

  std::string mime(const Digest& digest, const Envelope& envelope) const {
    const ExchangeTime frozen = time_from_wall_ms(envelope.frozen);
    std::vector<MailHeader> headers;
    headers.push_back({"Date", wording_.zone().mail_date(frozen)});
    headers.push_back({"From", mailbox(settings_.from_name, settings_.from, 6)});
    if (!settings_.reply_to.empty()) headers.push_back({"Reply-To", settings_.reply_to});
    const bool undisclosed = settings_.to.empty();
    headers.push_back(
        {"To", undisclosed ? "undisclosed-recipients:;" : address_list(settings_.to, 4)});
    if (!settings_.cc.empty()) headers.push_back({"Cc", address_list(settings_.cc, 4)});
    headers.push_back({"Subject", encoded_words(subject(digest, envelope), 9)});
    headers.push_back({"Message-ID", message_id(envelope)});
    headers.push_back({"References", thread_root(digest, frozen)});
    headers.push_back({"Auto-Submitted", "auto-generated"});
    headers.push_back(
        {"X-Fastrsi-Signal",
         fmt::format("{}; timeframe={}; symbols={}; part={}/{}", to_text(digest.kind),
                     to_text(digest.timeframe), digest.symbols, envelope.part, envelope.parts)});
    const Bodies bodies = bodies_of(digest, envelope);
    return mime_mail(headers, "fastrsi" + envelope.mid, bodies.text, bodies.html);
  }

  std::string relay(const Digest& digest, const Envelope& envelope) const {
    const Bodies bodies = bodies_of(digest, envelope);
    std::string out =
        fmt::format(R"({{"from":{},"from_name":{},"to":{},"cc":{},"bcc":{},)",
                    json_string(settings_.from), json_string(settings_.from_name),
                    json_list(settings_.to), json_list(settings_.cc), json_list(settings_.copy_to));
    out += fmt::format(R"("reply_to":{},"subject":{},"text":{},"html":{},"message_id":{}}})",
                       json_string(settings_.reply_to), json_string(subject(digest, envelope)),
                       json_string(bodies.text), json_string(bodies.html),
                       json_string(message_id(envelope)));
    return out;
  }

  const MailSettings settings_;
  const Wording wording_;
  std::optional<TextTemplate> template_;
};

}  // namespace

std::unique_ptr<Composer> make_mail_composer(const MailSettings& settings) {
  return std::make_unique<MailComposer>(settings);
}

}  // namespace fastrsi

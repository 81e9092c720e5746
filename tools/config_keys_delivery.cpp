// The rows of THE table (config_keys.cpp) for sinks that bring signals to people (DELIVERY.md,
// section 12).
#include <type_traits>

#include "tools/config_delivery_codec.hpp"
#include "tools/config_keys.hpp"
#include "tools/config_proxy_codec.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

using Types = bool (*)(std::string_view type);

bool any_delivery(std::string_view type) {
  return is_delivery(type);
}
bool mails(std::string_view type) {
  return type == "email" || type == "pickup";
}
constexpr Types kEmail = [](std::string_view type) { return type == "email"; };
constexpr Types kPush = [](std::string_view type) { return type == "push"; };
constexpr Types kPickup = [](std::string_view type) { return type == "pickup"; };
constexpr Types kDesktop = [](std::string_view type) { return type == "desktop"; };
constexpr Types kExec = [](std::string_view type) { return type == "exec"; };

// A row of the types that `types` says; `field` gives the place in a DeliveryConfig.
template <class Field, class Codec>
KeyRow sink_row(std::string_view name, Types types, Field field, Codec codec,
                std::string_view help) {
  return {
      Section::Sink,
      name,
      help,
      codec.allowed(),
      [field, codec](const TomlNode& node, const ValueReader& reader, Config& config,
                     std::size_t index) {
        auto value = codec.read(node, reader);
        auto& place = field(config.sinks[index].delivery);
        if (value) place = static_cast<std::remove_reference_t<decltype(place)>>(*value);
      },
      [field, codec](const Config& config, std::size_t index) {
        return codec.write(field(config.sinks[index].delivery));
      },
      [types](const Config& config, std::size_t index) { return types(config.sinks[index].type); }};
}

const TextCodec kText{"a text", check_any};
constexpr Milliseconds kNone{0};
constexpr Milliseconds kDay = std::chrono::hours{24};

#define FASTRSI_FIELD(path) ([](auto& sink) -> auto& { return sink.path; })

void add_rule_rows(std::vector<KeyRow>& keys) {
  keys.push_back(sink_row("enabled", any_delivery, FASTRSI_FIELD(enabled), FlagCodec{},
                          "Whether it is used at all."));
  keys.push_back(sink_row("symbols", any_delivery, FASTRSI_FIELD(rules.symbols), kGlobs,
                          "Symbols that it takes, as the venue writes them."));
  keys.push_back(sink_row("exclude", any_delivery, FASTRSI_FIELD(rules.exclude), kGlobs,
                          "Symbols of those that it does not take."));
  keys.push_back(sink_row("timeframes", any_delivery, FASTRSI_FIELD(rules.timeframes), kGlobs,
                          "Timeframes that it takes."));
  keys.push_back(sink_row("priority", any_delivery, FASTRSI_FIELD(rules.priorities),
                          PrioritiesCodec{},
                          "What matters more or less than \"normal\"; the first that fits counts. "
                          "High goes first, critical also in quiet hours."));
  keys.push_back(sink_row("least", any_delivery, FASTRSI_FIELD(rules.least), PriorityCodec{},
                          "Signals of a lower priority are not sent."));
  keys.push_back(sink_row("first_load", any_delivery, FASTRSI_FIELD(rules.first_load_kinds),
                          KindsCodec{},
                          "Kinds that it takes of the lists of a rule's first look."));
  keys.push_back(sink_row("automatic", any_delivery, FASTRSI_FIELD(rules.automatic), FlagCodec{},
                          "Whether it takes what fires by itself."));
  keys.push_back(sink_row("group_wait", any_delivery, FASTRSI_FIELD(rules.group_wait),
                          MillisecondsCodec{kNone, kDay},
                          "How long signals of a kind and timeframe are gathered before they are "
                          "sent."));
  keys.push_back(sink_row("group_interval", any_delivery, FASTRSI_FIELD(rules.group_interval),
                          MillisecondsCodec{kNone, kDay},
                          "Then at most one message of the kind and timeframe in this time."));
  keys.push_back(sink_row("max_symbols", any_delivery, FASTRSI_FIELD(rules.symbols_most),
                          CountCodec{1, 10'000},
                          "Symbols in one message; the rest go in the next."));
  keys.push_back(sink_row("expires", any_delivery, FASTRSI_FIELD(rules.expires), ExpiryCodec{},
                          "A signal older than this is not sent any more."));
  keys.push_back(sink_row("rate", any_delivery, FASTRSI_FIELD(rules.rates), RatesCodec{},
                          "Messages in a time; all must allow. Empty: the service's own."));
  keys.push_back(sink_row("quota", any_delivery, FASTRSI_FIELD(rules.quota), QuotaCodec{},
                          "Recipients in a rolling time; a tenth is kept for high priority."));
  keys.push_back(sink_row("quiet_hours", any_delivery, FASTRSI_FIELD(rules.quiet),
                          QuietHoursCodec{}, "When nothing is sent, or without a sound."));
  keys.push_back(sink_row("max_live", any_delivery, FASTRSI_FIELD(rules.live_most),
                          CountCodec{1, 1'000'000}, "Signals and messages that wait, at most."));
  keys.push_back(sink_row("assume_sent", any_delivery, FASTRSI_FIELD(rules.assume_sent),
                          FlagCodec{},
                          "A message that may have arrived is not sent again: one may be lost, "
                          "none comes twice."));
  keys.push_back(sink_row("dry_run", any_delivery, FASTRSI_FIELD(rules.dry_run), FlagCodec{},
                          "Everything but the sending."));
}

// Two fields of the settings are one key.
KeyRow repeat_row() {
  const RepeatCodec codec;
  return {
      Section::Sink,
      "repeat",
      "How often the same signal may come: once for a closed bar, once in a bar, ...",
      codec.allowed(),
      [codec](const TomlNode& node, const ValueReader& reader, Config& config, std::size_t index) {
        const auto value = codec.read(node, reader);
        DeliverySettings& rules = config.sinks[index].delivery.rules;
        if (!value) return;
        rules.repeat = value->repeat;
        rules.repeat_interval = value->interval;
      },
      [codec](const Config& config, std::size_t index) {
        const DeliverySettings& rules = config.sinks[index].delivery.rules;
        return codec.write({rules.repeat, rules.repeat_interval});
      },
      [](const Config& config, std::size_t index) {
        return is_delivery(config.sinks[index].type);
      }};
}

void add_text_rows(std::vector<KeyRow>& keys) {
  keys.push_back(sink_row("language", any_delivery, FASTRSI_FIELD(text.language),
                          WordCodec<Language>{{{"en", Language::English},
                                               {"fa", Language::Persian},
                                               {"ur", Language::Urdu},
                                               {"hi", Language::Hindi}}},
                          "The language of the messages."));
  keys.push_back(sink_row("digits", any_delivery, FASTRSI_FIELD(text.digits),
                          WordCodec<Digits>{{{"latin", Digits::Latin}, {"native", Digits::Native}}},
                          "The digits of numbers for people."));
  keys.push_back(sink_row("bidi", any_delivery, FASTRSI_FIELD(text.bidi),
                          WordCodec<Bidi>{{{"isolate", Bidi::Isolate}, {"none", Bidi::None}}},
                          "Marks that keep a line in order where two reading directions meet."));
  keys.push_back(sink_row(
      "prefix", any_delivery, FASTRSI_FIELD(text.prefix),
      WordCodec<Prefix>{
          {{"localised", Prefix::Localised}, {"seed", Prefix::Seed}, {"none", Prefix::None}}},
      "Before the signal's name: the language's word, \"Alert:\" or nothing."));
  keys.push_back(sink_row("layout", any_delivery, FASTRSI_FIELD(text.layout),
                          WordCodec<Layout>{{{"line", Layout::Line}, {"list", Layout::List}}},
                          "All symbols in a line, or each in its own with price and RSI."));
  keys.push_back(sink_row("zone", any_delivery, FASTRSI_FIELD(text.zone),
                          TextCodec{"an IANA time zone", check_zone}, "Of the times in messages."));
  keys.push_back(sink_row("template", any_delivery, FASTRSI_FIELD(text.text_template), kText,
                          "A text of your own, with {{signal}}, {{symbols}}, {{timeframe}} and so "
                          "on. Empty: the language's own."));
}

void add_mail_rows(std::vector<KeyRow>& keys) {
  keys.push_back(sink_row("from", mails, FASTRSI_FIELD(from), kText, "The sender's address."));
  keys.push_back(sink_row("from_name", mails, FASTRSI_FIELD(from_name), kText,
                          "The sender's name, at most 70 characters."));
  keys.push_back(sink_row("reply_to", mails, FASTRSI_FIELD(reply_to), kText,
                          "Where answers go, if elsewhere."));
  keys.push_back(sink_row("to", mails, FASTRSI_FIELD(to),
                          TextListCodec{"a list of addresses", check_any, true}, "Recipients."));
  keys.push_back(sink_row("copy_to", mails, FASTRSI_FIELD(copy_to), kText,
                          "Every mail goes there too, unseen by the others."));
  keys.push_back(sink_row("protocol", kEmail, FASTRSI_FIELD(by_http),
                          WordCodec<bool>{{{"smtp", false}, {"http", true}}},
                          "A mail server, or a mail relay's HTTP interface."));
  keys.push_back(sink_row("preset", kEmail, FASTRSI_FIELD(preset),
                          TextWordCodec{{"", "gmail", "yahoo", "office365"}},
                          "Host, ports and limits of a provider; give user and password in smtp."));
  keys.push_back(sink_row("smtp", kEmail, FASTRSI_FIELD(smtp), MailServersCodec{},
                          "Servers, in the order in which they are tried."));
  keys.push_back(sink_row("http", kEmail, FASTRSI_FIELD(http), RelayCodec{}, "The mail relay."));
  keys.push_back(sink_row("directory", kPickup, FASTRSI_FIELD(pickup.directory), kText,
                          "Where mails are put as files."));
  keys.push_back(sink_row("iis", kPickup, FASTRSI_FIELD(pickup.is_iis), FlagCodec{},
                          "X-Sender and X-Receiver before each mail, as IIS wants them."));
}

void add_push_rows(std::vector<KeyRow>& keys) {
  using transport::Service;
  keys.push_back(sink_row("service", kPush, FASTRSI_FIELD(push.service),
                          WordCodec<Service>{{{"webhook", Service::Webhook},
                                              {"telegram", Service::Telegram},
                                              {"ntfy", Service::Ntfy},
                                              {"discord", Service::Discord},
                                              {"slack", Service::Slack},
                                              {"mattermost", Service::Mattermost},
                                              {"pushover", Service::Pushover},
                                              {"gotify", Service::Gotify}}},
                          "Whose service it is."));
  keys.push_back(sink_row("url", kPush, FASTRSI_FIELD(push.url), SecretCodec{},
                          "The address of a webhook, Discord, Slack or Mattermost."));
  keys.push_back(sink_row("api_base", kPush, FASTRSI_FIELD(push.api_base), kText,
                          "Where Telegram, ntfy, Pushover or Gotify are. Empty: their own."));
  keys.push_back(sink_row("token", kPush, FASTRSI_FIELD(push.token), SecretCodec{},
                          "The token of the bot, topic or application."));
  keys.push_back(
      sink_row("user", kPush, FASTRSI_FIELD(push.user), kText, "ntfy with a password: its user."));
  keys.push_back(
      sink_row("password", kPush, FASTRSI_FIELD(push.password), SecretCodec{}, "Of that user."));
  keys.push_back(sink_row("signing_key", kPush, FASTRSI_FIELD(push.signing_key), SecretCodec{},
                          "A webhook's key for X-Fastrsi-Signature."));
  keys.push_back(sink_row("header", kPush, FASTRSI_FIELD(push.headers), HeadersCodec{},
                          "Further headers of a webhook."));
  keys.push_back(sink_row("temporary", kPush, FASTRSI_FIELD(push.temporary), CodesCodec{},
                          "Codes of a webhook after which it is tried again, besides the usual."));
  keys.push_back(sink_row("chat", kPush, FASTRSI_FIELD(chat),
                          TextListCodec{"a list of chats, topics or users", check_any, true},
                          "Telegram's chats, ntfy's topics, Pushover's users."));
  keys.push_back(sink_row("proxy", kPush, FASTRSI_FIELD(push.http.proxy), ProxyCodec{},
                          "socks5h://HOST:PORT or http://HOST:PORT. Empty: none."));
  keys.push_back(sink_row("ca_file", kPush, FASTRSI_FIELD(push.http.verification.ca_file), kText,
                          "Certificates to trust in place of the system's."));
  keys.push_back(sink_row("pin", kPush, FASTRSI_FIELD(push.http.verification.pin), kText,
                          "SHA-256 of the server's public key, in base64."));
  keys.push_back(sink_row("tls_verify", kPush, FASTRSI_FIELD(push.http.verification.verify),
                          FlagCodec{}, "Off only for a server of your own."));
  keys.push_back(sink_row("allow_private", kPush, FASTRSI_FIELD(push.http.allow_private),
                          FlagCodec{}, "Servers in private networks and on this machine."));
}

void add_machine_rows(std::vector<KeyRow>& keys) {
  keys.push_back(sink_row("sound", kDesktop, FASTRSI_FIELD(desktop.sound), kText,
                          "A .wav file. Empty: silent."));
  keys.push_back(sink_row("command", kExec, FASTRSI_FIELD(exec.command),
                          TextListCodec{"a program and its words", check_any, true},
                          "Run for each message, the signals as JSON on its input; no shell."));
  keys.push_back(sink_row("timeout", kExec, FASTRSI_FIELD(exec.timeout),
                          MillisecondsCodec{Milliseconds{100}, std::chrono::hours{1}},
                          "Then it is killed."));
}

#undef FASTRSI_FIELD

}  // namespace

void add_delivery_keys(std::vector<KeyRow>& keys) {
  add_rule_rows(keys);
  keys.push_back(repeat_row());
  add_text_rows(keys);
  add_mail_rows(keys);
  add_push_rows(keys);
  add_machine_rows(keys);
}

}  // namespace fastrsi

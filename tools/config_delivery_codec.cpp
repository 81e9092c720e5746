#include "tools/config_delivery_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "tools/config_inline_table.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

using transport::SecretSource;
using transport::SmtpAuth;
using transport::SmtpSettings;
using transport::SmtpTls;

constexpr Milliseconds kDurationMost = std::chrono::hours{24 * 365};

const TextCodec kAnyText{"a text", check_any};

const WordCodec<SmtpTls>& tls_words() {
  static const WordCodec<SmtpTls> kWords{{{"auto", SmtpTls::Auto},
                                          {"starttls", SmtpTls::StartTls},
                                          {"tls", SmtpTls::Implicit},
                                          {"none", SmtpTls::None}}};
  return kWords;
}

const WordCodec<SmtpAuth>& auth_words() {
  static const WordCodec<SmtpAuth> kWords{{{"auto", SmtpAuth::Auto},
                                           {"none", SmtpAuth::None},
                                           {"plain", SmtpAuth::Plain},
                                           {"login", SmtpAuth::Login},
                                           {"cram-md5", SmtpAuth::CramMd5},
                                           {"xoauth2", SmtpAuth::XOAuth2}}};
  return kWords;
}

const WordCodec<QuietMode>& quiet_words() {
  static const WordCodec<QuietMode> kWords{
      {{"hold", QuietMode::Hold}, {"silent", QuietMode::Silent}, {"drop", QuietMode::Drop}}};
  return kWords;
}

const WordCodec<Priority>& priority_words() {
  static const WordCodec<Priority> kWords{{{"low", Priority::Low},
                                           {"normal", Priority::Normal},
                                           {"high", Priority::High},
                                           {"critical", Priority::Critical}}};
  return kWords;
}

const WordCodec<Repeat>& repeat_words() {
  static const WordCodec<Repeat> kWords{{{"once_per_bar_close", Repeat::OncePerBarClose},
                                         {"once_per_bar", Repeat::OncePerBar},
                                         {"once", Repeat::Once},
                                         {"every_scan", Repeat::EveryScan}}};
  return kWords;
}

std::string days_text(unsigned days) {
  constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu",
                                                     "fri", "sat", "sun"};
  if (days == 0x7F) return "mon-sun";
  std::string text;
  for (std::size_t day = 0; day < kDays.size(); ++day) {
    if ((days >> day & 1U) == 0) continue;
    text += text.empty() ? "" : ",";
    text += kDays[day];
  }
  return text;
}

std::string clock_text(int minutes) {
  return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
}

// A value that is read from a text, or wrong.
template <class Value, class Parse>
std::optional<Value> parsed(const TomlNode& node, const ValueReader& reader,
                            const std::string& allowed, Parse&& parse) {
  const std::string* const text = text_of(node, reader, allowed);
  if (text == nullptr) return std::nullopt;
  std::optional<Value> value = parse(*text);
  if (!value) reader.expected(node, allowed);
  return value;
}

// Elements of a list of tables or texts, each read by `read_one`.
template <class Value, class ReadOne>
std::optional<std::vector<Value>> read_list(const TomlNode& node, const ValueReader& reader,
                                            const std::string& allowed, ReadOne&& read_one) {
  if (node.type != TomlType::List) {
    reader.expected(node, allowed);
    return std::nullopt;
  }
  std::vector<Value> values;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const ValueReader within{reader.report, fmt::format("{}[{}]", reader.name, i)};
    std::optional<Value> value = read_one(node.items[i], within);
    if (value) values.push_back(std::move(*value));
  }
  if (values.size() != node.items.size()) return std::nullopt;
  return values;
}

template <class Value, class WriteOne>
std::string write_list(const std::vector<Value>& values, WriteOne&& write_one) {
  std::string text = "[";
  for (const Value& value : values) {
    text += text.size() == 1 ? "" : ", ";
    text += write_one(value);
  }
  return text + "]";
}

// What was found instead is not said: it is a secret in the wrong place, most likely.
void expected_secret(const TomlNode& node, const ValueReader& reader, const std::string& allowed) {
  reader.wrong(node, "expected " + allowed);
}

// Differs between two secrets and tells nothing of either: salted anew in each process.
std::string mark_of(const std::string& secret) {
  static const std::uint64_t kSalt = std::random_device{}();
  const std::size_t hash = std::hash<std::string>{}(std::to_string(kSalt) + secret);
  return fmt::format("<a secret, mark {:08x}>", static_cast<std::uint32_t>(hash));
}

void write_tls(const transport::TlsSettings& tls, InlineWriter& table) {
  table.add_text("ca_file", tls.ca_file);
  table.add_text("pin", tls.pin);
  if (!tls.verify) table.add("tls_verify", "false");
}

}  // namespace

std::string MillisecondsCodec::allowed() const {
  return DurationCodec{min, max}.allowed();
}
std::optional<Milliseconds> MillisecondsCodec::read(const TomlNode& node,
                                                    const ValueReader& reader) const {
  const auto value = DurationCodec{min, max}.read(node, reader);
  if (!value) return std::nullopt;
  return std::chrono::duration_cast<Milliseconds>(*value);
}
std::string MillisecondsCodec::write(Milliseconds value) const {
  return DurationCodec{min, max}.write(value);
}

std::string ExpiryCodec::allowed() const {
  return "\"auto\": one bar, at least 5m, at most 24h; or a duration";
}
std::optional<ExpiryCodec::Value> ExpiryCodec::read(const TomlNode& node,
                                                    const ValueReader& reader) const {
  if (node.type == TomlType::Text && node.text == "auto") return Value{};
  const auto value = MillisecondsCodec{Milliseconds{1000}, kDurationMost}.read(node, reader);
  if (!value) return std::nullopt;
  return Value{*value};
}
std::string ExpiryCodec::write(const Value& value) const {
  return value ? DurationCodec{}.write(*value) : "\"auto\"";
}

std::string RepeatCodec::allowed() const {
  return repeat_words().allowed() + ", or a duration";
}
std::optional<RepeatRule> RepeatCodec::read(const TomlNode& node, const ValueReader& reader) const {
  if (node.type == TomlType::Text && parse_duration_ms(node.text)) {
    const auto every = MillisecondsCodec{Milliseconds{1000}, kDurationMost}.read(node, reader);
    if (!every) return std::nullopt;
    return RepeatRule{Repeat::Interval, *every};
  }
  const auto word = repeat_words().read(node, reader);
  if (!word) return std::nullopt;
  return RepeatRule{*word, Milliseconds{0}};
}
std::string RepeatCodec::write(const RepeatRule& value) const {
  if (value.repeat == Repeat::Interval) return DurationCodec{}.write(value.interval);
  return repeat_words().write(value.repeat);
}

std::optional<std::vector<Rate>> RatesCodec::read(const TomlNode& node,
                                                  const ValueReader& reader) const {
  return read_list<Rate>(node, reader, allowed(), [](const TomlNode& item, const auto& within) {
    return parsed<Rate>(item, within, "a rate such as \"10/1m\"", parse_rate);
  });
}
std::string RatesCodec::write(const std::vector<Rate>& value) const {
  return write_list(value, [](const Rate& rate) { return toml_quoted(to_text(rate)); });
}

std::optional<Quota> QuotaCodec::read(const TomlNode& node, const ValueReader& reader) const {
  return parsed<Quota>(node, reader, allowed(), [](const std::string& text) {
    return text.empty() ? std::optional<Quota>(Quota{}) : parse_quota(text);
  });
}
std::string QuotaCodec::write(const Quota& value) const {
  if (value.most == 0) return "\"\"";
  const auto hours = std::chrono::duration_cast<std::chrono::hours>(value.period);
  return hours == value.period ? fmt::format("\"{}/{}h\"", value.most, hours.count())
                               : fmt::format("\"{}/{}s\"", value.most, value.period.count() / 1000);
}

std::optional<std::vector<QuietHours>> QuietHoursCodec::read(const TomlNode& node,
                                                             const ValueReader& reader) const {
  return read_list<QuietHours>(
      node, reader, allowed(),
      [](const TomlNode& item, const ValueReader& within) -> std::optional<QuietHours> {
        QuietHours hours;
        std::string days = "mon-sun";
        std::string from;
        std::string to;
        InlineTable table(item, within);
        table.take("days", kAnyText, days);
        const bool has_from = table.take("from", kAnyText, from);
        const bool has_to = table.take("to", kAnyText, to);
        table.take("zone", TextCodec{"an IANA time zone", check_zone}, hours.zone);
        table.take("mode", quiet_words(), hours.mode);
        if (!table.finish()) return std::nullopt;
        const auto parsed_days = parse_days(days);
        const auto begin = parse_clock(from);
        const auto end = parse_clock(to);
        if (!parsed_days) table.wrong(item, "days are such as \"mon-fri\" or \"sat,sun\"");
        if (!has_from || !begin) table.wrong(item, "from is a time of day such as \"23:00\"");
        if (!has_to || !end) table.wrong(item, "to is a time of day such as \"07:00\"");
        if (!table.finish()) return std::nullopt;
        hours.days = *parsed_days;
        hours.from = *begin;
        hours.to = *end;
        return hours;
      });
}
std::string QuietHoursCodec::write(const std::vector<QuietHours>& value) const {
  return write_list(value, [](const QuietHours& hours) {
    InlineWriter table;
    table.add("days", toml_quoted(days_text(hours.days)));
    table.add("from", toml_quoted(clock_text(hours.from)));
    table.add("to", toml_quoted(clock_text(hours.to)));
    table.add("zone", toml_quoted(hours.zone));
    table.add("mode", quiet_words().write(hours.mode));
    return table.text();
  });
}

std::optional<Priority> PriorityCodec::read(const TomlNode& node, const ValueReader& reader) const {
  return priority_words().read(node, reader);
}
std::string PriorityCodec::write(Priority value) const {
  return priority_words().write(value);
}

std::optional<std::vector<PriorityRule>> PrioritiesCodec::read(const TomlNode& node,
                                                               const ValueReader& reader) const {
  return read_list<PriorityRule>(
      node, reader, allowed(),
      [](const TomlNode& item, const ValueReader& within) -> std::optional<PriorityRule> {
        PriorityRule rule;
        InlineTable table(item, within);
        if (!table.take("level", priority_words(), rule.level) && table.finish()) {
          table.wrong(item, "level is missing");
        }
        table.take("kinds", KindsCodec{}, rule.kinds);
        table.take("symbols", kGlobs, rule.symbols);
        table.take("timeframes", kGlobs, rule.timeframes);
        if (!table.finish()) return std::nullopt;
        return rule;
      });
}
std::string PrioritiesCodec::write(const std::vector<PriorityRule>& value) const {
  return write_list(value, [](const PriorityRule& rule) {
    InlineWriter table;
    table.add("level", priority_words().write(rule.level));
    table.add("kinds", KindsCodec{}.write(rule.kinds));
    table.add("symbols", kGlobs.write(rule.symbols));
    table.add("timeframes", kGlobs.write(rule.timeframes));
    return table.text();
  });
}

std::optional<SecretSource> SecretCodec::read(const TomlNode& node,
                                              const ValueReader& reader) const {
  SecretSource source;
  if (node.type == TomlType::Text) {
    source.text = node.text;
    return source;
  }
  if (node.type != TomlType::Table) {
    expected_secret(node, reader, allowed());
    return std::nullopt;
  }
  InlineTable table(node, reader);
  int given = 0;
  given += table.take("file", kAnyText, source.file) ? 1 : 0;
  given += table.take("env", kAnyText, source.env) ? 1 : 0;
  given += table.take("credential", kAnyText, source.credential) ? 1 : 0;
  given += table.take("command", TextListCodec{"a program and its words", check_any, false},
                      source.command)
               ? 1
               : 0;
  if (given > 1) table.wrong(node, "names more than one place", "keep one of them");
  if (!table.finish()) return std::nullopt;
  return source;
}
std::string SecretCodec::write(const SecretSource& value) const {
  InlineWriter table;
  if (!value.file.empty()) table.add("file", toml_quoted(value.file));
  if (!value.env.empty()) table.add("env", toml_quoted(value.env));
  if (!value.credential.empty()) table.add("credential", toml_quoted(value.credential));
  if (!value.command.empty()) {
    table.add("command", TextListCodec{"", check_any, false}.write(value.command));
  }
  if (!value.text.empty()) return toml_quoted(mark_of(value.text));
  return value.empty() ? "\"\"" : table.text();
}

std::optional<HeadersCodec::Value> HeadersCodec::read(const TomlNode& node,
                                                      const ValueReader& reader) const {
  if (node.type != TomlType::Table) {
    expected_secret(node, reader, allowed());
    return std::nullopt;
  }
  Value headers;
  for (const TomlMember& member : node.members) {
    auto value = SecretCodec{}.read(member.value, {reader.report, reader.name + "." + member.name});
    if (value) headers[member.name] = std::move(*value);
  }
  if (headers.size() != node.members.size()) return std::nullopt;
  return headers;
}
std::string HeadersCodec::write(const Value& value) const {
  InlineWriter table;
  for (const auto& [name, source] : value) {
    table.add(toml_quoted(name), SecretCodec{}.write(source));
  }
  return table.text();
}

std::optional<std::vector<int>> CodesCodec::read(const TomlNode& node,
                                                 const ValueReader& reader) const {
  return read_list<int>(node, reader, allowed(), [](const TomlNode& item, const auto& within) {
    return WholeCodec{400, 599}.read(item, within);
  });
}
std::string CodesCodec::write(const std::vector<int>& value) const {
  return write_list(value, [](int code) { return std::to_string(code); });
}

std::optional<std::vector<MailServer>> MailServersCodec::read(const TomlNode& node,
                                                              const ValueReader& reader) const {
  return read_list<MailServer>(
      node, reader, allowed(),
      [](const TomlNode& item, const ValueReader& within) -> std::optional<MailServer> {
        MailServer server;
        SmtpSettings& smtp = server.smtp;
        InlineTable table(item, within);
        table.take("name", TextCodec{"1 to 64 of: A-Z a-z 0-9 _ . -", check_name}, smtp.name);
        table.take("host", kAnyText, smtp.host);
        table.take("port", WholeCodec{1, 65'535}, smtp.port);
        table.take("tls", tls_words(), smtp.tls);
        table.take("auth", auth_words(), smtp.auth);
        table.take("user", kAnyText, smtp.user);
        table.take("password", SecretCodec{}, smtp.password);
        table.take("ca_file", kAnyText, smtp.verification.ca_file);
        table.take("pin", kAnyText, smtp.verification.pin);
        table.take("tls_verify", FlagCodec{}, smtp.verification.verify);
        table.take("allow_insecure_auth", FlagCodec{}, smtp.allow_insecure_auth);
        table.take("ehlo_name", kAnyText, smtp.ehlo_name);
        table.take("proxy", kAnyText, smtp.proxy);
        table.take("enabled", FlagCodec{}, server.enabled);
        if (!table.finish()) return std::nullopt;
        return server;
      });
}
// What is as it would be anyway is left out.
std::string MailServersCodec::write(const std::vector<MailServer>& value) const {
  return write_list(value, [](const MailServer& server) {
    const SmtpSettings& smtp = server.smtp;
    const MailServer usual;
    InlineWriter table;
    table.add_text("name", smtp.name);
    table.add_text("host", smtp.host);
    if (smtp.port != 0) table.add("port", std::to_string(smtp.port));
    if (smtp.tls != usual.smtp.tls) table.add("tls", tls_words().write(smtp.tls));
    if (smtp.auth != usual.smtp.auth) table.add("auth", auth_words().write(smtp.auth));
    table.add_text("user", smtp.user);
    if (!smtp.password.empty()) table.add("password", SecretCodec{}.write(smtp.password));
    write_tls(smtp.verification, table);
    if (smtp.allow_insecure_auth) table.add("allow_insecure_auth", "true");
    table.add_text("ehlo_name", smtp.ehlo_name);
    table.add_text("proxy", smtp.proxy);
    if (!server.enabled) table.add("enabled", "false");
    return table.text();
  });
}

std::optional<transport::PushSettings> RelayCodec::read(const TomlNode& node,
                                                        const ValueReader& reader) const {
  if (node.type != TomlType::Table) {
    expected_secret(node, reader, allowed());
    return std::nullopt;
  }
  transport::PushSettings relay;
  relay.service = transport::Service::Relay;
  InlineTable table(node, reader);
  table.take("url", SecretCodec{}, relay.url);
  table.take("content", WordCodec<bool>{{{"json", false}, {"message/rfc822", true}}},
             relay.is_raw_mail);
  table.take("header", HeadersCodec{}, relay.headers);
  table.take("ca_file", kAnyText, relay.http.verification.ca_file);
  table.take("pin", kAnyText, relay.http.verification.pin);
  table.take("tls_verify", FlagCodec{}, relay.http.verification.verify);
  table.take("proxy", kAnyText, relay.http.proxy);
  table.take("allow_private", FlagCodec{}, relay.http.allow_private);
  if (!table.finish()) return std::nullopt;
  return relay;
}
std::string RelayCodec::write(const transport::PushSettings& value) const {
  InlineWriter table;
  if (!value.url.empty()) table.add("url", SecretCodec{}.write(value.url));
  if (value.is_raw_mail) table.add("content", "\"message/rfc822\"");
  if (!value.headers.empty()) table.add("header", HeadersCodec{}.write(value.headers));
  write_tls(value.http.verification, table);
  table.add_text("proxy", value.http.proxy);
  if (value.http.allow_private) table.add("allow_private", "true");
  return table.text();
}

}  // namespace fastrsi

#include "tools/config_delivery_codec.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/config_inline_table.hpp"
#include "tools/config_list_codec.hpp"
#include "tools/config_proxy_codec.hpp"
#include "tools/config_values.hpp"

namespace fastrsi {
namespace {

// How the text begins that a dump has in a secret's place.
constexpr std::string_view kDumpedSecret = "<a secret, mark ";

using transport::SecretSource;
using transport::SmtpAuth;
using transport::SmtpSettings;
using transport::SmtpTls;

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

// What was found instead is not said: it is a secret in the wrong place, most likely.
void expected_secret(const TomlNode& node, const ValueReader& reader, const std::string& allowed) {
  reader.wrong(node, "expected " + allowed);
}

void write_tls(const transport::TlsSettings& tls, InlineWriter& table) {
  table.add_text("ca_file", tls.ca_file);
  table.add_text("pin", tls.pin);
  if (!tls.verify) table.add("tls_verify", "false");
}

}  // namespace

std::optional<SecretSource> SecretCodec::read(const TomlNode& node,
                                              const ValueReader& reader) const {
  SecretSource source;
  if (node.type == TomlType::Text) {
    if (node.text.starts_with(kDumpedSecret)) {
      reader.wrong(node, "stands where the secret was, in what `config dump` wrote",
                   "put the secret here again");
      return std::nullopt;
    }
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
  if (!value.text.empty())
    return toml_quoted(fmt::format("{}{:08x}>", kDumpedSecret, mark_of(value.text)));
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
        table.take("proxy", ProxyCodec{}, smtp.proxy);
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
    if (!smtp.proxy.empty()) table.add("proxy", ProxyCodec{}.write(smtp.proxy));
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
  table.take("proxy", ProxyCodec{}, relay.http.proxy);
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
  if (!value.http.proxy.empty()) table.add("proxy", ProxyCodec{}.write(value.http.proxy));
  if (value.http.allow_private) table.add("allow_private", "true");
  return table.text();
}

}  // namespace fastrsi

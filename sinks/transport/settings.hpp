// What each transport is told (DELIVERY.md, sections 5, 10 and 12). Values only; keys in the
// comments.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fastrsi::transport {

// Where a secret comes from; exactly one of them, or none.
struct SecretSource {
  std::string text;        // in the configuration itself, when only its owner can read that
  std::string file;        // { file = "/etc/fastrsi/smtp" }
  std::string env;         // { env = "SMTP" }; taken out of the environment
  std::string credential;  // { credential = "smtp" }: systemd's
  std::vector<std::string> command;  // { command = ["pass", "show", "smtp"] }

  bool empty() const {
    return text.empty() && file.empty() && env.empty() && credential.empty() && command.empty();
  }
};

struct TlsSettings {
  std::string ca_file;  // PEM; empty: the system's
  std::string pin;      // SHA-256 of the server's public key in base64; empty: any
  bool verify = true;   // tls_verify
};

enum class SmtpTls : std::uint8_t {
  Auto,      // "auto": implicit on port 465, else STARTTLS, and nothing without it
  StartTls,  // "starttls": required
  Implicit,  // "tls"
  None,      // "none"
};

enum class SmtpAuth : std::uint8_t { Auto, None, Plain, Login, CramMd5, XOAuth2 };

struct SmtpSettings {
  std::string name;        // for messages
  std::string host;        // or host:port
  std::uint16_t port = 0;  // 0: 465, 587, 25 in turn, as far as `tls` allows
  SmtpTls tls = SmtpTls::Auto;
  SmtpAuth auth = SmtpAuth::Auto;
  std::string user;
  SecretSource password;  // the token with xoauth2
  TlsSettings verification;
  bool allow_insecure_auth = false;  // a password without TLS to another machine
  std::string from;                  // the envelope's sender
  std::string ehlo_name;             // empty: the machine's name
  std::string proxy;                 // socks5h://host:port, http://host:port
  std::size_t targets_most = 100;    // RFC 5321, 4.5.3.1.8: every server takes as many
  std::chrono::milliseconds connect_within = std::chrono::seconds{20};
  std::chrono::seconds reply_within{60};
  // A shorter time at the final dot raises the number of mails that come twice.
  std::chrono::seconds dot_within{120};
  std::chrono::milliseconds whole_within = std::chrono::seconds{300};
};

// What HTTP services have in common.
struct HttpSettings {
  TlsSettings verification;
  std::string proxy;           // empty: none, whatever the environment says
  bool allow_private = false;  // targets in private networks and on this machine
  std::chrono::milliseconds connect_within = std::chrono::seconds{10};
  std::chrono::milliseconds answer_within = std::chrono::seconds{30};  // all of it
};

enum class Service : std::uint8_t {
  Telegram,
  Ntfy,
  Webhook,
  Discord,
  Slack,
  Mattermost,
  Pushover,
  Gotify,
  Relay,  // mails by HTTP
};

struct PushSettings {
  std::string name;
  Service service = Service::Webhook;
  std::string api_base;  // telegram, ntfy, pushover, gotify: where the service is
  SecretSource url;      // webhook, discord, slack, mattermost, relay: the whole address
  SecretSource token;    // telegram, ntfy, pushover, gotify
  std::string user;      // ntfy with a password: its user
  SecretSource password;
  SecretSource signing_key;                     // webhook: X-Fastrsi-Signature
  std::map<std::string, SecretSource> headers;  // webhook, relay: { Authorization = {...} }
  std::vector<int> temporary;                   // webhook: further codes that are tried again
  bool is_raw_mail = false;                     // relay: content = "message/rfc822" and not "json"
  std::string from;                             // relay with message/rfc822: the envelope's sender
  HttpSettings http;
};

struct PickupSettings {
  std::string name;
  std::string directory;
  std::string from;
  bool is_iis = false;  // X-Sender and X-Receiver before the mail
};

struct ExecSettings {
  std::string name;
  std::vector<std::string> command;
  std::chrono::milliseconds timeout = std::chrono::seconds{10};
};

struct DesktopSettings {
  std::string name;
  std::string sound;  // a .wav; empty: none
  std::chrono::milliseconds timeout = std::chrono::seconds{5};
};

}  // namespace fastrsi::transport

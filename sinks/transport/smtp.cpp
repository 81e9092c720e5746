// Mail by SMTP. One handle, one thread, one connection that is used again while it is good; each
// recipient has an answer of its own. Retries, rates and the choice between primary and secondary
// are others' (sinks/delivery); what is tried again here went to nobody: a connection that the
// server had closed meanwhile, a login whose token had expired, the next port of a list.
#include <array>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>

#include "sinks/transport/answers.hpp"
#include "sinks/transport/rows.hpp"
#include "sinks/transport/secret.hpp"
#include "sinks/transport/smtp_address.hpp"
#include "sinks/transport/smtp_transfer.hpp"
#include "sinks/transport/transports.hpp"

namespace fastrsi::transport {
namespace {

// Whoever reads their mails, it is not the public.
constexpr std::array<std::string_view, 3> kAlwaysVerified{"smtp.gmail.com", "smtp.mail.yahoo.com",
                                                          "smtp.office365.com"};

std::string lower_word(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

[[noreturn]] void refuse_smtp(const SmtpSettings& settings, const std::string& why) {
  throw std::runtime_error("smtp \"" + settings.name + "\": " + why);
}

void check_login(const SmtpSettings& settings) {
  const bool has_secret = !settings.password.empty();
  if (settings.auth == SmtpAuth::None) return;
  if (settings.auth != SmtpAuth::Auto && (settings.user.empty() || !has_secret)) {
    refuse_smtp(settings,
                "this auth needs user and password (mend: give both, or auth = \"none\")");
  }
  if (settings.user.empty() != !has_secret) {
    refuse_smtp(settings, "user and password belong together (mend: give both or neither)");
  }
  if (settings.tls != SmtpTls::None || settings.user.empty()) return;
  if (settings.allow_insecure_auth) return;
  if (!settings.proxy.empty() || !is_loopback(settings.host)) {
    refuse_smtp(settings,
                "the password would travel without TLS (mend: tls = \"starttls\", or "
                "allow_insecure_auth = true on a network of your own)");
  }
}

SmtpSettings checked(SmtpSettings settings) {
  const HostPort split = [&settings] {
    try {
      return split_host(settings.host);
    } catch (const std::runtime_error& error) {
      refuse_smtp(settings, error.what());
    }
  }();
  if (split.port != 0 && settings.port != 0 && split.port != settings.port) {
    refuse_smtp(settings, "host and port name two different ports (mend: give one)");
  }
  settings.host = lower_word(split.host);
  if (split.port != 0) settings.port = split.port;
  if (const std::string fault = address_fault(settings.from); !fault.empty()) {
    refuse_smtp(settings, "the sender's address " + fault + " (mend: from = \"name@example.org\")");
  }
  if (const std::string fault = host_fault(settings.ehlo_name);
      !settings.ehlo_name.empty() && !fault.empty()) {
    refuse_smtp(settings, "the EHLO name " + fault);
  }
  for (const char c : settings.user + settings.proxy) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      refuse_smtp(settings, "user or proxy has a control character");
    }
  }
  check_login(settings);
  if (!settings.verification.verify) {
    for (const std::string_view host : kAlwaysVerified) {
      if (settings.host == host) {
        refuse_smtp(settings, "tls_verify = false is not for " + settings.host +
                                  " (mend: leave it out; its certificate is good)");
      }
    }
  }
  if (settings.targets_most == 0) refuse_smtp(settings, "targets_most is 0 (mend: at least 1)");
  return settings;
}

class SmtpTransport final : public Transport {
 public:
  explicit SmtpTransport(SmtpSettings settings)
      : settings_(checked(std::move(settings))),
        ports_(ports_of(settings_.port, settings_.tls)),
        password_(settings_.password, "smtp \"" + settings_.name + "\": password", redactor_,
                  stop_.get_token()),
        connection_(settings_, stop_.get_token()) {
    begin_curl();
    redactor_.add(proxy_secret(settings_.proxy));
  }

  SendAnswer send(const Shipment& shipment) noexcept override {
    try {
      return send_to(shipment);
    } catch (const std::exception& error) {
      return failed(shipment.targets.size(), error);
    }
  }

  SendAnswer probe() noexcept override {
    try {
      return try_ports({}, 0);
    } catch (const std::exception& error) {
      return failed(0, error);
    }
  }

  void cancel() noexcept override { stop_.request_stop(); }
  std::size_t targets_most() const noexcept override { return settings_.targets_most; }

 private:
  // Addresses that SMTP cannot carry never get near libcurl (F17).
  SendAnswer send_to(const Shipment& shipment) {
    SmtpMail mail;
    mail.octets = shipment.octets;
    std::vector<std::size_t> places;
    SendAnswer answer;
    for (std::size_t i = 0; i < shipment.targets.size(); ++i) {
      const std::string fault = address_fault(shipment.targets[i]);
      if (fault.empty()) {
        mail.recipients.emplace_back(shipment.targets[i]);
        places.push_back(i);
      }
      answer.targets.push_back({i, Outcome::Permanent, 0, "the address " + fault});
    }
    answer.row = row::kAddressRefused;
    if (mail.recipients.empty() || mail.octets.empty()) return answer;
    SendAnswer tried = try_ports(mail, places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      answer.targets[places[i]] = std::move(tried.targets[i]);
      answer.targets[places[i]].target = places[i];
    }
    answer.row = std::move(tried.row);
    answer.retry_after = tried.retry_after;
    answer.config_suspect = tried.config_suspect;
    answer.transcript = std::move(tried.transcript);
    return answer;
  }

  // From the port that was good last; the next one only while none has let us in.
  SendAnswer try_ports(const SmtpMail& mail, std::size_t recipients) {
    SendAnswer telling;
    for (std::size_t n = 0; n < ports_.size(); ++n) {
      const std::size_t place = (good_port_ + n) % ports_.size();
      bool is_let_in = false;
      SendAnswer answer = try_port(ports_[place], mail, recipients, is_let_in);
      answer.transcript.insert(answer.transcript.begin(), telling.transcript.begin(),
                               telling.transcript.end());
      if (is_let_in) {
        good_port_ = place;
        return answer;
      }
      // A certificate says more than a port that nobody listens on.
      const bool is_better = n == 0 || (answer.config_suspect && !telling.config_suspect);
      std::vector<std::string> transcript = std::move(answer.transcript);
      if (is_better) telling = std::move(answer);
      telling.transcript = std::move(transcript);
    }
    return telling;
  }

  SendAnswer try_port(std::uint16_t port, const SmtpMail& mail, std::size_t recipients,
                      bool& is_let_in) {
    if (password_.is_given() && password_.value(redactor_).empty()) {
      is_let_in = true;
      SendAnswer answer =
          answer_for_all(recipients, Outcome::AuthFailure, 0, password_.error(), row::kSecret);
      answer.config_suspect = true;
      return answer;
    }
    std::vector<std::string> transcript;
    SendAnswer answer = transfer(port, mail, recipients, transcript);
    if (is_stale_) answer = transfer(port, mail, recipients, transcript);
    // A token lives for an hour, and a password may have been changed in its file.
    const bool is_refused = answer.row == row::kAuthRefused || answer.row == row::kAuthToken;
    if (is_refused && password_.refresh(redactor_)) {
      answer = transfer(port, mail, recipients, transcript);
    }
    is_let_in = is_let_in_;
    answer.transcript = std::move(transcript);
    return answer;
  }

  SendAnswer transfer(std::uint16_t port, const SmtpMail& mail, std::size_t recipients,
                      std::vector<std::string>& transcript) {
    transcript.push_back("* " + settings_.host + " port " + std::to_string(port));
    const SmtpResult result =
        connection_.transfer(settings_.host, port, mail, password_.value(redactor_).reveal());
    SendAnswer answer = judge_smtp(result.end, result.talk, recipients);
    for (const std::string& line : result.talk.transcript()) {
      transcript.push_back(redactor_.line(line));
    }
    if (!result.end.words.empty()) transcript.push_back("* " + redactor_.line(result.end.words));
    for (TargetAnswer& target : answer.targets) target.text = redactor_.line(target.text);
    is_let_in_ =
        result.end.is_ok || is_past_hello(result.talk.step()) || result.end.is_login_denied;
    // The server had closed a connection that waited, or says so now. Nothing was sent.
    is_stale_ = result.was_reused && !result.end.is_ok && is_before_mail(result.talk);
    return answer;
  }

  static bool is_past_hello(SmtpStep step) {
    return step == SmtpStep::Auth || step == SmtpStep::Mail || step == SmtpStep::Rcpt ||
           step == SmtpStep::Data || step == SmtpStep::Dot;
  }

  static bool is_before_mail(const SmtpTalk& talk) {
    if (talk.exchanges().size() != 1) return false;
    const int code = talk.pending().code;
    return code == 0 || code == 421;
  }

  SendAnswer failed(std::size_t targets, const std::exception& error) {
    connection_.close();
    return answer_for_all(targets, Outcome::InDoubt, 0, redactor_.line(error.what()), row::kClient);
  }

  // Constant after construction.
  const SmtpSettings settings_;
  const std::vector<std::uint16_t> ports_;
  // Any thread.
  std::stop_source stop_;
  // The transport's thread.
  Redactor redactor_;
  Secret password_;
  SmtpConnection connection_;
  std::size_t good_port_ = 0;
  bool is_let_in_ = false;  // by the last transfer: another port would say the same
  bool is_stale_ = false;
};

}  // namespace

void check_settings(const SmtpSettings& settings) {
  static_cast<void>(checked(settings));
}

std::unique_ptr<Transport> make_smtp_transport(SmtpSettings settings) {
  return std::make_unique<SmtpTransport>(std::move(settings));
}

}  // namespace fastrsi::transport

#include "feeds/net/tls_failure.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <system_error>

#include "feeds/net/ascii.hpp"

namespace fastrsi::net {
namespace {

constexpr std::size_t kNamesShownMax = 8;

std::string time_text(const ASN1_TIME* time) {
  std::tm utc{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &utc) != 1) return "an unreadable time";
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc)};
}

std::string address_text(const ASN1_OCTET_STRING* address) {
  const unsigned char* const bytes = ASN1_STRING_get0_data(address);
  const int count = ASN1_STRING_length(address);
  std::string text;
  for (int i = 0; i < count; ++i) {
    static constexpr char kHex[] = "0123456789abcdef";
    if (count == 4) {
      text += (i == 0 ? "" : ".") + std::to_string(bytes[i]);
    } else {
      if (i != 0 && i % 2 == 0) text += ':';
      text += {kHex[bytes[i] >> 4], kHex[bytes[i] & 0xF]};
    }
  }
  return text;
}

// What the certificate is for: a, b, c
std::string names_text(X509* certificate) {
  struct Deleter {
    void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
  };
  const std::unique_ptr<GENERAL_NAMES, Deleter> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  std::size_t shown = 0;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    if (++shown > kNamesShownMax) return text + " and more";
    if (shown > 1) text += ", ";
    if (name->type == GEN_IPADD) {
      text += address_text(name->d.iPAddress);
    } else {
      const auto* const bytes =
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      text += in_quotes({bytes, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName))});
    }
  }
  return text.empty() ? "no name" : text;
}

std::string subject_text(const X509_NAME* name) {
  char text[256];
  X509_NAME_oneline(name, text, sizeof text);
  return in_quotes(text, sizeof text);
}

Ended tls_ended(EndReason reason, std::string sentence) {
  Ended result;
  result.reason = reason;
  result.sentence = std::move(sentence);
  return result;
}

// "TLS 1.1" for the version of a ServerHello below TLS 1.2; nothing else.
std::string_view old_version(const TlsWitness& witness) noexcept {
  // record: 22, version(2), length(2); handshake: 2, length(3), version(2)
  const auto& bytes = witness.first_bytes;
  if (witness.first_count < 11 || bytes[0] != 22 || bytes[5] != 2 || bytes[9] != 3) return {};
  switch (bytes[10]) {
    case 0:
      return "SSL 3.0";
    case 1:
      return "TLS 1.0";
    case 2:
      return "TLS 1.1";
    default:
      return {};
  }
}

std::string reason_text(unsigned long error) {
  const char* const text = ERR_reason_error_string(error);
  return text == nullptr ? "error " + std::to_string(error) : text;
}

unsigned long take_errors() noexcept {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  return error;
}

}  // namespace

void TlsWitness::saw(std::string_view bytes) noexcept {
  const std::size_t count = std::min(bytes.size(), first_bytes.size() - first_count);
  std::copy_n(bytes.begin(), count, first_bytes.begin() + static_cast<std::ptrdiff_t>(first_count));
  first_count += count;
}

Ended certificate_failure(int error, X509* refused, X509* shown, const std::string& peer,
                          const std::string& host) {
  const std::string certificate = "the certificate of " + peer;
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return tls_ended(
          EndReason::TlsExpired,
          (refused == shown ? certificate
                            : "the certificate " + subject_text(X509_get_subject_name(refused)) +
                                  " behind that of " + peer) +
              " has expired on " + time_text(X509_get0_notAfter(refused)) +
              " (mend: the server's operator renews it; or our clock is wrong)");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return tls_ended(EndReason::TlsNotYetValid, certificate + " is not valid before " +
                                                      time_text(X509_get0_notBefore(refused)) +
                                                      " (mend: set our clock)");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return tls_ended(EndReason::TlsWrongHost, certificate + " is not for '" + host +
                                                    "', but for " + names_text(shown) +
                                                    " (mend: the URL, or who answers there)");
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return tls_ended(
          EndReason::TlsSelfSigned,
          certificate + " is signed by itself (mend: set it as the CA file, if you trust it)");
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
    // One of that name is trusted, but it has another key.
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return tls_ended(
          EndReason::TlsUnknownIssuer,
          certificate + " is signed by " + subject_text(X509_get_issuer_name(refused)) +
              ", which is not trusted here (mend: install ca-certificates, or set its CA "
              "file)");
    default:
      return tls_ended(EndReason::TlsFailed,
                       certificate + " is refused: " + X509_verify_cert_error_string(error));
  }
}

Ended tls_handshake_failure(const TlsWitness& witness, const std::string& peer) {
  const unsigned long error = take_errors();
  const std::string_view first(witness.first_bytes.data(), witness.first_count);
  if (first.starts_with("HTTP/")) {
    return tls_ended(EndReason::TlsNotTls,
                     peer +
                         " speaks plain HTTP on this port, not TLS (mend: the "
                         "port, or ws:// instead of wss://)");
  }
  if (!first.empty() && first[0] != 0x15 && first[0] != 0x16) {
    return tls_ended(EndReason::TlsNotTls,
                     peer + " does not speak TLS on this port, but says " + in_quotes(first));
  }
  if (const std::string_view version = old_version(witness); !version.empty()) {
    return tls_ended(EndReason::TlsTooOld, peer + " speaks " + std::string(version) +
                                               " only; TLS 1.2 is the oldest that is safe");
  }
  const int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  if (reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION || reason == SSL_R_UNSUPPORTED_PROTOCOL) {
    return tls_ended(EndReason::TlsTooOld,
                     peer + " refuses TLS 1.2 and 1.3: it must speak TLS 1.1 or older only");
  }
  if (witness.system_error != 0) {
    return tls_ended(EndReason::TlsClosed,
                     peer + " cuts the connection in the TLS handshake: " +
                         std::generic_category().message(witness.system_error));
  }
  if (witness.ended) {
    return tls_ended(EndReason::TlsClosed, peer + " closes the connection in the TLS handshake");
  }
  return tls_ended(EndReason::TlsFailed, "TLS with " + peer + " fails: " + reason_text(error));
}

Ended tls_failure(const TlsWitness& witness, const std::string& peer) {
  const unsigned long error = take_errors();
  const std::string why = witness.system_error != 0
                              ? std::generic_category().message(witness.system_error)
                          : witness.ended ? std::string("closed without a word of TLS")
                                          : reason_text(error);
  return tls_ended(EndReason::Lost, "the connection with " + peer + " is lost: " + why);
}

}  // namespace fastrsi::net

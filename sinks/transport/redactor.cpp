// Known secrets in the forms in which a server, libcurl or a log could repeat them.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/base/utf8.hpp"
#include "sinks/printable.hpp"
#include "sinks/transport/secret.hpp"

namespace fastrsi::transport {
namespace {

constexpr std::string_view kMask = "***";
// A shorter form would hide half of every text, and tells little.
constexpr std::size_t kFormBytesMin = 4;
// A new token each hour, for a year.
constexpr std::size_t kFormsMax = 8 * 10'000;

std::string base64_form(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// What base64_form of anything that holds the secret at this place modulo three has in it for sure.
std::string inner_base64(std::string_view secret, std::size_t before) {
  const std::size_t whole = (before + secret.size()) / 3 * 3;
  const std::size_t first = before == 0 ? 0 : 3;
  if (whole <= first) return {};
  const std::string padded = std::string(before, '\0').append(secret);
  return base64_form(std::string_view{padded}.substr(first, whole - first));
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent(std::string_view bytes, std::string_view digits, std::string_view spared) {
  std::string text;
  for (const char c : bytes) {
    if (is_plain(c) || spared.find(c) != std::string_view::npos) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += '%';
      text += digits[byte / 16];
      text += digits[byte % 16];
    }
  }
  return text;
}

// Beyond ASCII as JSON's escapes of four hex digits, which many a server writes. Empty when the
// bytes are no UTF-8.
std::string ascii_json(std::string_view bytes, std::string_view digits) {
  constexpr char32_t kPairsFrom = 0x10000;
  std::string text;
  const auto add_unit = [&](char32_t unit) {
    text += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) text += digits[unit >> shift & 0xFU];
  };
  while (!bytes.empty()) {
    const Utf8Step step = first_utf8(bytes);
    if (!step.valid) return {};
    if (step.code < 0x80) {
      if (step.code == '"' || step.code == '\\') text += '\\';
      text += bytes.front();
    } else if (step.code < kPairsFrom) {
      add_unit(step.code);
    } else {
      add_unit(0xD800U + ((step.code - kPairsFrom) >> 10U));
      add_unit(0xDC00U + ((step.code - kPairsFrom) & 0x3FFU));
    }
    bytes.remove_prefix(step.length);
  }
  return text;
}

// A solidus may be escaped, and mostly is not.
std::string json(std::string_view bytes, std::string_view escaped) {
  std::string text;
  for (const char c : bytes) {
    if (escaped.find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

void Redactor::add_form(std::string form) {
  const auto same = [&form](const SecretString& known) { return known.reveal() == form; };
  if (form.empty() || std::any_of(forms_.begin(), forms_.end(), same)) return;
  const auto shorter = [&form](const SecretString& known) {
    return known.reveal().size() < form.size();
  };
  forms_.insert(std::find_if(forms_.begin(), forms_.end(), shorter), SecretString(form));
}

void Redactor::add(std::string_view secret) {
  if (secret.empty() || forms_.size() >= kFormsMax) return;
  add_form(std::string{secret});
  for (std::size_t before = 0; before < 3; ++before) {
    std::string form = inner_base64(secret, before);
    if (form.size() < kFormBytesMin) continue;
    add_form(form);
    std::replace(form.begin(), form.end(), '+', '-');
    std::replace(form.begin(), form.end(), '/', '_');
    add_form(std::move(form));
  }
  for (const std::string_view spared : {"", "/", "+:@!$&'()*,;=", "/+:@!$&'()*,;="}) {
    add_form(percent(secret, "0123456789ABCDEF", spared));
    add_form(percent(secret, "0123456789abcdef", spared));
  }
  // JSON, and JSON within a text of JSON.
  for (const std::string& form :
       {json(secret, "\"\\"), json(secret, "\"\\/"), ascii_json(secret, "0123456789abcdef"),
        ascii_json(secret, "0123456789ABCDEF")}) {
    add_form(json(form, "\"\\"));
    add_form(form);
  }
}

std::string Redactor::clean(std::string_view text) const {
  std::string result{text};
  for (const SecretString& form : forms_) {
    for (std::size_t at = result.find(form.reveal()); at != std::string::npos;
         at = result.find(form.reveal(), at + kMask.size())) {
      result.replace(at, form.reveal().size(), kMask);
    }
  }
  return result;
}

std::string Redactor::line(std::string_view text, std::size_t bytes_max) const {
  // Again at the end: what an escape prints may, with what follows, be read as a secret, too.
  std::string result = clean(printable(clean(text)));
  if (result.size() <= bytes_max) return result;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xC0U) == 0x80U) --end;
  result.resize(end);
  return result;
}

}  // namespace fastrsi::transport

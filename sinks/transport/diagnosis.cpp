#include "sinks/transport/diagnosis.hpp"

#include <cstdlib>

#include "sinks/transport/presets.hpp"

namespace fastrsi::transport {
namespace {

struct Language {
  std::span<const RowText> rows;
  std::span<const HintText> hints;
};

Language language_of(std::string_view word) {
  if (word == "fa") return {row_texts_fa(), hint_texts_fa()};
  if (word == "ur") return {row_texts_ur(), hint_texts_ur()};
  if (word == "hi") return {row_texts_hi(), hint_texts_hi()};
  return {row_texts_en(), hint_texts_en()};
}

std::string_view hint_text(const Language& language, Hint hint) {
  for (const HintText& text : language.hints) {
    if (text.hint == hint) return text.text;
  }
  return {};
}

// 534 is "application-specific password required", 535 a password that is not taken.
const Hint* hint_of(const SendAnswer& answer, const MailPreset& preset) {
  static constexpr Hint kAppPassword = Hint::AppPassword;
  static constexpr Hint kOAuth = Hint::OAuth;
  static constexpr Hint kQuota = Hint::QuotaOfDay;
  if (answer.row == row::kQuota && preset.recipients_a_day != 0) return &kQuota;
  const bool is_login = answer.row == row::kAuthRefused || answer.row == row::kAuthBasicDisabled ||
                        answer.row == row::kAuthRequired || answer.row == row::kAuthMechanism;
  if (!is_login) return nullptr;
  if (preset.auth == SmtpAuth::XOAuth2) return &kOAuth;
  return preset.needs_app_password ? &kAppPassword : nullptr;
}

}  // namespace

std::string diagnosis(const SendAnswer& answer, std::string_view host, std::string_view word) {
  const Language language = language_of(word);
  std::string text{hint_text(language, Hint::Unknown)};
  for (const RowText& row : language.rows) {
    if (row.row == answer.row) text = row.text;
  }
  const MailPreset* const preset = find_preset_of_host(host);
  const Hint* const hint = preset == nullptr ? nullptr : hint_of(answer, *preset);
  if (hint != nullptr) text += " " + std::string{hint_text(language, *hint)};
  return text;
}

}  // namespace fastrsi::transport

#include "sinks/text/language.hpp"

#include "engine/base/assert.hpp"

namespace fastrsi {
namespace {

constexpr std::array<std::string_view, kLanguageCount> kCodes{"en", "fa", "ur", "hi"};

}  // namespace

std::string_view to_text(Language language) noexcept {
  const auto index = static_cast<std::size_t>(language);
  FASTRSI_ASSERT(index < kCodes.size());
  return kCodes[index];
}

std::optional<Language> language_from_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes[i] == text) return static_cast<Language>(i);
  }
  return std::nullopt;
}

const Lexicon& lexicon_of(Language language) noexcept {
  switch (language) {
    case Language::English:
      return kEnglish;
    case Language::Persian:
      return kPersian;
    case Language::Urdu:
      return kUrdu;
    case Language::Hindi:
      return kHindi;
  }
  FASTRSI_ASSERT(false);
  return kEnglish;
}

std::string_view signal_name(Language language, Kind kind, NameStyle style) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  FASTRSI_ASSERT(index < kKindCount);
  const SignalNames& names = lexicon_of(language).signals[index];
  if (style == NameStyle::Settings) return names.settings;
  return style == NameStyle::Formula ? names.formula : names.alert;
}

}  // namespace fastrsi

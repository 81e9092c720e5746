// What a row of the classification table means, in plain words and in the reader's language, with
// what to do about it. For `fastrsi test` and `status`.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sinks/delivery/transport.hpp"
#include "sinks/transport/rows.hpp"

namespace fastrsi::transport {

// `language`: "en", "fa", "ur", "hi"; any other gets English. `host` is the server's name, for what
// is known of the great providers; may be empty. A row that is none gets a sentence of its own.
std::string diagnosis(const SendAnswer& answer, std::string_view host, std::string_view language);

// The tables, one a language: every row has its sentence there.
struct RowText {
  row::Word row;
  std::string_view text;
};
std::span<const RowText> row_texts_en();
std::span<const RowText> row_texts_fa();
std::span<const RowText> row_texts_ur();
std::span<const RowText> row_texts_hi();

// What is known of a provider, beside the row's own sentence.
enum class Hint : unsigned char { AppPassword, OAuth, QuotaOfDay, Unknown };
struct HintText {
  Hint hint;
  std::string_view text;
};
std::span<const HintText> hint_texts_en();
std::span<const HintText> hint_texts_fa();
std::span<const HintText> hint_texts_ur();
std::span<const HintText> hint_texts_hi();

}  // namespace fastrsi::transport

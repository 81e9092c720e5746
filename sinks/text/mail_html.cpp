// The HTML of a mail. What web mailers take away shapes it: attributes of <html> and <body> go, so
// direction and language stand again on a <div>; style sheets may go, so every colour stands in
// line and the sheet adds the dark ones alone; remote pictures and fonts are not asked for. Names
// and numbers stand in <bdi>, and keep their isolates inside it for mailers that do not know it.
#include <fmt/format.h>

#include <string_view>

#include "sinks/text/escape.hpp"
#include "sinks/text/mail_body.hpp"
#include "sinks/text/numbers.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kSheet = R"(<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.page{background:#14171c!important}
.card{background:#1d2129!important;border-color:#323843!important}
.ink{color:#e8eaee!important}
.dim{color:#a3abb8!important}
.cell{border-color:#323843!important}
.head{background:#252a34!important;border-color:#323843!important}
}
</style>
)";

constexpr std::string_view kFont =
    "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Vazirmatn,'Noto Sans Arabic',"
    "'Noto Nastaliq Urdu','Noto Sans Devanagari',Tahoma,Arial,sans-serif";

// Numbers run from left to right in all four languages: their last digits stand in one column.
constexpr std::string_view kNumberSide = "right";

// The bar beside a card: what a kind means to a trader.
std::string_view accent_of(Kind kind) noexcept {
  switch (kind) {
    case Kind::Buy:
    case Kind::Rising:
    case Kind::PhaseUp:
      return "#16a34a";
    case Kind::Sell:
    case Kind::Falling:
    case Kind::PhaseDown:
      return "#dc2626";
    case Kind::Overbought:
    case Kind::Oversold:
      break;
  }
  return "#d97706";
}

std::string html(std::string_view text) {
  return escaped(Escape::Html, text);
}

// A word of another direction than its surroundings may have.
std::string apart(std::string_view text) {
  return "<bdi>" + html(text) + "</bdi>";
}

// A date may stand above its clock on a narrow screen, but in one piece.
std::string breaking_at_spaces(std::string_view text) {
  std::string out = "<bdi>";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    out.append(R"(<span style="white-space:nowrap">)").append(html(text.substr(0, end)));
    out.append("</span>").append(end < text.size() ? " " : "");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out.append("</bdi>");
}

std::string_view direction_of(const Wording& wording) noexcept {
  return wording.lexicon().right_to_left ? "rtl" : "ltr";
}
std::string_view start_of(const Wording& wording) noexcept {
  return wording.lexicon().right_to_left ? "right" : "left";
}
std::string_view end_of(const Wording& wording) noexcept {
  return wording.lexicon().right_to_left ? "left" : "right";
}

std::string head_cell(std::string_view text, std::string_view side) {
  return fmt::format(
      R"(<th class="head dim cell" scope="col" style="padding:8px 12px;text-align:{};)"
      R"(font-size:12px;font-weight:600;color:#5b6472;background:#f4f6f8;white-space:nowrap;)"
      R"(border-bottom:1px solid #e2e6eb">{}</th>)",
      side, html(text));
}

std::string cell(std::string_view content, std::string_view side, std::string_view more) {
  return fmt::format(
      R"(<td class="{}cell" style="padding:9px 12px;text-align:{};font-size:14px;)"
      R"(border-bottom:1px solid #eef0f3;font-variant-numeric:tabular-nums;{}">{}</td>)",
      more.find("#5b6472") != std::string_view::npos ? "dim " : "ink ", side, more, content);
}

std::string row(const DigestEntry& entry, const Wording& wording) {
  const DeliveryEvent& event = *entry.event;
  constexpr std::string_view kInk = "color:#1b1f26;white-space:nowrap";
  std::string out = "<tr>";
  out += cell(apart(wording.name(entry.name)), start_of(wording),
              "color:#1b1f26;font-weight:600;overflow-wrap:break-word");
  out += cell(apart(wording.number(price_text(event.price.value))), kNumberSide, kInk);
  out += cell(apart(wording.number(rsi_text(shown_rsi(event)))), kNumberSide, kInk);
  out += cell(breaking_at_spaces(wording.time(event.time)), end_of(wording),
              "color:#5b6472;font-size:12px");
  return out.append("</tr>\n");
}

std::string table(const DigestSection& section, const Wording& wording) {
  const Lexicon& words = wording.lexicon();
  std::string out =
      R"(<table role="table" cellpadding="0" cellspacing="0" border="0" width="100%" )"
      R"(style="border-collapse:collapse;width:100%">)"
      "\n<thead><tr>";
  out += head_cell(words.symbol, start_of(wording));
  out += head_cell(words.price, kNumberSide);
  out += head_cell(words.rsi, kNumberSide);
  out += head_cell(words.time, end_of(wording));
  out += "</tr></thead>\n<tbody>\n";
  for (const DigestEntry& entry : section.entries) out += row(entry, wording);
  return out.append("</tbody></table>\n");
}

std::string card(const Digest& digest, const DigestSection& section, const Envelope& envelope,
                 const Wording& wording) {
  const std::string_view side = start_of(wording);
  std::string out = fmt::format(
      R"(<div class="card" style="max-width:640px;margin:0 auto 16px;background:#ffffff;)"
      R"(border:1px solid #e2e6eb;border-{}:4px solid {}!important;border-radius:8px;overflow:hidden">)"
      "\n",
      side, accent_of(digest.kind));
  out +=
      fmt::format(R"(<div style="padding:16px 12px 12px"><div class="ink" style="font-size:18px;)"
                  R"(line-height:1.5;font-weight:700;color:#1b1f26">{}</div>)",
                  html(wording.heading(digest, section, envelope)));
  out +=
      fmt::format(R"(<div class="dim" style="font-size:13px;line-height:1.6;color:#5b6472">{}: {})",
                  html(wording.lexicon().timeframe), html(wording.timeframe(digest.timeframe)));
  out += "</div></div>\n" + table(section, wording);
  return out.append("</div>\n");
}

std::string page(std::string_view content, const Wording& wording) {
  const std::string_view language = to_text(wording.language());
  const std::string_view direction = direction_of(wording);
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\" dir=\"{}\">\n<head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<meta name=\"supported-color-schemes\" content=\"light dark\"><title>fastrsi</title>\n",
      language, direction);
  out.append(kSheet).append("</head>\n");
  out += R"(<body class="page" style="margin:0;padding:0;background:#f4f6f8">)";
  out +=
      fmt::format(R"(<div class="page ink" dir="{}" lang="{}" style="text-align:{};direction:{};)"
                  R"(padding:20px 12px;background:#f4f6f8;color:#1b1f26;line-height:1.5;{}">)"
                  "\n",
                  direction, language, start_of(wording), direction, kFont);
  out.append(content);
  out += R"(<div class="dim" style="max-width:640px;margin:0 auto;font-size:12px;color:#5b6472">)"
         "<bdi>fastrsi</bdi></div>\n";
  return out.append("</div></body></html>\n");
}

}  // namespace

std::string mail_html(const Digest& digest, const Envelope& envelope, const Wording& wording) {
  std::string content;
  for (const DigestSection& section : digest.sections) {
    content += card(digest, section, envelope, wording);
  }
  if (envelope.dropped > 0) {
    content += fmt::format(
        R"(<p class="ink" style="max-width:640px;margin:0 auto 16px;font-size:14px;color:#1b1f26">)"
        "… {}</p>\n",
        html(wording.and_more(envelope.dropped)));
  }
  return page(content, wording);
}

std::string mail_html_of(std::string_view text, const Wording& wording) {
  std::string content =
      R"(<div class="card ink" style="max-width:612px;margin:0 auto 16px;padding:16px 14px;)"
      R"(background:#ffffff;color:#1b1f26;border:1px solid #e2e6eb;border-radius:8px;)"
      R"(font-size:15px;overflow-wrap:anywhere">)"
      "\n";
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    content.append(html(text.substr(0, end))).append("<br>\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return page(content + "</div>\n", wording);
}

}  // namespace fastrsi

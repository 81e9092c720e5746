// The HTML of a mail. What web mailers take away shapes it: attributes of <html> and <body> go, so
// direction and language stand again on a <div>; style sheets may go, so every colour stands in
// line and the sheet adds lines and the dark colours; remote pictures and fonts are not asked for.
// Names and numbers stand in <bdi>, and keep their isolates inside it for mailers that do not know
// it.
#include <fmt/format.h>

#include <string_view>

#include "sinks/text/escape.hpp"
#include "sinks/text/mail_body.hpp"
#include "sinks/text/numbers.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kSheet = R"(<style>
:root{color-scheme:light dark;supported-color-schemes:light dark}
.t td,.t th{border-bottom:1px solid #e8ebef}
.w{color:#5b6472;font-size:12px}
.d{white-space:nowrap}
@media (prefers-color-scheme:dark){
.page{background:#14171c!important}
.card{background:#1d2129!important;border-color:#323843!important}
.ink{color:#e8eaee!important}
.dim,.w{color:#a3abb8!important}
.head{background:#252a34!important}
.t td,.t th{border-color:#323843!important}
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

// A date may stand above its clock on a narrow screen, each in one piece.
std::string in_two_pieces(std::string_view time) {
  const std::size_t space = std::min(time.find(' '), time.size());
  std::string out = "<bdi><span class=\"d\">" + html(time.substr(0, space)) + "</span>";
  if (space < time.size()) {
    out.append(" <span class=\"d\">").append(html(time.substr(space + 1))).append("</span>");
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
  return fmt::format(R"(<th align="{}" scope="col" nowrap>{}</th>)", side, html(text));
}

// Short, because a row is written for each symbol and web mailers cut what is longer than 100 KB:
// what a row can inherit stands on its table, and its lines in the sheet.
std::string row(const DigestEntry& entry, const Wording& wording) {
  const DeliveryEvent& event = *entry.event;
  return fmt::format(
      R"(<tr><td><b>{}</b></td><td align="{}" nowrap>{}</td><td align="{}" nowrap>{}</td>)"
      R"(<td class="w" align="{}">{}</td></tr>)"
      "\n",
      apart(wording.name(entry.name)), kNumberSide,
      apart(wording.number(price_text(event.price.value))), kNumberSide,
      apart(wording.number(rsi_text(shown_rsi(event)))), end_of(wording),
      in_two_pieces(wording.time(event.time)));
}

std::string table(const DigestSection& section, const Wording& wording) {
  const Lexicon& words = wording.lexicon();
  std::string out =
      R"(<table class="t ink" cellpadding="9" cellspacing="0" border="0" width="100%" )"
      R"(style="border-collapse:collapse;width:100%;font-size:14px;color:#1b1f26;)"
      R"(font-variant-numeric:tabular-nums">)"
      "\n";
  out += R"(<thead><tr class="head dim" style="font-size:12px;color:#5b6472;background:#f4f6f8">)";
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
  out += fmt::format(R"(<div style="padding:16px 9px 12px"><div class="ink" style="font-size:18px;)"
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

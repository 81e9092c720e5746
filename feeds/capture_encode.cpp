#include "feeds/capture_encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "engine/base/utf8.hpp"
#include "feeds/capture_format.hpp"

namespace fastrsi {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void append_time(std::string& out, ReceiveTime received) {
  const std::int64_t ns = std::clamp(to_unix_ns(received), to_unix_ns(kEarliestSaneTime),
                                     to_unix_ns(kLatestSaneTime) - 1);
  const fmt::format_int text(ns);
  out.append(text.data(), text.size());
  out += ' ';
}

// RFC 4648, section 4.
void append_base64(std::string& out, std::string_view bytes) {
  const auto byte_at = [bytes](std::size_t i) {
    return i < bytes.size() ? std::uint32_t{static_cast<unsigned char>(bytes[i])} : 0U;
  };
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t bits = byte_at(i) << 16U | byte_at(i + 1) << 8U | byte_at(i + 2);
    out += kBase64Digits[bits >> 18U];
    out += kBase64Digits[bits >> 12U & 63U];
    out += i + 1 < bytes.size() ? kBase64Digits[bits >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? kBase64Digits[bits & 63U] : '=';
  }
}

bool reads_back_as_text(std::string_view frame) noexcept {
  return !frame.empty() && frame.back() != '\r' && !frame.starts_with(kOwnObject) &&
         frame.find('\n') == std::string_view::npos;
}

}  // namespace

void append_frame_line(std::string& out, ReceiveTime received, std::string_view frame,
                       bool is_text) {
  append_time(out, received);
  if (is_text && reads_back_as_text(frame)) {
    out += frame;
  } else {
    out += R"({"fastrsi":{"binary":")";
    append_base64(out, frame);
    out += R"("}})";
  }
  out += '\n';
}

void append_object_line(std::string& out, ReceiveTime received, std::string_view object) {
  append_time(out, received);
  out += object;
  out += '\n';
}

std::string capture_header(std::string_view venue, std::string_view url, std::uint32_t link) {
  std::string text = R"({"fastrsi":{"capture":1,"venue":")";
  append_json_inside(text, venue);
  text += R"(","url":")";
  append_json_inside(text, url);
  fmt::format_to(std::back_inserter(text), R"(","link":{}}}}})", link);
  return text;
}

std::string disconnected_event(std::string_view reason) {
  std::string text = R"({"fastrsi":{"event":"disconnected","reason":")";
  append_json_inside(text, reason);
  text += R"("}})";
  return text;
}

std::string dropped_event(std::uint64_t frames) {
  return fmt::format(R"({{"fastrsi":{{"event":"dropped","frames":{}}}}})", frames);
}

void append_json_inside(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Utf8Step step = first_utf8(text);
    if (!step.valid) {
      out += kReplacement;
    } else if (step.code == '"' || step.code == '\\') {
      out += '\\';
      out += static_cast<char>(step.code);
    } else if (step.code < 0x20 || step.code == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(step.code));
    } else {
      out += text.substr(0, step.length);
    }
    text.remove_prefix(step.length);
  }
}

}  // namespace fastrsi

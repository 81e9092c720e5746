#include "feeds/json.hpp"

namespace fastrsi::json {
namespace {

// Frames up to here allocate nothing from the start: only order book snapshots are longer.
constexpr std::size_t kWarmBytes = 64 * 1024;

}  // namespace

Reject check_frame(std::string_view& frame) noexcept {
  while (!frame.empty() && is_space(frame.front())) frame.remove_prefix(1);
  while (!frame.empty() && is_space(frame.back())) frame.remove_suffix(1);
  if (frame.empty()) return Reject::Empty;
  if (frame.size() > kFrameBytesMax) return Reject::TooLarge;
  // A byte order mark is refused here: one version of simdjson refuses it, others skip it.
  if (frame.front() != '{' && frame.front() != '[') return Reject::NotJson;
  if (frame.back() != '}' && frame.back() != ']') return Reject::Truncated;
  return Reject::None;
}

Reader::Reader() {
  // Without memory the first frame fails in the same way, and is counted.
  if (parser_.allocate(kWarmBytes) != simdjson::SUCCESS) return;
}

std::string_view Reader::copy_of(std::string_view frame) noexcept {
  copy_.assign(frame.begin(), frame.end());
  copy_.resize(frame.size() + simdjson::SIMDJSON_PADDING, ' ');
  return {copy_.data(), frame.size()};
}

Reject Reader::reject_of(simdjson::error_code error) noexcept {
  switch (error) {
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
      return Reject::TooLarge;
    case simdjson::UNCLOSED_STRING:
      return Reject::Truncated;
    default:
      return Reject::NotJson;
  }
}

std::string_view Reader::unescaped_slow(std::string_view text) noexcept {
  if (text.find('\\') == std::string_view::npos) return text;
  if (text.data() == unescaped_from_) return unescaped_last_;
  // Only a string ends at a quote. What else has a backslash is no text, and simdjson, which looks
  // for the quote, would read on behind the frame and write behind our memory.
  const std::size_t last_other = text.find_last_not_of('\\');
  const std::size_t slashes = text.size() - 1 - last_other;  // npos + 1 is 0
  if (text.data()[text.size()] != '"' || slashes % 2 != 0) return {};
  // A frame's texts together are no longer than the frame, and each is written with some slack
  // behind it.
  const std::size_t bytes = frame_bytes_ + simdjson::SIMDJSON_PADDING;
  if (unescaped_bytes_ == 0 && unescaped_.size() < bytes) unescaped_.resize(bytes);
  // Unless one is asked for again and again.
  const std::size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
  if (unescaped_.size() - unescaped_bytes_ < needed) return {};
  std::uint8_t* const begin = unescaped_.data() + unescaped_bytes_;
  std::uint8_t* end = begin;
  const simdjson::ondemand::raw_json_string raw{reinterpret_cast<const std::uint8_t*>(text.data())};
  std::string_view result;
  if (parser_.unescape(raw, end).get(result) != simdjson::SUCCESS) return {};
  unescaped_bytes_ += static_cast<std::size_t>(end - begin);
  unescaped_from_ = text.data();
  unescaped_last_ = result;
  return result;
}

}  // namespace fastrsi::json

#include "feeds/capture_fields.hpp"

namespace fastrsi {

bool JsonFields::fail() noexcept {
  state_ = State::Broken;
  return false;
}

void JsonFields::skip_space() noexcept {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

bool JsonFields::take(char c) noexcept {
  skip_space();
  if (at_ == text_.size() || text_[at_] != c) return false;
  ++at_;
  return true;
}

// From the opening quote to the first one that no backslash escapes.
bool JsonFields::take_string(std::string_view& inside) noexcept {
  if (!take('"')) return false;
  const std::size_t begin = at_;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      inside = text_.substr(begin, at_ - begin);
      ++at_;
      return true;
    }
    at_ += c == '\\' ? 2U : 1U;
  }
  at_ = text_.size();
  return false;
}

bool JsonFields::take_nested(std::string_view& value) noexcept {
  const std::size_t begin = at_;
  std::size_t depth = 0;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '"') {
      std::string_view ignored;
      if (!take_string(ignored)) return false;
      continue;
    }
    ++at_;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) {
      value = text_.substr(begin, at_ - begin);
      return true;
    }
  }
  return false;
}

bool JsonFields::take_value(JsonField& field) noexcept {
  skip_space();
  if (at_ == text_.size()) return false;
  const char first = text_[at_];
  field.is_string = first == '"';
  if (field.is_string) return take_string(field.value);
  if (first == '{' || first == '[') return take_nested(field.value);
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ' ') ++at_;
  field.value = text_.substr(begin, at_ - begin);
  return !field.value.empty();
}

bool JsonFields::next(JsonField& field) noexcept {
  if (state_ == State::Whole || state_ == State::Broken) return false;
  const bool first = state_ == State::Start;
  if (first && !take('{')) return fail();
  state_ = State::Inside;
  if (take('}')) {
    skip_space();
    state_ = at_ == text_.size() ? State::Whole : State::Broken;
    return false;
  }
  if (!first && !take(',')) return fail();
  if (!take_string(field.key) || !take(':') || !take_value(field)) return fail();
  return true;
}

}  // namespace fastrsi

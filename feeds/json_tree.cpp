#include "feeds/json_tree.hpp"

namespace fastrsi::json {
namespace {

// A key ends at its closing quote, which is not behind a backslash.
std::string_view key_at(const char* key) noexcept {
  const char* end = key;
  while (*end != '"') end += *end == '\\' ? 2 : 1;
  return {key, static_cast<std::size_t>(end - key)};
}

}  // namespace

char Node::kind() const noexcept {
  return tree_ == nullptr ? '\0' : tree_->nodes_[index_].kind;
}

std::string_view Node::text() const noexcept {
  return tree_ == nullptr ? std::string_view{} : tree_->nodes_[index_].text;
}

std::string Node::string() const {
  return tree_ == nullptr ? std::string{} : std::string{tree_->unescaped(text())};
}

std::string_view Node::key() const noexcept {
  return tree_ == nullptr ? std::string_view{} : tree_->nodes_[index_].key;
}

Node Node::first() const noexcept {
  if (tree_ == nullptr || tree_->nodes_[index_].first == 0) return {};
  return {tree_, tree_->nodes_[index_].first};
}

Node Node::next() const noexcept {
  if (tree_ == nullptr || tree_->nodes_[index_].next == 0) return {};
  return {tree_, tree_->nodes_[index_].next};
}

Node Node::operator[](std::string_view key) const noexcept {
  if (!is_object()) return {};
  for (Node child = first(); child; child = child.next()) {
    if (child.key() == key) return child;
  }
  return {};
}

Node Node::operator[](std::size_t place) const noexcept {
  if (!is_list()) return {};
  Node child = first();
  for (; child && place > 0; --place) child = child.next();
  return child;
}

Reject Tree::read(std::string_view text) {
  nodes_.clear();
  if (const Reject reason = check_frame(text); reason != Reject::None) return reason;
  copy_.assign(text.begin(), text.end());
  copy_.resize(text.size() + kFramePaddingBytes, '\0');
  return read_padded({copy_.data(), text.size()});
}

Reject Tree::read_padded(std::string_view frame) noexcept {
  nodes_.clear();
  if (const Reject reason = check_frame(frame); reason != Reject::None) return reason;
  Document document;
  if (const Reject reason = reader_.open(frame, document); reason != Reject::None) return reason;
  std::uint32_t root = 0;
  if (!add({}, frame.front(), root)) return Reject::TooLarge;
  std::uint32_t before = 0;
  const auto visit = [&](std::string_view key, Value& value) {
    std::uint32_t child = 0;
    if (!walk(value, key, 1, child)) return false;
    link(root, before, child);
    return true;
  };
  bool is_whole = false;
  if (frame.front() == '{') {
    Object object;
    is_whole = root_of(document, object) && each_field(object, [&](const char* key, Value& value) {
                 return visit(key_at(key), value);
               });
  } else {
    Array list;
    is_whole = root_of(document, list) &&
               each_element(list, [&](Value& value) { return visit({}, value); });
  }
  if (is_whole && at_end(document)) return Reject::None;
  nodes_.clear();
  return Reject::NotJson;
}

bool Tree::add(std::string_view key, char kind, std::uint32_t& index) noexcept {
  if (nodes_.size() == kTreeNodesMax) return false;
  index = static_cast<std::uint32_t>(nodes_.size());
  Item& item = nodes_.emplace_back();
  item.key = key;
  item.kind = kind;
  return true;
}

void Tree::link(std::uint32_t parent, std::uint32_t& before, std::uint32_t child) noexcept {
  (before == 0 ? nodes_[parent].first : nodes_[before].next) = child;
  before = child;
}

bool Tree::walk(Value& value, std::string_view key, std::size_t depth,
                std::uint32_t& index) noexcept {
  const std::string_view token = value.raw_json_token();
  if (depth > kTreeDepthMax || token.empty() || !add(key, token.front(), index)) return false;
  if (token.front() == '{' || token.front() == '[') return walk_inside(value, depth, index);
  nodes_[index].text = text_of(token);
  return true;
}

bool Tree::walk_inside(Value& value, std::size_t depth, std::uint32_t parent) noexcept {
  std::uint32_t before = 0;
  const auto visit = [&](std::string_view key, Value& inner) {
    std::uint32_t child = 0;
    if (!walk(inner, key, depth + 1, child)) return false;
    link(parent, before, child);
    return true;
  };
  if (nodes_[parent].kind == '{') {
    return each_field_of(value,
                         [&](const char* key, Value& inner) { return visit(key_at(key), inner); });
  }
  return each_element_of(value, [&](Value& inner) { return visit({}, inner); });
}

std::string_view Tree::unescaped(std::string_view text) const noexcept {
  return reader_.unescaped(text);
}

}  // namespace fastrsi::json

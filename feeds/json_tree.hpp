// A whole JSON text as a tree, for what is read seldom and in any shape: answers to requests,
// histories, lists of symbols, feeds described by configuration. Trades of known venues are walked
// flat instead (json.hpp).
//
// Nodes lie in one vector and point into a copy of the text, so reading the next text allocates
// nothing once the largest has been seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/json.hpp"

namespace fastrsi::json {

// The deepest answer of a venue has 6 levels.
inline constexpr std::size_t kTreeDepthMax = 64;
// A list of 3,000 symbols with all their rules has 600,000.
inline constexpr std::size_t kTreeNodesMax = 4'000'000;

class Tree;

// A value of a tree, or nothing: what is looked for below nothing is nothing. Valid until its tree
// reads the next text.
class Node {
 public:
  Node() = default;

  explicit operator bool() const noexcept { return tree_ != nullptr; }
  bool is_object() const noexcept { return kind() == '{'; }
  bool is_list() const noexcept { return kind() == '['; }
  bool is_string() const noexcept { return kind() == '"'; }

  // A scalar without its quotes, escapes as they stand; empty for objects and lists.
  std::string_view text() const noexcept;
  // The same with escapes resolved; empty when one is broken.
  std::string string() const;

  // Of an object: of equal keys the first counts.
  Node operator[](std::string_view key) const noexcept;
  // Of a list.
  Node operator[](std::size_t place) const noexcept;
  // Of an object or a list.
  Node first() const noexcept;
  Node next() const noexcept;
  std::string_view key() const noexcept;

 private:
  friend class Tree;
  Node(const Tree* tree, std::uint32_t index) noexcept : tree_(tree), index_(index) {}
  char kind() const noexcept;

  const Tree* tree_ = nullptr;
  std::uint32_t index_ = 0;
};

// Owner: one reader. Thread: its owner's.
class Tree {
 public:
  // None, or why it is no tree. Without padding behind it the text is copied; a parser's frame has
  // padding.
  Reject read(std::string_view text);
  Reject read_padded(std::string_view frame) noexcept;

  Node root() const noexcept { return nodes_.empty() ? Node{} : Node{this, 0}; }
  // Lives until the next read.
  std::string_view unescaped(std::string_view text) const noexcept;

 private:
  friend class Node;
  struct Item {
    std::string_view key;
    std::string_view text;
    std::uint32_t first = 0;  // 0: none; the root is nobody's child
    std::uint32_t next = 0;
    char kind = 0;
  };

  bool walk(Value& value, std::string_view key, std::size_t depth, std::uint32_t& index) noexcept;
  bool walk_inside(Value& value, std::size_t depth, std::uint32_t parent) noexcept;
  bool add(std::string_view key, char kind, std::uint32_t& index) noexcept;
  void link(std::uint32_t parent, std::uint32_t& before, std::uint32_t child) noexcept;

  mutable Reader reader_;
  std::vector<char> copy_;
  std::vector<Item> nodes_;
};

}  // namespace fastrsi::json

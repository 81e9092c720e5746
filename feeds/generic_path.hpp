// Where in a JSON text a value stands, as a configuration writes it.
//
//   path  = [ "$" ] [ step *( "." step / index / all ) ]
//   step  = name / quoted
//   name  = 1*( any byte but . [ ] " $ and spaces )
//   quoted = '"' *( any byte but '"' ) '"'
//   index = "[" digits "]"        an element of a list, the first is 0
//   all   = "[]"                  every element of a list
//
// "data.trades[].p", "[2][0]", "$.topic", "result.\"last.price\"". A path may also begin with an
// index. "$" starts at the root of the frame where a path otherwise starts at a trade; "$" alone,
// and a path of nothing, are the start itself.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/json_tree.hpp"

namespace fastrsi {

inline constexpr std::size_t kPathStepsMax = 16;
inline constexpr std::size_t kPathIndexMax = 9999;

struct PathFault {
  std::string what;  // empty: none
  std::string hint;
};

// Owner: whoever reads a feed. Immutable once parsed.
class JsonPath {
 public:
  // Leaves the path of nothing when `text` is no path.
  static PathFault parse(std::string_view text, JsonPath& path);

  bool is_empty() const noexcept { return steps_.empty() && !from_root_; }
  bool from_root() const noexcept { return from_root_; }
  bool has_all() const noexcept;

  // The value below `start`; of a step over all elements, the first. Nothing when there is none.
  json::Node find(json::Node start) const noexcept;

  // visit(node) for every value below `start`. A list that the path ends at is handed out whole.
  template <class Visit>
  void each(json::Node start, Visit&& visit) const {
    walk(start, 0, visit);
  }

 private:
  enum class Kind { Name, Index, All };
  struct Step {
    Kind kind;
    std::string name;
    std::size_t index;
  };

  template <class Visit>
  void walk(json::Node node, std::size_t at, Visit& visit) const {
    if (!node) return;
    if (at == steps_.size()) return visit(node);
    if (steps_[at].kind != Kind::All) return walk(taken(node, steps_[at]), at + 1, visit);
    if (!node.is_list()) return;
    for (json::Node child = node.first(); child; child = child.next()) walk(child, at + 1, visit);
  }
  static json::Node taken(json::Node node, const Step& step) noexcept;

  bool from_root_ = false;
  std::vector<Step> steps_;
};

}  // namespace fastrsi

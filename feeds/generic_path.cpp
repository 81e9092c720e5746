#include "feeds/generic_path.hpp"

#include "engine/base/decimal.hpp"

namespace fastrsi {
namespace {

constexpr const char* kExample = "such as data.trades[].price or [2][0]";
// Digits of kPathIndexMax.
constexpr std::size_t kIndexDigitsMax = 4;

bool ends_name(char c) noexcept {
  return c == '.' || c == '[' || c == ']' || c == '"' || c == '$' || c == ' ';
}

}  // namespace

PathFault JsonPath::parse(std::string_view text, JsonPath& path) {
  path = {};
  JsonPath read;
  if (text.starts_with('$')) {
    read.from_root_ = true;
    text.remove_prefix(1);
    if (!text.empty() && text.front() != '.' && text.front() != '[') {
      return {"has something other than \".\" or \"[\" behind \"$\"", "$.topic"};
    }
  }
  bool needs_name = !read.from_root_;  // no point in front of the first one
  while (!text.empty()) {
    if (read.steps_.size() == kPathStepsMax) return {"has more than 16 steps", kExample};
    if (text.front() == '[') {
      const std::size_t end = text.find(']');
      if (end == std::string_view::npos) return {"has a \"[\" without its \"]\"", kExample};
      const std::string_view inside = text.substr(1, end - 1);
      text.remove_prefix(end + 1);
      needs_name = false;
      if (inside.empty()) {
        read.steps_.push_back({Kind::All, {}, 0});
        continue;
      }
      std::uint64_t index = 0;
      if (inside.size() > kIndexDigitsMax || !read_unsigned(inside, index)) {
        return {"has something other than a number up to 9999 in \"[]\"", kExample};
      }
      read.steps_.push_back({Kind::Index, {}, index});
      continue;
    }
    if (!needs_name) {
      if (text.front() != '.') return {"has no \".\" or \"[\" between two steps", kExample};
      text.remove_prefix(1);
    }
    needs_name = false;
    std::size_t end = 0;
    if (text.starts_with('"')) {
      end = text.find('"', 1);
      if (end == std::string_view::npos) return {"has a quote without its end", kExample};
      read.steps_.push_back({Kind::Name, std::string{text.substr(1, end - 1)}, 0});
      text.remove_prefix(end + 1);
      continue;
    }
    while (end < text.size() && !ends_name(text[end])) ++end;
    if (end == 0) return {"has an empty step", kExample};
    read.steps_.push_back({Kind::Name, std::string{text.substr(0, end)}, 0});
    text.remove_prefix(end);
  }
  path = std::move(read);
  return {};
}

bool JsonPath::has_all() const noexcept {
  for (const Step& step : steps_) {
    if (step.kind == Kind::All) return true;
  }
  return false;
}

json::Node JsonPath::taken(json::Node node, const Step& step) noexcept {
  switch (step.kind) {
    case Kind::Name:
      return node[std::string_view{step.name}];
    case Kind::Index:
      return node[step.index];
    case Kind::All:
      return node[std::size_t{0}];
  }
  return {};
}

json::Node JsonPath::find(json::Node start) const noexcept {
  for (const Step& step : steps_) {
    if (!start) return {};
    start = taken(start, step);
  }
  return start;
}

}  // namespace fastrsi

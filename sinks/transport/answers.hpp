// Answers that are the same for every target.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sinks/delivery/transport.hpp"

namespace fastrsi::transport {

// A probe has no targets: its outcome stands in one all the same.
inline SendAnswer answer_for_all(std::size_t targets, Outcome outcome, int code,
                                 const std::string& text, std::string_view row) {
  SendAnswer answer;
  for (std::size_t i = 0; i < (targets == 0 ? 1 : targets); ++i) {
    answer.targets.push_back({i, outcome, code, text});
  }
  answer.row = row;
  return answer;
}

}  // namespace fastrsi::transport

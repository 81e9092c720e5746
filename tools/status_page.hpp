// What the service says of itself, as a page for people.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace fastrsi {

// `status` is the reply's status object; `now_ns` our wall clock, for ages. What is missing in it
// is left out of the page.
std::string status_page(const nlohmann::ordered_json& status, std::int64_t now_ns);

}  // namespace fastrsi

// The JSON of reports, replies and pages: members stay in the order in which they were written.
#pragma once

#include <nlohmann/json.hpp>

namespace fastrsi {

using Json = nlohmann::ordered_json;

}  // namespace fastrsi
